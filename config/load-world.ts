import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BmError } from "./bm-error.ts";
import { defineWorld, isWorld, zonesDirectoryOf } from "./define-world.ts";
import { faultPlace } from "./fault-place.ts";
import { parseObject, readText, reasonOf, unreadable } from "./json-file.ts";
import { isRecord } from "./plain.ts";
import type { World, WorldInput } from "./world-types.ts";

/** Where to look for a world definition. */
export interface LoadWorldOptions {
  /** A definition, or a folder that holds one or holds `config/world.*`; relative to `cwd`. Without it `cwd` is looked in. */
  configPath?: string | undefined;
  /** @defaultValue the working directory of the process */
  cwd?: string | undefined;
}

/** A world, and where it came from. */
export interface LoadedWorld {
  world: World;
  /** Absolute path of the definition. */
  file: string;
  /** Absolute path of the folder of zone files; undefined when the definition lists its zones itself. */
  zonesDirectory: string | undefined;
  /** The project has no definition, so the package's own stands in: nothing in it is the user's to change. */
  builtIn: boolean;
}

/** Looked for in this order; the first one wins. */
const NAMES = ["world.ts", "world.mts", "world.js", "world.mjs", "world.json"];
const EXTENSIONS = [".ts", ".mts", ".js", ".mjs", ".json"];

/** Loads so far of each file: a module is cached by its address, and zone files may have changed since. */
const loads = new Map<string, number>();

/**
 * Finds, reads and checks the world definition: `configPath`, else `<cwd>/config/world.{ts,mts,js,mjs,json}`, else the default
 * world of the package. A module exports it by default, made by `defineWorld` or still as a plain object; a JSON file holds it.
 * Read anew on every call, so call it once per command, not per request: Node keeps each module it ever loaded.
 * @throws BmError BM_CONFIG_MISSING when there is nothing at `configPath`, or no definition at all; BM_CONFIG_UNREADABLE when the file cannot be parsed, throws
 * or exports no world; BM_CONFIG_INVALID, and any other BmError of the definition, as it was thrown.
 */
export async function loadWorld(options: LoadWorldOptions = {}): Promise<LoadedWorld> {
  const cwd = path.resolve(options.cwd ?? process.cwd());
  const named = options.configPath === undefined ? undefined : findNamed(path.resolve(cwd, options.configPath));
  const own = named ?? findIn(path.join(cwd, "config"));
  const file = own ?? defaultFile(cwd);
  const exported = path.extname(file) === ".json" ? parseObject(file, readText(file)) : await importDefault(file);
  const world = isWorld(exported) ? exported : defineWorld(exported as unknown as WorldInput);
  return { world, file, zonesDirectory: zonesDirectoryOf(world), builtIn: own === undefined };
}

function findNamed(place: string): string {
  if (!existsSync(place)) throw missing(place, "does not exist");
  if (statSync(place).isDirectory()) {
    const found = findIn(place) ?? findIn(path.join(place, "config"));
    if (found === undefined) throw missing(place, `holds no world definition, expected one of ${NAMES.join(", ")}`);
    return found;
  }
  if (EXTENSIONS.includes(path.extname(place))) return place;
  throw unreadable(
    place,
    `is not a world definition, expected a file that ends in one of ${EXTENSIONS.join(", ")}`,
    undefined,
    "Name another file.",
  );
}

function findIn(folder: string): string | undefined {
  return NAMES.map((name) => path.join(folder, name)).find((file) => existsSync(file) && statSync(file).isFile());
}

/** The default world beside this module: TypeScript in the repository, JavaScript in a build. */
function defaultFile(cwd: string): string {
  const file = fileURLToPath(new URL(`./world${path.extname(import.meta.url)}`, import.meta.url));
  if (existsSync(file)) return file;
  // A checkout whose definition was deleted or renamed; a published package always has it.
  throw new BmError("BM_CONFIG_MISSING", "there is no world definition in config/", {
    data: { path: path.join(cwd, "config") },
    hint: `Restore it with: git restore config/world.ts, or name a definition with --config (BM_CONFIG), one of ${NAMES.join(", ")}.`,
  });
}

async function importDefault(file: string): Promise<Record<string, unknown>> {
  const load = loads.get(file) ?? 0;
  loads.set(file, load + 1);
  const address = pathToFileURL(file);
  if (load > 0) address.searchParams.set("load", String(load));
  let module: { default?: unknown };
  try {
    module = await import(/* @vite-ignore */ address.href);
  } catch (error) {
    // From here or from another copy of the class, in the project's own node_modules.
    if (error instanceof BmError || (error instanceof Error && error.name === "BmError")) throw error;
    throw cannotRun(file, error);
  }
  if (isRecord(module.default)) return module.default;
  throw unreadable(file, "does not export a world by default", undefined, "Write: export default defineWorld({ … })");
}

/** Names the place in the file, or in one that it imports, that Node names. */
function cannotRun(file: string, error: unknown): BmError {
  const place = faultPlace(error, file);
  const hint = "Correct the file.";
  if (place === undefined) return unreadable(file, `cannot be run, ${reasonOf(error)}`, error, hint);
  const at = place.column === undefined ? String(place.line) : `${place.line}:${place.column}`;
  const reason = `${reasonOf(error)}${place.source === undefined ? "" : `, in: ${place.source}`}`;
  if (place.file === file) return unreadable(file, `cannot be run, ${reason}`, error, hint, at);
  return unreadable(file, `cannot be run, ${place.file}:${at}: ${reason}`, error, `Correct ${place.file}.`);
}

function missing(place: string, what: string): BmError {
  return new BmError("BM_CONFIG_MISSING", `${place}: ${what}`, {
    data: { path: place },
    hint: "Check BM_CONFIG or --config: it names a definition such as config/world.ts, or the folder that holds one.",
  });
}
