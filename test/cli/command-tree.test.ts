import { settings } from "@oclif/core";
import { beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../cli/main.ts";
import { PACKAGE_ROOT } from "./support/bm.ts";

type Commands = Awaited<ReturnType<typeof loadConfig>>["commands"];
let commands: Commands;

beforeAll(async () => {
  commands = (await loadConfig(PACKAGE_ROOT)).commands;
});

describe("the command tree", () => {
  it("has the zone commands, the doctor and explain, as they were", () => {
    const own = commands.filter(({ id }) => id === "doctor" || id === "explain" || id.startsWith("zone:"));
    expect(own.map(treeOf).join("\n")).toMatchSnapshot();
  });

  it("gives every command a description and an example that begins with bm and its name", () => {
    for (const { id, summary, description, examples } of commands) {
      expect(summary ?? description, id).toMatch(/^[A-Z].+\.$/m);
      expect(examples?.length, id).toBeGreaterThan(0);
      const words = id.replaceAll(":", " ");
      for (const example of examples ?? []) {
        const line = typeof example === "string" ? example : example.command;
        expect(line.replace("<%= command.id %>", words), id).toMatch(new RegExp(`^<%= config\\.bin %> ${words}(?: |$)`));
      }
    }
  });

  it("gives every flag a description and an environment variable", () => {
    for (const { id, flags } of commands) {
      for (const flag of Object.values(flags)) {
        expect(flag.description ?? flag.summary, `${id} --${flag.name}`).toMatch(/\S/);
        expect(flag.env, `${id} --${flag.name}`).toMatch(/^(?:BM_[A-Z0-9_]+|PORT|HOST|DATABASE_URL|REDIS_URL)$/);
      }
    }
  });

  it("describes every topic, and each has commands", async () => {
    const { topics } = await loadConfig(PACKAGE_ROOT);
    for (const { name, description } of topics.filter((topic) => !commands.some(({ id }) => id === topic.name))) {
      expect(description, name).toMatch(/\S/);
      expect(
        commands.some(({ id }) => id.startsWith(`${name}:`)),
        name,
      ).toBe(true);
    }
  });

  it("loads the sources without a transpiler", () => {
    expect(settings.enableAutoTranspile).toBe(false);
  });
});

function treeOf({ id, args, flags, examples }: Commands[number]): string {
  const lines = [`bm ${id.replaceAll(":", " ")}`];
  for (const arg of Object.values(args))
    lines.push(`  ${arg.required === true ? arg.name : `[${arg.name}]`}${"multiple" in arg && arg.multiple ? " ..." : ""}`);
  for (const flag of Object.values(flags).sort((a, b) => a.name.localeCompare(b.name))) {
    const value = flag.type === "option" ? `=${flag.helpValue ?? "VALUE"}` : "";
    lines.push(`  --${flag.name}${value}  ${flag.env}${flag.required === true ? "  required" : ""}`);
  }
  for (const example of examples ?? []) lines.push(`  $ ${typeof example === "string" ? example : example.command}`);
  return `${lines.join("\n")}\n`;
}
