import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BmError } from "../../config/bm-error.ts";
import { applyZoneChanges, removeZoneFile, writeZoneFile, zonesFrom } from "../../config/zone-files.ts";

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "bm-zones-"));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text);
const read = (name: string) => fs.readFileSync(path.join(folder, name), "utf8");
const contents = () =>
  Object.fromEntries(
    fs
      .readdirSync(folder)
      .sort()
      .map((name) => [name, read(name)]),
  );

function errorOf(action: () => unknown): BmError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(BmError);
    return error as BmError;
  }
  throw new Error("expected a BmError, nothing was thrown");
}

describe("zonesFrom", () => {
  it("does not wait for a pipe that stands where a file should", () => {
    execFileSync("mkfifo", [path.join(folder, "pipe.json")]);
    expect(errorOf(() => zonesFrom(folder))).toMatchObject({
      code: "BM_CONFIG_UNREADABLE",
      message: expect.stringMatching(/pipe\.json: cannot be read, it is no regular file/),
    });
  });

  it("reads each .json file as the zone of its name, and nothing else", () => {
    put("b.json", '\uFEFF{ "west": 0, "east": 180 }');
    put("a.json", '{ "west": -180, "east": 0, "capacity": 7, "tiers": { "combat": { "hz": 20 } }, "plugins": { "chat": false } }');
    put(".c.json", "{");
    put(".d.json.1.tmp", "{");
    put("README.md", "zones");
    const expected = {
      directory: folder,
      zones: [
        { name: "a", west: -180, east: 0, capacity: 7, tiers: { combat: { hz: 20 } }, plugins: { chat: false } },
        { name: "b", west: 0, east: 180 },
      ],
    };
    expect(zonesFrom(folder)).toEqual(expected);
    expect(zonesFrom(pathToFileURL(`${folder}/`))).toEqual(expected);
    expect(zonesFrom(path.relative(process.cwd(), folder))).toEqual(expected);
  });

  it("reports every file that cannot be used, with the reason", () => {
    put("a.json", '{ "west": ');
    put("b.json", "[1]");
    put("C.json", "{}");
    put("d.json", '{ "name": "e", "west": 0 }');
    put("ok.json", '{ "west": -180, "east": 180 }');
    fs.mkdirSync(path.join(folder, "e.json"));
    const error = errorOf(() => zonesFrom(folder));
    expect(error.code).toBe("BM_CONFIG_UNREADABLE");
    const lines = error.message.split("\n");
    expect(lines).toEqual([
      `${folder}/C.json: "C" cannot name a zone, expected 1 to 32 of a-z, 0-9 and -, starting with a letter, not ending in -, and no device name such as con or nul`,
      expect.stringMatching(/a\.json: is not JSON, Unexpected end of JSON input/),
      `${folder}/b.json: is not an object, got [1]`,
      `${folder}/d.json: has a "name" ("e"), expected none, for the file name is the name`,
      expect.stringMatching(/e\.json: cannot be read, it is no regular file/),
    ]);
    expect(error.data?.reasons).toEqual(lines);
  });

  it("refuses a folder that is empty or missing", () => {
    expect(errorOf(() => zonesFrom(folder))).toMatchObject({
      code: "BM_CONFIG_UNREADABLE",
      message: `${folder}: holds no zone file, expected one NAME.json for each zone`,
      hint: expect.stringContaining("everywhere.json"),
    });
    const error = errorOf(() => zonesFrom(path.join(folder, "nowhere")));
    expect(error.code).toBe("BM_CONFIG_UNREADABLE");
    expect(error.message).toMatch(/nowhere: is not a folder of zone files, ENOENT/);
  });
});

