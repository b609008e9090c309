import { inspect } from "node:util";

/** What the SDK said while bots ran. */
export interface SdkConsole {
  /** Messages that say that something could not be decoded or was not understood. */
  readonly warnings: number;
  /** The first few different ones. */
  readonly samples: readonly string[];
  /** Counts a fault that the SDK threw rather than printed. */
  add(error: unknown): void;
  /** Gives the console back. */
  restore(): void;
}

const MAX_SAMPLES = 5;
const MAX_SAMPLE_CHARACTERS = 300;

/** The SDK's report on its own reconnecting, and of a connection that closed while joining: both are counted as what they are. */
const KNOWN = /^\[Colyseus reconnection\]|^Room connection was closed unexpectedly/;

/** Second lines of a message, which would count it twice. */
const SECOND_LINE = /^Please report this issue to the developers/;

/**
 * Takes over `console.info`, `console.warn` and `console.error`, the only places where the SDK and its decoder report trouble:
 * a state that went out of step shows there and nowhere else. Nobody else writes to them while bots run, so every warning counts.
 */
export function captureSdkConsole(): SdkConsole {
  const { info, warn, error } = console;
  const samples: string[] = [];
  let warnings = 0;
  const count = (...parts: unknown[]): void => {
    const text = parts
      .map((part) =>
        typeof part === "string"
          ? part
          : part instanceof Error
            ? part.message
            : inspect(part, { depth: 0, breakLength: Number.POSITIVE_INFINITY }),
      )
      .join(" ");
    if (KNOWN.test(text) || SECOND_LINE.test(text)) return;
    warnings++;
    const sample = text.replace(/[\p{Control}\u2028\u2029]+/gu, " ").slice(0, MAX_SAMPLE_CHARACTERS);
    if (samples.length < MAX_SAMPLES && !samples.includes(sample)) samples.push(sample);
  };
  console.info = (...parts: unknown[]) => {
    // To stderr: stdout is for the report.
    if (!KNOWN.test(String(parts[0]))) error(...parts);
  };
  console.warn = count;
  console.error = count;
  return {
    get warnings() {
      return warnings;
    },
    samples,
    add: (thrown) => count(thrown),
    restore: () => Object.assign(console, { info, warn, error }),
  };
}
