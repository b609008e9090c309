/** Vector geometry on the sphere, the slow oracle for distances: nothing in common with the formulas under test. */
type Vector = readonly [number, number, number];

const RADIUS_M = 6_378_137;
const radians = (deg: number) => (deg * Math.PI) / 180;

function unitVector(longitude: number, latitude: number): Vector {
  const ring = Math.cos(radians(latitude));
  return [ring * Math.cos(radians(longitude)), ring * Math.sin(radians(longitude)), Math.sin(radians(latitude))];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Great-circle metres: the angle between two vectors, from the lengths of their cross and dot products. */
export function vectorDistanceM(a: { longitude: number; latitude: number }, b: { longitude: number; latitude: number }): number {
  const from = unitVector(a.longitude, a.latitude);
  const to = unitVector(b.longitude, b.latitude);
  const c = cross(from, to);
  return RADIUS_M * Math.atan2(Math.sqrt(dot(c, c)), dot(from, to));
}

/** Where one arrives after so many metres on a great circle, by turning the vector; bearing clockwise from north. */
export function destination(
  from: { longitude: number; latitude: number },
  bearingDeg: number,
  m: number,
): { longitude: number; latitude: number } {
  const at = unitVector(from.longitude, from.latitude);
  const east: Vector = [-Math.sin(radians(from.longitude)), Math.cos(radians(from.longitude)), 0];
  const north = cross(at, east);
  const angle = m / RADIUS_M;
  const side = (i: 0 | 1 | 2) => north[i] * Math.cos(radians(bearingDeg)) + east[i] * Math.sin(radians(bearingDeg));
  const point = ([0, 1, 2] as const).map((i) => at[i] * Math.cos(angle) + side(i) * Math.sin(angle)) as unknown as Vector;
  const latitude = Math.atan2(point[2], Math.hypot(point[0], point[1]));
  return { longitude: (Math.atan2(point[1], point[0]) * 180) / Math.PI, latitude: (latitude * 180) / Math.PI };
}
