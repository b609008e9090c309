import { RING_CM } from "../geography/index.ts";
import type { Solid } from "./movement.ts";

/** Edge of a bucket, metres on the axes. Few solids are wider, and a query touches four buckets at most. */
const BUCKET_M = 128;
const BUCKET_CM = BUCKET_M * 100;

/** The largest radius of a solid, metres: bounds the buckets that one solid fills. */
export const MAX_SOLID_RADIUS_M = 500;

/**
 * Solid entities by place. Insert and remove cost O(buckets covered), a query O(solids in four buckets or fewer).
 * Buckets are on the axes of the position, where east is stretched by 1/cos(latitude): callers pass the stretched reach.
 */
export class SolidIndex {
  readonly #buckets = new Map<number, Solid[]>();
  readonly #keysById = new Map<string, number[]>();
  #version = 0;

  get size(): number {
    return this.#keysById.size;
  }

  /** Rises with every insert and removal. */
  get version(): number {
    return this.#version;
  }

  /** @param stretch 1/cos(latitude) at the solid: how much longer its radius is on the x axis. */
  insert(solid: Solid, stretch: number): void {
    this.remove(solid.id);
    this.#version++;
    const reachX = solid.radiusCm * stretch;
    const keys: number[] = [];
    for (const key of bucketsAround(solid.xCm, solid.yCm, reachX, solid.radiusCm)) {
      const bucket = this.#buckets.get(key);
      if (bucket) bucket.push(solid);
      else this.#buckets.set(key, [solid]);
      keys.push(key);
    }
    this.#keysById.set(solid.id, keys);
  }

  remove(id: string): void {
    for (const key of this.#keysById.get(id) ?? []) {
      const bucket = this.#buckets.get(key)?.filter((solid) => solid.id !== id) ?? [];
      if (bucket.length > 0) this.#buckets.set(key, bucket);
      else this.#buckets.delete(key);
    }
    if (this.#keysById.delete(id)) this.#version++;
  }

  /**
   * Solids whose bucket comes within `reachXCm`, `reachYCm` of a point, in order of id, each once: a superset of those
   * within the reach. Allocates: callers keep the answer while {@link version} stands and they have not gone far.
   */
  near(xCm: number, yCm: number, reachXCm: number, reachYCm: number): readonly Solid[] {
    const found: Solid[] = [];
    if (this.#keysById.size === 0) return found;
    for (const key of bucketsAround(xCm, yCm, reachXCm, reachYCm)) {
      for (const solid of this.#buckets.get(key) ?? []) if (!found.includes(solid)) found.push(solid);
    }
    return found.length > 1 ? found.sort(byId) : found;
  }
}

/** Ids are decimal strings: shorter is smaller. Both sides sort so, because the order of pushes shows in the result. */
export function byId(a: { id: string }, b: { id: string }): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Columns of buckets round the ring; the last is narrower than the rest. */
const COLUMNS = Math.ceil(RING_CM / BUCKET_CM);

function* bucketsAround(xCm: number, yCm: number, reachXCm: number, reachYCm: number): Generator<number> {
  let first = Math.floor((xCm - reachXCm) / BUCKET_CM);
  let last = Math.floor((xCm + reachXCm) / BUCKET_CM);
  // Past the seam the narrow column shifts the grid by less than a bucket: one column more covers it.
  if (first < 0) first--;
  if (last >= COLUMNS - 1) last++;
  const columns = Math.min(last - first + 1, COLUMNS);
  const south = Math.floor((yCm - reachYCm) / BUCKET_CM);
  const north = Math.floor((yCm + reachYCm) / BUCKET_CM);
  for (let i = 0; i < columns; i++) {
    const column = (((first + i) % COLUMNS) + COLUMNS) % COLUMNS;
    // One number for a bucket: columns are below 2^19, rows below 2^18, so the product stays exact.
    for (let row = south; row <= north; row++) yield column * 1_048_576 + row;
  }
}
