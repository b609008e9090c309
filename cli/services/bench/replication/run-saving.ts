import { Encoder, schema, t } from "@colyseus/schema";
import { DEFAULT_TICK_HZ } from "../../../../config/index.ts";
import type { StateTypes } from "../../../../rooms/index.ts";
import { BenchWorld, benchTypes } from "./bench-world.ts";
import { FRAMES_PER_TICK, type Job } from "./measuring.ts";

/** Code, clock and acknowledgement before each patch: the same for every way. */
const TIMED_PREFIX_BYTES = 9;
/** Two seconds: every player has turned once on average. */
const TICKS = 60;

/** Bytes a second for all clients together, when everybody gets everything in every world tick. */
export interface Broadcast {
  /** The whole state at full precision. */
  fullBytesPerSecond: number;
  /** What has changed, at full precision. */
  deltaBytesPerSecond: number;
  /** What has changed, quantized. */
  quantizedBytesPerSecond: number;
}

/** Encodes a world once a tick with the stock encoder and takes the bytes as often as there are clients. Sizes, not times. */
export function runSaving(job: Job): Broadcast {
  const precise = bytesPerTick(job, false);
  const quantized = bytesPerTick(job, true);
  const perSecond = (bytes: number) => Math.round((bytes + TIMED_PREFIX_BYTES) * job.placements.length * DEFAULT_TICK_HZ);
  return {
    fullBytesPerSecond: perSecond(precise.full),
    deltaBytesPerSecond: perSecond(precise.delta),
    quantizedBytesPerSecond: perSecond(quantized.delta),
  };
}

function bytesPerTick(job: Job, quantized: boolean): { full: number; delta: number } {
  const world = new BenchWorld(withoutViews(benchTypes(quantized)), job.seed);
  const encoder = new Encoder(world.state);
  world.populate(job.placements);
  const buffer = new Uint8Array(job.placements.length * 512 + Encoder.BUFFER_SIZE);
  encoder.sharedBuffer = buffer;
  encoder.discardChanges();
  let delta = 0;
  for (let i = 0; i < TICKS; i++) {
    for (let frame = 0; frame < FRAMES_PER_TICK; frame++) world.step();
    delta += encoder.encode().length;
    encoder.discardChanges();
  }
  return { full: encoder.encodeAll().length, delta: delta / TICKS };
}

/** The same fields without view tags, so that the shared part of a patch is all of it. */
function withoutViews(types: StateTypes): StateTypes {
  const definition = Object.fromEntries(Object.entries(types.fields).map(([name, { type }]) => [name, type()]));
  const Entity = schema(definition as never, "Entity") as unknown as StateTypes["Entity"];
  const ZoneInfo = schema({ name: t.string(), west: t.float64(), east: t.float64() }, "ZoneInfo");
  const ZoneState = schema({ zone: ZoneInfo, entities: t.map(Entity as never) }, "ZoneState") as unknown as StateTypes["ZoneState"];
  return { ...types, Entity, ZoneState };
}
