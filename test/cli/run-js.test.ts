import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { bm, emptyFolder, PACKAGE_ROOT, RUN_JS, start } from "./support/bm.ts";

/** A published package in a folder: `bin/run.js`, and compiled commands that tell what they were started with. */
function publishedPackage(): string {
  const root = path.join(emptyFolder(), "node_modules", "bluemarble");
  mkdirSync(path.join(root, "bin"), { recursive: true });
  mkdirSync(path.join(root, "dist", "cli"), { recursive: true });
  // Sources beside it must not mislead it: below node_modules Node does not strip types.
  mkdirSync(path.join(root, "cli"));
  writeFileSync(path.join(root, "cli", "main.ts"), "throw new Error('sources of a published package')");
  copyFileSync(RUN_JS, path.join(root, "bin", "run.js"));
  writeFileSync(path.join(root, "package.json"), `{ "type": "module" }`);
  writeFileSync(
    path.join(root, "dist", "cli", "main.js"),
    `export async function main({ root }) {
      console.log(JSON.stringify({ root, version: process.version, argv: process.argv.slice(2) }));
      if (process.argv[2] === "wait") {
        process.on("SIGTERM", () => process.exit(9));
        console.log("waiting");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }
      process.exitCode = 7;
    }`,
  );
  return root;
}

/** Starts run.js in a process that says it is an old Node, for this one is not. */
function onOldNode(root: string, words: string[], cwd: string) {
  const file = path.join(emptyFolder(), "old.mjs");
  const runJs = path.join(root, "bin", "run.js");
  writeFileSync(
    file,
    `Object.defineProperty(process, "version", { value: "v20.11.0" });
Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.11.0" } });
await import(${JSON.stringify(runJs)});`,
  );
  return start(cwd, words, {}, file);
}

function withNode(folder: string): string {
  mkdirSync(path.join(folder, "node_modules", ".bin"), { recursive: true });
  symlinkSync(process.execPath, path.join(folder, "node_modules", ".bin", "node"));
  return folder;
}

describe("bin/run.js", () => {
  it("runs the TypeScript sources in a checkout", async () => {
    const { stdout } = await bm(emptyFolder(), ["--version"]);
    expect(stdout).toBe(`bluemarble/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`);
  });

  it("runs the compiled commands of a published package, and ends with their status", async () => {
    const root = publishedPackage();
    const { status, stdout } = await start(emptyFolder(), ["zone", "list"], {}, path.join(root, "bin", "run.js")).finished;
    expect(status).toBe(7);
    expect(JSON.parse(stdout)).toEqual({ root, version: process.version, argv: ["zone", "list"] });
  });

  it("on an old Node starts the newer one of the project, upwards of the working directory", async () => {
    const root = publishedPackage();
    const cwd = path.join(withNode(emptyFolder()), "deep", "down");
    mkdirSync(cwd, { recursive: true });
    const { status, stdout } = await onOldNode(root, ["zone", "list", "--config", "a b"], cwd).finished;
    expect(status).toBe(7);
    expect(JSON.parse(stdout)).toEqual({ root, version: process.version, argv: ["zone", "list", "--config", "a b"] });
  });

  it("passes signals on to the newer Node, and ends as it ends", async () => {
    const run = onOldNode(publishedPackage(), ["wait"], withNode(emptyFolder()));
    await run.until("stdout", "waiting");
    run.child.kill("SIGTERM");
    expect((await run.finished).status).toBe(9);
  });

  it("on an old Node without a newer one says what is wrong and what to type", async () => {
    const { status, stdout, stderr } = await onOldNode(publishedPackage(), ["zone", "run"], emptyFolder()).finished;
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: "bm needs Node 22.13 or newer, got 20.11.0.\nType: npm install --save-dev node@24\n",
    });
  });

  it.each([["--help"], ["doctor"], []])("on an old Node without a newer one still runs: %s", async (...words) => {
    const { status, stdout } = await onOldNode(publishedPackage(), words, emptyFolder()).finished;
    expect(status).toBe(7);
    expect(JSON.parse(stdout).argv).toEqual(words);
  });

  it("says what is wrong with words that are no command", async () => {
    const cases: [string[], string][] = [
      [["zone", "crate", "x"], "BM_CLI_USAGE: bm has no command zone crate x\nDid you mean: npx bm zone create\n"],
      [["zone", "fly"], "BM_CLI_USAGE: bm has no command zone fly\nSee: npx bm zone --help\n"],
      [["fly"], "BM_CLI_USAGE: bm has no command fly\nSee: npx bm --help\n"],
      [["zone", "list", "all"], "BM_CLI_USAGE: bm zone list takes no argument, got all\nSee: npx bm zone list --help\n"],
    ];
    for (const [words, expected] of cases) {
      const { status, stdout, stderr } = await bm(PACKAGE_ROOT, words);
      expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: "", stderr: expected });
    }
    const { stdout } = await bm(PACKAGE_ROOT, ["fly", "--json"]);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "BM_CLI_USAGE", message: "bm has no command fly", hint: "See: npx bm --help", data: {} },
    });
  });

  it("shows help for all, for a topic and for a command", async () => {
    const all = await bm(PACKAGE_ROOT, ["--help"]);
    expect(all.stdout).toContain("zone   List, change and run the zones of a world.");
    const topic = await bm(PACKAGE_ROOT, ["zone"]);
    expect(topic.stdout).toContain("zone list    List the zones of the world, eastward from -180.");
    const command = await bm(PACKAGE_ROOT, ["zone", "create", "--help"]);
    expect(command.stdout).toContain("$ bm zone create europe --longitude=-25..45 --split");
    expect(command.stdout).toContain("[env: BM_LONGITUDE]");
    expect([all.status, topic.status, command.status]).toEqual([0, 0, 0]);
  });

  it("imports neither Colyseus nor TypeORM for help and for the list of zones", async () => {
    const folder = emptyFolder();
    const hook = path.join(folder, "loaded.mjs");
    writeFileSync(
      hook,
      `import { registerHooks } from "node:module";
const packages = new Set();
registerHooks({ load(url, context, next) {
  packages.add(/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1]);
  return next(url, context);
} });
process.on("exit", () => process.stderr.write(JSON.stringify([...packages])));`,
    );
    for (const words of [["--help"], ["zone", "list"]]) {
      const { stderr } = await bm(PACKAGE_ROOT, words, { NODE_OPTIONS: `--import ${hook}` });
      const packages: string[] = JSON.parse(stderr);
      expect(packages).toContain("@oclif/core");
      expect(packages.filter((name) => /^(?:@colyseus\/|colyseus$|typeorm$|pg$|ioredis$|pino$)/.test(name ?? ""))).toEqual([]);
    }
  });
});
