import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { BmError, type World } from "../config/index.ts";
import type { PluginType } from "../rooms/index.ts";
import type { ResolvedPlugin } from "../sdk/index.ts";
import { BUILT_IN_PLUGINS } from "./built-in-plugins.ts";

/**
 * Finds the class behind each plugin that a world uses: a built-in one by name, a path relative to the world file, or a package.
 * @throws BmError `BM_PLUGIN_UNKNOWN` with every one that cannot be found or loaded.
 */
export async function resolvePlugins(world: World, worldFile: string): Promise<ResolvedPlugin[]> {
  const problems: string[] = [];
  const resolved = await Promise.all(
    world.plugins.map(async ({ use }): Promise<ResolvedPlugin | undefined> => {
      try {
        return { use, type: BUILT_IN_PLUGINS[use] ?? (await importPlugin(use, worldFile)) };
      } catch (error) {
        problems.push(`${use}: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      }
    }),
  );
  if (problems.length > 0) {
    throw new BmError(
      "BM_PLUGIN_UNKNOWN",
      `${problems.length} plugin${problems.length === 1 ? "" : "s"} of the world cannot be loaded:\n  ${problems.join("\n  ")}`,
      {
        data: { problems },
        hint: `built in are ${Object.keys(BUILT_IN_PLUGINS).join(", ")}; others are a path from ${path.basename(worldFile)}, such as "../plugins/mine/index.ts", or an installed package`,
      },
    );
  }
  return resolved as ResolvedPlugin[];
}

async function importPlugin(use: string, worldFile: string): Promise<PluginType> {
  const isPath = use.startsWith(".") || path.isAbsolute(use);
  const file = isPath ? path.resolve(path.dirname(worldFile), use) : createRequire(worldFile).resolve(use);
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const classes = Object.values(module).filter((value): value is PluginType => typeof value === "function" && "pluginName" in value);
  const found = [...new Set(classes)];
  if (found.length !== 1)
    throw new Error(`exports ${found.length} plugin classes, expected one: a class that extends ZonePlugin and has a static pluginName`);
  return found[0] as PluginType;
}
