import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { BmError, type World } from "../config/index.ts";
import type { PluginType } from "../rooms/index.ts";
import type { ResolvedPlugin } from "../sdk/index.ts";
import { BUILT_IN_PLUGINS } from "./built-in-plugins.ts";

/**
 * Finds the class behind each plugin that a world uses: a built-in one by name, a path relative to the world file, or a package.
 * @throws BmError `BM_PLUGIN_UNKNOWN` with every one that cannot be found, `BM_PLUGIN_UNREADABLE` with every one that cannot be loaded.
 */
export async function resolvePlugins(world: World, worldFile: string): Promise<ResolvedPlugin[]> {
  const unknown: string[] = [];
  const unreadable: string[] = [];
  const resolved = await Promise.all(
    world.plugins.map(async ({ use }): Promise<ResolvedPlugin | undefined> => {
      const builtIn = BUILT_IN_PLUGINS[use];
      if (builtIn) return { use, type: builtIn };
      const file = findFile(use, worldFile);
      if (file === undefined) {
        unknown.push(
          use.startsWith(".")
            ? `${use}: no file ${path.resolve(path.dirname(worldFile), use)}`
            : `${use}: no built-in plugin and no installed package of that name`,
        );
        return undefined;
      }
      try {
        return { use, type: await importPlugin(file) };
      } catch (error) {
        unreadable.push(`${use}: ${error instanceof Error ? error.message : String(error)}${lineIn(file, error)}`);
        return undefined;
      }
    }),
  );
  if (unknown.length > 0) {
    throw new BmError("BM_PLUGIN_UNKNOWN", `${plugins(unknown.length)} of the world cannot be found:\n  ${unknown.join("\n  ")}`, {
      data: { problems: unknown },
      hint: `Built in are ${Object.keys(BUILT_IN_PLUGINS).join(", ")}; others are a path from ${path.basename(worldFile)}, such as "../plugins/mine.plugin.ts", or an installed package.`,
    });
  }
  if (unreadable.length > 0) {
    throw new BmError(
      "BM_PLUGIN_UNREADABLE",
      `${plugins(unreadable.length)} of the world cannot be loaded:\n  ${unreadable.join("\n  ")}`,
      {
        data: { problems: unreadable },
        hint: "Correct the file of the plugin.",
      },
    );
  }
  return resolved as ResolvedPlugin[];
}

function plugins(count: number): string {
  return count === 1 ? "a plugin" : `${count} plugins`;
}

function findFile(use: string, worldFile: string): string | undefined {
  if (use.startsWith(".") || path.isAbsolute(use)) {
    const file = path.resolve(path.dirname(worldFile), use);
    return existsSync(file) ? file : undefined;
  }
  try {
    return createRequire(worldFile).resolve(use);
  } catch {
    return undefined;
  }
}

async function importPlugin(file: string): Promise<PluginType> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const classes = Object.values(module).filter((value): value is PluginType => typeof value === "function" && "pluginName" in value);
  const found = [...new Set(classes)];
  if (found.length !== 1)
    throw new Error(`exports ${found.length} plugin classes, expected one: a class that extends ZonePlugin and has a static pluginName`);
  return found[0] as PluginType;
}

/** Where in a file an error arose, as far as its stack tells. */
function lineIn(file: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const at = stack.split(file)[1];
  const line = at === undefined ? undefined : /^:(\d+)/.exec(at)?.[1];
  return line === undefined ? "" : ` (line ${line})`;
}
