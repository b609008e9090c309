import type { Client } from "@colyseus/core";
import { BmError, showValue } from "../config/index.ts";
import type { Avatar } from "./avatar.ts";
import type { HandoffData, PluginHooks, PluginInstance, PluginMetric, PluginStatics, TickContext, TickPhase } from "./plugin-contract.ts";
import type { EntityState } from "./state/state-types.ts";

/** A plugin in one room. */
export interface HostedPlugin {
  name: string;
  statics: PluginStatics;
  instance: PluginInstance;
  /** False where the zone switches the plugin off: its fields stay, its hooks and messages do not. */
  active: boolean;
}

/** What one plugin has cost and how often it failed, since the room began. */
export interface PluginCost {
  name: string;
  /** Milliseconds in all hooks and messages; what an async hook does after its first await is not in it. */
  milliseconds: number;
  calls: number;
  failures: number;
}

type HookName = keyof PluginHooks;
type Lifecycle = "onCreate" | "onAuth" | "onJoin" | "onDrop" | "onReconnect" | "onLeave" | "onDispose";

interface TickEntry {
  plugin: HostedPlugin;
  cost: PluginCost;
  everyFrames: number;
  dtSeconds: number;
  /** Made once: a frame allocates nothing. */
  run(): void;
}

/**
 * Calls the hooks of a room's plugins: in their order (in reverse for leave and dispose), one after the other, each timed,
 * and so that a throw in one is reported by name and never reaches the next, the room or the process. BmErrors thrown by
 * `onAuth` and `onJoin` are refusals and pass through.
 */
export class PluginHost {
  readonly plugins: readonly HostedPlugin[];
  readonly costs: readonly PluginCost[];
  readonly #ticks: Record<TickPhase, TickEntry[]> = { input: [], simulate: [], replicate: [], persist: [] };
  readonly #report: (error: BmError) => void;
  readonly #tick: TickContext = { frame: 0, dtSeconds: 0, nowMs: 0 };

