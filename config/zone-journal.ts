import * as fs from "node:fs";
import path from "node:path";
import { BmError } from "./bm-error.ts";
import { reasonOf } from "./json-file.ts";
import { isRecord } from "./plain.ts";

/** What zone files are about to hold, by file name; null removes the file. */
export type PendingFiles = Readonly<Record<string, string | null>>;

/** Several files cannot be renamed at once: what all of them are to hold stands here first, and whoever finds it counts it as done. */
const JOURNAL = ".changes.json";
const LOCK = ".lock";

/**
 * What a crash left undone in a folder of zone files, or undefined. Readers lay it over the files; the next writer finishes it.
 * A journal that cannot be read was never complete, so nothing of it was begun.
 */
export function pendingFiles(folder: string): PendingFiles | undefined {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(path.join(folder, JOURNAL), "utf8"));
    return isRecord(value) ? (value as PendingFiles) : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the journal whole or not at all. From here on the change is done, whatever happens to the process. */
export function writeJournal(folder: string, files: PendingFiles, write: (file: string, text: string) => void): void {
  const temporary = path.join(folder, `${JOURNAL}.${process.pid}.tmp`);
  write(temporary, JSON.stringify(files));
  fs.renameSync(temporary, path.join(folder, JOURNAL));
}

/** The change is in the files themselves, or was undone. */
export function removeJournal(folder: string): void {
  fs.rmSync(path.join(folder, JOURNAL), { force: true });
}

/**
 * Runs `work` while no other process changes the zone files of the folder. Finishes first what a crash left undone, and sweeps away
 * what crashes left lying about.
 * @throws BmError BM_ZONE_BUSY while another process holds the folder.
 */
export function withZoneFolder<T>(folder: string, write: (file: string, text: string) => void, work: () => T): T {
  const lock = path.join(folder, LOCK);
  takeLock(folder, lock);
  try {
    const pending = pendingFiles(folder);
    for (const [name, text] of Object.entries(pending ?? {})) {
      const file = path.join(folder, path.basename(name));
      if (text === null) fs.rmSync(file, { force: true });
      else write(file, text);
    }
    removeJournal(folder);
    for (const name of fs.readdirSync(folder)) {
      const pid = /^\..*\.(\d+)\.tmp$/.exec(name)?.[1];
      if (pid !== undefined && !isAlive(Number(pid))) fs.rmSync(path.join(folder, name), { force: true });
    }
    return work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function takeLock(folder: string, lock: string): void {
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw notWritable(folder, error);
    }
    const holder = holderOf(lock);
    // Gone in between, or just being made: looked at again.
    if (holder === "changing") continue;
    const pid = holder;
    if (pid !== undefined && isAlive(pid)) {
      throw new BmError("BM_ZONE_BUSY", `${folder}: process ${pid} is changing the zones`, {
        data: { folder, pid },
        hint: `Run the command again when it is done; if nothing runs, remove ${lock}`,
      });
    }
    fs.rmSync(lock, { force: true });
  }
}

/** The folder cannot be changed, whatever the reason; nothing was. */
function notWritable(folder: string, cause: unknown): BmError {
  return new BmError("BM_CONFIG_UNREADABLE", `${folder}: cannot be written, ${reasonOf(cause)}`, {
    data: { directory: folder, changed: [] },
    hint: "Check that the folder exists, that you may write to it and that the disk is not full. No zone file was changed.",
    cause,
  });
}

/** Milliseconds after which a lock without a process id is one whose maker died in the act. */
const EMPTY_LOCK_MS = 1000;

/** The process that holds a lock; undefined for one that died while making it. */
function holderOf(lock: string): number | undefined | "changing" {
  try {
    const text = fs.readFileSync(lock, "utf8");
    if (/^\d+$/.test(text)) return Number(text);
    return Date.now() - fs.statSync(lock).mtimeMs > EMPTY_LOCK_MS ? undefined : "changing";
  } catch {
    return "changing";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
