import type { Bot } from "./bot.ts";
import type { Home } from "./draw.ts";
import type { MetricsSample } from "./server-metrics.ts";
import type { Counted } from "./tally.ts";

/** What a swarm does. */
export interface SwarmOptions {
  url: string;
  homes: readonly Home[];
  seed: number;
  rampPerSecond: number;
  /** Seconds to wander once everybody has joined or was refused; 0 for until `stop`. */
  seconds: number;
  /** Ends the run early: everybody leaves, and the result is what was seen so far. */
  stop: AbortSignal;
  /** Called about once a second. */
  onProgress(progress: SwarmProgress): void;
}

/** How far a run is. */
export interface SwarmProgress {
  count: number;
  joined: number;
  refused: number;
  confirmed: number;
  dropped: number;
  /** Seconds wandered since all joined; 0 before. */
  seconds: number;
  /** The slowest zone at present; undefined before the first reading. */
  tickHz: number | undefined;
}

/** What a run showed. */
export interface SwarmResult {
  bots: readonly Bot[];
  refused: Counted[];
  dropped: Counted[];
  errors: Counted[];
  reconnected: number;
  decoderWarnings: number;
  decoderWarningSamples: readonly string[];
  /** The server before the first join. */
  before: MetricsSample | undefined;
  /** The server when all had joined, and just before they left; fewer when it published nothing or was stopped early. */
  during: readonly MetricsSample[];
  /** Milliseconds from input to acknowledgement, the latest ones of all bots. */
  rttsMs: number[];
  /** Seconds wandered after everybody had joined. */
  seconds: number;
  /** Of this process in that time. */
  cpuShare: number;
  inputsPerSecondPerBot: number;
  /** Steps left out because this process was busy. */
  skippedSteps: number;
}
