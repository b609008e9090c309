import { BmError } from "../../config/index.ts";
import { type InterruptSignal, onInterrupt, statusOf } from "../interrupts.ts";

/** Longest time that a server may take to close before the command gives up on it. */
const DRAIN_LIMIT_MS = 10_000;

/** The wish to end of whoever runs a long command. */
export interface StopRequest {
  /** Resolves with the first interrupt. */
  readonly asked: Promise<InterruptSignal>;
  /** Listens no longer. */
  release(): void;
}

/**
 * Waits for an interrupt: the first asks the command to end in order, a second ends the process at once with its status, 130 for
 * Ctrl-C.
 * @param onAsked called with the first, in the same turn.
 */
export function stopRequest(onAsked: () => void, exit: (status: number) => void = process.exit): StopRequest {
  let times = 0;
  let resolve: (signal: InterruptSignal) => void = () => {};
  const asked = new Promise<InterruptSignal>((done) => {
    resolve = done;
  });
  const release = onInterrupt((signal) => {
    times++;
    if (times > 1) return exit(statusOf(signal));
    onAsked();
    resolve(signal);
  });
  return { asked, release };
}

/**
 * Closes something in order.
 * @throws BmError BM_INTERNAL when that takes longer than `limitMs`.
 */
export async function drain(stop: () => Promise<void>, limitMs = DRAIN_LIMIT_MS): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const hint = "Players who are still connected are cut off now. See the log for what would not close.";
      reject(new BmError("BM_INTERNAL", `the zones did not close within ${limitMs / 1000} seconds`, { data: { limitMs }, hint }));
    }, limitMs);
  });
  try {
    await Promise.race([stop(), late]);
  } finally {
    clearTimeout(timer);
  }
}
