import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { type BmErrorCode, showValue } from "../config/index.ts";
import type { PluginMetric, ZoneRoom } from "../rooms/index.ts";

/** Shares of the frame time that are published: the median, and what the slowest ticks cost. */
const SHARES = [0.5, 0.95, 0.99] as const;

/** Most numbers of one plugin in one zone. */
const MAX_PLUGIN_METRICS = 64;
/** snake_case: names of metrics and of labels. */
const METRIC_NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/** The process's metrics: read from the rooms' own counters when somebody asks, so that counting costs the frames nothing. */
export interface ProcessMetrics {
  /** Prometheus text. */
  text(): Promise<string>;
  contentType: string;
  countRefusal(code: BmErrorCode): void;
  countStray(): void;
  stop(): void;
}

export function createMetrics(rooms: () => Iterable<ZoneRoom>): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();

  const gauge = (name: string, help: string, labels: string[], read: (gauge: Gauge) => void) =>
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        this.reset();
        read(this);
      },
    });
  const counter = (name: string, help: string, labels: string[], read: (counter: Counter) => void) =>
    new Counter({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      collect() {
        this.reset();
        read(this);
      },
    });
  const perZone = (name: string, help: string, read: (room: ZoneRoom) => number) =>
    gauge(name, help, ["zone"], (metric) => {
      for (const room of rooms()) metric.set({ zone: room.zone.name }, read(room));
    });
  const countPerZone = (name: string, help: string, read: (room: ZoneRoom) => number) =>
    counter(name, help, ["zone"], (metric) => {
      for (const room of rooms()) metric.inc({ zone: room.zone.name }, read(room));
    });
  const bothWays = (name: string, help: string, received: (room: ZoneRoom) => number, sent: (room: ZoneRoom) => number) =>
    counter(name, help, ["zone", "direction"], (metric) => {
      for (const room of rooms()) {
        metric.inc({ zone: room.zone.name, direction: "in" }, received(room));
        metric.inc({ zone: room.zone.name, direction: "out" }, sent(room));
      }
    });

  perZone("bm_players", "Players in the zone, those whose connection is down for the moment included.", (room) => room.load.players);
  perZone("bm_capacity_players", "Players that the zone may hold.", (room) => room.load.capacity);
  perZone("bm_entities", "Entities in the zone, avatars included.", (room) => room.entities.size);
  perZone("bm_tick_rate_hz", "World ticks a second over the last 20 s. Target: 30.", (room) => room.metrics.rates().tickHz);
  gauge(
    "bm_frame_seconds",
    "Seconds that one world tick took on the process's one thread over the last 20 s, messages received and sends included. Target: below 0.033.",
    ["zone", "quantile"],
    (metric) => {
      for (const room of rooms()) {
        room.metrics.frameTimeMs(SHARES).forEach((ms, i) => {
          metric.set({ zone: room.zone.name, quantile: String(SHARES[i]) }, ms / 1000);
        });
      }
    },
  );
  gauge("bm_event_loop_delay_seconds", "How late the event loop ran its timers, since the process began.", ["quantile"], (metric) => {
    for (const share of SHARES) metric.set({ quantile: String(share) }, Math.max(0, delay.percentile(share * 100) / 1e9 - 0.01));
  });
  countPerZone("bm_ticks_total", "World ticks.", (room) => room.metrics.ticks);
  countPerZone("bm_joins_total", "Players who joined.", (room) => room.metrics.joins);
  countPerZone("bm_leaves_total", "Players who left for good.", (room) => room.metrics.leaves);
  countPerZone("bm_drops_total", "Connections that broke.", (room) => room.metrics.drops);
  countPerZone("bm_reconnects_total", "Players who came back on a new connection.", (room) => room.metrics.reconnects);
  bothWays(
    "bm_bytes_total",
    "Payload bytes of WebSocket messages.",
    (room) => room.metrics.bytesIn,
    (room) => room.metrics.bytesOut,
  );
  bothWays(
    "bm_messages_total",
    "WebSocket messages.",
    (room) => room.metrics.messagesIn,
    (room) => room.metrics.messagesOut,
  );
  counter("bm_steps_total", "Movement steps: from a player's input, or idle for a silent one.", ["zone", "kind"], (metric) => {
    for (const room of rooms()) {
      metric.inc({ zone: room.zone.name, kind: "input" }, room.metrics.steps);
      metric.inc({ zone: room.zone.name, kind: "idle" }, room.metrics.idleSteps);
    }
  });
  counter("bm_errors_total", "Errors by code, those answered to clients included.", ["zone", "code"], (metric) => {
    for (const room of rooms()) for (const [code, count] of room.metrics.errors) metric.inc({ zone: room.zone.name, code }, count);
  });
  counter("bm_plugin_seconds_total", "Seconds in the hooks and messages of a plugin.", ["zone", "plugin"], (metric) => {
    for (const room of rooms())
      for (const cost of room.pluginHost.costs) metric.inc({ zone: room.zone.name, plugin: cost.name }, cost.milliseconds / 1000);
  });
  counter(
    "bm_plugin_failures_total",
    "Hooks and messages of a plugin that threw, and kinds of mistakes in its numbers.",
    ["zone", "plugin"],
    (metric) => {
      for (const room of rooms())
        for (const cost of room.pluginHost.costs) metric.inc({ zone: room.zone.name, plugin: cost.name }, cost.failures);
    },
  );
  const refusals = new Counter({ name: "bm_refusals_total", help: "Joins refused, by code.", labelNames: ["code"], registers: [registry] });

  const strays = new Counter({ name: "bm_stray_errors_total", help: "Errors outside every guard. Should be 0.", registers: [registry] });

  const pluginMetrics = createPluginMetrics(rooms, (name) => registry.getSingleMetric(name) !== undefined);

  return {
    text: async () => {
      // First, so that what is wrong with them is in the counts of this very page.
      const ofPlugins = pluginMetrics();
      return (await registry.metrics()) + ofPlugins;
    },
    contentType: registry.contentType,
    countRefusal: (code) => refusals.inc({ code }),
    countStray: () => strays.inc(),
    stop: () => {
      delay.disable();
      registry.clear();
    },
  };
}

