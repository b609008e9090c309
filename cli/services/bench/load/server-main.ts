/** The process that a run measures: one zone around the whole Earth. Started by `server-process.ts`; ends when its channel closes. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { BmError, defineWorld, readEnvironment } from "../../../../config/index.ts";
import { InterestPlugin } from "../../../../plugins/interest/index.ts";
import type { ZoneRoom } from "../../../../rooms/index.ts";
import { startWorldServer, type WorldServer } from "../../../../server/index.ts";
import type { LoadParameters } from "./options.ts";
import type { MemorySample, StartedServer, WindowSample } from "./server-samples.ts";

/** What the command asks the server process for, over the channel between the two. */
export type ServerRequest =
  | { ask: "start"; parameters: LoadParameters }
  | { ask: "memory" }
  | { ask: "begin" }
  | { ask: "end" }
  | { ask: "stop" };

/** What it answers; one answer to each request, in order. */
export type ServerAnswer =
  | { answer: "started"; started: StartedServer }
  | { answer: "memory"; memory: MemorySample }
  | { answer: "begun" }
  | { answer: "sample"; sample: WindowSample }
  | { answer: "failed"; error: { code: string; message: string; hint?: string | undefined; stack?: string | undefined } };

/** How fine the lateness of timers is measured; the histogram holds what passes between two looks, this included. */
const DELAY_RESOLUTION_MS = 1;

let server: WorldServer | undefined;
let window: { end(): WindowSample } | undefined;

async function start(parameters: LoadParameters): Promise<StartedServer> {
  const { options, refused } = interestOptions(parameters);
  const world = defineWorld({
    name: "bench",
    zones: [{ name: "bench", west: -180, east: 180, capacity: parameters.capacity }],
    plugins: ["quantization", { use: "interest", options }],
    // The share that is kept for players who walk in is of no use to a single zone.
    limits: { joinShareOfCapacity: 1 },
  });
  server = await startWorldServer({
    world,
    worldFile: import.meta.filename,
    // Nothing of this machine's environment: a Redis would be measured too.
    environment: { ...readEnvironment({}), port: 0, host: "127.0.0.1", logLevel: "warn" },
  });
  const { zone } = room();
  return { port: server.port, tiers: zone.tiers, interest: { ...(zone.plugins.interest || {}) }, refused };
}

/** The options that this version of the plugin knows. */
function interestOptions({ serializer, governor }: LoadParameters): { options: Record<string, unknown>; refused: string[] } {
  const wanted = { serializer: serializer === "ours" ? "tiered" : "stock", governor };
  const schema = InterestPlugin.options;
  const refused = Object.entries(wanted).filter(([key, value]) => !schema.safeParse({ [key]: value }).success);
  const options = Object.fromEntries(Object.entries(wanted).filter(([key]) => !refused.some(([name]) => name === key)));
  return { options, refused: refused.map(([key, value]) => `${key}: ${value}`) };
}

function room(): ZoneRoom {
  const [only] = server?.rooms() ?? [];
  if (only === undefined) throw new BmError("BM_INTERNAL", "the zone of the bench is not up");
  return only;
}

function memory(): MemorySample {
  // What could be collected is nobody's memory. Twice, for the first pass only finds what finalisers hold.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapAndExternal: heapUsed + external, rss };
}

function begin(): { end(): WindowSample } {
  const { metrics, load } = room();
  const tickMs: number[] = [];
  // The room remembers 20 s; a window is as long as it was asked for.
  const record = metrics.recordTick.bind(metrics);
  metrics.recordTick = (milliseconds) => {
    tickMs.push(milliseconds);
    record(milliseconds);
  };
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const { bytesOut, messagesOut, bytesIn, messagesIn } = metrics;
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  return {
    end() {
      const seconds = (performance.now() - beganMs) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      delay.disable();
      metrics.recordTick = record;
      return {
        seconds,
        tickMs,
        eventLoopDelayMsP95: Math.max(0, delay.percentile(95) / 1e6 - DELAY_RESOLUTION_MS),
        cpuShare: (user + system) / 1e6 / seconds,
        bytesOut: metrics.bytesOut - bytesOut,
        packetsOut: metrics.messagesOut - messagesOut,
        bytesIn: metrics.bytesIn - bytesIn,
        packetsIn: metrics.messagesIn - messagesIn,
        players: (load.players + room().load.players) / 2,
      };
    },
  };
}

async function answerTo(request: ServerRequest): Promise<ServerAnswer> {
  switch (request.ask) {
    case "start":
      return { answer: "started", started: await start(request.parameters) };
    case "memory":
      return { answer: "memory", memory: memory() };
    case "begin":
      window = begin();
      return { answer: "begun" };
    case "end": {
      if (window === undefined) throw new BmError("BM_INTERNAL", "no window was begun");
      return { answer: "sample", sample: window.end() };
    }
    case "stop":
      await server?.stop();
      process.exit(0);
  }
}

function failure(error: unknown): ServerAnswer {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof BmError) return { answer: "failed", error: { code: error.code, message, hint: error.hint, stack } };
  return { answer: "failed", error: { code: "BM_INTERNAL", message, stack } };
}

// The host's monitoring takes a process with a channel for one under a process manager, and would report to it.
const send = process.send?.bind(process);
delete process.send;
process.on("message", (request: ServerRequest) => {
  answerTo(request)
    .catch(failure)
    .then((answer) => send?.(answer));
});
// The command decides when this ends: a terminal sends Ctrl-C to both. When the command is gone, so is the channel.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit(1));
