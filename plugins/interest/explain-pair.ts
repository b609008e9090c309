import type { Tiers } from "../../config/index.ts";
import { TIER_NAMES } from "../../rooms/index.ts";
import { LOAD_STEPS, type Rates } from "./tiered/governor.ts";
import type { PairStatus } from "./tiered/replicator.ts";

interface ExplainContext {
  tiers: Tiers;
  rates: Rates;
  frameHz: number;
  budgetBytesPerSecond: number;
  loadLevel: number;
}

/** Why a viewer sees an entity as it does, for `bm explain`. Metres, frames and Hz. */
export function explainPair(pair: PairStatus | undefined, context: ExplainContext): Record<string, unknown> | undefined {
  if (!pair) return undefined;
  const { tiers, rates, frameHz, budgetBytesPerSecond, loadLevel } = context;
  const tier = pair.tier === null ? undefined : TIER_NAMES[pair.tier];
  const radiusM = tier === undefined || tier === "local" ? null : tier === "extended" ? rates.extendedRadiusM : tiers[tier].radiusM;
  return {
    sees: pair.known,
    tier: tier ?? "none",
    why: whyOf(pair, tier, radiusM, rates),
    hz: tier === undefined ? 0 : rates[tier],
    radiusM,
    enterRadiusM: radiusM ?? rates.extendedRadiusM,
    leaveRadiusM: (radiusM ?? rates.extendedRadiusM) * (1 + tiers.hysteresis),
    sentFramesAgo: pair.sent === null || !pair.known ? null : pair.frame - pair.sent,
    nextDueFrames: pair.nextDue === null ? null : pair.nextDue - pair.frame,
    waiting: pair.tier !== null && pair.tier !== 0 && (!pair.known || pair.lacksFields),
    queue: pair.queue,
    budget: { bytesPerSecond: budgetBytesPerSecond, availableBytes: Math.round(pair.budgetBytes) },
    frame: pair.frame,
    frameHz,
    loadLevel,
    loadStep: LOAD_STEPS[loadLevel],
  };
}

function whyOf(pair: PairStatus, tier: string | undefined, radiusM: number | null, rates: Rates): string {
  if (tier === "local") return "it is the viewer's own entity";
  if (!Number.isFinite(pair.distanceM)) return "it is at no place on Earth, so nobody sees it";
  const away = `${pair.distanceM.toFixed(1)} m away`;
  if (tier === undefined) {
    return pair.distanceM < rates.extendedRadiusM
      ? `${away}: in range, and found when the viewer's surroundings are next looked over`
      : `${away}, farther than the ${rates.extendedRadiusM} m that anyone sees`;
  }
  if (!pair.known) return `${away}, within the ${tier} tier; it waits for the viewer's budget`;
  if (radiusM !== null && pair.distanceM > radiusM)
    return `${away}: beyond the ${radiusM} m of the ${tier} tier, but it leaves only at the hysteresis`;
  return `${away}, within the ${radiusM} m of the ${tier} tier`;
}