/** Samples of one name, from all zones. */
interface Family {
  plugin: string;
  type: PluginMetric["type"];
  help: string;
  /** Value by labels as they are written. */
  samples: Map<string, number>;
}

/**
 * The numbers of all plugins as Prometheus text, read anew at each call. Written by hand: a registry wants every name and its labels
 * before the first value, and a plugin may have others each time. What cannot be published is left out, and said once for each
 * plugin, zone and kind of mistake, for a page is read every few seconds.
 * @param taken whether a name is one of the process's own.
 */
function createPluginMetrics(rooms: () => Iterable<ZoneRoom>, taken: (name: string) => boolean): () => string {
  const said = new WeakMap<ZoneRoom, Set<string>>();
  return () => {
    const families = new Map<string, Family>();
    for (const room of rooms()) {
      room.pluginHost.readMetrics((plugin, metrics) => {
        const complain = (kind: string, problem: string): void => {
          const before = said.get(room) ?? new Set();
          said.set(room, before);
          if (before.has(`${plugin} ${kind}`)) return;
          before.add(`${plugin} ${kind}`);
          room.pluginHost.complain(plugin, "readMetrics", `left out of /metrics: ${problem}`);
        };
        if (metrics.length > MAX_PLUGIN_METRICS) {
          complain("number", `all after the first ${MAX_PLUGIN_METRICS}, got ${metrics.length}`);
        }
        for (const metric of metrics.slice(0, MAX_PLUGIN_METRICS)) {
          const problem = metricProblem(metric) ?? addSample(families, plugin, room.zone.name, metric, taken);
          if (problem) complain(...problem);
        }
      });
    }
    return [...families].map(([name, family]) => familyText(name, family)).join("");
  };
}

/** What is wrong with a metric by itself: the kind of mistake, and a sentence. */
function metricProblem({ name, help, type, value, labels = {} }: PluginMetric): [kind: string, problem: string] | undefined {
  if (typeof name !== "string" || name.length > 64 || !METRIC_NAME.test(name)) {
    return ["name", `name: got ${showValue(name)}, expected snake_case of at most 64 characters`];
  }
  if (typeof help !== "string") return ["help", `${name}: help: got ${showValue(help)}, expected a line of text`];
  if (type !== "gauge" && type !== "counter") return ["type", `${name}: type: got ${showValue(type)}, expected gauge or counter`];
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return ["value", `${name}: value: got ${showValue(value)}, expected a finite number`];
  }
  if (type === "counter" && value < 0) return ["sign", `${name}: value: got ${value}, expected a counter to be 0 or more`];
  for (const [label, text] of Object.entries(labels)) {
    if (!METRIC_NAME.test(label) || label === "zone") {
      return ["label", `${name}: label: got ${showValue(label)}, expected snake_case and not zone`];
    }
    if (typeof text !== "string") return ["label value", `${name}: label ${label}: got ${showValue(text)}, expected a string`];
  }
  return undefined;
}

/** Adds a metric to those of its name; or says why it cannot stand beside what is there, as {@link metricProblem} does. */
function addSample(
  families: Map<string, Family>,
  plugin: string,
  zone: string,
  { name, help, type, value, labels = {} }: PluginMetric,
  taken: (name: string) => boolean,
): [kind: string, problem: string] | undefined {
  const ending = type === "counter" && !name.endsWith("_total") ? "_total" : "";
  const fullName = `bm_${plugin.replaceAll("-", "_")}_${name}${ending}`;
  const family = families.get(fullName) ?? { plugin, type, help, samples: new Map() };
  if (taken(fullName) || family.plugin !== plugin) return ["taken", `${name}: ${fullName} is another's already, expected another name`];
  if (family.type !== type) return ["other type", `${name}: type: got ${type}, expected ${family.type} as before`];
  // In one order, so that the same labels are the same text.
  const pairs = [["zone", zone], ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))];
  const written = pairs.map(([label, text]) => `${label}="${escaped(text as string).replaceAll('"', '\\"')}"`).join(",");
  if (family.samples.has(written)) return ["twice", `${name}: got {${written}} twice, expected each once`];
  family.samples.set(written, value);
  families.set(fullName, family);
  return undefined;
}

/** Source: Prometheus text format 0.0.4. */
function familyText(name: string, { type, help, samples }: Family): string {
  const lines = [...samples].map(([labels, value]) => `${name}{${labels}} ${value}\n`);
  return `\n# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
