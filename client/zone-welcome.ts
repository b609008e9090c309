import type { Tiers } from "../config/world-types.ts";
import type { MovementParameters } from "../rooms/movement/movement.ts";
import { ConnectionError } from "./connection-error.ts";

/** The first message of a zone: who this client is there, and how this world moves. */
export interface ZoneWelcome {
  /** One's own entity, a decimal string. */
  readonly entityId: string;
  /** Name of the zone. */
  readonly zone: string;
  /** World steps a second: how often states come. */
  readonly tickHz: number;
  /** Movement steps a second: how often inputs are taken. */
  readonly frameHz: number;
  /** How much of an entity is sent, and how often, by distance. */
  readonly tiers: Tiers;
  /** `major.layout`. Another layout is fine, for states describe themselves; another major is not. */
  readonly protocol: string;
  /** How bodies move; what prediction must use. */
  readonly movement: MovementParameters;
}

/** Major version of the protocol that this helper speaks. */
export const PROTOCOL_MAJOR = 1;

/**
 * Checks that this helper understands a zone.
 * @throws ConnectionError `BM_CLIENT_PROTOCOL` for another major version, or for a welcome that has none.
 */
export function assertProtocol(welcome: Partial<ZoneWelcome> | undefined): asserts welcome is ZoneWelcome {
  const protocol = welcome?.protocol;
  const major = typeof protocol === "string" ? protocol.split(".", 1)[0] : undefined;
  if (major === String(PROTOCOL_MAJOR)) return;
  const got = protocol === undefined ? "none" : `"${String(protocol).slice(0, 40)}"`;
  throw new ConnectionError(
    "BM_CLIENT_PROTOCOL",
    `protocol: got ${got}, expected ${PROTOCOL_MAJOR}.x; use the version of bluemarble/client that belongs to the server`,
    { data: { field: "protocol", value: protocol, expected: PROTOCOL_MAJOR } },
  );
}
