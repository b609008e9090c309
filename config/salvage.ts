import { copyPlain, isRecord } from "./plain.ts";
import type { Path } from "./problems.ts";

/**
 * A copy of a world definition in which every broken value is replaced by one of the right shape, so that the values that are
 * left can still be checked against each other and all problems are reported at once. Optional values are dropped, so that
 * their defaults stand in; required ones get a stand-in. Positions in lists do not move.
 */
export function salvage(input: unknown, broken: readonly Path[]): Record<string, unknown> {
  const world = copyPlain(input);
  if (!isRecord(world)) return { zones: [standInZone(0)] };
  for (const path of broken) replaceAt(world, path);
  return Array.isArray(world.zones) && world.zones.length > 0 ? world : { ...world, zones: [standInZone(0)] };
}

function replaceAt(world: Record<string, unknown>, path: Path): void {
  const [list, index, ...rest] = path;
  const items = world[String(list)];
  if ((list !== "zones" && list !== "plugins") || typeof index !== "number" || !Array.isArray(items)) {
    removeAt(world, path);
    return;
  }
  const standIn: Record<string, unknown> = list === "zones" ? standInZone(index) : { use: `stand-in-${index}` };
  const item: unknown = items[index];
  const key = String(rest[0]);
  if (rest.length === 0 || !isRecord(item)) items[index] = standIn;
  else if (rest.length === 1 && Object.hasOwn(standIn, key)) item[key] = standIn[key];
  else removeAt(item, rest);
}

function removeAt(target: Record<string, unknown>, path: Path): void {
  let parent: unknown = target;
  for (const key of path.slice(0, -1)) parent = isRecord(parent) ? parent[String(key)] : undefined;
  if (isRecord(parent)) delete parent[String(path.at(-1))];
}

function standInZone(index: number): Record<string, unknown> {
  return { name: `stand-in-${index}`, west: -180, east: 180 };
}
