import { DEFAULT_TIERS } from "./defaults.ts";
import type { DeepPartial, Tiers } from "./world-types.ts";

/** From the nearest to the farthest; the local tier, which has no radius, comes first. */
export const TIER_NAMES = ["local", "combat", "visual", "extended"] as const;

/** Tiers with others laid over them, value by value; what is left out or undefined shows through. */
export function mergeTiers(over: DeepPartial<Tiers> = {}, base: Tiers = DEFAULT_TIERS): Tiers {
  const ranged = (tier: "combat" | "visual" | "extended") => ({
    hz: over[tier]?.hz ?? base[tier].hz,
    radiusM: over[tier]?.radiusM ?? base[tier].radiusM,
  });
  return {
    local: { hz: over.local?.hz ?? base.local.hz },
    combat: ranged("combat"),
    visual: ranged("visual"),
    extended: ranged("extended"),
    hysteresis: over.hysteresis ?? base.hysteresis,
  };
}
