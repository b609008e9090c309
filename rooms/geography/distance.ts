import { latitudeFromYCm, RING_CM } from "./fixed-point.ts";
import { degreesToRadians, EARTH_RADIUS_M } from "./metres.ts";

/** A place on the ground, degrees. */
export interface GroundPlace {
  longitude: number;
  latitude: number;
}

/** A place in whole centimetres of the world position: x from longitude -180, y from latitude -90, z from altitude 0. */
export interface CentimetrePosition {
  xCm: number;
  yCm: number;
  zCm: number;
}

/** How far apart two places may be for the functions of `near`, in metres; beyond, use {@link distanceM}. */
export const NEAR_LIMIT_M = 10_000;

/**
 * True ground distance in metres: the great circle on the sphere of radius 6 378 137 m, from 1 cm to half the globe, poles
 * and ±180 included.
 *
 * The haversine and its complement are both written as sums of squares. `1 - haversine` would cancel near the antipodes and
 * lose up to 10 cm there; this loses nothing anywhere.
 */
export function groundDistanceM(a: Readonly<GroundPlace>, b: Readonly<GroundPlace>): number {
  const halfEast = degreesToRadians(b.longitude - a.longitude) / 2;
  const halfNorth = degreesToRadians(b.latitude - a.latitude) / 2;
  const middle = degreesToRadians(a.latitude + b.latitude) / 2;
  const haversine = (Math.sin(halfNorth) * Math.cos(halfEast)) ** 2 + (Math.cos(middle) * Math.sin(halfEast)) ** 2;
  const complement = (Math.cos(halfNorth) * Math.cos(halfEast)) ** 2 + (Math.sin(middle) * Math.sin(halfEast)) ** 2;
  return 2 * EARTH_RADIUS_M * Math.atan2(Math.sqrt(haversine), Math.sqrt(complement));
}

/** Distance in metres with the difference in altitude included: `hypot(ground, height)`. */
export function distanceM(a: Readonly<GroundPlace & { altitude: number }>, b: Readonly<GroundPlace & { altitude: number }>): number {
  return Math.hypot(groundDistanceM(a, b), b.altitude - a.altitude);
}

/** Shortest way from one x to another in centimetres, eastward positive, in [-RING_CM / 2, RING_CM / 2]. Both in [0, RING_CM). */
export function eastwardCm(fromXCm: number, toXCm: number): number {
  const cm = toXCm - fromXCm;
  if (cm > RING_CM / 2) return cm - RING_CM;
  if (cm < -RING_CM / 2) return cm + RING_CM;
  return cm;
}

/** How long a centimetre of x is on the ground at a y: the cosine of the latitude, 0 at the poles to 1 at the equator. */
export function longitudeScale(yCm: number): number {
  return Math.cos(degreesToRadians(latitudeFromYCm(yCm)));
}

/**
 * Square of the distance in metres between two places at most {@link NEAR_LIMIT_M} apart, height included, for the hot path:
 * one cosine, no allocation. Equirectangular with x scaled at the middle latitude; less than 0.1 % off up to 1 km at
 * latitudes within ±85.
 */
export function nearDistanceSquaredM2(axCm: number, ayCm: number, azCm: number, bxCm: number, byCm: number, bzCm: number): number {
  const east = eastwardCm(axCm, bxCm) * longitudeScale((ayCm + byCm) / 2);
  const north = byCm - ayCm;
  const up = bzCm - azCm;
  return (east * east + north * north + up * up) / 10_000;
}

/** Distance in metres between two places at most {@link NEAR_LIMIT_M} apart; see {@link nearDistanceSquaredM2}. */
export function nearDistanceM(a: Readonly<CentimetrePosition>, b: Readonly<CentimetrePosition>): number {
  return Math.sqrt(nearDistanceSquaredM2(a.xCm, a.yCm, a.zCm, b.xCm, b.yCm, b.zCm));
}
