export type { Avatar } from "./avatar.ts";
export * from "./geography/index.ts";
export { INPUT_BATCH_MESSAGE, MAX_BATCH_FRAMES, packInputBatch, unpackInputBatch } from "./input/input-batch.ts";
export { inputProblem, MovementInput } from "./input/movement-input.ts";
export { createJoinParser, type JoinOptions } from "./join-options.ts";
export { installZoneRouting, roomIdOfZone, ZONE_ROOM_NAME } from "./matchmaking.ts";
export {
  BUTTON,
  MOVEMENT_FIELDS,
  type MovementBody,
  type MovementCommand,
  type MovementParameters,
  type MovementStep,
  type Solid,
  stepMovement,
} from "./movement/movement.ts";
export { ownInput } from "./movement/own-input.ts";
export {
  type HandoffData,
  type PluginHooks,
  type PluginInstance,
  type PluginMetric,
  type PluginStatics,
  type PluginType,
  TICK_PHASES,
  type TickContext,
  type TickPhase,
  type TickSpec,
} from "./plugin-contract.ts";
export { DEFAULT_TICK, type PluginCost } from "./plugin-host.ts";
export { messagesOf } from "./plugin-messages.ts";
export { schemaProblem } from "./schema-problem.ts";
export {
  BASE_FIELDS,
  type EncodingSpecs,
  type FieldContribution,
  type FieldSpec,
  type FieldSpecs,
  mergeFields,
  type WireType,
} from "./state/fields.ts";
export { buildStateTypes, describeType, type EntityState, type StateTypes, type ZoneState } from "./state/state-types.ts";
export { TIER_NAMES, type TierName, viewTagOf, viewTagsOf } from "./state/tiers.ts";
export { defineZoneRoom, type WorldPlugin, ZoneRoom, type ZoneRoomSetup, type ZoneWelcome } from "./zone.room.ts";
export { type SpawnRequest, ZoneEntities } from "./zone-entities.ts";
export type { ZoneMetrics } from "./zone-metrics.ts";
