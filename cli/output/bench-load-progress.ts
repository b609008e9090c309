import type { LoadProgress } from "../services/bench/load/options.ts";
import { createProgressLine } from "./progress-line.ts";

/** Between two lines of one phase, milliseconds: checking tells of every client, and no eye follows that. */
const SHOW_EVERY_MS = 50;

/** Shows how far a run is; each phase begins with a line. */
export interface LoadProgressView {
  show(progress: LoadProgress): void;
  /** Clears the line on a terminal. */
  end(): void;
}

export function createLoadProgress(): LoadProgressView {
  const line = createProgressLine();
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastPhase: LoadProgress["phase"] | undefined;
  return {
    show(progress) {
      const nowMs = performance.now();
      const isNews = progress.phase !== lastPhase;
      if (!isNews && nowMs - lastMs < SHOW_EVERY_MS) return;
      lastMs = nowMs;
      lastPhase = progress.phase;
      line.show(progressLine(progress), isNews);
    },
    end: () => line.end(),
  };
}

/** `measuring, 3 of 20 s, 200/200 joined`. */
function progressLine({ phase, joined, clients, done, of }: LoadProgress): string {
  if (phase === "starting") return "starting the server";
  if (phase === "checking") return `checking what clients received, ${done} of ${of}`;
  const time = of === undefined ? "" : `, ${done} of ${of} s`;
  return `${phase}${time}, ${joined}/${clients} joined`;
}
