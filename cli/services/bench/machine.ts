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

/** Seconds that all cores of this machine have worked, for whomever, since it started. */
export function busySeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000;
}

/** The commit of the checkout that this file is in, with `+` when it was changed since; null outside of a checkout. */
export function thisCommit(): string | null {
  try {
    const git = (...words: string[]) =>
      execFileSync("git", words, { cwd: import.meta.dirname, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    // An installed package may lie in somebody else's checkout.
    if (import.meta.dirname.includes("node_modules")) return null;
    return git("rev-parse", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
  } catch {
    return null;
  }
}
