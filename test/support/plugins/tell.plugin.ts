import { type PluginMetric, ZonePlugin } from "../../../sdk/index.ts";

/** Its name, put before that of a number, can give the same as one of the plugin `tell-tale`: `bm_tell_tale_…`. */
export class TellPlugin extends ZonePlugin {
  static readonly pluginName = "tell";
  static readonly after = ["tell-tale"];

  metrics: PluginMetric[] = [];

  override readMetrics(): readonly PluginMetric[] {
    return this.metrics;
  }
}
