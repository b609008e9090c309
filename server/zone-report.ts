import { matchMaker } from "@colyseus/core";
import { normalizedEdges, type World } from "../config/index.ts";
import { roomIdOfZone, ZONE_ROOM_NAME } from "../rooms/index.ts";

/** One zone as `GET /api/world` shows it. */
export interface ZoneReport {
  name: string;
  /** Degrees, [-180, 180). */
  west: number;
  east: number;
  /** Players and seats promised, wherever the zone runs. */
  players: number;
  capacity: number;
  /** Some process runs it. */
  healthy: boolean;
  processId: string | null;
  roomId: string | null;
}

/** Every zone of the world with what the room listing says of it, this process or another. */
export async function reportZones(world: World): Promise<ZoneReport[]> {
  const listings = await matchMaker.query({ name: ZONE_ROOM_NAME });
  const byRoomId = new Map(listings.map((listing) => [listing.roomId, listing]));
  return world.zones.map((zone) => {
    const listing = byRoomId.get(roomIdOfZone(zone.name));
    return {
      name: zone.name,
      ...normalizedEdges(zone),
      players: listing?.clients ?? 0,
      capacity: zone.capacity,
      healthy: listing !== undefined,
      processId: listing?.processId ?? null,
      roomId: listing?.roomId ?? null,
    };
  });
}
