/** What modders import: `bluemarble/sdk`. */
export { type Client, validate as message } from "@colyseus/core";
export { t } from "@colyseus/schema";
export { z } from "zod";
export { BmError, type BmErrorCode, type World, type Zone } from "../config/index.ts";
export {
  type Avatar,
  BUTTON,
  type EncodingSpecs,
  type EntityState,
  type FieldSpec,
  type FieldSpecs,
  type HandoffData,
  type MovementBody,
  type MovementCommand,
  type MovementParameters,
  type MovementStep,
  type PluginHooks,
  type PluginMetric,
  type PluginStatics,
  type Solid,
  type SpawnRequest,
  stepMovement,
  type TickContext,
  type TickPhase,
  type TickSpec,
  type WireType,
  type ZoneEntities,
  type ZoneRoom,
} from "../rooms/index.ts";
export { type AssembledPlugins, assemblePlugins, type ResolvedPlugin } from "./assemble-plugins.ts";
export { type PluginOptions, ZonePlugin } from "./zone-plugin.ts";