  /** @param rates frames and world ticks a second. */
  constructor(plugins: readonly HostedPlugin[], rates: { frameHz: number; tickHz: number }, report: (error: BmError) => void) {
    this.plugins = plugins.filter((plugin) => plugin.active);
    this.costs = this.plugins.map((plugin) => ({ name: plugin.name, milliseconds: 0, calls: 0, failures: 0 }));
    this.#report = report;
    this.plugins.forEach((plugin, i) => {
      if (!plugin.instance.onTick) return;
      const { phase, hz: wanted } = plugin.statics.tick ?? DEFAULT_TICK;
      const { frameHz, tickHz } = rates;
      const hz = wanted === "frame" ? frameHz : wanted === "tick" ? tickHz : wanted;
      const run = () => plugin.instance.onTick?.(this.#tick);
      this.#ticks[phase].push({ plugin, cost: this.costs[i] as PluginCost, everyFrames: frameHz / hz, dtSeconds: 1 / hz, run });
    });
  }

  /** Runs a phase of a frame. Synchronous; allocates nothing. */
  runTicks(phase: TickPhase, frame: number, nowMs: number): void {
    for (const entry of this.#ticks[phase]) {
      if (frame % entry.everyFrames !== 0) continue;
      this.#tick.frame = frame;
      this.#tick.nowMs = nowMs;
      this.#tick.dtSeconds = entry.dtSeconds;
      this.#call(entry.plugin, entry.cost, "onTick", entry.run);
    }
  }

  create(): Promise<void> {
    return this.#lifecycle("onCreate", (hooks) => hooks.onCreate?.());
  }

  auth(client: Client, options: unknown): Promise<void> {
    return this.#lifecycle("onAuth", (hooks) => hooks.onAuth?.(client, options), true);
  }

  join(client: Client, options: unknown): Promise<void> {
    return this.#lifecycle("onJoin", (hooks) => hooks.onJoin?.(client, options), true);
  }

  drop(client: Client, code: number | undefined): Promise<void> {
    return this.#lifecycle("onDrop", (hooks) => hooks.onDrop?.(client, code));
  }

  reconnect(client: Client): Promise<void> {
    return this.#lifecycle("onReconnect", (hooks) => hooks.onReconnect?.(client));
  }

  welcome(client: Client, again: boolean): void {
    this.#each("onWelcome", (hooks) => hooks.onWelcome?.(client, again));
  }

  leave(client: Client, code: number | undefined): Promise<void> {
    return this.#lifecycle("onLeave", (hooks) => hooks.onLeave?.(client, code), false, true);
  }

  dispose(): Promise<void> {
    return this.#lifecycle("onDispose", (hooks) => hooks.onDispose?.(), false, true);
  }

  spawn(id: string, entity: EntityState): void {
    this.#each("onSpawn", (hooks) => hooks.onSpawn?.(id, entity));
  }

  despawn(id: string, entity: EntityState): void {
    this.#each("onDespawn", (hooks) => hooks.onDespawn?.(id, entity));
  }

  /** What every plugin wants to travel with an avatar, by plugin. One that fails to give is left out. */
  handoffOut(avatar: Avatar): Record<string, HandoffData> {
    const parcel: Record<string, HandoffData> = {};
    this.#each("onHandoffOut", (hooks, plugin) => {
      const data = hooks.onHandoffOut?.(avatar);
      if (data !== undefined) parcel[plugin.name] = data;
    });
    return parcel;
  }

  /** Gives every plugin what it sent along. One that fails to take does not stop the others. */
  handoffIn(avatar: Avatar, parcel: Readonly<Record<string, HandoffData>>): void {
    this.#each("onHandoffIn", (hooks, plugin) => {
      const data = parcel[plugin.name];
      if (data !== undefined) hooks.onHandoffIn?.(avatar, data);
    });
  }

  /** Gives each plugin's numbers to `take`, guarded like the hook: what `take` throws at them is the plugin's failure. */
  readMetrics(take: (plugin: string, metrics: readonly PluginMetric[]) => void): void {
    this.#each("readMetrics", (hooks, plugin) => take(plugin.name, atOnce(hooks.readMetrics?.() ?? [])));
  }

  /** What every plugin knows about why a viewer sees an entity as it does, by plugin, as plain data. Those that know nothing or fail are left out. */
  explain(viewer: Avatar, entityId: string): Record<string, Record<string, unknown>> {
    const explanations: Record<string, Record<string, unknown>> = {};
    this.#each("explain", (hooks, plugin) => {
      const explanation = atOnce(hooks.explain?.(viewer, entityId));
      if (explanation === undefined) return;
      if (typeof explanation !== "object" || explanation === null || Array.isArray(explanation)) {
        throw new TypeError(`it gave ${showValue(explanation)}, expected an object`);
      }
      // Here, and not where it is sent: what cannot be sent is the fault of this plugin.
      explanations[plugin.name] = JSON.parse(JSON.stringify(explanation));
    });
    return explanations;
  }

  /** Counts and reports what a plugin did wrong without a throw. */
  complain(name: string, hook: HookName, problem: string): void {
    const cost = this.costs.find((each) => each.name === name);
    if (cost) cost.failures++;
    this.#report(
      new BmError("BM_PLUGIN_FAILED", `plugin ${name}: ${hook}: ${problem}`, {
        data: { plugin: name, hook },
        hint: "the zone goes on without what is wrong",
      }),
    );
  }

  /** Runs a message handler of a plugin: timed and guarded like a hook. Returns what it returns. */
  runMessage(plugin: HostedPlugin, type: string, run: () => unknown): unknown {
    const cost = this.costs[this.plugins.indexOf(plugin)] as PluginCost;
    return this.#call(plugin, cost, `message ${type}`, run, true);
  }

  #each(hook: HookName, run: (hooks: PluginHooks, plugin: HostedPlugin) => void): void {
    this.plugins.forEach((plugin, i) => {
      if (plugin.instance[hook]) this.#call(plugin, this.costs[i] as PluginCost, hook, () => run(plugin.instance, plugin));
    });
  }

  async #lifecycle(
    hook: Lifecycle,
    run: (hooks: PluginHooks) => void | Promise<void>,
    mayRefuse = false,
    backwards = false,
  ): Promise<void> {
    const order = this.plugins.map((plugin, i) => [plugin, this.costs[i] as PluginCost] as const);
    if (backwards) order.reverse();
    for (const [plugin, cost] of order) {
      if (!plugin.instance[hook]) continue;
      try {
        await this.#call(plugin, cost, hook, () => run(plugin.instance), true);
      } catch (error) {
        if (mayRefuse && error instanceof BmError && error.code !== "BM_PLUGIN_FAILED") throw error;
      }
    }
  }

  /** Times and guards one call. With `rethrow` the error is also thrown on, for callers that answer it. */
  #call(plugin: HostedPlugin, cost: PluginCost, what: string, run: () => unknown, rethrow = false): unknown {
    const began = performance.now();
    cost.calls++;
    try {
      const result = run();
      if (result instanceof Promise) {
        return result.catch((error) => {
          this.#fail(plugin, cost, what, error, rethrow);
          if (rethrow) throw error;
        });
      }
      return result;
    } catch (error) {
      this.#fail(plugin, cost, what, error, rethrow);
      if (rethrow) throw error;
      return undefined;
    } finally {
      cost.milliseconds += performance.now() - began;
    }
  }

  #fail(plugin: HostedPlugin, cost: PluginCost, what: string, error: unknown, mayRefuse: boolean): void {
    // Where somebody asks, a BmError is the plugin's own considered refusal; anywhere else it is a fault like any other.
    if (mayRefuse && error instanceof BmError && error.code !== "BM_PLUGIN_FAILED") return;
    cost.failures++;
    const reason = error instanceof Error ? error.message : String(error);
    this.#report(
      new BmError("BM_PLUGIN_FAILED", `plugin ${plugin.name}: ${what} threw: ${reason}`, {
        data: { plugin: plugin.name, hook: what },
        hint: "the zone goes on without what the hook would have done",
        cause: error,
      }),
    );
  }
}

/** Refuses what comes later from a hook that must answer at once; without the catch its rejection would be nobody's. */
function atOnce<T>(answer: T): T {
  if (!(answer instanceof Promise)) return answer;
  answer.catch(() => {});
  throw new TypeError("it gave a promise, expected an answer at once");
}

/** The tick of a plugin that does not say. */
export const DEFAULT_TICK = { phase: "simulate", hz: 30 } as const;
