import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BmError } from "../../config/bm-error.ts";
import { loadWorld } from "../../config/load-world.ts";

const CONFIG = fileURLToPath(new URL("../../config/", import.meta.url));
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "bm-world-"));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function put(name: string, text: string): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return file;
}

async function errorOf(options: { configPath?: string; cwd?: string }): Promise<BmError> {
  const outcome = await loadWorld(options).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(BmError);
  return outcome as BmError;
}

const JSON_WORLD = '{ "name": "json", "zones": [{ "name": "all", "west": -180, "east": 180 }] }';
const module = (name: string, zones = '[{ name: "all", west: -180, east: 180 }]') => `
  import { defineWorld } from ${JSON.stringify(`${CONFIG}define-world.ts`)};
  import { zonesFrom } from ${JSON.stringify(`${CONFIG}zone-files.ts`)};
  export default defineWorld({ name: ${JSON.stringify(name)}, zones: ${zones} });`;

/** What a new process says that loads the world of the folder; here Vite would parse the module, and says it otherwise. */
function loadedAlone(loader: string): { code: string; message: string; hint: string } {
  const script = `const { loadWorld } = await import(${JSON.stringify(pathToFileURL(loader).href)});
await loadWorld().catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: folder, encoding: "utf8" }));
}

describe("loadWorld in a process of its own", () => {
  it("names file, line, column and the line itself where the syntax is wrong", () => {
    const file = put("config/world.ts", "\nexport default {\n  name: 'a'\n  zones: [],\n};\n");
    expect(loadedAlone(`${CONFIG}load-world.ts`)).toEqual({
      code: "BM_CONFIG_UNREADABLE",
      message: `${file}:4:3: cannot be run, Expected ',', got 'ident', in: zones: [],`,
      hint: "Correct the file.",
    });
  });

  it("names a file that the definition imports, when it is that one", () => {
    const other = put("config/other.ts", "\nenum A { b }\n");
    const file = put("config/world.ts", "import './other.ts';\nexport default {};\n");
    const { message, hint } = loadedAlone(`${CONFIG}load-world.ts`);
    expect(message).toMatch(`${file}: cannot be run, ${other}:2:1: TypeScript enum is not supported in strip-only mode, in: enum A { b }`);
    expect(hint).toBe(`Correct ${other}.`);
  });

  it("says that there is no definition, and how to get one, when the package's own is gone too", () => {
    fs.cpSync(CONFIG, path.join(folder, "checkout/config"), { recursive: true });
    fs.rmSync(path.join(folder, "checkout/config/world.ts"));
    fs.symlinkSync(path.join(CONFIG, "../node_modules"), path.join(folder, "checkout/node_modules"));
    fs.copyFileSync(path.join(CONFIG, "../package.json"), path.join(folder, "checkout/package.json"));
    const { code, message, hint } = loadedAlone(path.join(folder, "checkout/config/load-world.ts"));
    expect({ code, message }).toEqual({ code: "BM_CONFIG_MISSING", message: "there is no world definition in config/" });
    expect(hint).toMatch(/^Restore it with: git restore config\/world\.ts, or name a definition with --config \(BM_CONFIG\)/);
  });
});

describe("loadWorld", () => {
  it("takes the package's default where a project has no definition", async () => {
    const loaded = await loadWorld({ cwd: folder });
    expect(loaded).toMatchObject({ file: path.join(CONFIG, "world.ts"), zonesDirectory: path.join(CONFIG, "zones"), builtIn: true });
    expect(loaded.world.zones.map(({ name, west, east, capacity }) => ({ name, west, east, capacity }))).toEqual([
      { name: "americas", west: -180, east: -60, capacity: 5000 },
      { name: "atlantic", west: -60, east: 60, capacity: 5000 },
      { name: "asia-pacific", west: 60, east: 180, capacity: 5000 },
    ]);
    expect(loaded.world.plugins.map((plugin) => plugin.use)).toEqual(["quantization", "interest", "landmarks"]);
  });

  it("does not call it built-in in the repository, where it is the project's own", async () => {
    expect(await loadWorld({ cwd: path.dirname(CONFIG) })).toMatchObject({ file: path.join(CONFIG, "world.ts"), builtIn: false });
  });

  it("takes the first of the names in config/", async () => {
    put("config/world.json", JSON_WORLD);
    expect((await loadWorld({ cwd: folder })).world.name).toBe("json");
    for (const name of ["world.mjs", "world.js", "world.mts", "world.ts"]) {
      const file = put(`config/${name}`, module(name.replace(".", "-")));
      const loaded = await loadWorld({ cwd: folder });
      expect(loaded).toMatchObject({ file, zonesDirectory: undefined, builtIn: false });
      expect(loaded.world.name).toBe(name.replace(".", "-"));
    }
  });

  it("takes a file, a folder or a project by path, relative to the working directory", async () => {
    const file = put("there/config/world.json", JSON_WORLD);
    for (const configPath of [file, "there/config/world.json", "there/config", "there", path.join(folder, "there/")]) {
      expect(await loadWorld({ cwd: folder, configPath })).toMatchObject({ file, builtIn: false, world: { name: "json" } });
    }
    const odd = put("there/Other name.ts", module("other"));
    expect(await loadWorld({ cwd: folder, configPath: odd })).toMatchObject({ file: odd, world: { name: "other" } });
  });

  it("takes a plain object that a module exports, and checks it", async () => {
    put("config/world.ts", 'export default { name: "plain" as string, zones: [{ name: "all", west: -180, east: 180 }] };');
    expect((await loadWorld({ cwd: folder })).world).toMatchObject({ name: "plain", tickHz: 30 });
  });

  it("knows the folder of the zone files, and reads them anew each time", async () => {
    put("config/zones/a.json", '{ "west": -180, "east": 180 }');
    put("config/world.ts", module("files", 'zonesFrom(new URL("./zones/", import.meta.url))'));
    const first = await loadWorld({ cwd: folder });
    expect(first.zonesDirectory).toBe(path.join(folder, "config/zones"));
    put("config/zones/a.json", '{ "west": -180, "east": 0 }');
    put("config/zones/b.json", '{ "west": 0, "east": 180 }');
    const second = await loadWorld({ cwd: folder });
    expect([first, second].map(({ world }) => world.zones.map((zone) => zone.name))).toEqual([["a"], ["a", "b"]]);
  });

  it("refuses a path where there is nothing", async () => {
    const nowhere = path.join(folder, "nowhere");
    expect(await errorOf({ cwd: folder, configPath: "nowhere" })).toMatchObject({
      code: "BM_CONFIG_MISSING",
      message: `${nowhere}: does not exist`,
      hint: expect.stringContaining("BM_CONFIG"),
    });
    expect(await errorOf({ configPath: folder })).toMatchObject({
      code: "BM_CONFIG_MISSING",
      message: `${folder}: holds no world definition, expected one of world.ts, world.mts, world.js, world.mjs, world.json`,
    });
  });

  it.each([
    ["world.ts", "throw new TypeError('on purpose');", /world\.ts:1:7: cannot be run, on purpose$/],
    [
      "world.ts",
      "// first\nconst f = (x: number) => {\n  throw new TypeError('on purpose' + x);\n};\nf(1);",
      /world\.ts:3:9: cannot be run, on purpose1$/,
    ],
    ["world.ts", "JSON.parse('{');", /world\.ts:1:6: cannot be run, Expected property name/],
    ["world.mjs", "export default {", /world\.mjs: cannot be run, ./],
    ["world.ts", "import './not-there.ts';", /world\.ts(?::1:1)?: cannot be run, .*not-there/],
    ["world.ts", "export const world = 1;", /world\.ts: does not export a world by default$/],
    ["world.ts", "export default 7;", /world\.ts: does not export a world by default$/],
    ["world.json", "{ zones: [] }", /world\.json: is not JSON, ./],
    ["world.json", "[]", /world\.json: is not an object, got \[\]$/],
    [
      "world.yaml",
      "zones:",
      /world\.yaml: is not a world definition, expected a file that ends in one of \.ts, \.mts, \.js, \.mjs, \.json$/,
    ],
  ])("refuses %s with %j", async (name, text, message) => {
    const file = put(name, text);
    const error = await errorOf({ configPath: file });
    expect(error.code).toBe("BM_CONFIG_UNREADABLE");
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(file)).toBe(true);
    if (text.startsWith("throw")) expect(error.cause).toMatchObject({ name: "TypeError", message: "on purpose" });
  });

  it("passes on what the definition itself says", async () => {
    put("config/world.ts", module("bad", '[{ name: "all", west: 0, east: 180 }]'));
    expect(await errorOf({ cwd: folder })).toMatchObject({
      code: "BM_CONFIG_INVALID",
      message: "zones: no zone covers -180..0 (180 degrees), got no zone, expected exactly one zone for every longitude",
    });
    put("config/world.ts", module("bad", 'zonesFrom(new URL("./none/", import.meta.url))'));
    expect((await errorOf({ cwd: folder })).message).toMatch(/none: is not a folder of zone files/);
    const other = put(
      "other.ts",
      'class BmError extends Error { name = "BmError"; code = "BM_ZONE_NAME"; }\nthrow new BmError("from another copy");',
    );
    await expect(loadWorld({ configPath: other })).rejects.toMatchObject({ code: "BM_ZONE_NAME", message: "from another copy" });
  });
});
