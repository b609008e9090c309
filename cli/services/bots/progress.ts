import { createProgressLine } from "../../output/progress-line.ts";
import type { SwarmProgress } from "./swarm-types.ts";

/** Shows how far a run is. */
export interface ProgressView {
  show(progress: SwarmProgress): void;
  /** Clears the line on a terminal. */
  end(): void;
}

export function createProgressView(): ProgressView {
  const line = createProgressLine();
  return { show: (progress) => line.show(progressLine(progress)), end: () => line.end() };
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
