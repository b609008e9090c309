import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { CLIENT_ERROR_CODES } from "../client/index.ts";
import { DEFAULT_LIMITS, DEFAULT_MOVEMENT, DEFAULT_TIERS, ERROR_CODES } from "../config/index.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(file, ending);
    return file.endsWith(ending) ? [file] : [];
  });
}

const SOURCES = ["bin", "cli", "client", "config", "entities", "plugins", "rooms", "sdk", "server"]
  .flatMap((folder) => [...filesBelow(folder, ".ts"), ...filesBelow(folder, ".js")])
  .filter((file) => !file.endsWith(".test.ts"));
const PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...filesBelow("docs", ".md"), ...filesBelow("plugins", ".md")];

describe("error codes", () => {
  const page = read("docs/ERRORS.md");

  test("docs/ERRORS.md lists those of the code and no others, each with its words", () => {
    const rows = [...page.matchAll(/^\| `(BM_\w+)` \| (\d+) \| (.+) \|$/gm)].map(([, code, status, text]) => [
      code,
      { status: Number(status), text },
    ]);
    const codes = Object.entries(ERROR_CODES).map(([code, { status, text }]) => [code, { status, text }]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(codes));
    expect(rows).toHaveLength(codes.length);
  });

  test("and those that the client helper finds by itself", () => {
    const rows = [...page.matchAll(/^\| `(BM_CLIENT_\w+)` \| ([^|]+) \|$/gm)].map(([, code, text]) => [code, text]);
    expect(Object.fromEntries(rows)).toEqual(CLIENT_ERROR_CODES);
  });

  test("each is used somewhere", () => {
    const used = new Set(
      SOURCES.filter((file) => !file.endsWith("error-codes.ts")).flatMap((file) => read(file).match(/\bBM_[A-Z_]+\b/g) ?? []),
    );
    expect(Object.keys(ERROR_CODES).filter((code) => !used.has(code))).toEqual([]);
  });
});

test("docs/CONFIG.md names every key of a world, with the default that the code has", () => {
  const rows = new Map([...read("docs/CONFIG.md").matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, key, rest]) => [key, rest]));
  const shown = (value: unknown): string =>
    typeof value === "number"
      ? String(value).replace(/^(-?\d{2})(\d{3})$/, "$1 $2")
      : JSON.stringify(value)
          .replaceAll('"', "")
          .replace(/([:,{])/g, "$1 ")
          .replace("}", " }");
  for (const group of [DEFAULT_LIMITS, DEFAULT_MOVEMENT, DEFAULT_TIERS]) {
    for (const [key, value] of Object.entries(group)) {
      const expected = typeof value === "object" && "min" in value ? `${shown(value.min)} to ${shown(value.max)}` : shown(value);
      expect(rows.get(key), key).toContain(expected);
    }
  }
  for (const key of ["name", "zones", "plugins", "frameHz", "tickHz", "tiers", "limits", "movement", "capacity"])
    expect(rows.has(key), key).toBe(true);
});

test.each(PAGES)("%s: every file it links to is there", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target as string);
  expect(links.filter((target) => !existsSync(path.join(ROOT, path.dirname(page), target)))).toEqual([]);
});

test.each(["README.md", "docs/CONFIG.md", "docs/PLUGINS.md"])(
  "%s: its snippets are the files that the tests run, to the letter",
  (page) => {
    const snippets = [...read(page).matchAll(/<!-- snippet: (\S+) -->\n```\w+\n([\s\S]*?)```\n/g)];
    expect(snippets.length).toBeGreaterThan(0);
    for (const [, file, text] of snippets) expect(text).toBe(read(file as string));
  },
);

test.each(readdirSync(path.join(ROOT, "plugins")))(
  "plugin %s says what it is for, its options, its cost and what it is not for",
  (name) => {
    const text = read(`plugins/${name}/README.md`);
    expect(text).toMatch(new RegExp(`^# ${name}\n\n\\S`));
    for (const part of ["option", "**Messages:**", "**Fields:**", "**Keys and tables:**", "**Cost:**", "**What it is not for:**"])
      expect(text).toContain(part);
  },
);

test("only config/ reads the environment", () => {
  const readers = SOURCES.filter((file) => /process\.env\b/.test(read(file).replace(/^\s*(\/\/|\*|\/\*).*$/gm, "")));
  for (const file of readers)
    expect(file, "the launcher and the command line pass it on; nobody else reads it").toMatch(/^(config|bin|cli)\//);
});
