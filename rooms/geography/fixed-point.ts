import { normalizeLongitudeDeg } from "../../config/longitude.ts";
import { METRES_PER_DEGREE } from "./metres.ts";

/**
 * Side of a cell in whole centimetres: 655.36 m.
 * Source: 2^16, so that the high half of a coordinate is the cell and the low 16 bits are the offset on the wire.
 */
export const CELL_CM = 65_536;

/** Largest offset on the wire; offsets are 0 to 65535, one for each centimetre of a cell. */
const MAX_OFFSET = CELL_CM - 1;

/** Upper end of the quantized field range [0, 655.35], in metres. */
export const OFFSET_RANGE_M = 655.35;

/** Centimetres per degree on both axes of the world position. */
const CM_PER_DEGREE = METRES_PER_DEGREE * 100;

/**
 * Circumference in whole centimetres; `x` is taken modulo it. The true one is 4 007 501 668.548: rounded up, so that the
 * last half centimetre before ±180 rounds onto 0. Rounded down it would land on 1, a whole centimetre off.
 */
export const RING_CM = Math.round(360 * CM_PER_DEGREE);

/** Lowest z in centimetres, -83 886.08 m: the floor of cell -128, the lowest that `cellZ` (int8) can say. */
export const MIN_Z_CM = -128 * CELL_CM;
/** Highest z in centimetres, 83 886.07 m: the top of cell 127. */
export const MAX_Z_CM = 128 * CELL_CM - 1;

/** A place on Earth: degrees, degrees, metres above the ellipsoid's zero. */
export interface GeographicPosition {
  longitude: number;
  latitude: number;
  altitude: number;
}

/**
 * A position as it is synchronised. Cells are integers (`cellX` 0..61149, `cellY` 0..30574, `cellZ` -128..127); `x`, `y`, `z`
 * are metres in [0, 655.35], to the bit the value that a quantized field decodes to.
 */
export interface FixedPosition {
  cellX: number;
  cellY: number;
  cellZ: number;
  x: number;
  y: number;
  z: number;
}

/**
 * The nearest whole centimetre to a place, as a wire position. Longitude may be any finite number.
 * @throws RangeError for a non-finite value, a latitude outside [-90, 90] or an altitude beyond what `cellZ` can say.
 */
export function positionFromGeographic(place: Readonly<GeographicPosition>): FixedPosition {
  const x = splitCm(xCmFromLongitude(place.longitude));
  const y = splitCm(yCmFromLatitude(place.latitude));
  const z = splitCm(zCmFromAltitude(place.altitude));
  return { cellX: x.cell, cellY: y.cell, cellZ: z.cell, x: x.offsetM, y: y.offsetM, z: z.offsetM };
}

/** The place of a wire position, within 0.5 cm of where it came from; longitude in [-180, 180). */
export function geographicFromPosition(position: Readonly<FixedPosition>): GeographicPosition {
  return {
    longitude: longitudeFromXCm(axisCm(position.cellX, position.x)),
    latitude: latitudeFromYCm(axisCm(position.cellY, position.y)),
    altitude: altitudeFromZCm(axisCm(position.cellZ, position.z)),
  };
}

/**
 * Metres of a wire offset, 0 to 65535 (one a centimetre). This is the decoder's own formula, `min + (q / span) * range` with its
 * order of operations, so server and client hold the same double; `q / 100` would differ in the last bit.
 */
export function offsetMetres(offsetCm: number): number {
  return 0 + (offsetCm / MAX_OFFSET) * OFFSET_RANGE_M;
}

/** The wire offset, 0 to 65535, that {@link offsetMetres} made these metres from; the nearest one for any other value. */
export function offsetCm(offsetM: number): number {
  return Math.round(offsetM * 100);
}

/** Whole centimetres along an axis, from the cell and the offset in metres of a wire position. Allocates nothing. */
export function axisCm(cell: number, offsetM: number): number {
  return cell * CELL_CM + offsetCm(offsetM);
}

/** Cell and offset in metres of whole centimetres along an axis; the inverse of {@link axisCm}. Floor division: -1 is in cell -1. */
export function splitCm(cm: number): { cell: number; offsetM: number } {
  const cell = Math.floor(cm / CELL_CM) + 0;
  return { cell, offsetM: offsetMetres(cm - cell * CELL_CM) };
}

/** x in whole centimetres brought into [0, {@link RING_CM}): a step over ±180 comes out on the other side. */
export function wrapXCm(xCm: number): number {
  const rest = xCm % RING_CM;
  return (rest < 0 ? rest + RING_CM : rest) + 0;
}

/**
 * x of a longitude, whole centimetres eastward from -180, in [0, {@link RING_CM}).
 * @throws RangeError for a non-finite longitude.
 */
export function xCmFromLongitude(longitudeDeg: number): number {
  return wrapXCm(Math.round((normalizeLongitudeDeg(longitudeDeg) + 180) * CM_PER_DEGREE));
}

/** Longitude in [-180, 180) of x in whole centimetres; any x, taken modulo {@link RING_CM}. */
export function longitudeFromXCm(xCm: number): number {
  return normalizeLongitudeDeg(wrapXCm(xCm) / CM_PER_DEGREE - 180);
}

/**
 * y of a latitude, whole centimetres northward from -90.
 * @throws RangeError for a latitude that is not in [-90, 90].
 */
export function yCmFromLatitude(latitudeDeg: number): number {
  if (!(latitudeDeg >= -90 && latitudeDeg <= 90)) throw new RangeError(`latitude must be -90 to 90 degrees, got ${latitudeDeg}`);
  return Math.round((latitudeDeg + 90) * CM_PER_DEGREE);
}

/** Latitude in degrees of y in whole centimetres. */
export function latitudeFromYCm(yCm: number): number {
  return yCm / CM_PER_DEGREE - 90;
}

/**
 * z of an altitude in metres, whole centimetres from altitude 0, negative below it.
 * @throws RangeError for an altitude outside [{@link MIN_Z_CM}, {@link MAX_Z_CM}].
 */
export function zCmFromAltitude(altitudeM: number): number {
  const zCm = Math.round(altitudeM * 100) + 0;
  if (!(zCm >= MIN_Z_CM && zCm <= MAX_Z_CM)) {
    throw new RangeError(`altitude must be ${MIN_Z_CM / 100} to ${MAX_Z_CM / 100} metres, got ${altitudeM}`);
  }
  return zCm;
}

/** Altitude in metres of z in whole centimetres. */
export function altitudeFromZCm(zCm: number): number {
  return zCm / 100;
}
