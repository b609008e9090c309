import { DEFAULT_FRAME_HZ, DEFAULT_TICK_HZ } from "../../../../config/index.ts";
import { percentile } from "../../bots/report.ts";
import type { Placement } from "./cases.ts";
import type { Measured } from "./document.ts";
import type { OracleClient } from "./oracle.ts";

export const FRAMES_PER_TICK = DEFAULT_FRAME_HZ / DEFAULT_TICK_HZ;

/** Bytes a second that a viewer of ours gets at the most. Source: requirements document, "Bandwidth per player (target: <50 KB/s)". */
export const BUDGET_BYTES_PER_SECOND = 50_000;

/** Ticks before the clock starts: three seconds of world time, six rounds of the slowest tier, and V8 has seen every path. */
export const WARM_UP_TICKS = 90;
/** Ticks after movement has stopped until everything must have arrived. Source: two rounds of the slowest tier and a bit. */
export const REST_TICKS = 35;

/** Clients whose bytes are decoded. */
const SAMPLED = 8;

/** Ways to replicate one world. */
export type Way = "ours" | "stock" | "stockSameRates";

/** What one process measures. */
export interface Job {
  placements: readonly Placement[];
  /** World ticks to measure. */
  ticks: number;
  seed: number;
  /** Told now and then, in a few words. */
  onProgress(text: string): void;
}

/** Viewers whose streams are decoded, evenly among all. */
export function sampledViewers(players: number): number[] {
  const count = Math.min(SAMPLED, players);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * players) / count));
}

/** Counts what clients are sent, while it is told to. */
export class Counter {
  counting = false;
  bytes = 0;
  packets = 0;
  /** Packets ever, counting or not. */
  sent = 0;

  add(packet: Uint8Array): void {
    this.sent++;
    if (!this.counting) return;
    this.bytes += packet.length;
    this.packets++;
  }
}

/** Milliseconds of one world tick: as they pass, and as the processor worked for this process, its collector of garbage included. */
export interface TickCost {
  ms: number;
  cpuMs: number;
}

/** Adds to `cost` what `work` takes. */
export function timed(cost: TickCost, work: () => void): void {
  const cpuBefore = process.cpuUsage();
  const beganMs = performance.now();
  work();
  cost.ms += performance.now() - beganMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  cost.cpuMs += (user + system) / 1000;
}

/** Starts or stops counting at the clients that are sampled too. What they have not decoded yet is decoded first. */
export function count(on: boolean, counter: Counter, oracles: readonly OracleClient[]): void {
  counter.counting = on;
  for (const oracle of oracles) {
    oracle.drain();
    oracle.counting = on;
  }
}

/** Lets rubbish of setting up be collected now rather than while time is taken; nothing where Node was not told to expose it. */
export function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

/** Puts the figures together. */
export function measuredOf(
  costs: readonly TickCost[],
  players: number,
  counter: Counter,
  oracles: readonly OracleClient[],
  oracle: Pick<Measured, "verified" | "problems">,
): Measured {
  const seconds = costs.length / DEFAULT_TICK_HZ;
  const tickMs = costs.map(({ ms }) => ms);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const updates = oracles.reduce((sum, client) => sum + client.updates, 0);
  const payloadBytes = oracles.reduce((sum, client) => sum + client.payloadBytes, 0);
  return {
    msP50: rounded(percentile(tickMs, 0.5) ?? 0, 3),
    msP95: rounded(percentile(tickMs, 0.95) ?? 0, 3),
    msMean: rounded(mean(tickMs), 3),
    cpuMsMean: rounded(mean(costs.map(({ cpuMs }) => cpuMs)), 3),
    bytesPerClientPerSecond: rounded(counter.bytes / players / seconds, 0),
    packetsPerClientPerSecond: rounded(counter.packets / players / seconds, 2),
    bytesPerUpdate: updates === 0 ? null : rounded(payloadBytes / updates, 1),
    ticks: costs.length,
    ...oracle,
  };
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits)) + 0;
}
