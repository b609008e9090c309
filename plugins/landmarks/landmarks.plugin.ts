import { containsLongitude, normalizeLongitudeDeg } from "../../config/index.ts";
import { type PluginOptions, ZonePlugin } from "../../sdk/index.ts";
import { landmarksOptions } from "./options.ts";

/** Puts solid landmarks where they stand on Earth. The smallest built-in plugin: copy it to begin your own. */
export class LandmarksPlugin extends ZonePlugin<PluginOptions<typeof landmarksOptions>> {
  static readonly pluginName = "landmarks";
  static readonly options = landmarksOptions;

  override onCreate(): void {
    const { west, east } = this.room.zone;
    for (const { name, longitude, latitude, altitude, radiusM, heightM } of this.options.list) {
      if (!containsLongitude(west, east, normalizeLongitudeDeg(longitude))) continue;
      this.room.entities.spawn({ kind: "landmark", name, position: { longitude, latitude, altitude }, solid: { radiusM, heightM } });
    }
  }
}
