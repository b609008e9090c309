import { readFileSync } from "node:fs";
import { freemem } from "node:os";
import { act, type CheckResult, fine, skipped } from "./check.ts";

/** Descriptors beside those of players: Node's own, logs, and the connections to database and Redis. */
const OWN_FILES = 100;
/** Memory of a server without players. Source: half of the 256 MB that were measured with 5,000 sockets. */
const BASE_BYTES = 128 * 1024 * 1024;
/** Memory of each player. Source: the other half by 5,000 is 26 KB; doubled, for what plugins keep. */
const PLAYER_BYTES = 52 * 1024;
const MEGABYTE = 1024 * 1024;

/** Whether this Node runs servers. */
export function checkNode(version = process.versions.node): CheckResult {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return fine("node", `${version}, and 22.13 or newer is needed`);
  return act("node", `${version} is too old, and 22.13 or newer is needed`, "npm install --save-dev node@24, then use npx bm");
}

/**
 * Whether as many files may be open as there can be players. Node has raised the soft limit to the hard one by itself.
 * @param limits the text of `/proc/self/limits`; undefined where there is none.
 */
export function checkOpenFiles(players: number, limits: string | undefined = readLimits()): CheckResult {
  const check = "open files";
  const soft = limits === undefined ? undefined : /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return skipped(check, "the limit can only be read on Linux");
  const limit = soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
  const needed = players + OWN_FILES;
  const allows = `the limit of ${soft} allows ${soft === "unlimited" ? "any number of" : Math.max(0, limit - OWN_FILES)} players`;
  if (limit >= needed) return fine(check, `${allows}, and the zones hold ${players}`);
  return act(
    check,
    `${allows}, but the zones hold ${players}`,
    `as root: ulimit -n ${needed} (a service: LimitNOFILE=${needed}), or lower the zones' capacity`,
  );
}

/** Whether there is memory for as many players as the zones hold, if this process ran them all. */
export function checkMemory(players: number, availableBytes = available()): CheckResult {
  const neededMb = Math.ceil((BASE_BYTES + players * PLAYER_BYTES) / MEGABYTE);
  const availableMb = Math.floor(availableBytes / MEGABYTE);
  const found = `${availableMb} MB are free, and ${players} players take about ${neededMb} MB`;
  if (availableMb >= neededMb) return fine("memory", found);
  return act("memory", found, "stop other programs, lower the zones' capacity, or run zones on other machines: bm zone run NAME");
}

/** Free memory within the limit of a container, where Node can tell. */
function available(): number {
  return typeof process.availableMemory === "function" ? process.availableMemory() : freemem();
}

function readLimits(): string | undefined {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return undefined;
  }
}
