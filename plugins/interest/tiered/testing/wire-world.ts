import { $refId, type Decoder, Encoder, Reflection } from "@colyseus/schema";
import { afterEach, beforeEach, expect } from "vitest";
import { type DeepPartial, mergeTiers, type Tiers } from "../../../../config/index.ts";
import {
  buildStateTypes,
  type EntityState,
  type FieldSpecs,
  METRES_PER_DEGREE,
  mergeFields,
  positionFromGeographic,
  type StateTypes,
  type ZoneState,
} from "../../../../rooms/index.ts";
import { QuantizationPlugin } from "../../../quantization/index.ts";
import { type PairStatus, Replicator, type Viewer, type ViewerSource } from "../replicator.ts";

/** Values of an entity by field name, for what the types do not know. */
export type Values = Record<string, unknown>;

export interface WireWorldOptions {
  /** All fields of an entity; the quantized base fields and nothing else when left out. */
  fields?: FieldSpecs;
  tiers?: DeepPartial<Tiers>;
  /** Infinity when left out. */
  budgetBytesPerSecond?: number;
  /** Frames with the server's time and an acknowledgement; without when left out. */
  timed?: boolean;
  onInvalidPosition?: (id: string) => void;
  onFailure?: (error: unknown) => void;
  /** Makes further entity classes from the base class, before the encoder reads them. */
  kinds?: (types: StateTypes) => Record<string, new () => EntityState>;
}

const FRAME_HZ = 60;
const TICK_HZ = 30;
const QUANTIZED = { plugin: "quantization", encodings: QuantizationPlugin.encodings };

/** The quantized base fields and further ones. */
export function quantizedFields(fields: FieldSpecs = {}): FieldSpecs {
  return mergeFields([QUANTIZED, { plugin: "test", fields }]);
}

/** Metres east, north and up of a place on the equator. */
export function positionAt(east: number, north = 0, up = 0): object {
  return positionFromGeographic({ longitude: 12 + east / METRES_PER_DEGREE, latitude: north / METRES_PER_DEGREE, altitude: up });
}

/** A client with the stock decoder, made from what the host's handshake sends. */
export class WireClient implements ViewerSource {
  readonly ownEntityId: string | undefined;
  readonly predict: boolean;
  readonly viewer: Viewer;
  predicted: Float64Array | undefined;
  acknowledged = 0;
  /** Packets of the frame that was run last. */
  packets: Uint8Array[] = [];
  decoder: Decoder;
  readonly #world: WireWorld;

  constructor(world: WireWorld, ownEntityId: string | undefined, predict: boolean) {
    this.#world = world;
    this.ownEntityId = ownEntityId;
    this.predict = predict;
    this.decoder = Reflection.decode(world.reflection);
    this.viewer = world.replicator.addViewer(this);
  }

  ack(): number {
    return this.acknowledged;
  }

