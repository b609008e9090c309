import { readFileSync } from "node:fs";
import { isBuiltin, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Packages that a browser may load for the helper. */
const ALLOWED_PACKAGES = new Set(["@colyseus/sdk"]);

const IMPORT =
  /(?:^|[;\s])(?:import|export)\s*(?:[\w$*{][^"';]*?\sfrom\s*|\{[^}"']*\}\s*from\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** What a module imports when it runs. What is imported for its types alone is gone with the types. */
function runtimeImports(source: string): string[] {
  const code = stripTypeScriptTypes(source).replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
  return [...code.matchAll(IMPORT)].map((match) => (match[1] ?? match[2]) as string);
}

/** Every module that loading `entry` loads, and every bare specifier with the modules that ask for it. */
function walk(entry: URL): { modules: Set<string>; bare: Map<string, string[]> } {
  const modules = new Set<string>();
  const bare = new Map<string, string[]>();
  const pending = [entry];
  for (let url = pending.pop(); url; url = pending.pop()) {
    if (modules.has(url.pathname)) continue;
    modules.add(url.pathname);
    for (const specifier of runtimeImports(readFileSync(fileURLToPath(url), "utf8"))) {
      if (specifier.startsWith(".")) pending.push(new URL(specifier, url));
      else bare.set(specifier, [...(bare.get(specifier) ?? []), url.pathname]);
    }
  }
  return { modules, bare };
}

describe("the import graph of the client helper", () => {
  const { modules, bare } = walk(new URL("../../client/index.ts", import.meta.url));
  const within = (path: string) => path.slice(new URL("../..", import.meta.url).pathname.length);

  it("sees what is imported to run, and not what is imported for its types", () => {
    const source = [
      'import type { A } from "types-only";',
      'import { type B, c } from "mixed";',
      'import "effect";',
      'export { d } from "again";',
      'export * from "all";',
      'const e = await import("late");',
      '// import "commented";',
    ].join("\n");
    expect(runtimeImports(source)).toEqual(["mixed", "effect", "again", "all", "late"]);
    expect(walk(new URL("../../rooms/index.ts", import.meta.url)).bare.has("@colyseus/core")).toBe(true);
  });

  it("holds no module of Node and no package but the SDK", () => {
    expect([...bare].filter(([specifier]) => isBuiltin(specifier) || !ALLOWED_PACKAGES.has(specifier))).toEqual([]);
    expect(bare.has("@colyseus/sdk")).toBe(true);
  });

  it("holds no part of the server but pure functions", () => {
    const outside = [...modules].map(within).filter((path) => !path.startsWith("client/"));
    expect(outside.filter((path) => !/^(rooms\/(geography|movement|input)|config)\//.test(path))).toEqual([]);
    expect(outside).toContain("rooms/movement/movement.ts");
    for (const barrel of ["config/index.ts", "rooms/index.ts"]) expect(outside).not.toContain(barrel);
  });
});
