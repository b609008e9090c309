import { execFileSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";

/** What a measurement was made on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  node: string;
  os: string;
}

export function thisMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryGiB: Number((totalmem() / 2 ** 30).toFixed(1)),
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
