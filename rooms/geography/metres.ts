/**
 * Radius of the sphere that all distances are measured on, in metres.
 * Source: WGS 84 semi-major axis (NIMA TR8350.2, table 3.1), the radius of the equirectangular world position.
 */
export const EARTH_RADIUS_M = 6_378_137;

/**
 * Metres of one degree of latitude, and of one degree of longitude before the scaling by cos(latitude).
 * Source: `EARTH_RADIUS_M * π / 180`, cut to six decimals; part of the wire contract, so not computed anew.
 */
export const METRES_PER_DEGREE = 111_319.490_793;

/** Degrees to metres along a meridian or the equator; any finite number. */
export function degreesToMetres(deg: number): number {
  return deg * METRES_PER_DEGREE;
}

/** Metres along a meridian or the equator to degrees; any finite number. */
export function metresToDegrees(m: number): number {
  return m / METRES_PER_DEGREE;
}

/** Degrees to radians. */
export function degreesToRadians(deg: number): number {
  return (deg * Math.PI) / 180;
}

/** Radians to degrees. */
export function radiansToDegrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
