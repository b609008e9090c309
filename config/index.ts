export { BmError, type BmErrorDetails, showValue } from "./bm-error.ts";
export {
  DEFAULT_CAPACITY,
  DEFAULT_FRAME_HZ,
  DEFAULT_LIMITS,
  DEFAULT_LOG_LEVEL,
  DEFAULT_MOVEMENT,
  DEFAULT_PORT,
  DEFAULT_TICK_HZ,
  DEFAULT_TIERS,
  DEFAULT_WORLD_NAME,
} from "./defaults.ts";
export { defineWorld } from "./define-world.ts";
export { ENVIRONMENT_VARIABLES, type Environment, LOG_LEVELS, type LogLevel, readEnvironment } from "./environment.ts";
export { type BmErrorCode, ERROR_CODES } from "./error-codes.ts";
export { type LoadedWorld, type LoadWorldOptions, loadWorld } from "./load-world.ts";
export {
  containsLongitude,
  formatLongitudeRange,
  type LongitudeRange,
  MIN_ZONE_WIDTH_DEG,
  normalizedEdges,
  normalizeLongitudeDeg,
  parseLongitudeRange,
  widthDeg,
  zoneEdges,
} from "./longitude.ts";
export type { Problem } from "./problems.ts";
export { redactUrl } from "./redact-url.ts";
export { findRingProblems, type RingProblem, type RingZone } from "./ring.ts";
export { mergeTiers, TIER_NAMES } from "./tiers.ts";
export type {
  DeepPartial,
  Interval,
  Limits,
  LocalTier,
  Movement,
  PluginInput,
  PluginUse,
  RangedTier,
  Tiers,
  World,
  WorldInput,
  Zone,
  ZoneDirectory,
  ZoneInput,
} from "./world-types.ts";
export { applyZoneChanges, removeZoneFile, writeZoneFile, type ZoneChange, zonesFrom } from "./zone-files.ts";
export { assertZoneName, isZoneName, ZONE_NAME_RULE } from "./zone-name.ts";
