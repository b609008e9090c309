import { styled } from "./style.ts";

/** Between two lines where they cannot be drawn over, milliseconds. */
const LINE_EVERY_MS = 5000;

/** Shows how far a run is: one line that is drawn over on a terminal, now and then a line elsewhere. */
export interface ProgressLine {
  /** @param isNews a line of its own elsewhere too, however soon after the last. @defaultValue false */
  show(text: string, isNews?: boolean): void;
  /** Clears the line on a terminal, so that what follows begins on an empty one. */
  end(): void;
}

/** @param stream where it is shown. @defaultValue stderr, so that stdout is the report alone */
export function createProgressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    show(text, isNews = false) {
      if (stream.isTTY) {
        stream.write(`\r\u001b[2K${styled("cyan", text.slice(0, Math.max(1, (stream.columns || 80) - 1)), stream)}`);
        return;
      }
      const nowMs = performance.now();
      if (!isNews && nowMs - lastMs < LINE_EVERY_MS) return;
      lastMs = nowMs;
      stream.write(`${text}\n`);
    },
    end() {
      if (stream.isTTY) stream.write("\r\u001b[2K");
    },
  };
}
