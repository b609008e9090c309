import type { RingZone } from "../../config/index.ts";
import type { PlannedChange } from "../services/zone/plan.ts";
import { formatRange, ring } from "./ring.ts";
import { styled } from "./style.ts";

const WORDS: Record<PlannedChange["action"], string> = {
  create: "is created with",
  shrink: "keeps",
  grow: "grows to",
  split: "is split off with",
  remove: "is removed, which had",
};

/** The ring before and after, and a line for each zone that changes. */
export function zoneChange(before: readonly RingZone[], after: readonly RingZone[], changes: readonly PlannedChange[]): string {
  const lines = changes.map(({ zone, action, west, east }) => `${zone} ${WORDS[action]} ${formatRange(west, east)}`);
  return [styled("bold", "before"), ring(before), "", styled("bold", "after"), ring(after), "", ...lines].join("\n");
}
