import { type Avatar, type PluginMetric, ZonePlugin } from "../../../sdk/index.ts";

/** Publishes and explains what a test puts into {@link TellTalePlugin.metrics}, or what that returns, and {@link TellTalePlugin.explanation}. */
export class TellTalePlugin extends ZonePlugin {
  static readonly pluginName = "tell-tale";

  metrics: unknown = [];
  explanation: (viewer: Avatar, entityId: string) => unknown = () => undefined;

  override readMetrics(): readonly PluginMetric[] {
    return (typeof this.metrics === "function" ? this.metrics() : this.metrics) as PluginMetric[];
  }

  override explain(viewer: Avatar, entityId: string): Record<string, unknown> | undefined {
    return this.explanation(viewer, entityId) as Record<string, unknown> | undefined;
  }
}