describe("writeZoneFile and removeZoneFile", () => {
  it("write what zonesFrom reads, and keep the keys that were not given", () => {
    put("a.json", '{ "capacity": 7, "west": 1, "plugins": { "chat": false }, "east": 2 }');
    writeZoneFile(folder, { name: "a", west: -180, east: 0 });
    writeZoneFile(folder, { name: "b", west: 0, east: 180, capacity: 9 });
    // The order of the keys stays too: a change of one edge is one line of a diff.
    expect(read("a.json")).toBe('{\n  "capacity": 7,\n  "west": -180,\n  "plugins": {\n    "chat": false\n  },\n  "east": 0\n}\n');
    expect(zonesFrom(folder).zones).toEqual([
      { name: "a", west: -180, east: 0, capacity: 7, plugins: { chat: false } },
      { name: "b", west: 0, east: 180, capacity: 9 },
    ]);
    removeZoneFile(folder, "a");
    expect(Object.keys(contents())).toEqual(["b.json"]);
  });

  it("leave a capacity alone that is given as undefined", () => {
    put("a.json", '{ "capacity": 7 }');
    writeZoneFile(folder, { name: "a", west: -180, east: 180, capacity: undefined });
    expect(zonesFrom(folder).zones).toEqual([{ name: "a", west: -180, east: 180, capacity: 7 }]);
  });

  it.each(["../a", "a/b", "", "A", "con", "a\0"])("refuse the name %j, and write nothing", (name) => {
    expect(errorOf(() => writeZoneFile(folder, { name, west: 0, east: 1 })).code).toBe("BM_ZONE_NAME");
    expect(errorOf(() => removeZoneFile(folder, name)).code).toBe("BM_ZONE_NAME");
    expect(contents()).toEqual({});
  });

  it("refuse to overwrite a file that they cannot read, or to remove one that is not there", () => {
    put("a.json", "{ broken");
    const before = contents();
    expect(errorOf(() => writeZoneFile(folder, { name: "a", west: 0, east: 1 }))).toMatchObject({
      code: "BM_CONFIG_UNREADABLE",
      message: expect.stringMatching(/a\.json: is not JSON/),
    });
    expect(errorOf(() => removeZoneFile(folder, "b"))).toMatchObject({
      code: "BM_ZONE_UNKNOWN",
      message: "no zone is named b, expected one of a",
    });
    expect(contents()).toEqual(before);
  });

  it("name the folder when it cannot be written to", () => {
    const error = errorOf(() => writeZoneFile(path.join(folder, "nowhere"), { name: "a", west: 0, east: 1 }));
    expect(error.code).toBe("BM_CONFIG_UNREADABLE");
    expect(error.message).toMatch(/nowhere: cannot be written, ENOENT/);
    expect(error.hint).toContain("No zone file was changed.");
  });
});

