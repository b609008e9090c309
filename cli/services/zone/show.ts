import { BmError, normalizedEdges, TIER_NAMES, type World, widthDeg, type Zone } from "../../../config/index.ts";
import { assertZonesExist } from "./known-zones.ts";
import { type LiveWorld, type LiveZone, readLiveWorld } from "./live-world.ts";
import { neighboursOf } from "./neighbours.ts";

/** Metres of one degree on both axes. Source: the contract for users, 6 378 137 m × π / 180. */
const DEGREE_M = 111_319.490793;

/** Everything about one zone, as `bm zone show --json` prints it. */
export interface ZoneDetails {
  name: string;
  /** Degrees in [-180, 180), both. */
  west: number;
  east: number;
  widthDeg: number;
  /** At the equator, where it is widest. */
  widthKm: number;
  capacity: number;
  neighbours: string[];
  /** The local tier, oneself, has no radius. */
  tiers: { tier: string; hz: number; radiusM: number | null }[];
  /** The plugins that are switched on, with their options here. */
  plugins: { name: string; options: Record<string, unknown> }[];
  /** What a running server says of it; null when none answers or it does not know the zone. */
  live: LiveZone | null;
  /** What the running server has otherwise than the world here, in `live`: it was started before, and takes these when it restarts. */
  outdated: ("west" | "east" | "capacity")[];
}

/** A zone, and whether a server answered for it. */
export interface ShownZone {
  zone: Zone;
  details: ZoneDetails;
  liveWorld: LiveWorld;
}

/**
 * @param url of the server that may run it.
 * @throws BmError BM_ZONE_UNKNOWN
 */
export async function showZone(world: World, name: string, url: string): Promise<ShownZone> {
  assertZonesExist(world.zones, [name]);
  const zone = world.zones.find((candidate) => candidate.name === name);
  if (zone === undefined) throw new BmError("BM_INTERNAL", `zone ${name} is gone`);
  const liveWorld = await readLiveWorld(url);
  const live = liveWorld.zones?.find((candidate) => candidate.name === name) ?? null;
  const deg = widthDeg(zone.west, zone.east);
  const details: ZoneDetails = {
    name,
    ...normalizedEdges(zone),
    widthDeg: deg,
    widthKm: Math.round(deg * DEGREE_M) / 1000,
    capacity: zone.capacity,
    neighbours: neighboursOf(world.zones, name),
    tiers: TIER_NAMES.map((tier) => {
      const { hz, radiusM = null } = zone.tiers[tier] as { hz: number; radiusM?: number };
      return { tier, hz, radiusM };
    }),
    plugins: Object.entries(zone.plugins).flatMap(([plugin, options]) =>
      options === false ? [] : [{ name: plugin, options: { ...options } }],
    ),
    live,
    outdated: live === null ? [] : outdated(zone, live),
  };
  return { zone, details, liveWorld };
}

/** Edges are compared as places: a server may say 180 where -180 stands here. */
function outdated(zone: Zone, live: LiveZone): ZoneDetails["outdated"] {
  const here = { ...normalizedEdges(zone), capacity: zone.capacity };
  const there = { ...normalizedEdges(live), capacity: live.capacity };
  return (["west", "east", "capacity"] as const).filter((key) => here[key] !== there[key]);
}
