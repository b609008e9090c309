import { setImmediate as nextTurn } from "node:timers/promises";
import type { Decoder, Schema } from "@colyseus/schema";
import { Protocol } from "@colyseus/sdk";
import type { Tiers } from "../../../../config/index.ts";
import type { MovementBody } from "../../../../rooms/movement/movement.ts";
import { percentile } from "../../bots/report.ts";
import { captureSdkConsole } from "../../bots/sdk-console.ts";
import type { Crowd } from "./crowd.ts";
import type { LoadClient } from "./load-client.ts";
import type { Witness } from "./oracle.ts";
import { Picture, type SeenEntity, Texts } from "./picture.ts";
import { RateMeter, type Rates, ratesOf } from "./rates.ts";
import { DecoderFactory, protocolCode, stateFrame } from "./server-frames.ts";
import { Steering } from "./steering.ts";

/** Clients whose updates are counted one by one: following every change takes several times as long as decoding. */
const METERED_CLIENTS = 48;

/** The measured window, milliseconds of the process. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Examination {
  witnesses: Witness[];
  rates: Rates;
  /** Share of the steered way that bodies went, median. */
  movedShare: number;
  /** The first few different things that the decoder said. */
  samples: readonly string[];
  /** How often it said something. */
  warnings: number;
}

type Entity = MovementBody & SeenEntity;
interface State {
  entities?: { get(id: string): Entity | undefined; entries(): Iterable<[string, Entity]>; values(): Iterable<Entity>; size: number };
}

/** Decodes what every client received, in order, with the stock decoder. O(bytes kept). */
export async function examine(
  crowd: Crowd,
  tiers: Tiers,
  window: Window,
  stop: AbortSignal,
  onClient: (done: number) => void,
): Promise<Examination> {
  const factory = new DecoderFactory();
  const texts = new Texts();
  const metered = crowd.clients.filter((_, index) => index % Math.ceil(crowd.clients.length / METERED_CLIENTS) === 0);
  const meters: RateMeter[] = [];
  const witnesses: Witness[] = [];
  const movedShares: number[] = [];
  // The decoder says that a state went out of step there, and nowhere else.
  const console = captureSdkConsole();
  try {
    for (const client of crowd.clients) {
      stop.throwIfAborted();
      const meter = metered.includes(client) && client.entityId !== "" ? new RateMeter(tiers) : undefined;
      if (meter !== undefined) meters.push(meter);
      const before = console.warnings;
      const { steering, decoder } = replay(client, crowd, factory, window, meter, console.add);
      movedShares.push(steering.movedShare);
      const entities = (decoder?.state as State | undefined)?.entities;
      witnesses.push({
        entityId: client.entityId,
        movedAsSteered: steering.movedAsSteered,
        complained: console.warnings > before,
        picture: entities && Picture.of(entities.entries(), entities.size, texts),
      });
      onClient(witnesses.length);
      await nextTurn();
    }
  } finally {
    console.restore();
  }
  return {
    witnesses,
    rates: ratesOf(meters, tiers, window.toMs - window.fromMs),
    movedShare: percentile(movedShares, 0.5) ?? 0,
    samples: console.samples,
    warnings: console.warnings,
  };
}

function replay(
  client: LoadClient,
  crowd: Crowd,
  factory: DecoderFactory,
  window: Window,
  meter: RateMeter | undefined,
  onThrow: (error: unknown) => void,
): { steering: Steering; decoder: Decoder<Schema> | undefined } {
  const steering = new Steering(client.walker.turns);
  let decoder: Decoder<Schema> | undefined;
  const changed = new Set<object>();
  for (const { frame, atMs } of crowd.log.of(client.index)) {
    const code = protocolCode(frame);
    try {
      if (code === Protocol.JOIN_ROOM) decoder = factory.decoderOf(frame);
      if (decoder === undefined || (code !== Protocol.ROOM_STATE && code !== Protocol.ROOM_STATE_PATCH)) continue;
      const inWindow = meter !== undefined && atMs >= window.fromMs && atMs < window.toMs;
      // Only while it counts: a list of all changes of each frame is made for it.
      if (inWindow !== (decoder.triggerChanges !== undefined)) follow(decoder, inWindow ? changed : undefined);
      const { offset, ack } = stateFrame(frame);
      // As the SDK does: a whole state that comes again ends what is not in it.
      if (code === Protocol.ROOM_STATE && decoder.root.refs.size > 1) decoder.decodeResync(frame, { offset });
      else decoder.decode(frame, { offset });
      const { entities } = decoder.state as State;
      const own = entities?.get(client.entityId);
      if (own === undefined || entities === undefined) continue;
      if (ack !== undefined) steering.observe(own, ack);
      if (inWindow) {
        meter.count(changed);
        meter.look(own, entities.values(), atMs);
      }
      changed.clear();
    } catch (error) {
      onThrow(error);
    }
  }
  return { steering, decoder };
}

function follow(decoder: Decoder<Schema>, changed: Set<object> | undefined): void {
  if (changed === undefined) delete decoder.triggerChanges;
  else
    decoder.triggerChanges = (changes) => {
      for (const { ref } of changes) changed.add(ref);
    };
}
