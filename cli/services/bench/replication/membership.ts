import type { Tiers } from "../../../../config/index.ts";
import type { EntityState } from "../../../../rooms/index.ts";
import { Neighbours } from "./neighbours.ts";

/** Tiers of a pair, nearest first; the numbers order them. */
export const COMBAT = 1;
export const VISUAL = 2;
export const EXTENDED = 3;
export const NONE = 4;

/** A pair of a viewer and another player that changed its tier. */
export interface Move {
  viewer: number;
  other: number;
  from: number;
  to: number;
}

/** Told of every pair that changed its tier. */
export type OnMove = (move: Readonly<Move>) => void;

/** Ticks between two updates of each tier at 30 ticks a second, by tier number. */
export interface Periods {
  visual: number;
  extended: number;
}

/**
 * Who sees whom, and in which tier, for the peer. The rules are those of ours (docs/REPLICATION.md): hysteresis, a scan as far as
 * a tier when that tier is due, viewers spread over the ticks of the longest period. One byte a pair of players.
 */
export class Membership {
  /** By tier number, then by viewer. */
  readonly #others: readonly number[][][];
  readonly #tiers: Tiers;
  readonly #periods: Periods;
  readonly #tierOf: Uint8Array;
  readonly #stamp: Int32Array;
  readonly #count: number;
  #stamps = 0;

  constructor(players: number, tiers: Tiers, periods: Periods) {
    this.#count = players;
    this.#tiers = tiers;
    this.#periods = periods;
    this.#tierOf = new Uint8Array(players * players).fill(NONE);
    this.#stamp = new Int32Array(players);
    this.#others = Array.from({ length: NONE }, () => Array.from({ length: players }, () => []));
  }

  /** Whether a tier is due for a viewer in a tick. */
  isDue(viewer: number, tick: number, period: number): boolean {
    return (tick + (viewer % this.#periods.extended)) % period === 0;
  }

  /** Looks around for everybody whose visual or extended tier is due, or for all. */
  scan(entities: readonly EntityState[], tick: number | "all", onMove: OnMove): void {
    const { visual, extended } = this.#tiers;
    let near: Neighbours | undefined;
    let far: Neighbours | undefined;
    for (let viewer = 0; viewer < this.#count; viewer++) {
      if (tick === "all" || this.isDue(viewer, tick, this.#periods.extended)) {
        far ??= new Neighbours(entities, extended.radiusM / 2);
        this.#scanViewer(viewer, EXTENDED, far, onMove);
      } else if (this.isDue(viewer, tick, this.#periods.visual)) {
        near ??= new Neighbours(entities, visual.radiusM);
        this.#scanViewer(viewer, VISUAL, near, onMove);
      }
    }
  }

  #scanViewer(viewer: number, farthest: typeof VISUAL | typeof EXTENDED, neighbours: Neighbours, onMove: OnMove): void {
    const row = viewer * this.#count;
    const stamp = ++this.#stamps;
    const moves: Move[] = [];
    const look = (other: number, squaredM2: number): void => {
      this.#stamp[other] = stamp;
      const from = this.#tierOf[row + other] as number;
      const to = tierAt(squaredM2, from, this.#tiers);
      if (to !== from) moves.push({ viewer, other, from, to });
    };
    const { radiusM } = farthest === EXTENDED ? this.#tiers.extended : this.#tiers.visual;
    neighbours.forEachWithin(viewer, radiusM * (1 + this.#tiers.hysteresis), look);
    // Those it had there that have gone farther than that.
    for (let tier = COMBAT; tier <= farthest; tier++) {
      for (const other of this.othersIn(tier, viewer)) {
        if (this.#stamp[other] !== stamp) look(other, neighbours.squaredM2(viewer, other));
      }
    }
    if (moves.length === 0) return;
    const left = new Set<number>();
    for (const { other, from, to } of moves) {
      this.#tierOf[row + other] = to;
      left.add(from);
      if (to !== NONE) this.othersIn(to, viewer).push(other);
    }
    for (const tier of left) {
      if (tier === NONE) continue;
      const list = this.othersIn(tier, viewer);
      let kept = 0;
      for (const other of list) if (this.#tierOf[row + other] === tier) list[kept++] = other;
      list.length = kept;
    }
    moves.forEach(onMove);
  }

  /** Indexes of the others that a viewer has in a tier. */
  othersIn(tier: number, viewer: number): number[] {
    return (this.#others[tier] as number[][])[viewer] as number[];
  }
}

/** The tier at a distance, coming from another: entered within its radius, left beyond the radius and a share of it. */
function tierAt(squaredM2: number, from: number, tiers: Tiers): number {
  const slack = 1 + tiers.hysteresis;
  const isIn = (tier: number, radiusM: number) => squaredM2 < (radiusM * (from <= tier ? slack : 1)) ** 2;
  if (isIn(COMBAT, tiers.combat.radiusM)) return COMBAT;
  if (isIn(VISUAL, tiers.visual.radiusM)) return VISUAL;
  return isIn(EXTENDED, tiers.extended.radiusM) ? EXTENDED : NONE;
}
