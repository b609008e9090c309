import path from "node:path";
import { BmError } from "./bm-error.ts";
import { isRecord } from "./plain.ts";
import { type FoundProblem, listProblems, type Path, type Problem, showPath } from "./problems.ts";
import { isZoneName } from "./zone-name.ts";

/** What changes zones without ever leaving a gap. A world that has one cannot be opened by them, so it is put right by hand first. */
const RING_HINT =
  ": each must end in the east where the next begins in the west. Later, without gaps: bm zone create NAME --longitude=WEST..EAST --split, or: bm zone remove NAME --into NEIGHBOUR";

/**
 * The error for a definition with problems. Zones that were read from a folder are called by their files, for nobody who wrote
 * `americas.json` knows of a `zones[0]`; those of a list by their position and name.
 */
export function invalidWorld(found: readonly FoundProblem[], definition: unknown, zonesDirectory: string | undefined): BmError {
  const names = zoneNames(definition);
  const problems = found.map(({ zones, ...problem }): Problem => {
    if (zonesDirectory === undefined) return { ...problem, path: inList(problem.path, names) };
    const files = (zones ?? []).flatMap((index) => names[index] ?? []).map((name) => fileOf(zonesDirectory, name));
    const message = files.length === 0 ? problem.message : `${problem.message}: ${[...new Set(files)].join(", ")}`;
    return { ...problem, message, path: inFolder(problem.path, names, zonesDirectory) };
  });
  const count = problems.length === 1 ? "the problem" : `the ${problems.length} problems`;
  const ring = found.some(({ zones }) => zones !== undefined) ? RING_HINT : ".";
  return new BmError("BM_CONFIG_INVALID", listProblems(problems), {
    data: { problems },
    hint: `Correct ${count} in the ${zonesDirectory === undefined ? "world definition." : `files named${ring}`}`,
  });
}

/** `zones[2] (asia).east`: the name beside the position, for people do not count. */
function inList(at: Path, names: readonly (string | undefined)[]): string {
  const [list, index, ...rest] = at;
  if (list !== "zones" || typeof index !== "number") return showPath(at);
  const name = names[index] === undefined ? "" : ` (${names[index]})`;
  if (rest.length === 0) return `zones[${index}]${name}`;
  const inside = showPath(rest);
  return `zones[${index}]${name}${inside.startsWith("[") ? "" : "."}${inside}`;
}

/** `config/zones/asia.json: east`, and the folder for what is wrong between zones. */
function inFolder(at: Path, names: readonly (string | undefined)[], directory: string): string {
  const [list, index, ...rest] = at;
  if (list !== "zones") return showPath(at);
  if (index === undefined) return shownPath(directory);
  const name = typeof index === "number" ? names[index] : undefined;
  if (name === undefined) return inList(at, names);
  return rest.length === 0 ? fileOf(directory, name) : `${fileOf(directory, name)}: ${showPath(rest)}`;
}

function fileOf(directory: string, name: string): string {
  return shownPath(path.join(directory, `${name}.json`));
}

/** As it would be typed: relative to the working directory where it lies below that. */
function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative === "" || relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
}

function zoneNames(definition: unknown): (string | undefined)[] {
  const zones: unknown = isRecord(definition) ? definition.zones : undefined;
  if (!Array.isArray(zones)) return [];
  return zones.map((zone: unknown) => (isRecord(zone) && typeof zone.name === "string" && isZoneName(zone.name) ? zone.name : undefined));
}
