import { readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { bm, emptyFolder, errorParts, PACKAGE_ROOT, project, zoneFiles } from "./support/bm.ts";

const create = (folder: string, name: string, range: string, ...words: string[]) =>
  bm(folder, ["zone", "create", name, `--longitude=${range}`, ...words]);

describe("bm zone create --split", () => {
  it("cuts a zone in two, shows it and writes it", async () => {
    const folder = project({
      whole: { west: -60, east: 60, capacity: 40, tiers: { combat: { radiusM: 60 } }, plugins: { interest: false } },
      rest: { west: 60, east: -60 },
    });
    const { status, stdout, stderr } = await create(folder, "europe", "-30..10", "--capacity", "9", "--split");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(zoneFiles(folder)).toEqual({
      europe: { west: -30, east: 10, capacity: 9 },
      rest: { west: 60, east: -60 },
      whole: { west: -60, east: -30, capacity: 40, tiers: { combat: { radiusM: 60 } }, plugins: { interest: false } },
      "whole-east": { west: 10, east: 60, capacity: 40, tiers: { combat: { radiusM: 60 } }, plugins: { interest: false } },
    });
    expect(stdout).toContain("before\n-rest-------------------|whole------------------|rest-------------------\n");
    expect(stdout).toContain("after\n-rest-------------------|whole|europe-|whole-ea…|rest-------------------\n");
    expect(stdout).toContain("europe is created with -30..10\nwhole keeps -60..-30\nwhole-east is split off with 10..60\n");
  });

  it("takes a range that begins with a dash as a word of its own, and 5000 players without --capacity", async () => {
    const folder = project(undefined);
    const { status } = await bm(folder, ["zone", "create", "europe", "--longitude", "-30..10", "--split"]);
    expect(status).toBe(0);
    expect(zoneFiles(folder)).toMatchObject({ europe: { west: -30, east: 10, capacity: 5000 }, "atlantic-east": { west: 10, east: 60 } });
  });

  it("takes degrees on both sides of 180, and prints the change as JSON", async () => {
    const folder = project(undefined);
    const { stdout, stderr } = await create(folder, "pacific", "170..-170", "--split", "--json");
    expect(stderr).toBe("");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      written: true,
      changes: [
        { zone: "pacific", action: "create", west: 170, east: -170 },
        { zone: "americas", action: "shrink", west: -170, east: -60 },
        { zone: "asia-pacific", action: "shrink", west: 60, east: 170 },
      ],
    });
    expect(result.before.map((zone: { name: string }) => zone.name)).toEqual(["americas", "atlantic", "asia-pacific"]);
    expect(result.after.at(-1)).toEqual({ name: "pacific", west: 170, east: -170, capacity: 5000, plugins: ["quantization", "interest"] });
    expect(zoneFiles(folder)).toMatchObject({
      americas: { west: -170 },
      "asia-pacific": { east: 170 },
      pacific: { west: 170, east: -170 },
    });
  });

  it("takes degrees from the only zone there is, which then lies over 180", async () => {
    const folder = project({ all: { west: -180, east: 180 } });
    expect((await create(folder, "here", "-10..20", "--split")).status).toBe(0);
    expect(zoneFiles(folder)).toEqual({ all: { west: 20, east: -10 }, here: { west: -10, east: 20, capacity: 5000 } });
  });

  it("with --dry-run shows the change and writes nothing", async () => {
    const folder = project(undefined);
    const before = zoneFiles(folder);
    const { status, stdout } = await create(folder, "europe", "-30..10", "--dry-run");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^before\n[\s\S]+after\n[\s\S]+europe is created with -30\.\.10\n[\s\S]+\nNothing was written\.\n$/);
    expect(JSON.parse((await create(folder, "europe", "-30..10", "--dry-run", "--json")).stdout)).toMatchObject({ written: false });
    expect(zoneFiles(folder)).toEqual(before);
  });
});

