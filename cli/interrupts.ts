import { constants } from "node:os";

/** What asks a command to end: Ctrl-C, a supervisor, a terminal that was closed. */
export type InterruptSignal = "SIGINT" | "SIGTERM" | "SIGHUP";
export type InterruptHandler = (signal: InterruptSignal) => void;

const SIGNALS: readonly InterruptSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Signals nearer together than this are one. A terminal sends Ctrl-C to all its processes, and npm and `bin/run.js` each pass it on
 * again, within a few milliseconds; nobody presses twice as fast.
 */
const SAME_MS = 250;

/** The last one is told. Without any, a signal ends the process. */
const handlers: InterruptHandler[] = [];
let installed = false;
let lastMs = Number.NEGATIVE_INFINITY;

/** Lets signals end the process with 128 + their number, 130 for Ctrl-C, unless {@link onInterrupt} says otherwise. Idempotent. */
export function installInterrupts(): void {
  if (installed) return;
  installed = true;
  for (const signal of SIGNALS) process.on(signal, receive);
}

/**
 * Tells `handler` of interrupts from now on instead of ending the process.
 * @returns ends that, and gives back to who was told before.
 */
export function onInterrupt(handler: InterruptHandler): () => void {
  installInterrupts();
  handlers.push(handler);
  return () => {
    const index = handlers.lastIndexOf(handler);
    if (index !== -1) handlers.splice(index, 1);
  };
}

/** The status of a process that a signal ended, as shells count it: 130 for SIGINT. */
export function statusOf(signal: InterruptSignal): number {
  return 128 + constants.signals[signal];
}

function receive(signal: InterruptSignal): void {
  const nowMs = performance.now();
  const again = nowMs - lastMs < SAME_MS;
  lastMs = nowMs;
  if (again) return;
  const handler = handlers.at(-1);
  if (handler === undefined) process.exit(statusOf(signal));
  handler(signal);
}
