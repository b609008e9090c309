import type { LoadProgress } from "../services/bench/load/options.ts";
import { styled } from "./style.ts";

/** Between two lines where they cannot be drawn over, milliseconds. */
const LINE_EVERY_MS = 5000;

/** Shows how far a run is: one line that is drawn over on a terminal, elsewhere a line for each phase and now and then. */
export interface LoadProgressView {
  show(progress: LoadProgress): void;
  /** Clears the line on a terminal, so that what follows begins on an empty one. */
  end(): void;
}

/** On stderr, so that stdout is the report alone. */
export function createLoadProgress(stream: NodeJS.WriteStream = process.stderr): LoadProgressView {
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastPhase: LoadProgress["phase"] | undefined;
  return {
    show(progress) {
      const text = progressLine(progress);
      const nowMs = performance.now();
      const samePhase = progress.phase === lastPhase;
      if (stream.isTTY) {
        // Checking tells of every client: no eye follows that.
        if (samePhase && nowMs - lastMs < 50) return;
        stream.write(`\r\u001b[2K${styled("cyan", text.slice(0, Math.max(1, (stream.columns || 80) - 1)), stream)}`);
      } else {
        if (samePhase && nowMs - lastMs < LINE_EVERY_MS) return;
        stream.write(`${text}\n`);
      }
      lastMs = nowMs;
      lastPhase = progress.phase;
    },
    end() {
      if (stream.isTTY) stream.write("\r\u001b[2K");
    },
  };
}

/** `measuring, 3 of 20 s, 200/200 joined`. */
function progressLine({ phase, joined, clients, done, of }: LoadProgress): string {
  if (phase === "starting") return "starting the server";
  if (phase === "checking") return `checking what clients received, ${done} of ${of}`;
  const time = of === undefined ? "" : `, ${done} of ${of} s`;
  return `${phase}${time}, ${joined}/${clients} joined`;
}
