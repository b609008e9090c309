import { MIN_ZONE_WIDTH_DEG, type ZoneInput } from "../../../config/index.ts";
import { neighboursOf } from "./neighbours.ts";
import { planRemove } from "./remove.ts";

/** Most commands that a hint lists; a hint is one line. */
const MAX_COMMANDS = 6;

/** A range that cannot be had, and why. */
export interface Remainder {
  /** Name of the zone that was to be created. */
  name: string;
  zones: readonly ZoneInput[];
  /** The zones of which nothing or too little would be left. */
  swallowed: readonly string[];
  /** Whether the zone could be created among others. */
  fits(zones: readonly ZoneInput[]): boolean;
}

/**
 * What to do when a new range would leave nothing or too little of some zones: another range, or the commands after which this one
 * can be had. Each command gives a zone to a neighbour that stays, so that they can be typed as they stand. When no zone would be
 * left, there is nothing to take degrees from: one zone is made of all, and its file gets the new name.
 */
export function remainderHint({ name, zones, swallowed, fits }: Remainder): string {
  const another = `Choose a range that leaves each zone ${MIN_ZONE_WIDTH_DEG} degrees or more`;
  const [kept = ""] = swallowed;
  if (swallowed.length === zones.length) {
    const rename = `rename the file ${kept}.json to ${name}.json`;
    const { commands } = removals(zones, swallowed.slice(1), "west");
    if (commands.length === 0) return `${another}, or ${rename}`;
    return `${another}, or remove all zones but one: ${listed(commands, `and so on until only ${kept} is left`)}, then ${rename}`;
  }
  // A sliver of a zone must go to the neighbour on its own side: the other one would only have it back.
  for (const side of ["west", "east"] as const) {
    const { commands, after } = removals(zones, swallowed, side);
    if (after !== undefined && !fits(after)) continue;
    return `${another}, or remove ${swallowed.length === 1 ? "the zone" : "these zones"} first: ${listed(commands, "and so on")}`;
  }
  return `${another}.`;
}

function listed(commands: readonly string[], more: string): string {
  const shown = commands.slice(0, MAX_COMMANDS);
  return [...shown, ...(commands.length > MAX_COMMANDS ? [more] : [])].join(", then: ");
}

/**
 * Commands that remove zones, each into a neighbour that is not to be removed, on one side where there is a choice; one more than
 * are shown at the most.
 * @returns the zones afterwards too, undefined when there were more commands.
 */
function removals(zones: readonly ZoneInput[], names: readonly string[], side: "west" | "east") {
  const commands: string[] = [];
  const left = new Set(names);
  let now = zones;
  while (left.size > 0 && commands.length <= MAX_COMMANDS) {
    const next = nextRemoval(now, left, side);
    if (next === undefined) break;
    commands.push(`bm zone remove ${next.zone} --into ${next.into}`);
    now = planRemove(now, next.zone, next.into).after;
    left.delete(next.zone);
  }
  return { commands, after: left.size === 0 ? now : undefined };
}

function nextRemoval(zones: readonly ZoneInput[], left: ReadonlySet<string>, side: "west" | "east") {
  for (const zone of left) {
    const heirs = neighboursOf(zones, zone).filter((neighbour) => !left.has(neighbour));
    const into = side === "west" ? heirs[0] : heirs.at(-1);
    if (into !== undefined) return { zone, into };
  }
  return undefined;
}
