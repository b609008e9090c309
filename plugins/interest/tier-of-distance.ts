import type { Tiers } from "../../config/index.ts";
import type { TierName } from "../../rooms/index.ts";

/** Tier numbers, nearest first; {@link OUT_OF_RANGE} sees nothing. The viewer's own body is always {@link LOCAL}. */
export const LOCAL = 0;
export const COMBAT = 1;
export const VISUAL = 2;
export const EXTENDED = 3;
export const OUT_OF_RANGE = 4;

/** The name of each tier number but the last. */
export const TIER_OF_NUMBER: readonly TierName[] = ["local", "combat", "visual", "extended"];

/**
 * The tier in which a viewer has an entity at a distance, given the tier it had it in before. A tier is entered inside its
 * radius and left beyond the radius and a share of it (`tiers.hysteresis`), so that a body on the edge does not flicker.
 *
 * @param distanceSquaredM2 - square metres, height included.
 * @param before - {@link COMBAT} to {@link OUT_OF_RANGE}.
 */
export function tierOfDistance(distanceSquaredM2: number, before: number, tiers: Tiers): number {
  const slack = 1 + tiers.hysteresis;
  const radii = [0, tiers.combat.radiusM, tiers.visual.radiusM, tiers.extended.radiusM];
  for (let tier = COMBAT; tier <= EXTENDED; tier++) {
    const radius = (radii[tier] as number) * (before <= tier ? slack : 1);
    if (distanceSquaredM2 < radius * radius) return tier;
  }
  return OUT_OF_RANGE;
}