describe("bm zone create refuses, changes nothing and says what to do", () => {
  it.each<[string, string[], string, string]>([
    [
      "degrees that others hold, with the command that takes them",
      ["europe", "--longitude=50..70", "--capacity", "9", "--config", "."],
      "BM_ZONE_OCCUPIED: the degrees 50..70 belong to atlantic (50..60) and asia-pacific (60..70)",
      "Take them with: npx bm zone create europe --longitude=50..70 --capacity 9 --config . --split",
    ],
    [
      "a range that leaves nothing of a zone",
      ["europe", "--longitude=-70..60", "--split"],
      "BM_ZONE_REMAINDER: -70..60 would leave nothing of atlantic (-60..60)",
      "Choose a range that leaves each zone 0.25 degrees or more, or remove the zone first: npx bm zone remove atlantic --into americas",
    ],
    [
      "a range that leaves too little of a zone",
      ["europe", "--longitude=-59.9..0", "--split"],
      "BM_ZONE_REMAINDER: -59.9..0 would leave less than 0.25 degrees of atlantic (-60..60)",
      "Choose a range that leaves each zone 0.25 degrees or more, or remove the zone first: npx bm zone remove atlantic --into americas",
    ],
    [
      "the whole ring",
      ["europe", "--longitude=-180..180", "--split"],
      "BM_ZONE_REMAINDER: -180..180 would leave nothing of americas (-180..-60)\n-180..180 would leave nothing of atlantic (-60..60)\n-180..180 would leave nothing of asia-pacific (60..180)",
      "Choose a range that leaves each zone 0.25 degrees or more, or remove all zones but one: npx bm zone remove atlantic --into americas, then: npx bm zone remove asia-pacific --into americas, then rename the file americas.json to europe.json",
    ],
    [
      "a name that is taken",
      ["atlantic", "--longitude=1..2", "--split"],
      "BM_ZONE_EXISTS: a zone named atlantic exists already",
      "Choose another name, or look at it with: npx bm zone show atlantic",
    ],
    [
      "a name that is none",
      ["Europe", "--longitude=1..2", "--split"],
      'BM_ZONE_NAME: "Europe" cannot name a zone, expected 1 to 32 of a-z, 0-9 and -, starting with a letter, not ending in -, and no device name such as con or nul',
      "Choose another name, for example north-atlantic.",
    ],
    [
      "a range that is none",
      ["europe", "--longitude=1-2", "--split"],
      'BM_ZONE_RANGE: "1-2" is not a longitude range, expected WEST..EAST in decimal degrees',
      "Write the range eastward, for example --longitude=-60..60, or 170..-170 for 20 degrees over ±180.",
    ],
    [
      "a range that is too narrow",
      ["europe", "--longitude=1..1.2", "--split"],
      'BM_ZONE_RANGE: "1..1.2" is 0.2 degrees wide, expected at least 0.25 degrees',
      "Write the range eastward, for example --longitude=-60..60, or 170..-170 for 20 degrees over ±180.",
    ],
    ["no range", ["europe"], "BM_CLI_USAGE: Missing required flag longitude", "See: npx bm zone create --help"],
    [
      "no name",
      ["--longitude=1..2"],
      "BM_CLI_USAGE: Missing 1 required arg:\nname  1 to 32 of a-z, 0-9 and -, starting with a letter.",
      "See: npx bm zone create --help",
    ],
    [
      "a flag that there is not",
      ["europe", "--longitude=1..2", "--force"],
      "BM_CLI_USAGE: Nonexistent flag: --force",
      "See: npx bm zone create --help",
    ],
    [
      "a capacity that is no number",
      ["europe", "--longitude=1..2", "--capacity", "many"],
      "BM_CLI_USAGE: --capacity: Expected an integer but received: many",
      "See: npx bm zone create --help",
    ],
    [
      "a capacity out of range",
      ["europe", "--longitude=1..2", "--capacity", "0"],
      "BM_CLI_USAGE: --capacity: Expected an integer greater than or equal to 1 but received: 0",
      "See: npx bm zone create --help",
    ],
  ])("%s", async (_, words, wrong, todo) => {
    const folder = project(undefined);
    const before = zoneFiles(folder);
    const finished = await bm(folder, ["zone", "create", ...words]);
    expect({ status: finished.status, stdout: finished.stdout, ...errorParts(finished) }).toEqual({ status: 2, stdout: "", wrong, todo });
    expect(zoneFiles(folder)).toEqual(before);
  });

  it("a world that would not be valid any more, before anything is written", async () => {
    const folder = project({ a: { west: -180, east: 0, note: "kept" }, b: { west: 0, east: 180 } });
    const { wrong } = errorParts(await create(folder, "c", "10..20", "--split"));
    expect(wrong).toMatch(/^BM_CONFIG_INVALID: config\/zones\/a\.json: note: is not a known key/);
    expect(Object.keys(zoneFiles(folder))).toEqual(["a", "b"]);
  });

  it("zones that are listed in the world definition", async () => {
    const folder = emptyFolder();
    const file = path.join(folder, "world.json");
    writeFileSync(file, JSON.stringify({ zones: [{ name: "all", west: -180, east: 180 }] }));
    const { status, ...finished } = await bm(folder, ["zone", "create", "x", "--longitude=1..2", "--split", "--config", file]);
    expect(status).toBe(2);
    expect(errorParts({ status, ...finished })).toEqual({
      wrong: `BM_CONFIG_READONLY: ${file}: lists its zones itself, and bm changes only zones that are files`,
      todo: `Edit the zones there by hand, or put each into zones/NAME.json and write: zones: zonesFrom(new URL("./zones/", import.meta.url))`,
    });
  });

  it("the world that is built into the package", async () => {
    // Refused before it is planned; --dry-run, so that a mistake in that would not change the package.
    const finished = await create(emptyFolder(), "x", "1..2", "--split", "--dry-run");
    const { wrong, todo } = errorParts(finished);
    expect(finished.status).toBe(2);
    expect(wrong).toBe(
      `BM_CONFIG_READONLY: there is no world definition here, and the built-in one (${path.join(PACKAGE_ROOT, "config", "world.ts")}) belongs to the package`,
    );
    expect(todo).toBe("Change into the folder whose config/ holds the world, or name a definition with --config.");
  });

  it("a world that makes something else of its zone files", async () => {
    const folder = project(undefined);
    const index = pathToFileURL(path.join(PACKAGE_ROOT, "config", "index.ts")).href;
    const world = `import { zonesFrom } from ${JSON.stringify(index)};
const files = zonesFrom(new URL("./zones/", import.meta.url));
export default { zones: { ...files, zones: [{ name: "all", west: -180, east: 180 }] } };
`;
    writeFileSync(path.join(folder, "config", "world.ts"), world);
    expect(errorParts(await create(folder, "x", "1..2", "--split")).wrong).toMatch(/^BM_CONFIG_READONLY: .+ its zones are not those of /);
  });

  it("a folder of zones that is gone", async () => {
    const folder = project(undefined);
    rmSync(path.join(folder, "config", "zones"), { recursive: true });
    expect(errorParts(await create(folder, "x", "1..2", "--split")).wrong).toMatch(/^BM_CONFIG_UNREADABLE: /);
    expect(readdirSync(path.join(folder, "config"))).toEqual(["world.ts"]);
  });
});
