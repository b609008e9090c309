import {
  assertZoneName,
  BmError,
  DEFAULT_CAPACITY,
  formatLongitudeRange,
  isZoneName,
  type LongitudeRange,
  MIN_ZONE_WIDTH_DEG,
  widthDeg,
  type ZoneInput,
} from "../../../config/index.ts";
import { WIDTH_TOLERANCE_DEG } from "../../../config/longitude.ts";
import { commandLine } from "../../output/command-line.ts";
import { shared, without } from "./arcs.ts";
import { type ZonePlan, ZonePlanner } from "./plan.ts";
import { remainderHint } from "./remainder-hint.ts";

/** A zone to be created. */
export interface NewZone extends LongitudeRange {
  name: string;
  /** Players. @defaultValue 5000 */
  capacity?: number | undefined;
}

/** A zone that holds some of the wanted degrees. */
export interface Holder {
  zone: string;
  /** Which of the wanted degrees it holds. */
  ranges: LongitudeRange[];
}

/** Longest zone name. Source: `ZONE_NAME_RULE`. */
const MAX_NAME = 32;

/**
 * Plans a zone in a full ring: the zones that hold its degrees give them up. One that is cut in two keeps its name west of the cut;
 * east of it a new zone `<name>-east` has the same capacity, tiers and plugins.
 * @param zones as their files have them.
 * @throws BmError BM_ZONE_NAME, BM_ZONE_EXISTS; BM_ZONE_REMAINDER when nothing or too little would be left of a zone.
 */
export function planCreate(zones: readonly ZoneInput[], wanted: NewZone): ZonePlan {
  assertZoneName(wanted.name);
  if (zones.some((zone) => zone.name === wanted.name)) {
    throw new BmError("BM_ZONE_EXISTS", `a zone named ${wanted.name} exists already`, {
      data: { name: wanted.name },
      hint: `Choose another name, or look at it with: bm zone show ${wanted.name}`,
    });
  }
  assertEnoughIsLeft(zones, wanted);
  const { name, west, east, capacity = DEFAULT_CAPACITY } = wanted;
  const planner = new ZonePlanner(zones);
  planner.add("create", { name, west, east, capacity });
  const names = new Set([name, ...zones.map((zone) => zone.name)]);
  for (const zone of zones) {
    if (shared(zone, wanted).length === 0) continue;
    const [first, second] = without(zone, wanted);
    if (first !== undefined) planner.move("shrink", zone, first);
    if (second !== undefined) {
      const rest = eastName(zone.name, names);
      planner.add("split", { ...structuredClone(zone), ...second, name: rest });
    }
  }
  return planner.plan;
}

/** Who holds the degrees of a range, eastward from -180. */
export function holdersOf(zones: readonly ZoneInput[], wanted: LongitudeRange): Holder[] {
  return zones.map((zone) => ({ zone: zone.name, ranges: shared(zone, wanted) })).filter(({ ranges }) => ranges.length > 0);
}

/** The error for degrees that others hold and that nobody said to take. */
export function occupied(wanted: NewZone, holders: readonly Holder[], config: string | undefined): BmError {
  const range = formatLongitudeRange(wanted.west, wanted.east);
  const held = holders.map(
    ({ zone, ranges }) => `${zone} (${ranges.map(({ west, east }) => formatLongitudeRange(west, east)).join(" and ")})`,
  );
  const words = ["bm", "zone", "create", wanted.name, `--longitude=${range}`];
  if (wanted.capacity !== undefined) words.push("--capacity", String(wanted.capacity));
  if (config !== undefined) words.push("--config", config);
  return new BmError("BM_ZONE_OCCUPIED", `the degrees ${range} belong to ${listed(held)}`, {
    data: { wanted: { west: wanted.west, east: wanted.east }, holders },
    hint: `Take them with: ${commandLine([...words, "--split"])}`,
  });
}

/** The zones of which a range would leave nothing, or a part that is too narrow. */
function tooLittleLeft(zones: readonly ZoneInput[], wanted: LongitudeRange) {
  return zones.flatMap((zone) => {
    if (shared(zone, wanted).length === 0) return [];
    const left = without(zone, wanted);
    const narrow = left.some(({ west, east }) => widthDeg(west, east) < MIN_ZONE_WIDTH_DEG - WIDTH_TOLERANCE_DEG);
    return left.length > 0 && !narrow ? [] : [{ zone, narrow }];
  });
}

function assertEnoughIsLeft(zones: readonly ZoneInput[], wanted: NewZone): void {
  const tooLittle = tooLittleLeft(zones, wanted);
  if (tooLittle.length === 0) return;
  const range = formatLongitudeRange(wanted.west, wanted.east);
  const lines = tooLittle.map(({ zone, narrow }) => {
    const whole = `${zone.name} (${formatLongitudeRange(zone.west, zone.east)})`;
    if (!narrow) return `${range} would leave nothing of ${whole}`;
    return `${range} would leave less than ${MIN_ZONE_WIDTH_DEG} degrees of ${whole}`;
  });
  const names = tooLittle.map(({ zone }) => zone.name);
  throw new BmError("BM_ZONE_REMAINDER", lines.join("\n"), {
    data: { wanted: { west: wanted.west, east: wanted.east }, zones: names },
    hint: remainderHint({ name: wanted.name, zones, swallowed: names, fits: (others) => tooLittleLeft(others, wanted).length === 0 }),
  });
}

/** `<name>-east`, cut to what a name may hold, numbered when it is taken. */
function eastName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? "-east" : `-east-${number}`;
    const candidate = name.slice(0, MAX_NAME - suffix.length).replace(/-+$/, "") + suffix;
    if (!taken.has(candidate) && isZoneName(candidate)) return candidate;
  }
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
