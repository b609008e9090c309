import { containsLongitude, type Environment, type LoadedWorld, normalizeLongitudeDeg, widthDeg } from "../../../config/index.ts";
import type { WorldServer, WorldServerOptions, ZoneStatus } from "../../../server/index.ts";
import { environmentWith } from "../environment.ts";
import { assertPortFree } from "../port-probe.ts";
import { assertZonesExist } from "./known-zones.ts";

/** What `bm zone run --json` prints when all zones are up. */
export interface RunningZones {
  url: string;
  port: number;
  zones: Pick<ZoneStatus, "name" | "west" | "east" | "capacity" | "plugins" | "roomId">[];
}

/** The flags that take the place of environment variables. */
export interface RunFlags {
  port: string | undefined;
  host: string | undefined;
}

/** The environment with the flags laid over it. @throws BmError BM_ENV_INVALID */
export function environmentFor({ port, host }: RunFlags): Environment {
  return environmentWith({ PORT: port, BM_HOST: host });
}

/**
 * Starts the named zones of a world, all when none is named.
 * @throws BmError BM_ZONE_UNKNOWN, BM_PORT_TAKEN, and whatever the server refuses to start with.
 */
export async function startZones(
  { world, file }: LoadedWorld,
  names: readonly string[],
  environment: Environment,
  logger: WorldServerOptions["logger"],
): Promise<WorldServer> {
  assertZonesExist(world.zones, names);
  await assertPortFree(environment.port, environment.host);
  const { startWorldServer } = await import("../../../server/index.ts");
  return startWorldServer({ world, worldFile: file, zones: names.length === 0 ? undefined : [...new Set(names)], environment, logger });
}

export function running(server: WorldServer): RunningZones {
  const zones = server.status().map(({ name, west, east, capacity, plugins, roomId }) => ({ name, west, east, capacity, plugins, roomId }));
  return { url: server.url, port: server.port, zones };
}

/** Where the README joins: the Eiffel Tower. */
const README_PLACE = { longitude: 2.2945, latitude: 48.8594 };

/** A place to join at: that of the README when a zone here owns it, else the middle of the first zone. */
export function joinPlace({ zones }: RunningZones): { longitude: number; latitude: number } {
  const [first] = zones;
  if (first === undefined || zones.some(({ west, east }) => containsLongitude(west, east, README_PLACE.longitude))) return README_PLACE;
  const middle = normalizeLongitudeDeg(first.west + widthDeg(first.west, first.east) / 2);
  return { longitude: Number(middle.toFixed(3)), latitude: 0 };
}
