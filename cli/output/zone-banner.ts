import { DEFAULT_PORT } from "../../config/index.ts";
import { joinPlace, type RunningZones } from "../services/zone/run.ts";
import { formatRange } from "./ring.ts";
import { styled } from "./style.ts";
import { table } from "./table.ts";
import { typed } from "./typed-command.ts";

/** What runs, where, and how to join it. */
export function zoneBanner(running: RunningZones): string {
  const { longitude, latitude } = joinPlace(running);
  const zones = table(running.zones, [
    { title: "ZONE", value: (zone) => zone.name },
    { title: "LONGITUDE", value: (zone) => formatRange(zone.west, zone.east) },
    { title: "CAPACITY", value: (zone) => zone.capacity },
    { title: "PLUGINS", value: (zone) => zone.plugins.join(", ") || "none" },
  ]);
  const url = running.port === DEFAULT_PORT ? "" : ` --url ${running.url}`;
  return [
    zones,
    "",
    `Listening at ${styled("bold", running.url)}. Join it:`,
    `  import { Client } from "@colyseus/sdk";`,
    `  const client = new Client("${running.url}");`,
    `  const room = await client.joinOrCreate("zone", { longitude: ${longitude}, latitude: ${latitude} });`,
    // Without it the SDK warns that nobody listens to the welcome.
    `  room.onMessage("zone:welcome", ({ zone, entityId }) => console.log(\`zone \${zone}, entity \${entityId}\`));`,
    `Or fill it from another terminal, in this folder: ${styled("bold", typed(`bm bots --count 60${url}`))}`,
    "",
  ].join("\n");
}
