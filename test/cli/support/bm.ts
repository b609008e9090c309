import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

export const PACKAGE_ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const RUN_JS = path.join(PACKAGE_ROOT, "bin", "run.js");
const CONFIG_INDEX = pathToFileURL(path.join(PACKAGE_ROOT, "config", "index.ts")).href;

/** How a command ended and what it printed. */
export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A command that runs, and what it has printed so far. */
export interface Running {
  child: ChildProcess;
  printed: { stdout: string; stderr: string };
  finished: Promise<Finished>;
  /** Resolves when the text stands in what was printed on that stream; rejects when the command ends without it. */
  until(stream: "stdout" | "stderr", text: string | RegExp): Promise<void>;
}

/** Variables that would change what a command does, or colour it. */
const NEUTRAL = {
  PORT: undefined,
  BM_HOST: undefined,
  DATABASE_URL: undefined,
  REDIS_URL: undefined,
  NODE_ENV: undefined,
  DEBUG: undefined,
};

/** Starts `bm` as a user does, in a folder, with pipes for its streams. It is killed when the test ends. */
export function start(cwd: string, words: readonly string[], env: Record<string, string> = {}, file = RUN_JS): Running {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:BM_|VITEST|FORCE_COLOR|NO_COLOR)/.test(name));
  const child = spawn(process.execPath, [file, ...words], { cwd, env: { ...Object.fromEntries(inherited), ...NEUTRAL, ...env } });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text;
      child.emit("printed");
    });
  }
  // "close", not "exit": then everything that it printed has arrived.
  const finished = once(child, "close").then(([status]) => ({ status: status as number | null, ...printed }));
  onTestFinished(() => void child.kill("SIGKILL"));
  const until: Running["until"] = async (stream, text) => {
    const has = () => (typeof text === "string" ? printed[stream].includes(text) : text.test(printed[stream]));
    while (!has()) {
      await Promise.race([once(child, "printed"), once(child, "close")]);
      if (!has() && child.exitCode !== null) throw new Error(`bm ${words.join(" ")} ended without ${text}: ${JSON.stringify(printed)}`);
    }
  };
  return { child, printed, finished, until };
}

/** Runs `bm` to its end. */
export function bm(cwd: string, words: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return start(cwd, words, env).finished;
}

/** A folder of its own, removed when the test ends. */
export function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "bm-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A zone file: a range, and whatever else. */
export type ZoneFile = { west: number; east: number } & Record<string, unknown>;

/** A project with a world of zone files; the three of the package unless others are given. */
export function project(zones?: Record<string, ZoneFile>, rest = `plugins: ["quantization", "interest"]`): string {
  const folder = emptyFolder();
  const directory = path.join(folder, "config", "zones");
  mkdirSync(directory, { recursive: true });
  if (zones === undefined) cpSync(path.join(PACKAGE_ROOT, "config", "zones"), directory, { recursive: true });
  for (const [name, zone] of Object.entries(zones ?? {})) writeFileSync(path.join(directory, `${name}.json`), JSON.stringify(zone));
  const world = `import { defineWorld, zonesFrom } from ${JSON.stringify(CONFIG_INDEX)};
export default defineWorld({ zones: zonesFrom(new URL("./zones/", import.meta.url)), ${rest} });
`;
  writeFileSync(path.join(folder, "config", "world.ts"), world);
  return folder;
}

/** All zone files of a project, by name. */
export function zoneFiles(folder: string): Record<string, ZoneFile> {
  const directory = path.join(folder, "config", "zones");
  const names = readdirSync(directory).sort();
  return Object.fromEntries(
    names.map((name) => [path.basename(name, ".json"), JSON.parse(readFileSync(path.join(directory, name), "utf8"))]),
  );
}

/** The two parts of an error: what is wrong, and the one line what to do. */
export function errorParts({ stdout, stderr }: Finished): { wrong: string; todo: string } {
  const lines = stderr.trimEnd().split("\n");
  if (lines.length < 2) throw new Error(`not two parts: ${JSON.stringify({ stdout, stderr })}`);
  return { wrong: lines.slice(0, -1).join("\n"), todo: lines.at(-1) ?? "" };
}
