import type { Tiers } from "../../config/index.ts";

/** A replication tier, nearest first. `local` is the owner's own body. */
export type TierName = Exclude<keyof Tiers, "hysteresis">;

/** Tiers in order, nearest first; the farthest tier of a field is the last that still carries it. */
export const TIER_NAMES = ["local", "combat", "visual", "extended"] as const satisfies readonly TierName[];

/**
 * Schema view tag of each tier's own fields. Fields of the extended tier carry no tag: whoever sees the entity at all gets
 * them. A viewer's mask is the union of its tier's tag and those of every farther tier: {@link viewTagsOf}.
 */
const VIEW_TAG = { extended: undefined, visual: 1, combat: 2, local: 4 } as const satisfies Record<TierName, number | undefined>;

/** The schema view tag for fields whose farthest tier is `tier`; undefined for untagged. */
export function viewTagOf(tier: TierName): number | undefined {
  return VIEW_TAG[tier];
}

/** The mask of tags that a viewer at `tier` receives; 0 for the extended tier, which needs none. */
export function viewTagsOf(tier: TierName): number {
  let mask = 0;
  for (let i = TIER_NAMES.indexOf(tier); i < TIER_NAMES.length; i++) mask |= VIEW_TAG[TIER_NAMES[i] as TierName] ?? 0;
  return mask;
}
