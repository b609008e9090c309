import { containsLongitude, type LongitudeRange, normalizeLongitudeDeg, widthDeg, zoneEdges } from "../../../config/index.ts";

/** Whether a range is the whole ring. */
function isWholeRing({ west, east }: LongitudeRange): boolean {
  return normalizeLongitudeDeg(west) === normalizeLongitudeDeg(east);
}

/**
 * What is left of `zone` without `taken`: none, one or two ranges, eastward from the zone's west end. Of the whole ring one range
 * is left, over ±180 where need be, for a ring has no ends.
 */
export function without(zone: LongitudeRange, taken: LongitudeRange): LongitudeRange[] {
  if (isWholeRing(taken)) return [];
  if (isWholeRing(zone)) return [zoneEdges(taken.east, taken.west)];
  const starts: number[] = [];
  if (!containsLongitude(taken.west, taken.east, zone.west)) starts.push(zone.west);
  const after = normalizeLongitudeDeg(taken.east);
  if (containsLongitude(zone.west, zone.east, after) && !starts.some((start) => normalizeLongitudeDeg(start) === after)) starts.push(after);
  return starts
    .map((start) => zoneEdges(start, nearestEastward(start, [zone.east, taken.west])))
    .sort((a, b) => widthFrom(zone.west, a.west) - widthFrom(zone.west, b.west));
}

/** The degrees that two ranges share: none, one or two ranges. */
export function shared(zone: LongitudeRange, taken: LongitudeRange): LongitudeRange[] {
  if (isWholeRing(taken)) return [zoneEdges(zone.west, zone.east)];
  return without(zone, zoneEdges(taken.east, taken.west));
}

function nearestEastward(start: number, ends: readonly number[]): number {
  return ends.reduce((best, end) => (widthDeg(start, end) < widthDeg(start, best) ? end : best));
}

/** Degrees eastward, 0 for the same place, where `widthDeg` says 360. */
function widthFrom(west: number, east: number): number {
  return widthDeg(west, east) % 360;
}
