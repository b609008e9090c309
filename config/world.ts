import { defineWorld } from "./define-world.ts";
import { zonesFrom } from "./zone-files.ts";

/** The default world: one file for each zone in `zones/`, and the plugins that every world of players needs. */
export default defineWorld({
  name: "earth",
  zones: zonesFrom(new URL("./zones/", import.meta.url)),
  plugins: ["quantization", "interest", "landmarks"],
});
