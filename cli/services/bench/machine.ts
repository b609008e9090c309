import { execFileSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";

/** What a figure was measured on. */
export interface Machine {
  /** Model of the first processor. */
  cpu: string;
  cores: number;
  memoryGiB: number;
  /** Version of Node, without `v`. */
  node: string;
  os: string;
}

const BYTES_PER_GIB = 2 ** 30;

/** The machine that this process runs on. Asks the system; a few milliseconds. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGiB: Number((totalmem() / BYTES_PER_GIB).toFixed(1)),
    node: process.versions.node,
    os: `${type()} ${release()}`,
  };
}

/** The commit that is checked out in a folder; null where there is no repository, or no git. */
export function currentCommit(folder: string): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}
