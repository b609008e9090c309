import { BmError, normalizeLongitudeDeg, type ZoneInput, zoneEdges } from "../../../config/index.ts";
import { commandLine } from "../../output/command-line.ts";
import { assertZonesExist } from "./known-zones.ts";
import { neighboursOf } from "./neighbours.ts";
import { type ZonePlan, ZonePlanner } from "./plan.ts";

/**
 * The neighbours that a zone can be given to, the western first.
 * @throws BmError BM_ZONE_UNKNOWN, or BM_ZONE_LAST when there is no other zone.
 */
export function heirsOf(zones: readonly ZoneInput[], name: string): string[] {
  assertZonesExist(zones, [name]);
  if (zones.length === 1) {
    throw new BmError("BM_ZONE_LAST", `${name} is the last zone, and some zone must cover every longitude`, {
      data: { name },
      hint: "Create another zone first: bm zone create NAME --longitude=WEST..EAST --split",
    });
  }
  return neighboursOf(zones, name);
}

/**
 * Plans to remove a zone: a neighbour takes its degrees.
 * @throws BmError as {@link heirsOf}, and BM_ZONE_NOT_NEIGHBOUR when `into` does not touch the zone.
 */
export function planRemove(zones: readonly ZoneInput[], name: string, into: string): ZonePlan {
  const heirs = heirsOf(zones, name);
  const zone = zones.find((candidate) => candidate.name === name);
  const heir = zones.find((candidate) => candidate.name === into);
  if (zone === undefined || heir === undefined || !heirs.includes(into)) {
    const what = heir === undefined ? "is no zone" : into === name ? "is the zone itself" : `does not touch ${name}`;
    throw new BmError("BM_ZONE_NOT_NEIGHBOUR", `${into} ${what}, expected ${heirs.join(" or ")}`, {
      data: { got: into, neighbours: heirs },
      hint: `Give the degrees to a neighbour: ${removeCommands(name, heirs)}`,
    });
  }
  const planner = new ZonePlanner(zones);
  planner.move("grow", heir, joined(heir, zone));
  planner.remove(zone);
  return planner.plan;
}

/** The error for a zone whose heir was not named and cannot be asked for. */
export function intoMissing(name: string, heirs: readonly string[], config: string | undefined): BmError {
  const touching = heirs.length === 1 ? `${heirs[0]}, its only neighbour` : `${heirs.join(" or ")}, its neighbours`;
  return new BmError("BM_CLI_USAGE", `--into is missing: the degrees of ${name} can go to ${touching}`, {
    data: { neighbours: heirs },
    hint: `Type: ${removeCommands(name, heirs, config)}`,
  });
}

function removeCommands(name: string, heirs: readonly string[], config?: string): string {
  const end = config === undefined ? [] : ["--config", config];
  return heirs.map((heir) => commandLine(["bm", "zone", "remove", name, "--into", heir, ...end])).join(", or: ");
}

/** Two zones that touch, as one; those of a ring of two touch at both ends and become the whole ring. */
function joined(heir: ZoneInput, zone: ZoneInput): { west: number; east: number } {
  const west = normalizeLongitudeDeg(heir.east) === normalizeLongitudeDeg(zone.west);
  return west ? zoneEdges(heir.west, zone.east) : zoneEdges(zone.west, heir.east);
}
