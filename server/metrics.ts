import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { BmErrorCode } from "../config/index.ts";
import type { ZoneRoom } from "../rooms/index.ts";

/** Shares of the frame time that are published: the median, and what the slowest ticks cost. */
const SHARES = [0.5, 0.95, 0.99] as const;

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
  counter("bm_plugin_failures_total", "Hooks and messages of a plugin that threw.", ["zone", "plugin"], (metric) => {
    for (const room of rooms())
      for (const cost of room.pluginHost.costs) metric.inc({ zone: room.zone.name, plugin: cost.name }, cost.failures);
  });
  const refusals = new Counter({ name: "bm_refusals_total", help: "Joins refused, by code.", labelNames: ["code"], registers: [registry] });

  const strays = new Counter({ name: "bm_stray_errors_total", help: "Errors outside every guard. Should be 0.", registers: [registry] });

  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    countRefusal: (code) => refusals.inc({ code }),
    countStray: () => strays.inc(),
    stop: () => {
      delay.disable();
      registry.clear();
    },
  };
}
