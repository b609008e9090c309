import path from "node:path";
import { describe, expect, it } from "vitest";
import { bm, emptyFolder, errorParts, project } from "./support/bm.ts";

const PLUGINS = ["quantization", "interest"];

describe("bm zone list", () => {
  it("prints exactly the five keys of each zone, degrees in [-180, 180)", async () => {
    const folder = project(undefined);
    const { status, stdout, stderr } = await bm(folder, ["zone", "list", "--json"]);
    expect(JSON.parse(stdout)).toEqual([
      { name: "americas", west: -180, east: -60, capacity: 5000, plugins: PLUGINS },
      { name: "atlantic", west: -60, east: 60, capacity: 5000, plugins: PLUGINS },
      { name: "asia-pacific", west: 60, east: -180, capacity: 5000, plugins: PLUGINS },
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("prints the whole ring as -180 and -180, and only plugins that are switched on", async () => {
    const folder = project({ all: { west: -180, east: 180, capacity: 7, plugins: { interest: false, quantization: {} } } });
    const { stdout } = await bm(folder, ["zone", "list", "--json"]);
    expect(JSON.parse(stdout)).toEqual([{ name: "all", west: -180, east: -180, capacity: 7, plugins: ["quantization"] }]);
  });

  it("prints a table and the ring, without colours in a pipe", async () => {
    const { stdout } = await bm(project({ left: { west: -170, east: 0 }, right: { west: 0, east: -170 } }), ["zone", "list"]);
    expect(stdout).toBe(
      [
        "ZONE   LONGITUDE  DEGREES  CAPACITY  PLUGINS",
        "left   -170..0        170      5000  quantization, interest",
        "right  0..-170        190      5000  quantization, interest",
        "",
        "-…|left-----------------------------|right------------------------------",
        "-180                                0                                180",
        "right goes on from the right: 0..-170",
        "",
      ].join("\n"),
    );
  });

  it("takes the world from --config and from BM_CONFIG", async () => {
    const folder = project({ everywhere: { west: -180, east: 180 } });
    const elsewhere = emptyFolder();
    const names = async (words: string[], env = {}) =>
      JSON.parse((await bm(elsewhere, ["zone", "list", "--json", ...words], env)).stdout)[0].name;
    expect(await names(["--config", folder])).toBe("everywhere");
    expect(await names([], { BM_CONFIG: path.join(folder, "config", "world.ts") })).toBe("everywhere");
    expect(await names([])).toBe("americas");
  });

  it("lists every problem of a world that is not valid, with status 2", async () => {
    const folder = project({ a: { west: -180, east: 0, capacity: 0 }, b: { west: 0, east: 170 } });
    const { wrong, todo } = errorParts(await bm(folder, ["zone", "list"]));
    expect(wrong.split("\n")).toEqual([
      "BM_CONFIG_INVALID: config/zones/a.json: capacity: is too small, got 0, expected a whole number from 1 to 100000 players",
      "config/zones: no zone covers 170..180 (10 degrees): config/zones/a.json, config/zones/b.json, got no zone, expected exactly one zone for every longitude",
    ]);
    expect(todo).toMatch(
      /^Correct the 2 problems in the files named: .*: npx bm zone create NAME --longitude=WEST\.\.EAST --split, or: npx bm zone remove NAME/,
    );
  });

  it("prints an error as one JSON document too, by flag and by variable", async () => {
    const folder = emptyFolder();
    const byFlag = await bm(folder, ["zone", "list", "--json", "--config", "nowhere"]);
    const byVariable = await bm(folder, ["zone", "list", "--config", "nowhere"], { BM_JSON: "1" });
    for (const { status, stdout, stderr } of [byFlag, byVariable]) {
      const { error } = JSON.parse(stdout);
      expect(Object.keys(error)).toEqual(["code", "message", "hint", "data"]);
      expect(error).toMatchObject({ code: "BM_CONFIG_MISSING", data: { path: path.join(folder, "nowhere") } });
      expect({ status, stderr }).toEqual({ status: 2, stderr: "" });
    }
  });
});
