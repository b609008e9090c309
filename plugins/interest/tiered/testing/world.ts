import { isDeepStrictEqual } from "node:util";
import { $refId, type Decoder, decode, Encoder, encode, type MapSchema, Reflection, type Schema, t } from "@colyseus/schema";
import { mergeTiers } from "../../../../config/index.ts";
import {
  buildStateTypes,
  describeType,
  type EntityState,
  type FieldSpecs,
  METRES_PER_DEGREE,
  mergeFields,
  ownInput,
  positionFromGeographic,
  TIER_NAMES,
  viewTagOf,
  type WireType,
  type ZoneState,
} from "../../../../rooms/index.ts";
import { QuantizationPlugin } from "../../../quantization/index.ts";
import { Replicator, type Viewer, type ViewerSource } from "../replicator.ts";
import { type ModelField, type ModelSource, type ModelViewer, ReplicationModel } from "./model.ts";
import type { Operation, Place, Scenario } from "./scenario.ts";

const FRAME_HZ = 60;
const TICK_HZ = 30;
/** First bytes of a packet: a full state, a patch, and the bit of a timed frame. */
const ROOM_STATE = 14;
const ROOM_STATE_PATCH = 15;
const TIMED = 0x80;

/** What a plugin might add, so that every tier has fields of it: fixed and varying sizes, with and without a value. */
const PLUGIN_FIELDS: FieldSpecs = {
  banner: { type: () => t.string(), tier: "extended", text: "may be absent" },
  hue: { type: () => t.uint8(), tier: "extended", initial: 0, text: "of a cloak" },
  score: { type: () => t.number(), tier: "visual", initial: 0, text: "as long on the wire as its value asks for" },
  motto: { type: () => t.string(), tier: "visual", text: "may be absent" },
  armour: { type: () => t.quantized({ min: 0, max: 1, bits: 8 }), tier: "combat", text: "may be absent" },
  charging: { type: () => t.boolean(), tier: "combat", initial: false, text: "about to strike" },
  secret: { type: () => t.string(), tier: "local", text: "may be absent" },
};
const FIELDS = mergeFields([
  { plugin: "quantization", encodings: QuantizationPlugin.encodings },
  { plugin: "fake", fields: PLUGIN_FIELDS },
]);

/** What an orc has beyond all others. */
const ORC_FIELDS = { rage: { type: () => t.uint8(), tier: "visual" } } as const;

type Values = Record<string, unknown>;

/** How a field of a schema type travels, by the schema's own coder and decoder. */
function modelField(name: string, tier: (typeof TIER_NAMES)[number], builder: WireType): ModelField {
  const type = describeType(builder);
  const buffer = new Uint8Array(1024);
  const wire =
    typeof type === "string"
      ? (value: unknown) => {
          const [writing, reading] = [{ offset: 0 }, { offset: 0 }];
          (encode as unknown as Record<string, (bytes: Uint8Array, value: unknown, it: { offset: number }) => void>)[type]?.(
            buffer,
            value,
            writing,
          );
          const read = (decode as unknown as Record<string, (bytes: Uint8Array, it: { offset: number }) => unknown>)[type];
          return { bytes: writing.offset, value: read?.(buffer, reading) };
        }
      : // The setter has put the value on a step of the wire already.
        (value: unknown) => ({ bytes: (type as { quantized: { bits: number } }).quantized.bits / 8, value });
  return { name, tier: TIER_NAMES.indexOf(tier), wire };
}

const MODEL_FIELDS = Object.entries(FIELDS).map(([name, { tier, type }]) => modelField(name, tier, type()));
const ORC_MODEL_FIELDS = [...MODEL_FIELDS, ...Object.entries(ORC_FIELDS).map(([name, { tier, type }]) => modelField(name, tier, type()))];

