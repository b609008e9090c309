import type { Logger } from "./logger.ts";

/**
 * Keeps the process up when something throws outside every guard: a promise of the host that nobody awaits, a handler of a socket.
 * One player's bad luck must not end a zone of thousands; the error is logged with its stack and counted, for it is a fault to mend.
 * Returns the undo.
 */
export function catchStrayErrors(logger: Logger, count: () => void): () => void {
  const report = (error: unknown): void => {
    count();
    logger.error({ code: "BM_INTERNAL", err: error }, "an error outside every guard");
  };
  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
  return () => {
    process.off("uncaughtException", report);
    process.off("unhandledRejection", report);
  };
}
