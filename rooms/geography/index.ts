export { type GeographicBounds, queryBounds } from "./bounds.ts";
export {
  type CentimetrePosition,
  distanceM,
  eastwardCm,
  type GroundPlace,
  groundDistanceM,
  longitudeScale,
  NEAR_LIMIT_M,
  nearDistanceM,
  nearDistanceSquaredM2,
} from "./distance.ts";
export {
  altitudeFromZCm,
  axisCm,
  CELL_CM,
  type FixedPosition,
  type GeographicPosition,
  geographicFromPosition,
  latitudeFromYCm,
  longitudeFromXCm,
  MAX_Z_CM,
  MIN_Z_CM,
  OFFSET_RANGE_M,
  offsetCm,
  offsetMetres,
  positionFromGeographic,
  RING_CM,
  splitCm,
  wrapXCm,
  xCmFromLongitude,
  yCmFromLatitude,
  zCmFromAltitude,
} from "./fixed-point.ts";
export { degreesToMetres, degreesToRadians, EARTH_RADIUS_M, METRES_PER_DEGREE, metresToDegrees, radiansToDegrees } from "./metres.ts";
export { type RingMember, ZoneRing } from "./zone-ring.ts";
