import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { matchMaker } from "@colyseus/core";
import { BmError, showValue, type World } from "../config/index.ts";
import { type Avatar, distanceM, type EntityState, geographicFromPosition, roomIdOfZone, type ZoneRoom } from "../rooms/index.ts";

/** Degrees, degrees and metres; all null for a body whose position is not a place. */
interface Place {
  longitude: number | null;
  latitude: number | null;
  altitude: number | null;
}

/** What `GET /api/explain` answers. */
interface Explanation {
  viewer: Place & { id: string; name: string; zone: string; predict: boolean; connected: boolean };
  /** `owner`: who decides about it. */
  entity: Place & { id: string; kind: string; name: string; zone: string; owner: { zone: string; processId: string } };
  /** True metres, height included, whatever the zones; null where one of the two is not at a place. */
  distanceM: number | null;
  /** The entity is the viewer's own. */
  self: boolean;
  /** What each plugin of the viewer's zone says, by its name. */
  plugins: Record<string, Record<string, unknown>>;
}

const LOOPBACK = /^(?:(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i;
/**
 * What proxies add: behind one, every request comes from the machine itself. And what browsers add: a page of anybody's may be open in a
 * browser on it.
 */
const PROXY_HEADERS = [
  "origin",
  "sec-fetch-site",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
];
const ENTITY_ID = /^\d{1,16}$/;

/** Where the request comes from that Node announced in this turn. */
let announced: string | undefined;
const callers = new WeakMap<Request, string>();

// The host makes a fetch Request of every request, which does not know its socket. It does so in the turn in which Node announces
// the request; should it ever not, nobody is taken for somebody else, for then there is no address at all.
subscribe("http.server.request.start", (message) => {
  announced = (message as { request: IncomingMessage }).request.socket.remoteAddress;
  queueMicrotask(() => {
    announced = undefined;
  });
});

/** Keeps where a request comes from; to be called before anything is waited for. */
export function noteCaller(request: Request): void {
  if (announced !== undefined) callers.set(request, announced);
}

/**
 * Why a viewer sees an entity as it does: who they are, how far apart, and what each plugin says.
 * @throws BmError BM_EXPLAIN_FORBIDDEN, BM_EXPLAIN_INVALID or BM_EXPLAIN_UNKNOWN.
 */
export function explain(request: Request, world: World): Explanation {
  assertFromThisMachine(request);
  const query = new URL(request.url).searchParams;
  const viewerId = idOf(query, "viewer");
  const entityId = idOf(query, "entity");

  const rooms = world.zones.flatMap(({ name }) => (matchMaker.getLocalRoomById(roomIdOfZone(name)) as ZoneRoom | undefined) ?? []);
  const viewing = find(rooms, viewerId);
  const seen = find(rooms, entityId);
  const unknown = (wrong: ("viewer" | "entity")[], message: string, hint: string): BmError =>
    new BmError("BM_EXPLAIN_UNKNOWN", message, { data: { wrong, viewer: viewerId, entity: entityId }, hint });
  if (!viewing || !seen) {
    const wrong = (["viewer", "entity"] as const).filter((which) => !(which === "viewer" ? viewing : seen));
    const named = wrong.map((which) => `${which} ${which === "viewer" ? viewerId : entityId}`).join(" and ");
    const names = rooms.map(({ zone }) => zone.name).join(", ");
    throw unknown(
      wrong,
      `${named}: in no zone of this process, which runs ${names || "none"}`,
      "look the id up again, for it may have left; or ask the process that runs its zone, with --url",
    );
  }
  const avatar = avatarOf(viewing.room, viewerId);
  if (!avatar) {
    throw unknown(
      ["viewer"],
      `viewer ${viewerId}: is a ${viewing.entity.kind} in zone ${viewing.room.zone.name}, expected a player`,
      "name the player first, then what it looks at: bm explain VIEWER ENTITY",
    );
  }

  const from = placeOf(viewing.entity);
  const to = placeOf(seen.entity);
  const zone = seen.room.zone.name;
  return {
    viewer: {
      id: viewerId,
      name: viewing.entity.name,
      zone: viewing.room.zone.name,
      ...from,
      predict: avatar.predict,
      connected: avatar.connected,
    },
    entity: {
      id: entityId,
      kind: seen.entity.kind,
      name: seen.entity.name,
      zone,
      owner: { zone, processId: matchMaker.processId },
      ...to,
    },
    distanceM: isPlace(from) && isPlace(to) ? distanceM(from, to) : null,
    self: viewerId === entityId,
    plugins: viewing.room.pluginHost.explain(avatar, entityId),
  };
}

function assertFromThisMachine(request: Request): void {
  const address = callers.get(request);
  const proxied = PROXY_HEADERS.find((header) => request.headers.has(header));
  if (address !== undefined && LOOPBACK.test(address) && proxied === undefined) return;
  const reason = proxied === undefined ? `got one from ${address ?? "an unknown address"}` : `got one with the header ${proxied}`;
  throw new BmError("BM_EXPLAIN_FORBIDDEN", `expected a request from the server's own machine and not through a proxy, ${reason}`, {
    hint: "run it on the server's machine: bm explain VIEWER ENTITY --url http://localhost:PORT",
  });
}

/** Of a parameter that is there several times, none is meant more than the others. */
function idOf(query: URLSearchParams, field: "viewer" | "entity"): string {
  const values = query.getAll(field);
  const [id] = values;
  if (id !== undefined && values.length === 1 && ENTITY_ID.test(id)) return id;
  const got = values.length > 1 ? `${values.length} values` : showValue(id);
  throw new BmError("BM_EXPLAIN_INVALID", `${field}: got ${got}, expected an entity's id, 1 to 16 digits`, {
    data: { field, value: values.length > 1 ? values.length : (id?.slice(0, 60) ?? null) },
  });
}

function find(rooms: readonly ZoneRoom[], id: string): { room: ZoneRoom; entity: EntityState } | undefined {
  for (const room of rooms) {
    const entity = room.entities.get(id);
    if (entity) return { room, entity };
  }
  return undefined;
}

/** O(players): asked by hand, now and then. */
function avatarOf(room: ZoneRoom, entityId: string): Avatar | undefined {
  for (const avatar of room.avatars.values()) if (avatar.entityId === entityId) return avatar;
  return undefined;
}

/** A plugin may have put a body anywhere. */
function placeOf(entity: EntityState): Place {
  const { cellX, cellY, cellZ, x, y, z } = entity;
  if (![cellX, cellY, cellZ, x, y, z].every(Number.isFinite)) return { longitude: null, latitude: null, altitude: null };
  return geographicFromPosition(entity);
}

function isPlace(place: Place): place is { longitude: number; latitude: number; altitude: number } {
  return place.longitude !== null && place.latitude !== null && place.altitude !== null;
}
