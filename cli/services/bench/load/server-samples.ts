import type { Tiers } from "../../../../config/index.ts";

/** A server that is up. */
export interface StartedServer {
  port: number;
  tiers: Tiers;
  /** Options of the interest plugin as they were accepted. */
  interest: Record<string, unknown>;
  /** Options that this version of the plugin does not know, so that what was asked for is not what runs. */
  refused: string[];
}

/** Memory of the server process after a collection, bytes. */
export interface MemorySample {
  heapAndExternal: number;
  rss: number;
}

/** What the server felt from `begin` to `end`. */
export interface WindowSample {
  seconds: number;
  /** Milliseconds of every world tick: both frames, messages received and sends included. */
  tickMs: number[];
  /** 95th percentile of what a timer was late, milliseconds. */
  eventLoopDelayMsP95: number;
  /** Processor time over wall-clock time. */
  cpuShare: number;
  bytesOut: number;
  packetsOut: number;
  bytesIn: number;
  packetsIn: number;
  /** Mean of the players at the beginning and at the end. */
  players: number;
}
