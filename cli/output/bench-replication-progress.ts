import { styled } from "./style.ts";

/** Between two lines where they cannot be drawn over, milliseconds. */
const LINE_EVERY_MS = 5000;

/** Shows how far a benchmark is, on stderr: one line that is drawn over on a terminal, now and then a line elsewhere. */
export interface BenchProgress {
  show(text: string): void;
  /** Clears the line on a terminal. */
  end(): void;
}

/** @param stream where it is shown. @defaultValue stderr */
export function createBenchProgress(stream: NodeJS.WriteStream = process.stderr): BenchProgress {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    show(text) {
      if (stream.isTTY) {
        stream.write(`\r\u001b[2K${styled("cyan", text.slice(0, Math.max(1, (stream.columns || 80) - 1)), stream)}`);
        return;
      }
      const nowMs = performance.now();
      if (nowMs - lastMs < LINE_EVERY_MS) return;
      lastMs = nowMs;
      stream.write(`${text}\n`);
    },
    end() {
      if (stream.isTTY) stream.write("\r\u001b[2K");
    },
  };
}
