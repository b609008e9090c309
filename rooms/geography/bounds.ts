import { normalizeLongitudeDeg } from "../../config/longitude.ts";
import type { GroundPlace } from "./distance.ts";
import { degreesToRadians, EARTH_RADIUS_M, radiansToDegrees } from "./metres.ts";

/** A box of longitude and latitude, ends included, degrees. `west` > `east` when it lies over ±180. */
export interface GeographicBounds {
  /** [-180, 180). */
  west: number;
  /** (-180, 180]. */
  east: number;
  /** [-90, 90]. */
  south: number;
  /** [-90, 90]. */
  north: number;
}

/**
 * A micrometre more than was asked for, against rounding. It also keeps a box of radius 0 from having equal ends, which
 * elsewhere mean the whole ring.
 */
const MARGIN_M = 1e-6;

/**
 * The smallest box that holds every point within `radiusM` metres of a place. The same metres span more longitude the nearer
 * the pole; with a pole in reach they span the whole ring, -180..180.
 *
 * The widest point of a circle on a sphere lies not on the parallel of its centre but poleward of it, where
 * `sin(dLongitude) = sin(radius) / cos(latitude)`; dividing by cos(latitude) alone comes out too narrow.
 * @throws RangeError for a radius that is not finite and at least 0, a non-finite longitude, or a latitude not in [-90, 90].
 */
export function queryBounds(place: Readonly<GroundPlace>, radiusM: number): GeographicBounds {
  const { longitude, latitude } = place;
  if (!(radiusM >= 0 && radiusM < Infinity)) throw new RangeError(`radius must be a finite number of metres, 0 or more, got ${radiusM}`);
  if (!(latitude >= -90 && latitude <= 90)) throw new RangeError(`latitude must be -90 to 90 degrees, got ${latitude}`);
  const middle = normalizeLongitudeDeg(longitude);
  const reach = (radiusM + MARGIN_M) / EARTH_RADIUS_M;
  const south = latitude - radiansToDegrees(reach);
  const north = latitude + radiansToDegrees(reach);
  if (south <= -90 || north >= 90) return { west: -180, east: 180, south: Math.max(south, -90), north: Math.min(north, 90) };
  const sideways = radiansToDegrees(Math.asin(Math.min(1, Math.sin(reach) / Math.cos(degreesToRadians(latitude)))));
  const east = normalizeLongitudeDeg(middle + sideways);
  return { west: normalizeLongitudeDeg(middle - sideways), east: east === -180 ? 180 : east, south, north };
}
