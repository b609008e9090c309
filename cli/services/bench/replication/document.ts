import type { Machine } from "../machine.ts";
import type { CaseName } from "./cases.ts";

/** How one way to replicate did in one case. Times are of one world tick, two frames, in milliseconds. */
export interface Measured {
  msP50: number;
  msP95: number;
  msMean: number;
  /** Of the processor, all threads of the process: what does not grow when others use the machine too. */
  cpuMsMean: number;
  /** Sums over all clients divided by them and by the world time that was measured, prefix of the packets included. */
  bytesPerClientPerSecond: number;
  packetsPerClientPerSecond: number;
  /** Of an entity that moved: by the engine's own counters, or else what sampled clients were sent, prefix left out, over the entities that it told of. */
  bytesPerUpdate: number | null;
  /** World ticks that were measured. */
  ticks: number;
  /** What the oracle held against the truth after movement had come to rest. */
  verified: { clients: number; entities: number };
  /** Empty when everything was delivered; otherwise the first things that were not. */
  problems: string[];
  /** The engine's own counters over the measured ticks, where it keeps them. */
  stats?: EngineStats;
}

/** What the engine counts of itself, by its own names (`ReplicationStats`): sums over the measured ticks, and the longest wait ever. */
export type EngineStats = Readonly<Record<string, number>>;

/** Bytes a second for everybody together, adding one saving after the other, and what share each step saves of the one before. */
export interface Saving {
  case: CaseName;
  fullBytesPerSecond: number;
  deltaBytesPerSecond: number;
  quantizedBytesPerSecond: number;
  interestBytesPerSecond: number;
  deltaSavesPercent: number;
  quantizationSavesPercent: number;
  interestSavesPercent: number;
}

/** One world, measured with ours and with the peer. */
export interface CaseResult {
  name: CaseName;
  players: number;
  /** Mean number of others within the extended radius of a player when measuring began. */
  visibleMean: number;
  ours: Measured;
  /** null: left out. */
  stock: Measured | null;
  stockSameRates: Measured | null;
  /** `stock.msP50 / ours.msP50`. */
  ratio: number | null;
  /** `stockSameRates.msP50 / ours.msP50`. */
  ratioSameRates: number | null;
  /** The same two by `cpuMsMean`, for a machine that is not idle. */
  ratioCpu: number | null;
  ratioCpuSameRates: number | null;
}

/** What `bm bench replication --json` prints. */
export interface ReplicationDocument {
  bench: "replication";
  machine: Machine;
  commit: string | null;
  parameters: {
    cases: CaseName[];
    ticks: number;
    seed: number;
    stock: boolean;
    frameHz: number;
    tickHz: number;
    budgetBytesPerSecond: number;
  };
  cases: CaseResult[];
  saving: Saving | null;
  /** `cpuMsMean` a viewer at spread-10000 divided by that at spread-1000; null unless both ran. */
  growth: number | null;
  notes: string[];
}
