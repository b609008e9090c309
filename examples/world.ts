import { defineWorld } from "bluemarble/config";

export default defineWorld({
  name: "two-halves",
  // Or `zonesFrom(new URL("./zones/", import.meta.url))`: one JSON file for each zone, which `bm zone create` can change.
  zones: [
    { name: "west", west: -180, east: 0, capacity: 1000 },
    { name: "east", west: 0, east: 180, plugins: { landmarks: false } },
  ],
  plugins: ["quantization", "interest", "landmarks", { use: "./greeter.plugin.ts", options: { text: "Ahoy" } }],
  limits: { messagesPerSecond: 200 },
});
