import { BmError, showValue } from "../../../config/bm-error.ts";
import { serverUrl } from "../server-url.ts";
import { type City, loadCities } from "./cities.ts";
import { defaultCityCount, drawHomes, type Home } from "./draw.ts";
import { type BotsReport, reportOfRun } from "./report.ts";
import { fetchZones, type ServedZone } from "./server-metrics.ts";
import { runSwarm } from "./swarm.ts";
import type { SwarmProgress } from "./swarm-types.ts";

/** The flags of `bm bots`. */
export interface RunBotsOptions {
  count: number;
  /** @defaultValue the server on this machine, at `PORT` */
  url?: string | undefined;
  seconds: number;
  seed: number;
  rampPerSecond: number;
  /** Zone that all bots start in. @defaultValue all zones */
  zone?: string | undefined;
  /** @defaultValue an eighth of the bots, at least 3 */
  cityCount?: number | undefined;
  /** Ends the run early. */
  stop: AbortSignal;
  onProgress(progress: SwarmProgress): void;
}

/**
 * Finds the world, draws cities, lets bots loose and reports.
 * @throws BmError BM_ENV_INVALID for an address or a `PORT` that is none or a zone without a place to start in, BM_SERVER_UNREACHABLE when no
 * server answers, BM_ZONE_UNKNOWN for a zone that the world does not have.
 */
export async function runBots(options: RunBotsOptions): Promise<BotsReport> {
  const { count, seed, rampPerSecond, seconds, stop, onProgress } = options;
  const url = serverUrl(options.url);
  const zones = await fetchZones(url);
  const chosen = options.zone === undefined ? zones : [zoneNamed(options.zone, zones)];
  const homes = homesIn(chosen, await loadCities(), options);
  const result = await runSwarm({ url, homes: homes.slice(0, count), seed, rampPerSecond, seconds, stop, onProgress });
  return reportOfRun(url, seed, zones, result);
}

function zoneNamed(name: string, zones: readonly ServedZone[]): ServedZone {
  const zone = zones.find((candidate) => candidate.name === name);
  if (zone) return zone;
  const names = zones.map((candidate) => candidate.name).join(", ");
  throw new BmError("BM_ZONE_UNKNOWN", `--zone (BM_BOTS_ZONE): the world has no zone ${showValue(name)}; there are ${names}`, {
    data: { name },
    hint: `Type for example: bm bots --zone ${zones[0]?.name}`,
  });
}

function homesIn(zones: readonly ServedZone[], cities: readonly City[], { count, cityCount, seed }: RunBotsOptions): Home[] {
  const homes = drawHomes({ count, cityCount: cityCount ?? defaultCityCount(count), seed, zones, cities });
  if (homes.length > 0) return homes;
  const names = zones.map(({ name }) => name).join(", ");
  throw new BmError("BM_ENV_INVALID", `no place with people lies in ${names}, so bots have nowhere to start`, {
    data: { zones: names },
    hint: "Name another zone with --zone, or none for all.",
  });
}
