import { describe, expect, it } from "vitest";
import { bm, errorParts, project, zoneFiles } from "./support/bm.ts";

const remove = (folder: string, ...words: string[]) => bm(folder, ["zone", "remove", ...words]);

describe("bm zone remove", () => {
  it("gives the degrees to the neighbour in the west or in the east, and shows it", async () => {
    const west = project(undefined);
    const { status, stdout } = await remove(west, "atlantic", "--into", "americas");
    expect(status).toBe(0);
    expect(stdout).toContain("after\n|americas---------------------------------------|asia-pacific-----------\n");
    expect(stdout).toContain("americas grows to -180..60\natlantic is removed, which had -60..60\n");
    expect(zoneFiles(west)).toEqual({
      americas: { west: -180, east: 60, capacity: 5000 },
      "asia-pacific": { west: 60, east: 180, capacity: 5000 },
    });

    const east = project(undefined);
    expect((await remove(east, "atlantic", "--into", "asia-pacific", "--json")).stdout).toContain('"action": "grow"');
    expect(zoneFiles(east)).toEqual({
      americas: { west: -180, east: -60, capacity: 5000 },
      "asia-pacific": { west: -60, east: 180, capacity: 5000 },
    });
  });

  it("gives them over 180, and makes the last zone the whole ring", async () => {
    const folder = project(undefined);
    expect((await remove(folder, "americas", "--into", "asia-pacific")).status).toBe(0);
    expect(zoneFiles(folder)).toMatchObject({ "asia-pacific": { west: 60, east: -60 }, atlantic: { west: -60, east: 60 } });
    expect((await remove(folder, "asia-pacific", "--into", "atlantic")).status).toBe(0);
    expect(zoneFiles(folder)).toEqual({ atlantic: { west: -180, east: 180, capacity: 5000 } });
  });

  it("undoes a create", async () => {
    const folder = project(undefined);
    const before = zoneFiles(folder);
    await bm(folder, ["zone", "create", "europe", "--longitude=-30..60", "--split"]);
    expect(zoneFiles(folder)).not.toEqual(before);
    await remove(folder, "europe", "--into", "atlantic");
    expect(zoneFiles(folder)).toEqual(before);
  });

  it("with --dry-run writes nothing", async () => {
    const folder = project(undefined);
    const before = zoneFiles(folder);
    expect((await remove(folder, "atlantic", "--into", "americas", "--dry-run")).stdout).toMatch(/\nNothing was written\.\n$/);
    expect(zoneFiles(folder)).toEqual(before);
  });

  it.each<[string, string[], string, string]>([
    [
      "no heir, in a pipe",
      ["atlantic"],
      "BM_CLI_USAGE: --into is missing: the degrees of atlantic can go to americas or asia-pacific, its neighbours",
      "Type: npx bm zone remove atlantic --into americas, or: npx bm zone remove atlantic --into asia-pacific",
    ],
    [
      "an heir that does not touch",
      ["one", "--into", "three"],
      "BM_ZONE_NOT_NEIGHBOUR: three does not touch one, expected four or two",
      "Give the degrees to a neighbour: npx bm zone remove one --into four, or: npx bm zone remove one --into two",
    ],
    [
      "an heir that is none",
      ["one", "--into", "five"],
      "BM_ZONE_NOT_NEIGHBOUR: five is no zone, expected four or two",
      "Give the degrees to a neighbour: npx bm zone remove one --into four, or: npx bm zone remove one --into two",
    ],
    [
      "itself as heir",
      ["one", "--into", "one"],
      "BM_ZONE_NOT_NEIGHBOUR: one is the zone itself, expected four or two",
      "Give the degrees to a neighbour: npx bm zone remove one --into four, or: npx bm zone remove one --into two",
    ],
    [
      "a zone that there is not",
      ["mars", "--into", "americas"],
      "BM_ZONE_UNKNOWN: no zone is named mars, expected one of americas, atlantic, asia-pacific",
      "See the zones with: npx bm zone list",
    ],
    [
      "the last zone",
      ["all"],
      "BM_ZONE_LAST: all is the last zone, and some zone must cover every longitude",
      "Create another zone first: npx bm zone create NAME --longitude=WEST..EAST --split",
    ],
  ])("refuses %s", async (_, words, wrong, todo) => {
    const four = {
      one: { west: -180, east: -90 },
      two: { west: -90, east: 0 },
      three: { west: 0, east: 90 },
      four: { west: 90, east: 180 },
    };
    const folder = project(words[0] === "all" ? { all: { west: -180, east: 180 } } : words[0] === "one" ? four : undefined);
    const before = zoneFiles(folder);
    const finished = await remove(folder, ...words);
    expect({ status: finished.status, stdout: finished.stdout, ...errorParts(finished) }).toEqual({ status: 2, stdout: "", wrong, todo });
    expect(zoneFiles(folder)).toEqual(before);
  });
});
