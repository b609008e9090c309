import { BmError, defineWorld, loadWorld, type World, type WorldInput, type ZoneInput, zonesFrom } from "../../../config/index.ts";

/** A world whose zones are files that may be changed. */
export interface EditableWorld {
  world: World;
  /** Absolute path of the folder of zone files. */
  directory: string;
  /** The zones as their files have them, defaults not filled in; in the order of the ring. */
  zones: ZoneInput[];
}

/**
 * Loads the world and its zone files.
 * @throws BmError BM_CONFIG_READONLY when the zones are not files of the user's own, or whatever `loadWorld` throws.
 */
export async function openEditableWorld(configPath: string | undefined): Promise<EditableWorld> {
  const { world, file, zonesDirectory, builtIn } = await loadWorld({ configPath });
  if (builtIn) {
    throw new BmError("BM_CONFIG_READONLY", `there is no world definition here, and the built-in one (${file}) belongs to the package`, {
      data: { file },
      hint: "Change into the folder whose config/ holds the world, or name a definition with --config.",
    });
  }
  if (zonesDirectory === undefined) {
    throw new BmError("BM_CONFIG_READONLY", `${file}: lists its zones itself, and bm changes only zones that are files`, {
      data: { file },
      hint: `Edit the zones there by hand, or put each into zones/NAME.json and write: zones: zonesFrom(new URL("./zones/", import.meta.url))`,
    });
  }
  const inputs = new Map(zonesFrom(zonesDirectory).zones.map((zone) => [zone.name, zone]));
  const zones = world.zones.flatMap((zone) => inputs.get(zone.name) ?? []);
  if (zones.length < world.zones.length || zones.length < inputs.size) {
    throw new BmError("BM_CONFIG_READONLY", `${file}: its zones are not those of ${zonesDirectory}`, {
      data: { file, zonesDirectory },
      hint: "Edit the zones by hand; bm changes only a world that takes the folder as it is.",
    });
  }
  return { world, directory: zonesDirectory, zones };
}

/**
 * Checks a world with other zones in place of its own, everything that `bm zone run` would check: ring, names, plugins, tiers.
 * @throws BmError BM_CONFIG_INVALID
 */
export function withZones({ world, directory }: EditableWorld, zones: readonly ZoneInput[]): World {
  // Complete and frozen, it still is a definition: defineWorld() copies what it is given. With the folder, problems name its files.
  return defineWorld({ ...world, zones: { directory, zones } } as unknown as WorldInput);
}
