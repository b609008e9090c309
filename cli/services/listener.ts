import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";

/** A program that listens at a port. */
export interface Listener {
  pid: number;
  name: string;
}

/** Column 4 of /proc/net/tcp for a socket that listens. Source: include/net/tcp_states.h, TCP_LISTEN. */
const LISTEN = "0A";

/**
 * Who listens at a TCP port of this machine. Linux only, and only processes that this user may look into; undefined otherwise.
 * Reads every open file of every such process: some 10 ms.
 */
export function listenerAt(port: number): Listener | undefined {
  const sockets = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => socketsIn(read(table), port)).map((inode) => `socket:[${inode}]`),
  );
  if (sockets.size === 0) return undefined;
  for (const pid of list("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const folder = `/proc/${pid}/fd`;
    if (list(folder).some((file) => sockets.has(link(`${folder}/${file}`)))) return { pid: Number(pid), name: nameOf(pid) };
  }
  return undefined;
}

/** The inodes of the sockets that listen at a port. Columns: slot, local address, remote address, state, …, inode in the tenth. */
function socketsIn(table: string, port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const [, local = "", , state] = columns;
    return local.endsWith(end) && state === LISTEN ? (columns[9] ?? []) : [];
  });
}

/** The program as it was started, printable: a process may call itself anything, and Node calls itself `MainThread`. */
function nameOf(pid: string): string {
  const [started = ""] = read(`/proc/${pid}/cmdline`).split("\0");
  return (path.basename(started) || read(`/proc/${pid}/comm`)).replace(/[^\x20-\x7e]/g, "").slice(0, 32) || "a program";
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // Not Linux, or the process has ended.
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Another user's process.
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}
