import type { RingZone } from "../../../config/index.ts";
import { normalizeLongitudeDeg } from "../../../config/index.ts";

/** The zones that touch a zone: the western, then the eastern; one when both are the same, none when it is alone. */
export function neighboursOf(zones: readonly RingZone[], name: string): string[] {
  const zone = zones.find((candidate) => candidate.name === name);
  if (zone === undefined) return [];
  const same = (a: number, b: number) => normalizeLongitudeDeg(a) === normalizeLongitudeDeg(b);
  const others = zones.filter((other) => other.name !== name);
  const west = others.find((other) => same(other.east, zone.west));
  const east = others.find((other) => same(other.west, zone.east));
  return [...new Set([west, east].flatMap((other) => other?.name ?? []))];
}