describe("applyZoneChanges", () => {
  const changes = [{ remove: "old" }, { write: { name: "a", west: -180, east: 20 } }, { write: { name: "new", west: 20, east: 180 } }];

  beforeEach(() => {
    put("a.json", '{"west":-180,"east":0}');
    put("old.json", '{"west":0,"east":180}');
  });

  it("makes all changes, writing before it removes", () => {
    const order: string[] = [];
    applyZoneChanges(folder, changes, {
      files: {
        renameSync: (from, to) => {
          // Every new file is complete on disk before the first one takes its place.
          if (order.length === 0) expect(fs.readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toHaveLength(2);
          order.push(`write ${path.basename(String(to))}`);
          fs.renameSync(from, to);
        },
        unlinkSync: (file) => {
          order.push(`remove ${path.basename(String(file))}`);
          fs.unlinkSync(file);
        },
      },
    });
    expect(order).toEqual(["write a.json", "write new.json", "remove old.json"]);
    expect(contents()).toEqual({ "a.json": '{\n  "west": -180,\n  "east": 20\n}\n', "new.json": '{\n  "west": 20,\n  "east": 180\n}\n' });
  });

  it.each([1, 2, 3])("undoes everything when step %d fails, and leaves no temporary file", (failing) => {
    const before = contents();
    let step = 0;
    const orFail = (action: () => void) => {
      step++;
      if (step === failing) throw new Error("disk on fire");
      action();
    };
    const error = errorOf(() =>
      applyZoneChanges(folder, changes, {
        files: {
          renameSync: (from, to) => orFail(() => fs.renameSync(from, to)),
          unlinkSync: (file) => orFail(() => fs.unlinkSync(file)),
        },
      }),
    );
    expect(error).toMatchObject({
      code: "BM_CONFIG_UNREADABLE",
      message: `${folder}: cannot be written, disk on fire`,
      data: { changed: [] },
    });
    expect(error.hint).toContain("No zone file was changed.");
    expect(contents()).toEqual(before);
  });

  it("changes nothing when a temporary file cannot be written", () => {
    const blocked = path.join(folder, `.new.json.${process.pid}.tmp`);
    fs.mkdirSync(blocked);
    expect(errorOf(() => applyZoneChanges(folder, changes)).message).toMatch(/cannot be written, EISDIR/);
    fs.rmdirSync(blocked);
    expect(contents()).toEqual({ "a.json": '{"west":-180,"east":0}', "old.json": '{"west":0,"east":180}' });
  });

  it("says which files it could not put back", () => {
    const error = errorOf(() =>
      applyZoneChanges(folder, changes, {
        files: {
          renameSync: (from, to) => {
            fs.renameSync(from, to);
            if (!String(to).endsWith("a.json")) return;
            // Nothing can be renamed onto a folder that is not empty.
            fs.rmSync(String(to));
            fs.mkdirSync(path.join(String(to), "in-the-way"), { recursive: true });
          },
          unlinkSync: () => {
            throw new Error("disk on fire");
          },
        },
      }),
    );
    expect(error.hint).toContain(`These could not be restored: ${path.join(folder, "a.json")}`);
    expect(error.data?.changed).toEqual([path.join(folder, "a.json")]);
    expect(fs.readdirSync(folder).sort()).toEqual(["a.json", "old.json"]);
  });

  it("refuses two changes of one zone", () => {
    expect(() => applyZoneChanges(folder, [{ remove: "a" }, { write: { name: "a", west: 0, east: 1 } }])).toThrow(
      new RangeError("two changes name the same zone"),
    );
  });
});

describe("applyZoneChanges over crashes and beside others", () => {
  /** The folder as a process that was killed at a step of its own leaves it. */
  function crashAt(step: number): void {
    let renames = 0;
    const stopped = new Error("killed");
    const rename = (from: fs.PathLike, to: fs.PathLike) => {
      if (++renames > step) throw stopped;
      fs.renameSync(from, to);
    };
    // What the journal says when the process dies: taken at the moment of death, before anything is undone.
    let atDeath: Record<string, string> = {};
    errorOf(() =>
      applyZoneChanges(
        folder,
        [{ write: { name: "a", west: -180, east: -90 } }, { write: { name: "b", west: -90, east: 0 } }, { remove: "c" }],
        {
          files: {
            renameSync: (from, to) => {
              if (renames === step) atDeath = contents();
              rename(from, to);
            },
            unlinkSync: () => {
              atDeath = contents();
              throw stopped;
            },
          },
        },
      ),
    );
    for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name));
    // The process that left all this is this very one: give it an id that nobody has.
    for (const [name, text] of Object.entries(atDeath))
      put(name.replace(`.${process.pid}.`, ".999999999."), name === ".lock" ? "999999999" : text);
  }

  it.each([0, 1, 2])("a process that dies after %d of the steps leaves the world as it was to be, and the next one tidies up", (step) => {
    put("a.json", '{ "west": -180, "east": -90, "capacity": 7 }');
    put("c.json", '{ "west": -90, "east": 0 }');
    put("d.json", '{ "west": 0, "east": 180 }');
    crashAt(step);
    const after = [
      { name: "a", west: -180, east: -90, capacity: 7 },
      { name: "b", west: -90, east: 0 },
      { name: "d", west: 0, east: 180 },
    ];
    expect(zonesFrom(folder).zones).toEqual(after);
    writeZoneFile(folder, { name: "d", west: 0, east: 180, capacity: 5 });
    expect(fs.readdirSync(folder).sort()).toEqual(["a.json", "b.json", "d.json"]);
    expect(zonesFrom(folder).zones.slice(0, 2)).toEqual(after.slice(0, 2));
  });

  it("refuses while another process is at it, and not for one that is dead", () => {
    put("a.json", '{ "west": -180, "east": 180 }');
    put(".lock", String(process.ppid));
    expect(errorOf(() => writeZoneFile(folder, { name: "a", west: -180, east: 180 }))).toMatchObject({
      code: "BM_ZONE_BUSY",
      message: expect.stringContaining(`process ${process.ppid} `),
    });
    put(".lock", "999999999");
    writeZoneFile(folder, { name: "a", west: -180, east: 180, capacity: 3 });
    expect(fs.readdirSync(folder)).toEqual(["a.json"]);
  });

  it("refuses a change that was planned from other zones", () => {
    put("a.json", '{ "west": -180, "east": 180 }');
    const planned = zonesFrom(folder).zones;
    put("a.json", '{ "west": -180, "east": 180, "capacity": 9 }');
    expect(errorOf(() => applyZoneChanges(folder, [{ write: { name: "a", west: -180, east: 180 } }], { expected: planned }))).toMatchObject(
      { code: "BM_ZONE_CHANGED" },
    );
    expect(JSON.parse(read("a.json"))).toMatchObject({ capacity: 9 });
  });
});
