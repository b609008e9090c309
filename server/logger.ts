import { type Logger, pino } from "pino";
import type { LogLevel } from "../config/index.ts";

export type { Logger };

/** How often one message of the host is written at the most; hostile clients can provoke the same line thousands of times a second. */
const REPEAT_EVERY_MS = 10_000;
/** Different messages remembered for that. */
const MAX_REMEMBERED = 256;

/** Structured log on stderr, which leaves stdout to what a command prints. */
export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: false }));
}

/** Colyseus writes with `console`-like calls; this sends them to the log, each distinct first line once in ten seconds. */
export function colyseusLogger(logger: Logger): Record<"debug" | "error" | "info" | "trace" | "warn", (...parts: unknown[]) => void> {
  const lastMs = new Map<string, number>();
  const write =
    (level: "debug" | "error" | "info" | "trace" | "warn") =>
    (...parts: unknown[]) => {
      const text = parts.map((part) => (part instanceof Error ? (part.stack ?? part.message) : String(part))).join(" ");
      const key = text.slice(0, text.indexOf("\n") + 1 || undefined).slice(0, 200);
      const now = performance.now();
      if (now - (lastMs.get(key) ?? Number.NEGATIVE_INFINITY) < REPEAT_EVERY_MS) return;
      if (lastMs.size >= MAX_REMEMBERED) lastMs.clear();
      lastMs.set(key, now);
      // What Colyseus calls an error is mostly a client's: ours are reported by the room, with their code.
      logger[level === "error" ? "warn" : level]({ from: "colyseus" }, text);
    };
  return { debug: write("debug"), error: write("error"), info: write("debug"), trace: write("trace"), warn: write("warn") };
}
