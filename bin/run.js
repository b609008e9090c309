#!/usr/bin/env node
// The command `bm`. Plain JavaScript that Node 18 can parse and run: it finds a Node that is new enough, or says what to type.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** A checkout runs its TypeScript as it is. Node refuses TypeScript below node_modules, so there only the compiled files do. */
const runsSources = existsSync(path.join(root, "cli", "main.ts")) && !root.split(path.sep).includes("node_modules");
const main = runsSources ? path.join(root, "cli", "main.ts") : path.join(root, "dist", "cli", "main.js");

/** What the compiled files can do on Node 20 too: help, and find out what is missing. */
const ON_ANY_NODE = new Set([undefined, "doctor", "help", "--help", "--version"]);

if (suffices(process.version)) await start();
else {
  const newer = findNode();
  const [command] = process.argv.slice(2);
  const helps = ON_ANY_NODE.has(command) || process.argv.includes("--help");
  if (newer !== undefined) restart(newer);
  else if (!runsSources && helps && Number.parseInt(process.versions.node, 10) >= 20) {
    // What oclif would warn of is checked here, and `bm doctor` says what to do about it.
    process.env.OCLIF_DISABLE_ENGINE_WARNING = "1";
    await start();
  } else
    fail(
      `bm needs Node ${runsSources ? "22.18" : "22.13"} or newer, got ${process.versions.node}.`,
      runsSources ? "npm ci" : "npm install --save-dev node@24",
    );
}

async function start() {
  if (runsSources && !existsSync(path.join(root, "node_modules")))
    return fail("The dependencies of this checkout are not installed.", "npm ci");
  // A plugin that imports `bluemarble/sdk` must get the very classes that the sources use, not those of an older build.
  if (runsSources) module.registerHooks({ resolve: resolveSources });
  // Keeps compiled (and type-stripped) modules between runs: a third of the start-up time.
  module.enableCompileCache?.();
  await (await import(pathToFileURL(main).href)).main({ root });
}

/** Maps the names that package.json exports to the sources behind them. */
function resolveSources(specifier, context, next) {
  const [, entry] = /^bluemarble(?:\/(client|config|sdk))?$/.exec(specifier) ?? [];
  const isOurs = specifier === "bluemarble" || entry !== undefined;
  return next(isOurs ? pathToFileURL(path.join(root, entry ?? "server", "index.ts")).href : specifier, context);
}

/** Whether a version of Node runs `bm`: `v22.13.0` and up, and for TypeScript as it is those that strip types without a flag. */
function suffices(version) {
  const [major, minor] = version.trim().replace(/^v/, "").split(".").map(Number);
  if (runsSources && (major === 22 || major === 23)) return minor >= (major === 22 ? 18 : 6);
  return major > 22 || (major === 22 && minor >= 13);
}

/** The npm package `node`, in the package's own node_modules or in those from the working directory upwards. */
function findNode() {
  const folders = [root];
  for (let folder = process.cwd(); folders.at(-1) !== folder; folder = path.dirname(folder)) folders.push(folder);
  const names =
    process.platform === "win32"
      ? [["node", "bin", "node.exe"]]
      : [
          [".bin", "node"],
          ["node", "bin", "node"],
        ];
  const files = folders.flatMap((folder) => names.map((name) => path.join(folder, "node_modules", ...name)));
  return files.find((file) => {
    if (!existsSync(file)) return false;
    const { status, stdout } = spawnSync(file, ["--version"], { encoding: "utf8" });
    return status === 0 && suffices(stdout);
  });
}

/** Runs the same command line on another Node and ends as it ends. */
function restart(node) {
  const child = spawn(node, [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  // A terminal sends Ctrl-C to both processes, a supervisor only to this one; bm counts signals that come together as one.
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => fail(`${node} cannot be run: ${error.message}.`, "npm ci"));
  child.on("exit", (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal === null) process.exitCode = code ?? 1;
    else process.kill(process.pid, signal);
  });
}

/** One line what is wrong, one line what to type; status 2, for the user must act. */
function fail(what, type) {
  process.stderr.write(`${what}\nType: ${type}\n`);
  process.exitCode = 2;
}
