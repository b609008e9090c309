import { normalizeLongitudeDeg } from "../../config/longitude.ts";

/** As much of a zone as the ring needs: a unique name and its ends in degrees, read eastward. */
export interface RingMember {
  readonly name: string;
  readonly west: number;
  readonly east: number;
}

/**
 * Finds the zone of a longitude and the neighbours of a zone. The zones must cover every longitude exactly once, as those of
 * a world that `defineWorld` made do; anything else is refused at construction. Immutable.
 */
export class ZoneRing<Z extends RingMember> {
  /** All zones, eastward from -180; the last one may reach over ±180. */
  readonly all: readonly Z[];
  /** Western ends of {@link all}, normalised, ascending: what the binary search reads. */
  readonly #wests: Float64Array;
  readonly #indexes = new Map<string, number>();

  /** @throws RangeError when there is no zone, two share a name, or they leave a gap or overlap. O(n log n). */
  constructor(zones: readonly Z[]) {
    if (zones.length === 0) throw new RangeError("a ring needs at least one zone, got none");
    this.all = Object.freeze([...zones].sort((a, b) => normalizeLongitudeDeg(a.west) - normalizeLongitudeDeg(b.west)));
    this.#wests = Float64Array.from(this.all, (zone) => normalizeLongitudeDeg(zone.west));
    for (const [index, zone] of this.all.entries()) {
      if (this.#indexes.has(zone.name)) throw new RangeError(`two zones are named ${zone.name}`);
      this.#indexes.set(zone.name, index);
      const next = this.#at(index + 1);
      const startsElsewhere = normalizeLongitudeDeg(zone.east) !== normalizeLongitudeDeg(next.west);
      const startsTogether = next !== zone && normalizeLongitudeDeg(zone.west) === normalizeLongitudeDeg(next.west);
      if (startsElsewhere || startsTogether) {
        throw new RangeError(
          `zone ${next.name} starts at ${next.west}, expected ${zone.east}, where zone ${zone.name} (from ${zone.west}) ends`,
        );
      }
    }
  }

  /**
   * The zone that owns a longitude; a border belongs to the zone east of it. O(log n), allocates nothing.
   * @param longitudeDeg any finite number of degrees.
   * @throws RangeError for a non-finite longitude.
   */
  zoneAt(longitudeDeg: number): Z {
    const at = normalizeLongitudeDeg(longitudeDeg);
    let low = 0;
    let high = this.#wests.length;
    // Invariant: every west before `low` is <= at, every west from `high` on is > at.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#wests[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    // West of every border is the zone that reaches over ±180: the last one.
    return this.#at(low - 1);
  }

  /** The zone of a name, or undefined. O(1). */
  byName(name: string): Z | undefined {
    const index = this.#indexes.get(name);
    return index === undefined ? undefined : this.all[index];
  }

  /**
   * The zones across the western and the eastern border: the same one twice when there are two, the zone itself when alone.
   * @throws RangeError for a name that is not in the ring.
   */
  neighboursOf(name: string): { west: Z; east: Z } {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new RangeError(`no zone is named ${name}, expected one of ${[...this.#indexes.keys()].join(", ")}`);
    return { west: this.#at(index - 1), east: this.#at(index + 1) };
  }

  #at(index: number): Z {
    const count = this.all.length;
    return this.all[(index + count) % count] as Z;
  }
}
