import { BmError, showValue } from "./bm-error.ts";

/**
 * The narrowest zone there may be, in degrees: 27.8 km at the equator and 2.4 km at latitude 85, so that a player seen at
 * 1000 m is never more than one border away.
 * Source: docs for users, "no zone is narrower than 0.25°"; the bound is checked against the extended range by a test.
 */
export const MIN_ZONE_WIDTH_DEG = 0.25;

/** Room for the rounding of one subtraction: 0.35 - 0.1 is 0.24999999999999997, and its author meant 0.25. */
export const WIDTH_TOLERANCE_DEG = 1e-9;

/** A stretch of longitude read eastward, in the form of a zone: `west` in [-180, 180), `east` in (-180, 180], degrees. */
export interface LongitudeRange {
  west: number;
  east: number;
}

/**
 * The same place as a longitude in [-180, 180); 180 is -180 and -0 is 0. Exact: `%` of doubles does not round, and neither
 * does the one subtraction after it. Adding 180 first would round, and put 179.99999999999999 on the wrong side.
 * @param longitudeDeg any finite number of degrees.
 * @throws RangeError for NaN and the infinities, which are nowhere.
 */
export function normalizeLongitudeDeg(longitudeDeg: number): number {
  if (!Number.isFinite(longitudeDeg)) throw new RangeError(`longitude must be a finite number of degrees, got ${longitudeDeg}`);
  const turnDeg = longitudeDeg % 360;
  if (turnDeg >= 180) return turnDeg - 360;
  if (turnDeg < -180) return turnDeg + 360;
  return turnDeg + 0; // -0 + 0 is 0
}

/**
 * Degrees from `west` eastward to `east`, in (0, 360]. Equal ends are the whole ring: a range never is empty.
 * @throws RangeError for a non-finite end.
 */
export function widthDeg(west: number, east: number): number {
  const deg = normalizeLongitudeDeg(east) - normalizeLongitudeDeg(west);
  return deg > 0 ? deg : deg + 360;
}

/**
 * Whether `longitudeDeg` lies in the half-open [west, east), read eastward, over ±180 too. Equal ends are the whole ring.
 * @throws RangeError for a non-finite argument.
 */
export function containsLongitude(west: number, east: number, longitudeDeg: number): boolean {
  const from = normalizeLongitudeDeg(west);
  const to = normalizeLongitudeDeg(east);
  const at = normalizeLongitudeDeg(longitudeDeg);
  return from < to ? from <= at && at < to : from <= at || at < to;
}

/** Both ends in [-180, 180), as `bm zone list --json` prints them: 60..180 is 60..-180. */
export function normalizedEdges(zone: Readonly<LongitudeRange>): LongitudeRange {
  return { west: normalizeLongitudeDeg(zone.west), east: normalizeLongitudeDeg(zone.east) };
}

/** Both ends in the form of a zone: `west` in [-180, 180), `east` in (-180, 180]; equal ends become -180..180. */
export function zoneEdges(west: number, east: number): LongitudeRange {
  const edges = normalizedEdges({ west, east });
  if (edges.west === edges.east) return { west: -180, east: 180 };
  return { west: edges.west, east: edges.east === -180 ? 180 : edges.east };
}

/** A decimal number as a person writes it. No hexadecimal, no bare point (`10...5` could be read two ways). */
const NUMBER = String.raw`[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?`;
const RANGE = new RegExp(`^(${NUMBER})\\.\\.(${NUMBER})$`);

/**
 * Reads `WEST..EAST`, eastward: `170..-170` is 20° over ±180 and `-180..180` the whole ring. Ends are decimal degrees in
 * [-180, 180]; the result is in the form of a zone.
 * @throws BmError BM_ZONE_RANGE when it is not of that form, an end is out of range, or the range is empty or narrower
 * than {@link MIN_ZONE_WIDTH_DEG}.
 */
export function parseLongitudeRange(text: string): LongitudeRange {
  const match = RANGE.exec(text.trim());
  if (match === null) throw rangeError(text, "is not a longitude range", "WEST..EAST in decimal degrees");
  const west = Number(match[1]);
  const east = Number(match[2]);
  for (const [end, deg] of [
    ["west", west],
    ["east", east],
  ] as const) {
    if (deg < -180 || deg > 180) throw rangeError(text, `has its ${end} end out of range`, "degrees from -180 to 180");
  }
  const whole = west === -180 && east === 180;
  if (!whole && normalizeLongitudeDeg(west) === normalizeLongitudeDeg(east)) {
    throw rangeError(text, "is an empty longitude range", `at least ${MIN_ZONE_WIDTH_DEG} degrees (the whole ring is -180..180)`);
  }
  const deg = widthDeg(west, east);
  if (deg < MIN_ZONE_WIDTH_DEG - WIDTH_TOLERANCE_DEG) {
    throw rangeError(text, `is ${formatDegrees(deg)} degrees wide`, `at least ${MIN_ZONE_WIDTH_DEG} degrees`);
  }
  return zoneEdges(west, east);
}

/** `WEST..EAST`, such that {@link parseLongitudeRange} reads the same ends back to the bit. */
export function formatLongitudeRange(west: number, east: number): string {
  return `${west}..${east}`;
}

/** A width for people: rounded to a billionth of a degree (0.1 mm), unless nothing would be left of it. */
export function formatDegrees(deg: number): string {
  const rounded = Number(deg.toFixed(9));
  return String(rounded === 0 ? deg : rounded);
}

function rangeError(text: string, what: string, expected: string): BmError {
  return new BmError("BM_ZONE_RANGE", `${showValue(text)} ${what}, expected ${expected}`, {
    data: { got: text.slice(0, 100), expected },
    hint: "Write the range eastward, for example --longitude=-60..60, or 170..-170 for 20 degrees over ±180.",
  });
}
