import { styled } from "../../output/style.ts";
import type { SwarmProgress } from "./swarm-types.ts";

/** Between two lines where they cannot be drawn over, milliseconds. */
const LINE_EVERY_MS = 5000;

/** Shows how far a run is: one line that is drawn over on a terminal, now and then a line elsewhere. */
export interface ProgressView {
  show(progress: SwarmProgress): void;
  /** Clears the line on a terminal, so that what follows begins on an empty one. */
  end(): void;
}

/** On stderr, so that stdout is the report alone. */
export function createProgressView(stream: NodeJS.WriteStream = process.stderr): ProgressView {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    show(progress) {
      const text = progressLine(progress);
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

/** `57/60 joined, 40 confirmed, 3 refused, 0 dropped, 12 s, slowest zone 30 Hz`. */
function progressLine({ count, joined, refused, confirmed, dropped, seconds, tickHz }: SwarmProgress): string {
  const parts = [`${joined}/${count} joined`, `${confirmed} confirmed`];
  if (refused > 0) parts.push(`${refused} refused`);
  if (dropped > 0) parts.push(`${dropped} dropped`);
  if (seconds > 0) parts.push(`${Math.floor(seconds)} s`);
  if (tickHz !== undefined) parts.push(`slowest zone ${tickHz.toFixed(1)} Hz`);
  return parts.join(", ");
}
