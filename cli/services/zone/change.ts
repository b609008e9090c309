import { applyZoneChanges, type World } from "../../../config/index.ts";
import { type EditableWorld, withZones } from "./editable-world.ts";
import { type ListedZone, listed } from "./list.ts";
import type { PlannedChange, ZonePlan } from "./plan.ts";

/** A change of zones, as `--json` prints it. */
export interface ZoneChangeResult {
  /** False when it was only shown. */
  written: boolean;
  changes: PlannedChange[];
  before: ListedZone[];
  after: ListedZone[];
}

/** A plan that was found to make a valid world. */
export interface CheckedPlan extends ZonePlan {
  world: World;
}

/** @throws BmError BM_CONFIG_INVALID when the world would not be valid any more; nothing is written then. */
export function checked(editable: EditableWorld, plan: ZonePlan): CheckedPlan {
  return { ...plan, world: withZones(editable, plan.after) };
}

/**
 * Writes the zone files of a checked plan, unless it is only to be shown.
 * @throws BmError BM_CONFIG_UNREADABLE when they cannot be written, BM_ZONE_BUSY or BM_ZONE_CHANGED when another command is or was at them; they are
 * then as they were.
 */
export function carryOut({ world, directory, zones }: EditableWorld, plan: CheckedPlan, write: boolean): ZoneChangeResult {
  if (write) applyZoneChanges(directory, plan.files, { expected: zones });
  return { written: write, changes: plan.changes, before: world.zones.map(listed), after: plan.world.zones.map(listed) };
}
