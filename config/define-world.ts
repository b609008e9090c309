import { invalidWorld } from "./invalid-world.ts";
import { normalizeLongitudeDeg } from "./longitude.ts";
import { frozenCopy, isRecord } from "./plain.ts";
import { type Path, problemsIn } from "./problems.ts";
import { salvage } from "./salvage.ts";
import { mergeTiers } from "./tiers.ts";
import { type ParsedWorld, worldSchema } from "./world.schema.ts";
import { type IsBroken, relationProblems } from "./world-checks.ts";
import type { World, WorldInput, Zone } from "./world-types.ts";

/**
 * On every world that {@link defineWorld} made, with the folder of its zone files. Not enumerable: it is no part of the
 * definition and is not published. From the global registry, because a project's world may be made by another copy of this module.
 */
const ORIGIN = Symbol.for("bluemarble.world.origin");

/**
 * Checks a world definition and fills in every default. The result is deeply frozen, shares no object with the input, and has its
 * zones eastward from -180.
 * @throws BmError BM_CONFIG_INVALID with all problems, one a line, and `data.problems`.
 * @example
 * export default defineWorld({ zones: zonesFrom(new URL("./zones/", import.meta.url)), plugins: ["interest"] });
 */
export function defineWorld(input: WorldInput): World {
  const { definition, zonesDirectory } = unfolded(input);
  const parsed = worldSchema.safeParse(definition, { reportInput: true });
  const shape = parsed.success ? [] : problemsIn(parsed.error);
  const broken = shape.map((problem) => problem.path);
  const checkable = parsed.success ? parsed : worldSchema.safeParse(salvage(definition, broken));
  const relations = checkable.success ? relationProblems(checkable.data, brokenAt(broken)) : [];
  if (!parsed.success || relations.length > 0) throw invalidWorld([...shape, ...relations], definition, zonesDirectory);

  const world = { ...frozenCopy(complete(parsed.data)) };
  Object.defineProperty(world, ORIGIN, { value: Object.freeze({ zonesDirectory }), enumerable: false });
  return Object.freeze(world);
}

/** The folder of zone files that a world was read from; undefined when its zones are not files. */
export function zonesDirectoryOf(world: World): string | undefined {
  return (world as { [ORIGIN]?: { zonesDirectory: string | undefined } })[ORIGIN]?.zonesDirectory;
}

/** Whether a value came out of {@link defineWorld}, of this copy of the module or another. */
export function isWorld(value: unknown): value is World {
  return isRecord(value) && ORIGIN in value;
}

/** The definition with the zones as a list, whose positions are what problems name, and the folder that they came from. */
function unfolded(input: WorldInput): { definition: unknown; zonesDirectory: string | undefined } {
  const zones: unknown = isRecord(input) ? input.zones : undefined;
  if (!isRecord(zones) || typeof zones.directory !== "string") return { definition: input, zonesDirectory: undefined };
  return { definition: { ...input, zones: zones.zones }, zonesDirectory: zones.directory };
}

function complete(parsed: ParsedWorld): World {
  const tiers = mergeTiers(parsed.tiers);
  const zones = parsed.zones.map((zone): Zone => {
    const here = zone.plugins ?? {};
    const plugins = parsed.plugins.map(({ use, options }) => {
      const own = here[use] ?? {};
      return [use, own === false ? false : { ...options, ...own }] as const;
    });
    return {
      name: zone.name,
      west: zone.west + 0,
      east: zone.east + 0,
      capacity: zone.capacity,
      tiers: mergeTiers(zone.tiers, tiers),
      plugins: Object.fromEntries(plugins),
    };
  });
  zones.sort((a, b) => normalizeLongitudeDeg(a.west) - normalizeLongitudeDeg(b.west));
  return { ...parsed, zones, tiers };
}

/** A value counts as broken when it, or something that it is in, or something in it was found to be. */
function brokenAt(broken: readonly Path[]): IsBroken {
  const startsWith = (path: Path, start: Path) => start.every((key, index) => path[index] === key);
  return (path) => broken.some((there) => startsWith(path, there) || startsWith(there, path));
}
