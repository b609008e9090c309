import { setTimeout as delay } from "node:timers/promises";
import { type AuthContext, matchMaker, ServerError } from "@colyseus/core";
import { BmError, showValue, type World, type Zone } from "../config/index.ts";
import type { ZoneRing } from "./geography/index.ts";
import { createJoinParser, type JoinOptions } from "./join-options.ts";

/** The room name that clients join; the server picks which zone's room it is. */
export const ZONE_ROOM_NAME = "zone";

/** Every zone's room has an id made from its name, so that one look-up finds it on whatever process runs it. */
export function roomIdOfZone(zoneName: string): string {
  return `zone-${zoneName}`;
}

/** What the routing needs to know, and whom it tells. */
export interface ZoneRoutingOptions {
  world: World;
  ring: ZoneRing<Zone>;
  /** Called with every refusal, before it is answered. */
  onRefusal(error: BmError): void;
}

type InvokeMethod = typeof matchMaker.controller.invokeMethod;

/**
 * Sends every join to the room of the zone that owns the longitude. This is the one place where BlueMarble takes part in
 * Colyseus's matchmaking: `matchMaker.controller.invokeMethod` is what the HTTP routes call, so replacing it covers them all.
 *
 * - `joinOrCreate` and `join` of `zone`: options checked, then `joinById` of the owning zone's room.
 * - `joinById`: the same checks, and the room must be the owner's.
 * - `create`, and any other room name: refused. `reconnect` passes.
 *
 * Cost: one look-up by id. Returns the undo.
 */
export function installZoneRouting(options: ZoneRoutingOptions): () => void {
  const { controller } = matchMaker;
  const original: InvokeMethod = controller.invokeMethod;
  const parse = createJoinParser(options.world.limits);

  controller.invokeMethod = async (method, roomName, clientOptions, authContext) => {
    try {
      if (method === "reconnect") return await answered(original.call(controller, method, roomName, clientOptions, authContext));
      return await answered(join(method, roomName, clientOptions, authContext));
    } catch (error) {
      throw refusalOf(error, method, options);
    }
  };

  async function join(method: string, roomName: string, clientOptions: unknown, authContext: AuthContext | undefined) {
    const byId = method === "joinById";
    if (!byId && method !== "joinOrCreate" && method !== "join") {
      throw new BmError("BM_JOIN_METHOD", `method: got ${showValue(method)}, expected joinOrCreate`, {
        data: { field: "method", value: method },
      });
    }
    if (!byId && roomName !== ZONE_ROOM_NAME) {
      throw new BmError("BM_JOIN_ROOM", `room: got ${showValue(roomName)}, expected "${ZONE_ROOM_NAME}"`, {
        data: { field: "room", value: roomName },
      });
    }
    const seat: JoinOptions = parse(clientOptions);
    if (seat.token !== undefined || authContext?.token) {
      throw new BmError("BM_AUTH_UNSUPPORTED", "token: got a token, expected none, because this world has no accounts", {
        data: { field: "token" },
      });
    }
    const zone = options.ring.zoneAt(seat.longitude);
    const roomId = roomIdOfZone(zone.name);
    if (byId && roomName !== roomId) {
      throw new BmError("BM_JOIN_ROOM", `room: got ${showValue(roomName)}, expected "${roomId}", which owns longitude ${seat.longitude}`, {
        data: { field: "room", value: roomName, expected: roomId },
      });
    }
    const listing = await matchMaker.driver.findOne({ roomId });
    if (!listing)
      throw new BmError("BM_ZONE_DOWN", `zone ${zone.name}, which owns longitude ${seat.longitude}, is not running`, {
        data: { field: "longitude", value: seat.longitude, zone: zone.name },
      });
    // Handoffs may fill the rest: a player who walks over a border has nowhere else to go, a new one has.
    const limit = zone.capacity * options.world.limits.joinShareOfCapacity;
    if (listing.clients >= limit) {
      throw new BmError(
        "BM_ZONE_FULL",
        `zone ${zone.name} is full: ${listing.clients} players, and joins stop at ${Math.ceil(limit)} of ${zone.capacity}`,
        { data: { field: "zone", value: zone.name, players: listing.clients, capacity: zone.capacity } },
      );
    }
    return await original.call(controller, "joinById", roomId, seat, authContext);
  }

  return () => {
    controller.invokeMethod = original;
  };
}

/** The SDK sees a status and a message only, so the code, the field and the value stand in the message. */
function refusalOf(error: unknown, method: string, options: ZoneRoutingOptions): ServerError {
  if (error instanceof ServerError && error.message.startsWith("BM_")) return error;
  const reason = reasonOf(error, method);
  options.onRefusal(reason);
  return new ServerError(reason.status, asciiJson(`${reason.code} ${reason.message}`));
}

function reasonOf(error: unknown, method: string): BmError {
  if (error instanceof BmError) return error;
  if (!(error instanceof Error)) return new BmError("BM_INTERNAL", "the join failed on the server", { cause: error });
  if (/already full|is locked/.test(error.message))
    return new BmError("BM_ZONE_FULL", "the zone filled up while joining", { cause: error });
  if (!(error instanceof ServerError)) return new BmError("BM_INTERNAL", "the join failed on the server", { cause: error });
  // What the host itself refuses: a seat that is gone, a process that does not answer.
  if (method === "reconnect") return new BmError("BM_RECONNECT_REFUSED", `reconnectionToken: ${error.message}`, { cause: error });
  return new BmError("BM_ZONE_DOWN", `the zone does not answer: ${error.message}`, { cause: error });
}

/** Milliseconds in which a join is answered, whatever the room listing does. Source: above the host's 4 s for a dead process. */
const ANSWER_WITHIN_MS = 6000;

async function answered<T>(work: Promise<T>): Promise<T> {
  const late = delay(ANSWER_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new BmError("BM_PRESENCE_UNREACHABLE", `the room listing does not answer within ${ANSWER_WITHIN_MS / 1000} s`);
  });
  return await Promise.race([work, late]);
}

/** The host's error responses count characters where HTTP counts bytes, so non-ASCII text is escaped. */
function asciiJson(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
