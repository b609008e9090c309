import type { Tiers } from "../../../../config/index.ts";
import { axisCm, nearDistanceSquaredM2 } from "../../../../rooms/geography/index.ts";
import { percentile } from "../../bots/report.ts";
import { tierWithin } from "./oracle.ts";

/** Tiers of others, nearest first. */
const RANGED_TIERS = ["combat", "visual", "extended"] as const;
type RangedTierName = (typeof RANGED_TIERS)[number];

/** How often clients heard of the others in one tier. */
interface TierRate {
  targetHz: number;
  /** Median over pairs of a client and another that stayed in the tier; null where there was no such pair. */
  medianHz: number | null;
  /** Others in the tier of one client, mean. */
  neighbours: number;
}
export type Rates = Record<RangedTierName, TierRate>;

/** How often it is looked who is in which tier, milliseconds of the stream. */
const LOOK_MS = 250;
/** A pair counts that was in one tier for this share of the window. */
const MIN_PRESENCE = 0.5;

interface Placed {
  cellX: number;
  cellY: number;
  cellZ: number;
  x: number;
  y: number;
  z: number;
}

interface Pair {
  tier: RangedTierName | undefined;
  updates: Record<RangedTierName, number>;
  presentMs: Record<RangedTierName, number>;
}

/** Counts what one client hears of each of the others while its frames are decoded, within a window of their arrival. */
export class RateMeter {
  readonly #tiers: Tiers;
  readonly #pairs = new Map<object, Pair>();
  #lookedMs = Number.NaN;
  #lastMs = Number.NaN;

  constructor(tiers: Tiers) {
    this.#tiers = tiers;
  }

  /** Entities that one frame changed. */
  count(changed: ReadonlySet<object>): void {
    for (const entity of changed) {
      const pair = this.#pairs.get(entity);
      if (pair?.tier !== undefined) pair.updates[pair.tier]++;
    }
  }

  /** Looks who is where, now and then; call it with every frame of the window. */
  look(own: Placed, others: Iterable<Placed & object>, atMs: number): void {
    this.#lastMs = atMs;
    if (atMs - this.#lookedMs < LOOK_MS) return;
    const passedMs = Number.isNaN(this.#lookedMs) ? 0 : atMs - this.#lookedMs;
    this.#lookedMs = atMs;
    const [x, y, z] = centimetres(own);
    for (const other of others) {
      if (other === own) continue;
      let pair = this.#pairs.get(other);
      if (pair === undefined) {
        pair = { tier: undefined, updates: { combat: 0, visual: 0, extended: 0 }, presentMs: { combat: 0, visual: 0, extended: 0 } };
        this.#pairs.set(other, pair);
      }
      if (pair.tier !== undefined) pair.presentMs[pair.tier] += passedMs;
      const [otherX, otherY, otherZ] = centimetres(other);
      pair.tier = tierWithin(nearDistanceSquaredM2(x, y, z, otherX, otherY, otherZ), this.#tiers);
    }
  }

  /** Updates a second of each pair that was in a tier long enough. */
  hz(tier: RangedTierName, windowMs: number): number[] {
    const hz: number[] = [];
    for (const pair of this.#pairs.values()) {
      // What came after the last look was counted too.
      const presentMs = pair.presentMs[tier] + (pair.tier === tier ? this.#lastMs - this.#lookedMs : 0);
      if (presentMs >= windowMs * MIN_PRESENCE) hz.push((pair.updates[tier] / presentMs) * 1000);
    }
    return hz;
  }
}

/** The rates of several clients together. */
export function ratesOf(meters: readonly RateMeter[], tiers: Tiers, windowMs: number): Rates {
  const rate = (tier: RangedTierName): TierRate => {
    const values = meters.flatMap((meter) => meter.hz(tier, windowMs));
    const median = percentile(values, 0.5);
    return {
      targetHz: tiers[tier].hz,
      medianHz: median === undefined ? null : Number(median.toFixed(2)),
      neighbours: Number((values.length / Math.max(1, meters.length)).toFixed(1)),
    };
  };
  return { combat: rate("combat"), visual: rate("visual"), extended: rate("extended") };
}

function centimetres({ cellX, cellY, cellZ, x, y, z }: Placed): [number, number, number] {
  return [axisCm(cellX, x), axisCm(cellY, y), axisCm(cellZ, z)];
}
