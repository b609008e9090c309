import { containsLongitude, formatDegrees, formatLongitudeRange, normalizeLongitudeDeg, widthDeg, zoneEdges } from "./longitude.ts";

/** As much of a zone as the ring looks at. Degrees, finite; equal ends are the whole ring. */
export interface RingZone {
  readonly name: string;
  readonly west: number;
  readonly east: number;
}

/** A stretch of longitude that no zone covers, or that several do. */
export interface RingProblem {
  kind: "gap" | "overlap";
  /** Degrees in [-180, 180). */
  west: number;
  /** Degrees in (-180, 180]; smaller than `west` when the stretch lies over ±180. */
  east: number;
  /** Who covers it, in the order given; none for a gap. */
  zones: string[];
  /** For people, for example `no zone covers -60..-55 (5 degrees)`. */
  message: string;
}

/**
 * Every gap and every overlap of a ring of zones, each as long as it can be, eastward from -180. None means that every
 * longitude is in exactly one zone.
 *
 * Walks the sorted ends once with the set of zones that cover the stretch to the right of each. O(n log n) plus the size
 * of the answer.
 * @throws RangeError for a non-finite end.
 */
export function findRingProblems(zones: readonly RingZone[]): RingProblem[] {
  const ends = zones.map((zone) => ({ west: normalizeLongitudeDeg(zone.west), east: normalizeLongitudeDeg(zone.east) }));
  const starting = indexBy(ends.map((end) => end.west));
  const ending = indexBy(ends.map((end) => end.east));
  // -180 stands in when there are no ends at all; as one more end it would cut a stretch that lies over ±180.
  const cuts = zones.length === 0 ? [-180] : [...new Set([...starting.keys(), ...ending.keys()])].sort((a, b) => a - b);

  const first = cuts[0] ?? -180;
  const covering = new Set<number>();
  for (const [index, end] of ends.entries()) if (containsLongitude(end.west, end.east, first)) covering.add(index);

  const stretches: Stretch[] = [];
  for (const [position, west] of cuts.entries()) {
    if (position > 0) {
      // Ends before starts: a zone that is the whole ring ends where it starts, and goes on.
      for (const index of ending.get(west) ?? []) covering.delete(index);
      for (const index of starting.get(west) ?? []) covering.add(index);
    }
    const east = cuts[(position + 1) % cuts.length] ?? west;
    const members = covering.size === 1 ? [] : [...covering].sort((a, b) => a - b);
    stretches.push({ west, east, covered: covering.size === 1, members });
  }
  return joined(stretches)
    .filter((stretch) => !stretch.covered)
    .map((stretch) => problemOf(stretch, zones))
    .sort((a, b) => a.west - b.west);
}

/** From one cut to the next. `members` is left empty where exactly one zone covers it: that stretch is no problem. */
interface Stretch {
  west: number;
  east: number;
  covered: boolean;
  members: number[];
}

/** Joins neighbours covered by the same zones, around the ring; a zone of 360 degrees cuts where it need not. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const stretch of stretches) {
    const last = result.at(-1);
    if (last !== undefined && sameCover(last, stretch)) last.east = stretch.east;
    else result.push({ ...stretch });
  }
  const first = result[0];
  const last = result.at(-1);
  if (result.length > 1 && first !== undefined && last !== undefined && sameCover(last, first)) {
    first.west = last.west;
    result.pop();
  }
  return result;
}

function sameCover(a: Stretch, b: Stretch): boolean {
  return a.covered === b.covered && a.members.length === b.members.length && a.members.every((member, i) => member === b.members[i]);
}

function problemOf(stretch: Stretch, zones: readonly RingZone[]): RingProblem {
  const { west, east } = zoneEdges(stretch.west, stretch.east);
  const names = stretch.members.map((index) => zones[index]?.name ?? "");
  const where = `${formatLongitudeRange(west, east)} (${formatDegrees(widthDeg(west, east))} degrees)`;
  if (names.length === 0) return { kind: "gap", west, east, zones: [], message: `no zone covers ${where}` };
  const list = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return { kind: "overlap", west, east, zones: names, message: `${list} ${names.length === 2 ? "both" : "all"} cover ${where}` };
}

function indexBy(values: readonly number[]): Map<number, number[]> {
  const result = new Map<number, number[]>();
  for (const [index, value] of values.entries()) {
    const there = result.get(value);
    if (there === undefined) result.set(value, [index]);
    else there.push(index);
  }
  return result;
}
