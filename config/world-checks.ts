import { showValue } from "./bm-error.ts";
import { formatDegrees, MIN_ZONE_WIDTH_DEG, normalizeLongitudeDeg, WIDTH_TOLERANCE_DEG, widthDeg } from "./longitude.ts";
import type { FoundProblem, Path } from "./problems.ts";
import { findRingProblems, type RingProblem, type RingZone } from "./ring.ts";
import { mergeTiers, TIER_NAMES } from "./tiers.ts";
import type { ParsedWorld } from "./world.schema.ts";
import type { Tiers } from "./world-types.ts";

/** Tells whether a value was already found to be wrong, so that nothing is said about how it relates to another. */
export type IsBroken = (path: Path) => boolean;

/** The problems between values that by themselves are right: borders, radii, rates, names, pairs of bounds. */
export function relationProblems(world: ParsedWorld, isBroken: IsBroken): FoundProblem[] {
  const problems: FoundProblem[] = [];
  /** `value` at `path` must be `expected`, which was read from `other`. */
  const check = (holds: boolean, path: Path, other: Path, message: string, got: unknown, expected: string) => {
    if (holds || isBroken(path) || isBroken(other)) return;
    problems.push({ path, message, got: showValue(got), expected });
  };

  check(
    world.frameHz % world.tickHz === 0,
    ["tickHz"],
    ["frameHz"],
    "does not divide frameHz",
    world.tickHz,
    `a divisor of ${world.frameHz}`,
  );
  const bounds = [
    ["latitudeDeg", world.limits.latitudeDeg],
    ["altitudeM", world.limits.altitudeM],
  ] as const;
  for (const [key, { min, max }] of bounds) {
    check(min < max, ["limits", key, "max"], ["limits", key, "min"], "is not above min", max, `more than ${min}`);
  }
  const { walkMps, runMps } = world.movement;
  check(walkMps <= runMps, ["movement", "runMps"], ["movement", "walkMps"], "is slower than walkMps", runMps, `at least ${walkMps}`);

  const { messageBytes, bytesPerSecond } = world.limits;
  const room = "is more than bytesPerSecond";
  check(
    messageBytes <= bytesPerSecond,
    ["limits", "messageBytes"],
    ["limits", "bytesPerSecond"],
    room,
    messageBytes,
    `at most ${bytesPerSecond}`,
  );

  const checkTiers = (tiers: Tiers, at: Path) => {
    for (const [index, name] of TIER_NAMES.entries()) {
      const { hz } = tiers[name];
      check(world.frameHz % hz === 0, [...at, name, "hz"], ["frameHz"], "does not divide frameHz", hz, `a divisor of ${world.frameHz}`);
      const nearer = TIER_NAMES[index - 1];
      if (name === "local" || nearer === undefined || nearer === "local") continue;
      const least = tiers[nearer].radiusM;
      const { radiusM } = tiers[name];
      const message = `is not larger than that of ${nearer}`;
      check(radiusM > least, [...at, name, "radiusM"], [...at, nearer, "radiusM"], message, radiusM, `more than ${least}`);
    }
  };
  const tiers = mergeTiers(world.tiers);
  checkTiers(tiers, ["tiers"]);
  for (const [index, zone] of world.zones.entries()) {
    // Without tiers of its own a zone only repeats what is wrong with the world's.
    if (zone.tiers !== undefined && !isBroken(["tiers"])) checkTiers(mergeTiers(zone.tiers, tiers), ["zones", index, "tiers"]);
  }

  const uses = world.plugins.map((plugin) => plugin.use);
  for (const [index, use] of uses.entries()) {
    check(
      uses.indexOf(use) === index,
      ["plugins", index],
      ["plugins", uses.indexOf(use)],
      "names a plugin a second time",
      use,
      "each plugin once",
    );
  }
  for (const [index, zone] of world.zones.entries()) {
    for (const use of Object.keys(zone.plugins ?? {})) {
      const message = "is not a plugin of the world";
      check(
        uses.includes(use),
        ["zones", index, "plugins", use],
        ["plugins"],
        message,
        use,
        uses.length === 0 ? "none" : `one of ${uses.join(", ")}`,
      );
    }
  }
  problems.push(...zoneProblems(world, isBroken));
  return problems;
}

function zoneProblems({ zones }: ParsedWorld, isBroken: IsBroken): FoundProblem[] {
  const problems: FoundProblem[] = [];
  const names = zones.map((zone) => zone.name);
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first === index || isBroken(["zones", index, "name"]) || isBroken(["zones", first, "name"])) continue;
    const expected = `another name than that of zones[${first}]`;
    problems.push({ path: ["zones", index, "name"], message: "is taken", got: showValue(name), expected });
  }

  let edgesRight = true;
  for (const [index, { west, east }] of zones.entries()) {
    if (isBroken(["zones", index, "west"]) || isBroken(["zones", index, "east"])) {
      edgesRight = false;
      continue;
    }
    const whole = west === -180 && east === 180;
    const empty = !whole && normalizeLongitudeDeg(west) === normalizeLongitudeDeg(east);
    if (!empty && widthDeg(west, east) >= MIN_ZONE_WIDTH_DEG - WIDTH_TOLERANCE_DEG) continue;
    edgesRight = false;
    const message = empty ? "leaves the zone empty" : `leaves the zone ${formatDegrees(widthDeg(west, east))} degrees wide`;
    const expected = `at least ${MIN_ZONE_WIDTH_DEG} degrees east of ${west} (the whole ring is -180 to 180)`;
    problems.push({ path: ["zones", index, "east"], message, got: showValue(east), expected });
  }
  // With a wrong edge, the gaps and overlaps that it makes would only bury it.
  if (!edgesRight) return problems;
  const named = zones.map((zone, index) => (isBroken(["zones", index, "name"]) ? { ...zone, name: `zones[${index}]` } : zone));
  for (const problem of findRingProblems(named)) {
    const got = problem.kind === "gap" ? "no zone" : `${problem.zones.length} zones`;
    const expected = "exactly one zone for every longitude";
    problems.push({ path: ["zones"], message: problem.message, got, expected, zones: makersOf(problem, named) });
  }
  return problems;
}

/** Who overlaps, or the western and the eastern neighbour of a gap: their edges are what is to be corrected. */
function makersOf({ kind, west, east, zones: names }: RingProblem, zones: readonly RingZone[]): number[] {
  const same = (a: number, b: number) => normalizeLongitudeDeg(a) === normalizeLongitudeDeg(b);
  const makes = (zone: RingZone) => (kind === "overlap" ? names.includes(zone.name) : same(zone.east, west) || same(zone.west, east));
  return zones.flatMap((zone, index) => (makes(zone) ? index : []));
}
