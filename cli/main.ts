import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Config, Errors, type Interfaces, run, settings } from "@oclif/core";
import { installInterrupts } from "./interrupts.ts";
import { unknownCommand } from "./output/command-line.ts";
import { isTruthy, printReport, reportOf } from "./output/error-report.ts";

/** The folder of the package and the words after `bm`. */
export interface MainOptions {
  /** Absolute path of the folder that holds package.json. */
  root: string;
  /** @defaultValue those of the process */
  argv?: string[];
}

/** Runs one command line and ends the process with its status. `bin/run.js` calls it; nothing after it runs. */
export async function main({ root, argv = process.argv.slice(2) }: MainOptions): Promise<never> {
  installInterrupts();
  let status: number;
  try {
    const config = await loadConfig(root);
    const unknown = unknownCommand(argv, config);
    if (unknown !== undefined) throw unknown;
    await run(argv, config);
    status = Number(process.exitCode ?? 0);
  } catch (error) {
    status = error instanceof Errors.ExitError ? (error.oclif.exit ?? 0) : printReport(reportOf(error), wantsJson(argv));
  }
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(status);
}

/**
 * The commands beside this module: TypeScript in a checkout, JavaScript in a build. oclif would guess one from the other through
 * tsconfig.json and a transpiler; Node runs both as they are.
 */
export async function loadConfig(root: string): Promise<Config> {
  settings.enableAutoTranspile = false;
  const here = fileURLToPath(import.meta.url);
  const pjson = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as Interfaces.PJSON;
  const target = path.join(path.dirname(here), "commands");
  pjson.oclif = { ...pjson.oclif, commands: { strategy: "pattern", target } };
  // The manifest lists the compiled files; one that a build left behind must not lead a checkout to them.
  return Config.load({ root, pjson, ignoreManifest: path.extname(here) === ".ts" });
}

/** Before a command is known nothing has parsed the words, so they are looked at as they are. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv.slice(0, end === -1 ? argv.length : end).includes("--json") || isTruthy(process.env.BM_JSON);
}

/** Resolves when what was written has left the process: `process.exit` would cut off a slow pipe. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // A reader that closed early (`bm zone list | head -1`) has all that it wants.
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
}
