import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findRingProblems, type RingProblem, type RingZone } from "../../config/ring.ts";

const CELLS = 72; // of 5 degrees
const wrap = (cell: number) => ((cell % CELLS) + CELLS) % CELLS;

/** Who covers each cell of 5 degrees, found by walking from west to east. */
function cover(zones: readonly RingZone[]): string[][] {
  const cells: string[][] = Array.from({ length: CELLS }, () => []);
  for (const zone of zones) {
    const last = wrap((zone.east + 180) / 5);
    let cell = wrap((zone.west + 180) / 5);
    do {
      cells[cell]?.push(zone.name);
      cell = wrap(cell + 1);
    } while (cell !== last);
  }
  return cells;
}

/** The slow oracle: runs of cells with the same cover around the ring, but for those that exactly one zone covers. */
function oracle(zones: readonly RingZone[]): Pick<RingProblem, "kind" | "west" | "east" | "zones">[] {
  const cells = cover(zones).map((names) => names.join());
  const starts = cells.flatMap((names, i) => (names === cells[wrap(i - 1)] ? [] : [i]));
  if (starts.length === 0) starts.push(0);
  return starts.flatMap((start) => {
    let length = 1;
    while (length < CELLS && cells[wrap(start + length)] === cells[start]) length++;
    const names = cells[start] === "" ? [] : (cells[start] as string).split(",");
    if (names.length === 1) return [];
    const end = wrap(start + length) * 5 - 180;
    return [{ kind: names.length === 0 ? "gap" : "overlap", west: start * 5 - 180, east: end === -180 ? 180 : end, zones: names } as const];
  });
}

const edge = fc.integer({ min: -36, max: 36 }).map((n) => n * 5);
const anyZones = fc
  .array(fc.tuple(edge, edge), { maxLength: 12 })
  .map((edges) => edges.map(([west, east], i) => ({ name: `z${i}`, west, east })));

describe("findRingProblems", () => {
  it("finds what sampling the ring finds, for any zones", () => {
    fc.assert(
      fc.property(anyZones, (zones) => {
        const found = findRingProblems(zones).map(({ kind, west, east, zones: names }) => ({ kind, west, east, zones: names }));
        expect(found).toEqual(oracle(zones));
      }),
      { numRuns: 2000 },
    );
  });

  it("finds nothing in any ring that is cut into zones", () => {
    const cuts = fc.uniqueArray(
      fc.double({ min: -180, max: 180, maxExcluded: true, noNaN: true }).map((deg) => deg + 0),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(cuts, (unsorted) => {
        const sorted = unsorted.toSorted((a, b) => a - b);
        const zones = sorted.map((west, i) => ({ name: `z${i}`, west, east: sorted[(i + 1) % sorted.length] as number }));
        expect(findRingProblems(zones)).toEqual([]);
      }),
    );
  });

  const zone = (name: string, west: number, east: number) => ({ name, west, east });

  it.each([
    ["a gap", [zone("a", -180, -60), zone("b", -55, 180)], ["no zone covers -60..-55 (5 degrees)"]],
    ["an overlap", [zone("americas", -180, -60), zone("atlantic", -65, 180)], ["americas and atlantic both cover -65..-60 (5 degrees)"]],
    [
      "three at once",
      [zone("a", -180, 180), zone("b", 0, 10), zone("c", 5, 20)],
      ["a and b both cover 0..5 (5 degrees)", "a, b and c all cover 5..10 (5 degrees)", "a and c both cover 10..20 (10 degrees)"],
    ],
    ["a gap over ±180", [zone("a", -170, 175)], ["no zone covers 175..-170 (15 degrees)"]],
    ["an overlap over ±180", [zone("a", 0, -170), zone("b", 175, 0)], ["a and b both cover 175..-170 (15 degrees)"]],
    ["a gap up to 180", [zone("a", -180, 170)], ["no zone covers 170..180 (10 degrees)"]],
    ["no zones", [], ["no zone covers -180..180 (360 degrees)"]],
    ["the same twice", [zone("a", -180, 180), zone("b", 30, 30)], ["a and b both cover -180..180 (360 degrees)"]],
    [
      "several",
      [zone("a", -180, -60), zone("b", -50, 60), zone("c", 70, 180)],
      ["no zone covers -60..-50 (10 degrees)", "no zone covers 60..70 (10 degrees)"],
    ],
    ["rounding in a width", [zone("a", 0.3, 0.1)], ["no zone covers 0.1..0.3 (0.2 degrees)"]],
    ["a sliver", [zone("a", 0, -1e-12)], ["no zone covers -1e-12..0 (1e-12 degrees)"]],
    ["a right ring", [zone("a", -180, -60), zone("b", -60, 60), zone("c", 60, 180)], []],
    ["a right ring over ±180", [zone("a", 170, -170), zone("b", -170, 170)], []],
  ])("names %s", (_, zones, messages) => {
    expect(findRingProblems(zones).map((problem) => problem.message)).toEqual(messages);
  });

  it("refuses an end that is nowhere", () => {
    expect(() => findRingProblems([zone("a", NaN, 0)])).toThrow(RangeError);
  });
});