  send(packet: Uint8Array): void {
    this.packets.push(packet.slice());
    this.decoder.decode(this.#body(packet));
  }

  /** Its first full state; the bytes. */
  join(): Uint8Array {
    const packet = this.#world.replicator.fullState(this.viewer, this.#world.sNow).slice();
    this.decoder.decode(this.#body(packet));
    return packet;
  }

  /** A full state on top of what it has, as after a lost connection. */
  resync(): Uint8Array {
    const packet = this.#world.replicator.fullState(this.viewer, this.#world.sNow).slice();
    this.decoder.decodeResync(this.#body(packet));
    return packet;
  }

  /** An entity as the client has it. */
  entity(id: string): (EntityState & Values) | undefined {
    return (this.decoder.state as ZoneState).entities?.get(id) as (EntityState & Values) | undefined;
  }

  get ids(): string[] {
    return [...((this.decoder.state as ZoneState).entities?.keys() ?? [])];
  }

  pair(id: string): PairStatus {
    return this.#world.replicator.pairOf(this.viewer, id) as PairStatus;
  }

  #body(packet: Uint8Array): Uint8Array {
    return packet.subarray(((packet[0] as number) & 0x80) === 0 ? 1 : 9);
  }
}

/** The replicator on a state of its own, without a room around it. */
export class WireWorld {
  readonly types: StateTypes;
  readonly kinds: Record<string, new () => EntityState>;
  readonly state: ZoneState;
  readonly encoder: Encoder;
  readonly replicator: Replicator;
  readonly reflection: Uint8Array;
  readonly clients: WireClient[] = [];
  readonly #options: WireWorldOptions;
  /** The frame that was run last. */
  frame = -1;

  constructor(options: WireWorldOptions = {}) {
    this.#options = options;
    this.types = buildStateTypes(options.fields ?? quantizedFields());
    this.kinds = options.kinds?.(this.types) ?? {};
    this.state = new this.types.ZoneState();
    Object.assign(this.state.zone, { name: "all", west: -180, east: 180 });
    this.encoder = new Encoder(this.state);
    this.reflection = Reflection.encode(this.encoder);
    this.replicator = new Replicator({
      encoder: this.encoder,
      entities: this.state.entities,
      tiers: mergeTiers(options.tiers),
      frameHz: FRAME_HZ,
      tickHz: TICK_HZ,
      budgetBytesPerSecond: options.budgetBytesPerSecond ?? Number.POSITIVE_INFINITY,
      ...(options.onInvalidPosition && { onInvalidPosition: options.onInvalidPosition }),
      ...(options.onFailure && { onFailure: options.onFailure }),
    });
  }

  get sNow(): number | undefined {
    return this.#options.timed ? 1_000 + this.frame : undefined;
  }

  /** An entity with initial values and others; of the base class or of a kind. */
  spawn(id: string, values: object, kind?: string): EntityState & Values {
    const Class = kind === undefined ? this.types.Entity : (this.kinds[kind] as new () => EntityState);
    const entity = new Class() as EntityState & Values;
    for (const [name, { initial }] of Object.entries(this.types.fields)) if (initial !== undefined) (entity as Values)[name] = initial;
    Object.assign(entity, values);
    this.state.entities.set(id, entity);
    this.replicator.spawned(id, entity);
    return entity;
  }

  despawn(id: string): void {
    this.replicator.despawned(id);
    this.state.entities.delete(id);
  }

  /** Adds a client for an entity that is there, and lets it join. */
  join(id: string | undefined, predict = false): WireClient {
    const client = this.add(id, predict);
    client.join();
    return client;
  }

  /** Adds a client that did not get its full state yet. */
  add(id: string | undefined, predict = false): WireClient {
    const client = new WireClient(this, id, predict);
    this.clients.push(client);
    return client;
  }

  /** Runs frames; what the last of them sent is in each client's `packets`. */
  frames(count = 1): void {
    for (let i = 0; i < count; i++) {
      for (const client of this.clients) client.packets = [];
      this.replicator.frame(++this.frame, this.sNow);
    }
  }

  /** Runs a frame and the ones after it until every tier was due, so that everybody has everything. */
  settle(): void {
    this.frames(61);
  }
}

export function refIdOf(ref: unknown): number {
  return (ref as Record<symbol, number>)[$refId] as number;
}

/** Has every `ref` counted from here on, as if so many structures had been made before. */
export function skipRefIds(world: WireWorld, next: number): void {
  (world.encoder.root as unknown as { nextUniqueId: number }).nextUniqueId = next;
}

/** Plain data of what a field holds, the same for server and client; undefined for what has no value. */
export function plain(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const { toJSON } = value as { toJSON?: () => unknown };
  return typeof toJSON === "function" ? JSON.parse(JSON.stringify(value)) : value;
}

/** Fails every test of the file in which a decoder, or anything else, complains on the console. */
export function failOnComplaints(): void {
  const { warn, error } = console;
  const complaints: string[] = [];
  beforeEach(() => {
    complaints.length = 0;
    console.warn = console.error = (...parts: unknown[]) => void complaints.push(parts.map(String).join(" "));
  });
  afterEach(() => {
    console.warn = warn;
    console.error = error;
    expect(complaints).toEqual([]);
  });
}
