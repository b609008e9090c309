import { containsLongitude, formatLongitudeRange, normalizeLongitudeDeg, type RingZone, zoneEdges } from "../../config/index.ts";
import { fitted, padded } from "./display-width.ts";
import { styled } from "./style.ts";

/** Columns of the strip: 5 degrees each. */
const COLUMNS = 72;
const DEGREES_PER_COLUMN = 360 / COLUMNS;
/** Narrower runs have no room for a mark and three letters of the name. */
const NAMED_COLUMNS = 4;
/** Neighbours must differ, the last and the first too. */
const COLOURS = ["cyan", "yellow", "magenta", "green", "blue"] as const;

/**
 * The ring of zones as a strip from -180 to 180: `|` and the name where a zone begins in the west, and below it the degrees of
 * each border. A zone over ±180 runs out on the right and comes in on the left. Colours where stdout shows them.
 * @returns lines joined by newlines: the strip, the degrees and, where there are such, a line for the zone that lies over ±180 and one
 * for those too narrow to be named in the strip.
 */
export function ring(zones: readonly RingZone[]): string {
  const runs = runsOf(zones);
  const strip = runs.map((run) => styled(colourOf(run.zone, zones.length), textOf(run, zones))).join("");
  const named = new Set(runs.filter((run) => run.columns >= NAMED_COLUMNS).map((run) => run.zone));
  const narrow = zones.filter((_, index) => !named.has(index)).map(({ name, west, east }) => `${name} ${formatRange(west, east)}`);
  const lines = [strip, styled("dim", degreesLine(zones))];
  // One that is too narrow for its name stands in the line of those.
  const over = zones.find(({ west, east }, index) => named.has(index) && wraps(west, east));
  if (over !== undefined) lines.push(`${over.name} goes on from the right: ${formatRange(over.west, over.east)}`);
  if (narrow.length > 0) lines.push(`narrow: ${narrow.join(", ")}`);
  return lines.join("\n");
}

/** `WEST..EAST` with ends as people write them: 60..180, not 60..-180. */
export function formatRange(west: number, east: number): string {
  const edges = zoneEdges(west, east);
  return formatLongitudeRange(edges.west, edges.east);
}

/** Whether a zone has degrees on both sides of ±180. */
function wraps(west: number, east: number): boolean {
  const edges = zoneEdges(west, east);
  return edges.east < edges.west;
}

/** Neighbouring columns of one zone. */
interface Run {
  /** Index of the zone. */
  zone: number;
  columns: number;
  /** Whether the zone begins here, and does not come in over ±180. */
  begins: boolean;
}

/** Each column shows the zone that holds its middle. */
function runsOf(zones: readonly RingZone[]): Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < COLUMNS; column++) {
    const middle = -180 + (column + 0.5) * DEGREES_PER_COLUMN;
    const zone = zones.findIndex((candidate) => containsLongitude(candidate.west, candidate.east, middle));
    if (zone === -1) continue;
    const last = runs.at(-1);
    if (last?.zone === zone) last.columns++;
    else runs.push({ zone, columns: 1, begins: column > 0 || normalizeLongitudeDeg(zones[zone]?.west ?? 0) === -180 });
  }
  return runs;
}

function textOf({ zone, columns, begins }: Run, zones: readonly RingZone[]): string {
  const mark = begins ? "|" : "-";
  return padded(mark + fitted(zones[zone]?.name ?? "", columns - 1), columns).replaceAll(" ", "-");
}

function colourOf(zone: number, zones: number): (typeof COLOURS)[number] {
  const meetsFirst = zone === zones - 1 && zone > 0 && zone % COLOURS.length === 0;
  return COLOURS[meetsFirst ? 1 : zone % COLOURS.length] ?? "cyan";
}

/** The western end of each zone under its column, where there is room, and 180 at the end. */
function degreesLine(zones: readonly RingZone[]): string {
  const ends = new Set([-180, ...zones.map((zone) => normalizeLongitudeDeg(zone.west))]);
  let line = "";
  for (const end of [...ends].sort((a, b) => a - b)) {
    const column = Math.round((end + 180) / DEGREES_PER_COLUMN);
    const label = String(Number(end.toFixed(2)));
    if (line !== "" && column < line.length + 1) continue;
    if (column + label.length > COLUMNS - 4) break;
    line = padded(line, column) + label;
  }
  return `${padded(line, COLUMNS - 3)}180`;
}
