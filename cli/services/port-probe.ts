import { createServer } from "node:net";
import { BmError, DEFAULT_PORT } from "../../config/index.ts";
import { listenerAt } from "./listener.ts";

/** Listens at a port for a moment. @returns what the system had against it. */
export function listenError(port: number, host: string | undefined): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ port, ...(host === undefined ? {} : { host }), exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Who has a port, as well as it can be told: `node (process 4711)`. */
export function portOwner(port: number): string {
  const owner = listenerAt(port);
  return owner === undefined ? "another program" : `${owner.name} (process ${owner.pid})`;
}

/** A port to try instead. */
export function nextPort(port: number): number {
  return port === 65_535 ? DEFAULT_PORT : port + 1;
}

/**
 * Refuses a port that is taken before a server is built for it: the answer is quick, and can name who has it.
 * @throws BmError BM_PORT_TAKEN
 */
export async function assertPortFree(port: number, host: string | undefined): Promise<void> {
  const error = await listenError(port, host);
  if (error?.code !== "EADDRINUSE") return;
  throw new BmError("BM_PORT_TAKEN", `port ${port} is taken by ${portOwner(port)}`, {
    data: { port },
    hint: `Stop it, or choose another port: bm zone run --port ${nextPort(port)}`,
    cause: error,
  });
}
