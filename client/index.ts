/**
 * BlueMarble's client helper, for browsers and Node: a connection that stays with the player, whatever room or socket that
 * takes. Everything on the wire is the stock SDK's; a game may use `@colyseus/sdk` alone instead.
 */
export type { GeographicPosition } from "../rooms/geography/index.ts";
export {
  BUTTON,
  MOVEMENT_FIELDS,
  type MovementBody,
  type MovementCommand,
  type MovementParameters,
  type MovementStep,
  type Solid,
  stepMovement,
} from "../rooms/movement/movement.ts";
export { connect } from "./connect.ts";
export { CLIENT_ERROR_CODES, type ClientErrorCode, ConnectionError } from "./connection-error.ts";
export { distanceBetween, type Entity, type OwnEntity, positionOf } from "./entity.ts";
export { type MovementPrediction, type PredictionOptions, predictMovement } from "./prediction.ts";
export type { ConnectionSettings, JoinOptions } from "./settings.ts";
export { solidsOf } from "./solids.ts";
export type { ConnectionState, WorldConnection, WorldConnectionEvents } from "./world-connection.ts";
export type { WorldInput } from "./world-input.ts";
export { PROTOCOL_MAJOR, type ZoneWelcome } from "./zone-welcome.ts";
