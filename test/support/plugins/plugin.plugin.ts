import { type PluginMetric, ZonePlugin } from "../../../sdk/index.ts";

/** Its name, put before that of a number, can give a name of the server's own: `bm_plugin_failures_total`. */
export class PluginPlugin extends ZonePlugin {
  static readonly pluginName = "plugin";

  metrics: PluginMetric[] = [];

  override readMetrics(): readonly PluginMetric[] {
    return this.metrics;
  }
}
