import { eastwardCm, latitudeFromYCm } from "../../../rooms/index.ts";

const RADIANS_PER_DEGREE = Math.PI / 180;
/** Radians of latitude of half a centimetre northward. */
const HALF_CM_RAD = (latitudeFromYCm(1) - latitudeFromYCm(0)) * RADIANS_PER_DEGREE * 0.5;

/**
 * A place from which many near ones are measured: `nearDistanceSquaredM2` without a cosine for each. The cosine of the latitude in the
 * middle is developed to second order about the place's own; within 15 km and latitudes of ±89.5 that is less than 1e-9 off.
 */
export class NearPoint {
  xCm = 0;
  yCm = 0;
  zCm = 0;
  #cos = 1;
  #sin = 0;

  set(xCm: number, yCm: number, zCm: number): void {
    this.xCm = xCm;
    this.zCm = zCm;
    if (yCm === this.yCm && this.#cos !== 1) return;
    this.yCm = yCm;
    const latitude = latitudeFromYCm(yCm) * RADIANS_PER_DEGREE;
    this.#cos = Math.cos(latitude);
    this.#sin = Math.sin(latitude);
  }

  /** Square metres, height included. O(1), allocates nothing. */
  squaredM2(xCm: number, yCm: number, zCm: number): number {
    const north = yCm - this.yCm;
    const half = north * HALF_CM_RAD;
    const cos = this.#cos;
    const east = eastwardCm(this.xCm, xCm) * (cos - half * (this.#sin + 0.5 * half * cos));
    const up = zCm - this.zCm;
    return (east * east + north * north + up * up) / 10_000;
  }
}
