import * as fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { BmError, showValue } from "./bm-error.ts";
import { parseObject, readText, reasonOf } from "./json-file.ts";
import type { ZoneDirectory, ZoneInput } from "./world-types.ts";
import { pendingFiles, removeJournal, withZoneFolder, writeJournal } from "./zone-journal.ts";
import { assertZoneName, isZoneName, ZONE_NAME_RULE } from "./zone-name.ts";

/** One file to write or remove. */
export type ZoneChange = { write: ZoneInput } | { remove: string };

/** The two steps of {@link applyZoneChanges} that change what others read; a test makes them fail. */
type ZoneFileSystem = Pick<typeof fs, "renameSync" | "unlinkSync">;

const EXTENSION = ".json";

/**
 * Reads a folder of zone files, `<name>.json`, in the order of their names. What is in them is checked by `defineWorld`; files that
 * do not end in `.json` and hidden files are not looked at. Synchronous, for a world definition is a module that is read once.
 * @param directory absolute or relative to the working directory; a world definition passes `new URL("./zones/", import.meta.url)`.
 * @throws BmError BM_CONFIG_UNREADABLE, one line for each file that cannot be read or parsed, or when there is no zone file.
 */
export function zonesFrom(directory: URL | string): ZoneDirectory {
  const folder = pathOf(directory);
  const zones: ZoneInput[] = [];
  const reasons: string[] = [];
  const pending = pendingFiles(folder) ?? {};
  const names = new Set([...zoneFilesIn(folder), ...Object.keys(pending)]);
  for (const file of [...names].sort()) {
    if (pending[file] === null) continue;
    try {
      zones.push(readZone(folder, file, pending[file]));
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  if (reasons.length > 0) {
    throw new BmError("BM_CONFIG_UNREADABLE", reasons.join("\n"), {
      data: { directory: folder, reasons },
      hint: 'A zone file holds an object such as { "west": -60, "east": 60, "capacity": 5000 }.',
    });
  }
  if (zones.length === 0) {
    throw new BmError("BM_CONFIG_UNREADABLE", `${folder}: holds no zone file, expected one NAME.json for each zone`, {
      data: { directory: folder },
      hint: 'Add a file such as everywhere.json with { "west": -180, "east": 180 }.',
    });
  }
  return { directory: folder, zones };
}

/**
 * Writes the file of a zone, in one step as other processes see it. Keys of an existing file that the zone does not give
 * stay as they are.
 * @throws BmError BM_ZONE_NAME, or BM_CONFIG_UNREADABLE when an existing file cannot be read or the new one written.
 */
export function writeZoneFile(directory: URL | string, zone: ZoneInput): void {
  applyZoneChanges(directory, [{ write: zone }]);
}

/**
 * Removes the file of a zone.
 * @throws BmError BM_ZONE_NAME, or BM_ZONE_UNKNOWN when there is none.
 */
export function removeZoneFile(directory: URL | string, name: string): void {
  applyZoneChanges(directory, [{ remove: name }]);
}

/**
 * Writes and removes several zone files together, while no other process does. Everything that can fail slowly comes first: all names
 * are checked, all existing files read, all new ones written beside their places and flushed to disk. Then a journal of the whole
 * change is written, and renames and removals follow. A crash before the journal leaves the world as it was, one after it leaves the
 * world as it was to be: readers count the journal as done, and the next change finishes it. When a rename fails, those before it
 * are undone.
 * @throws BmError BM_ZONE_NAME, BM_ZONE_UNKNOWN, BM_ZONE_BUSY, BM_ZONE_CHANGED or BM_CONFIG_UNREADABLE; the files then are as they were, or the
 * hint names those that are not.
 * @throws RangeError when two changes name the same zone.
 */
export function applyZoneChanges(
  directory: URL | string,
  changes: readonly ZoneChange[],
  { files = fs, expected }: ApplyOptions = {},
): void {
  const folder = pathOf(directory);
  withZoneFolder(folder, replaceFlushed, () => {
    if (expected !== undefined) assertUnchanged(folder, expected);
    apply(folder, changes, files);
  });
}

/** How zone files are changed. */
export interface ApplyOptions {
  /** @defaultValue the file system */
  files?: ZoneFileSystem | undefined;
  /** The zones that the changes were planned from; without them nothing is compared. */
  expected?: readonly ZoneInput[] | undefined;
}

function assertUnchanged(folder: string, expected: readonly ZoneInput[]): void {
  const shown = (zones: readonly ZoneInput[]) => JSON.stringify(zones.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  if (shown(zonesFrom(folder).zones) === shown(expected)) return;
  throw new BmError("BM_ZONE_CHANGED", `${folder}: another command changed the zones in the meantime`, {
    data: { directory: folder },
    hint: "Nothing was written. See the zones with: bm zone list, and run the command again.",
  });
}

function apply(folder: string, changes: readonly ZoneChange[], files: ZoneFileSystem): void {
  const steps = changes.map((change) => stepOf(folder, change));
  if (new Set(steps.map((step) => step.file)).size < steps.length) throw new RangeError("two changes name the same zone");

  const temporaries: string[] = [];
  const done: Step[] = [];
  try {
    for (const step of steps) {
      if (step.text === undefined) continue;
      writeFlushed(step.temporary, step.text);
      temporaries.push(step.temporary);
    }
    writeJournal(folder, Object.fromEntries(steps.map((step) => [path.basename(step.file), step.text ?? null])), writeFlushed);
    // Written before removed, so that no longitude is without a zone in between.
    for (const step of steps.toSorted((a, b) => Number(a.text === undefined) - Number(b.text === undefined))) {
      if (step.text === undefined) files.unlinkSync(step.file);
      else files.renameSync(step.temporary, step.file);
      done.push(step);
    }
  } catch (error) {
    const lost = done.reverse().filter((step) => !undo(step));
    const left =
      lost.length === 0 ? "No zone file was changed." : `These could not be restored: ${lost.map((step) => step.file).join(", ")}`;
    throw new BmError("BM_CONFIG_UNREADABLE", `${folder}: cannot be written, ${reasonOf(error)}`, {
      data: { directory: folder, changed: lost.map((step) => step.file) },
      hint: `Check that the folder exists, that you may write to it and that the disk is not full. ${left}`,
      cause: error,
    });
  } finally {
    removeJournal(folder);
    for (const temporary of temporaries) fs.rmSync(temporary, { force: true });
  }
}

function replaceFlushed(file: string, text: string): void {
  const temporary = `${path.join(path.dirname(file), `.${path.basename(file)}`)}.${process.pid}.tmp`;
  writeFlushed(temporary, text);
  fs.renameSync(temporary, file);
}

interface Step {
  file: string;
  temporary: string;
  /** What to write; undefined removes the file. */
  text: string | undefined;
  /** What was there; undefined when there was no file. */
  before: string | undefined;
}

function stepOf(folder: string, change: ZoneChange): Step {
  const name = "write" in change ? change.write.name : change.remove;
  assertZoneName(name);
  const file = path.join(folder, name + EXTENSION);
  // Hidden and of another extension, so that zonesFrom() never reads one that a crash left.
  const temporary = path.join(folder, `.${name}${EXTENSION}.${process.pid}.tmp`);
  const before = fs.existsSync(file) ? readText(file) : undefined;
  if ("write" in change) {
    const values = Object.fromEntries(Object.entries(change.write).filter(([key, value]) => key !== "name" && value !== undefined));
    const kept = before === undefined ? {} : parseObject(file, before);
    return { file, temporary, before, text: `${JSON.stringify({ ...kept, ...values }, null, 2)}\n` };
  }
  if (before === undefined) {
    const names = zoneFilesIn(folder).map((other) => path.basename(other, EXTENSION));
    throw new BmError("BM_ZONE_UNKNOWN", `no zone is named ${name}, expected one of ${names.join(", ")}`, {
      data: { got: name, zones: names },
      hint: "See the zones with: bm zone list",
    });
  }
  return { file, temporary, before, text: undefined };
}

/** Puts back what was there; false when that fails too. */
function undo(step: Step): boolean {
  try {
    if (step.before === undefined) {
      fs.rmSync(step.file, { force: true });
    } else {
      writeFlushed(step.temporary, step.before);
      fs.renameSync(step.temporary, step.file);
    }
    return true;
  } catch {
    return false;
  }
}

/** Flushed before it is renamed: after a power cut the name must not lead to an empty file. Leaves no file when it fails. */
function writeFlushed(file: string, text: string): void {
  const handle = fs.openSync(file, "w");
  try {
    fs.writeFileSync(handle, text);
    fs.fsyncSync(handle);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(handle);
  }
}

function zoneFilesIn(folder: string): string[] {
  let entries: string[];
  try {
    entries = fs.readdirSync(folder);
  } catch (error) {
    throw new BmError("BM_CONFIG_UNREADABLE", `${folder}: is not a folder of zone files, ${reasonOf(error)}`, {
      data: { directory: folder },
      hint: "Check the path that zonesFrom() is given.",
      cause: error,
    });
  }
  return entries.filter((entry) => entry.endsWith(EXTENSION) && !entry.startsWith(".")).sort();
}

function readZone(folder: string, entry: string, pending?: string): ZoneInput {
  const file = path.join(folder, entry);
  const name = path.basename(entry, EXTENSION);
  if (!isZoneName(name)) throw new Error(`${file}: ${showValue(name)} cannot name a zone, expected ${ZONE_NAME_RULE}`);
  const values = parseObject(file, pending ?? readText(file));
  if ("name" in values) throw new Error(`${file}: has a "name" (${showValue(values.name)}), expected none, for the file name is the name`);
  return { name, ...values } as ZoneInput;
}

function pathOf(directory: URL | string): string {
  return path.resolve(directory instanceof URL ? fileURLToPath(directory) : directory);
}
