import type { ShownZone } from "../services/zone/show.ts";
import { formatRange } from "./ring.ts";
import { styled } from "./style.ts";
import { table } from "./table.ts";

/** One zone for people. */
export function zoneDetails({ zone, details, liveWorld }: ShownZone, url: string): string {
  const { live } = details;
  const facts: [string, string][] = [
    ["longitude", formatRange(zone.west, zone.east)],
    [
      "width",
      `${Number(details.widthDeg.toFixed(4))}° (${details.widthKm.toLocaleString("en", { maximumFractionDigits: 1 })} km at the equator)`,
    ],
    ["neighbours", details.neighbours.join(" in the west, ") + (details.neighbours.length === 2 ? " in the east" : "") || "none"],
    ["capacity", `${details.capacity} players`],
    ["running", runningText(live, liveWorld.answer, url)],
    ...outdatedFacts(details),
  ];
  const width = Math.max(...facts.map(([title]) => title.length));
  const tiers = table(details.tiers, [
    { title: "TIER", value: ({ tier }) => tier },
    { title: "HZ", value: ({ hz }) => hz },
    { title: "METRES", value: ({ radiusM }) => (radiusM === null ? "oneself" : `under ${radiusM}`) },
  ]);
  const plugins = table(details.plugins, [
    { title: "PLUGIN", value: ({ name }) => name },
    { title: "OPTIONS", value: ({ options }) => (Object.keys(options).length === 0 ? "defaults" : JSON.stringify(options)) },
  ]);
  return [
    styled("bold", details.name),
    ...facts.map(([title, value]) => `${title.padEnd(width)}  ${value}`),
    "",
    tiers,
    "",
    details.plugins.length === 0 ? "no plugins" : plugins,
  ].join("\n");
}

/** That a server still runs an older definition, so that nobody takes the lines above for what players meet. */
function outdatedFacts({ live, outdated }: ShownZone["details"]): [string, string][] {
  if (live === null || outdated.length === 0) return [];
  const range = outdated.includes("west") || outdated.includes("east") ? [formatRange(live.west, live.east)] : [];
  const capacity = outdated.includes("capacity") ? [`a capacity of ${live.capacity} players`] : [];
  return [["outdated", `running with ${[...range, ...capacity].join(" and ")}; restart to apply what stands above`]];
}

function runningText(live: ShownZone["details"]["live"], answer: ShownZone["liveWorld"]["answer"], url: string): string {
  if (answer === "silent") return `no, nothing answers at ${url}`;
  if (answer === "other") return `unknown, what answers at ${url} is no BlueMarble server`;
  if (live === null) return `no, the world at ${url} has no such zone`;
  if (!live.healthy) return `no, though a server of its world answers at ${url}`;
  return `yes, ${live.players} of ${live.capacity} players, process ${live.processId ?? "unknown"}, room ${live.roomId ?? "unknown"}`;
}