/** A client with a stock decoder, and what both sides think of it. */
class TestClient implements ViewerSource, ModelSource {
  readonly ownEntityId: string;
  readonly predict: boolean;
  acknowledged = 0;
  readonly received: Uint8Array[] = [];
  decoder: Decoder | undefined;
  viewer: Viewer | undefined;
  modelViewer: ModelViewer | undefined;

  constructor(ownEntityId: string, predict: boolean) {
    this.ownEntityId = ownEntityId;
    this.predict = predict;
  }

  ack(): number {
    return this.acknowledged;
  }

  send(packet: Uint8Array): void {
    // The replicator may use its buffer again.
    this.received.push(packet.slice());
  }
}

/**
 * Runs a scenario on the replicator and on the model at once.
 *
 * @returns the first thing in which they differ, or undefined.
 */
export function firstDifference(scenario: Scenario): string | undefined {
  const complaints: string[] = [];
  const { warn, error } = console;
  console.warn = console.error = (...parts: unknown[]) => void complaints.push(parts.join(" "));
  try {
    const world = new TestWorld(scenario);
    for (const [frame, gap] of scenario.gaps.entries()) {
      for (const operation of gap) {
        const difference = world.run(operation, frame);
        if (difference) return `before frame ${frame}, ${JSON.stringify(operation)}: ${difference}`;
      }
      const difference = world.frame(frame);
      if (difference) return `frame ${frame}, ${difference}`;
      if (complaints.length > 0) return `frame ${frame}, a decoder says: ${complaints[0]}`;
    }
    return undefined;
  } catch (thrown) {
    return `threw ${(thrown as Error).stack}`;
  } finally {
    console.warn = warn;
    console.error = error;
  }
}

class TestWorld {
  readonly #scenario: Scenario;
  readonly #state: ZoneState;
  readonly #encoder: Encoder;
  readonly #reflection: Uint8Array;
  readonly #Entity: new () => EntityState;
  readonly #Orc: new () => EntityState;
  readonly #replicator: Replicator;
  readonly #model: ReplicationModel;
  readonly #clients = new Map<number, TestClient>();
  #problem: string | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const types = buildStateTypes(FIELDS);
    this.#Entity = types.Entity;
    const orcFields: Values = {};
    for (const [name, { type, tier }] of Object.entries(ORC_FIELDS)) orcFields[name] = type().view(viewTagOf(tier) as number);
    this.#Orc = (types.Entity as unknown as { extend(fields: Values, name: string): new () => EntityState }).extend(orcFields, "Orc");
    this.#state = new types.ZoneState();
    Object.assign(this.#state.zone, { name: "all", west: -180, east: 180 });
    this.#encoder = new Encoder(this.#state);
    this.#reflection = Reflection.encode(this.#encoder);
    const options = {
      tiers: mergeTiers(scenario.tiers),
      frameHz: FRAME_HZ,
      tickHz: TICK_HZ,
      budgetBytesPerSecond: scenario.budgetBytesPerSecond,
    };
    this.#replicator = new Replicator({
      ...options,
      encoder: this.#encoder,
      entities: this.#state.entities,
      onInvalidPosition: (id) => this.#checkInvalid(id),
    });
    // Somebody who is told something in every frame: changes are dated by the frame that takes them in, and in a frame in which nobody is told anything none does.
    let frames = 0;
    const observer = this.#replicator.addViewer({ ownEntityId: undefined, predict: false, ack: () => frames++, send: () => {} });
    this.#replicator.fullState(observer, undefined);
    this.#model = new ReplicationModel({ ...options, mapRefId: refIdOf(this.#state.entities) });
    this.#model.addViewer({ ownEntityId: undefined, predict: false, ack: () => 0 });
  }

  /** One operation; says what is wrong with what it brought. */
  run(operation: Operation, frame: number): string | undefined {
    switch (operation.do) {
      case "spawn":
        this.#spawn(operation);
        return;
      case "despawn":
        if (![...this.#clients.values()].some(({ ownEntityId }) => ownEntityId === operation.id)) this.#despawn(operation.id);
        return;
      case "move":
        this.#setAll(operation.id, this.#position(operation));
        return;
      case "set":
        this.#setAll(operation.id, { [operation.field]: operation.value });
        return;
      case "input": {
        const client = this.#clients.get(operation.viewer);
        const entity = client && this.#state.entities.get(client.ownEntityId);
        if (!client || !entity) return;
        const seq = client.acknowledged + 1;
        this.#setAll(client.ownEntityId, { ...this.#position(operation), velocityY: (seq % 3) - 1, fractionX: seq % 256 }, true);
        if (this.#scenario.timed) client.acknowledged = seq;
        return;
      }
      case "join": {
        if (this.#clients.has(operation.viewer) || !this.#state.entities.has(operation.id)) return;
        const client = new TestClient(operation.id, operation.predict);
        this.#clients.set(operation.viewer, client);
        client.viewer = this.#replicator.addViewer(client);
        client.modelViewer = this.#model.addViewer(client);
        return this.#fullState(client, "new", frame);
      }
      case "reconnect": {
        const client = this.#clients.get(operation.viewer);
        return client && this.#fullState(client, operation.decoder, frame);
      }
      case "leave": {
        const client = this.#clients.get(operation.viewer);
        if (!client) return;
        this.#clients.delete(operation.viewer);
        if (operation.despawn === "before") this.#despawn(client.ownEntityId);
        this.#replicator.removeViewer(client.viewer as Viewer);
        this.#model.removeViewer(client.modelViewer as ModelViewer);
        if (operation.despawn === "after") this.#despawn(client.ownEntityId);
        return;
      }
    }
  }

  /** A frame on both sides; says in what they differ. */
  frame(frame: number): string | undefined {
    this.#replicator.frame(frame, this.#sNow(frame));
    this.#model.frame(frame, this.#scenario.timed);
    if (this.#problem) return this.#problem;
    for (const [number, client] of this.#clients) {
      const difference = this.#patchDifference(client, frame);
      if (difference) return `viewer ${number}: ${difference}`;
    }
    return undefined;
  }

  #spawn(operation: Operation & { do: "spawn" }): void {
    const { id, kind } = operation;
    const { entities } = this.#state;
    if (entities.has(id)) return;
    const entity = kind === "orc" ? new this.#Orc() : new this.#Entity();
    for (const [name, { initial }] of Object.entries(FIELDS)) if (initial !== undefined) (entity as unknown as Values)[name] = initial;
    Object.assign(entity, this.#position(operation), { kind });
    entities.set(id, entity);
    this.#replicator.spawned(id, entity);
    const fields = kind === "orc" ? ORC_MODEL_FIELDS : MODEL_FIELDS;
    const values: Values = {};
    for (const { name } of fields) {
      const value = (entity as unknown as Values)[name];
      if (value !== undefined) values[name] = value;
    }
    this.#model.spawned({
      id,
      fields,
      values,
      refId: refIdOf(entity),
      index: (entities as unknown as { _collectionIndexes: Record<string, number> })._collectionIndexes[id] as number,
      // A mark and the number of the type, which is less than 128.
      typeIdBytes: kind === "orc" ? 2 : 0,
    });
  }

  #despawn(id: string): void {
    if (!this.#state.entities.has(id)) return;
    this.#replicator.despawned(id);
    this.#model.despawned(id);
    this.#state.entities.delete(id);
  }

  /** Sets fields as a plugin would, and tells the model what the schema has recorded. */
  #setAll(id: string, values: object, byOwnInput = false): void {
    const entity = this.#state.entities.get(id) as unknown as Values | undefined;
    if (!entity) return;
    for (const [name, value] of Object.entries(values)) {
      if (!(name in entity)) continue;
      const before = entity[name];
      ownInput.active = byOwnInput;
      entity[name] = value;
      ownInput.active = false;
      // NaN is not what it was before: the schema sees it so, too.
      if (entity[name] !== before) this.#model.changed(id, name, entity[name], byOwnInput);
    }
  }

  #position({ east, north, up }: Place): object {
    const { longitude, latitude } = this.#scenario.middle;
    const metresPerDegreeEast = METRES_PER_DEGREE * Math.cos((latitude * Math.PI) / 180);
    return positionFromGeographic({
      longitude: longitude + east / metresPerDegreeEast,
      latitude: latitude + north / METRES_PER_DEGREE,
      altitude: up,
    });
  }

  #fullState(client: TestClient, decoder: "new" | "same", frame: number): string | undefined {
    const packet = this.#replicator.fullState(client.viewer as Viewer, this.#sNow(frame));
    this.#model.fullState(client.modelViewer as ModelViewer, decoder === "same");
    const prefix = this.#prefixDifference(packet, ROOM_STATE, client, frame);
    if (prefix) return prefix;
    const body = packet.subarray(this.#scenario.timed ? 9 : 1);
    if (decoder === "same" && client.decoder) client.decoder.decodeResync(body);
    else {
      client.decoder = Reflection.decode(this.#reflection);
      client.decoder.decode(body);
    }
    return this.#pictureDifference(client);
  }

  #patchDifference(client: TestClient, frame: number): string | undefined {
    const packets = client.received.splice(0);
    const expected = client.modelViewer?.packetBytes;
    if (packets.length !== (expected === undefined ? 0 : 1)) {
      return `got ${packets.length} packets [${packets.map((packet) => packet.length)}], expected one of ${expected} bytes`;
    }
    const [packet] = packets;
    if (!packet) return undefined;
    const prefix = this.#prefixDifference(packet, ROOM_STATE_PATCH, client, frame);
    if (prefix) return prefix;
    client.decoder?.decode(packet.subarray(this.#scenario.timed ? 9 : 1));
    const picture = this.#pictureDifference(client);
    if (picture) return picture;
    if (packet.length !== expected) return `got ${packet.length} bytes, expected ${expected}`;
    return undefined;
  }

  #prefixDifference(packet: Uint8Array, code: number, client: TestClient, frame: number): string | undefined {
    const { timed } = this.#scenario;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
    const got = timed ? [view.getUint8(0), view.getUint32(1, true), view.getUint32(5, true)] : [view.getUint8(0)];
    const expected = timed ? [code | TIMED, this.#sNow(frame), client.acknowledged] : [code];
    return isDeepStrictEqual(got, expected) ? undefined : `prefix: got ${got}, expected ${expected}`;
  }

  #pictureDifference({ decoder, modelViewer }: TestClient): string | undefined {
    const state = decoder?.state as { zone: { name: string }; entities: MapSchema<Schema> | undefined };
    if (state.zone.name !== "all") return `zone name: got ${state.zone.name}`;
    const got = state.entities ?? new Map<string, Schema>();
    const expected = (modelViewer as ModelViewer).picture;
    for (const id of got.keys()) if (!expected.has(id)) return `${id}: is there, expected not`;
    for (const [id, values] of expected) {
      const entity = got.get(id) as unknown as Values | undefined;
      if (!entity) return `${id}: is not there`;
      for (const { name } of ORC_MODEL_FIELDS) {
        if (!Object.is(entity[name], values.get(name))) return `${id}.${name}: got ${entity[name]}, expected ${values.get(name)}`;
      }
    }
    return undefined;
  }

  #checkInvalid(id: string): void {
    const entity = this.#state.entities.get(id);
    const isInvalid =
      !entity || ![entity.cellX, entity.cellY, entity.cellZ].every(Number.isFinite) || entity.cellX === 65_000 || entity.cellY === 40_000;
    if (!isInvalid) this.#problem = `onInvalidPosition for ${id}, which is at a place`;
  }

  #sNow(frame: number): number | undefined {
    return this.#scenario.timed ? 1_000_000 + frame * 17 : undefined;
  }
}

function refIdOf(ref: object): number {
  return (ref as Record<symbol, number>)[$refId] as number;
}
