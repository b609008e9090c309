import type { Tiers } from "../../../../config/index.ts";
import {
  axisCm,
  type CentimetrePosition,
  MOVEMENT_FIELDS,
  nearDistanceSquaredM2,
  RING_CM,
  yCmFromLatitude,
} from "../../../../rooms/index.ts";
import { COMBAT, EXTENDED, LOCAL, OUT_OF_RANGE, TIER_OF_NUMBER, tierOfDistance, VISUAL } from "../../tier-of-distance.ts";

/**
 * docs/REPLICATION.md written as slowly and plainly as possible: every viewer looks at every entity, every queue is an
 * array, nothing is kept that could be found out again. It encodes nothing: a packet is its length and what the client
 * has after it. For tests only.
 */

/** A synchronised field as the model needs to know it. */
export interface ModelField {
  readonly name: string;
  /** The farthest tier that still carries it, {@link LOCAL} to {@link EXTENDED}. */
  readonly tier: number;
  /** What becomes of a value on the wire: its bytes without the operation byte, and what a client reads out of them. */
  wire(value: unknown): { bytes: number; value: unknown };
}

/** What the host's state says about a new entity. */
export interface ModelEntityFacts {
  readonly id: string;
  readonly refId: number;
  /** Index of its entry in the map. */
  readonly index: number;
  /** Bytes of the type id in the map entry; 0 for the base class. */
  readonly typeIdBytes: number;
  /** In the order of the wire. */
  readonly fields: readonly ModelField[];
  /** Values by name; a field that was never set is absent. */
  readonly values: Readonly<Record<string, unknown>>;
}

interface ModelEntity extends ModelEntityFacts {
  /** Current values; undefined for a field that was cleared, no key for one that was never set. */
  readonly values: Record<string, unknown>;
  /** Frame of the last change of each field that was ever set. */
  readonly changedAt: Map<string, number>;
  /** How many entities came into the zone before it. */
  readonly order: number;
  removed: boolean;
}

/** A viewer and another entity that it has, or waits for. */
interface ModelPair {
  readonly entity: ModelEntity;
  tier: number;
  queue: number;
  /** The frame up to which the viewer has it. */
  sent: number;
  needsFullRecord: boolean;
  /** The client has its map entry. */
  delivered: boolean;
}

/** What the rules need to know of a client; the replicator's own sources will do. */
export interface ModelSource {
  readonly ownEntityId: string | undefined;
  readonly predict: boolean;
  /** Sequence number of the last input that was taken. */
  ack(): number;
}

/** What a client holds: for each entity id the fields that it was ever given, by name. */
type Picture = Map<string, Map<string, unknown>>;

/** A viewer as the model knows it. */
export interface ModelViewer {
  readonly source: ModelSource;
  /** Frames by which its tiers are ahead of the zone's. */
  readonly phase: number;
  /** What the client has after all packets so far. */
  readonly picture: Picture;
  /** Bytes of the packet of the last frame; undefined where there was none. */
  packetBytes: number | undefined;
  /** Bytes that may still be sent, full again with every full state; negative when overdrawn. */
  bucket: number;
  /** Whether it ever got a full state. */
  joined: boolean;
  /** From where its surroundings were looked over last. */
  place: CentimetrePosition | undefined;
  pairs: ModelPair[];
  /** The pairs again, by queue, the head first. */
  queues: ModelPair[][];
  /** Frame of the last packet. The own body and the acknowledgement are in every packet. */
  lastPacket: number;
  lastAck: number;
  /** Something else than its own input changed its own entity, and no packet with a new acknowledgement, nor a full state, has gone since. */
  touched: boolean;
}

export interface ModelOptions {
  tiers: Tiers;
  frameHz: number;
  tickHz: number;
  /** Infinity for none. */
  budgetBytesPerSecond: number;
  /** Ref id of the map of entities. */
  mapRefId: number;
}

/** Weight of each queue, by its number. */
const WEIGHTS = [8, 4, 3, 2, 1];
/** The windows that deltas are made for, in periods of the tier. */
const WINDOWS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const NORTH_POLE_CM = yCmFromLatitude(90);

export class ReplicationModel {
  readonly #options: ModelOptions;
  /** Frames between two updates, by tier number. */
  readonly #periods: number[];
  readonly #framesPerTick: number;
  readonly #entities: ModelEntity[] = [];
  readonly viewers: ModelViewer[] = [];
  #lastFrame = -1;
  #entitiesSoFar = 0;
  #viewersSoFar = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#periods = TIER_OF_NUMBER.map((name) => options.frameHz / options.tiers[name].hz);
    this.#framesPerTick = options.frameHz / options.tickHz;
  }

  spawned(facts: ModelEntityFacts): void {
    const frame = this.#lastFrame + 1;
    const values = { ...facts.values };
    const changedAt = new Map(Object.keys(values).map((name) => [name, frame]));
    this.#entities.push({ ...facts, values, changedAt, order: this.#entitiesSoFar++, removed: false });
  }

  /**
   * A field was set, or cleared with undefined, and the schema recorded it.
   *
   * @param byOwnInput - the client's own input did it, and the client knows it if it predicts and the field is one that movement writes.
   */
  changed(id: string, name: string, value: unknown, byOwnInput = false): void {
    const entity = this.#entity(id);
    entity.values[name] = value;
    entity.changedAt.set(name, this.#lastFrame + 1);
    if (byOwnInput && (MOVEMENT_FIELDS as readonly string[]).includes(name)) return;
    for (const viewer of this.viewers) if (viewer.source.ownEntityId === id) viewer.touched = true;
  }

  despawned(id: string): void {
    const entity = this.#entity(id);
    entity.removed = true;
    this.#entities.splice(this.#entities.indexOf(entity), 1);
  }

  addViewer(source: ModelSource): ModelViewer {
    const turns = (2 * (this.#periods[EXTENDED] as number)) / this.#framesPerTick;
    const viewer: ModelViewer = {
      source,
      phase: this.#framesPerTick * (this.#viewersSoFar++ % turns),
      picture: new Map(),
      packetBytes: undefined,
      bucket: this.#bucketSize,
      joined: false,
      place: undefined,
      pairs: [],
      queues: [[], [], [], [], []],
      lastPacket: this.#lastFrame,
      lastAck: 0,
      touched: false,
    };
    this.viewers.push(viewer);
    return viewer;
  }

  removeViewer(viewer: ModelViewer): void {
    this.viewers.splice(this.viewers.indexOf(viewer), 1);
  }

  /**
   * Everything in range at once, as if nothing had been sent before. Not charged.
   *
   * @param resync - for a client that keeps what it has of those that it is told of again.
   */
  fullState(viewer: ModelViewer, resync = false): void {
    const kept = new Map<ModelEntity, Map<string, unknown>>();
    if (resync) {
      const delivered = viewer.pairs.filter((pair) => pair.delivered).map(({ entity }) => entity);
      for (const entity of [this.#ownEntity(viewer), ...delivered]) {
        const seen = entity && viewer.picture.get(entity.id);
        if (seen) kept.set(entity, seen);
      }
    }
    viewer.joined = true;
    viewer.bucket = this.#bucketSize;
    viewer.pairs = [];
    viewer.queues = [[], [], [], [], []];
    viewer.picture.clear();
    viewer.lastPacket = this.#lastFrame;
    viewer.touched = false;
    viewer.lastAck = viewer.source.ack();
    const show = (entity: ModelEntity, tier: number) => {
      const seen = kept.get(entity);
      if (seen) viewer.picture.set(entity.id, seen);
      this.#deliver(viewer, entity, fieldsOfTier(entity, tier));
    };
    const own = this.#ownEntity(viewer);
    if (own) show(own, LOCAL);
    this.#scan(viewer, EXTENDED, this.#lastFrame);
    viewer.queues = [[], [], [], [], []];
    // A scan finds near to far, and all have the same `sent` now: the queues are near to far.
    for (const pair of viewer.pairs) {
      pair.sent = this.#lastFrame;
      pair.needsFullRecord = false;
      pair.delivered = true;
      enterQueue(viewer, pair);
      show(pair.entity, pair.tier);
    }
  }

  /**
   * One frame for every viewer: {@link ModelViewer.packetBytes} and {@link ModelViewer.picture} say what came of it.
   *
   * @param timed - whether packets have the 9 bytes of a timed frame, or the code byte alone.
   * @param sharedBytes - what every client gets in this frame, in bytes.
   */
  frame(frame: number, timed: boolean, sharedBytes = 0): void {
    for (const viewer of this.viewers) {
      viewer.bucket = Math.min(this.#bucketSize, viewer.bucket + this.#options.budgetBytesPerSecond / this.#options.frameHz);
      viewer.packetBytes = viewer.joined ? this.#packet(viewer, frame, timed ? 9 : 1, sharedBytes) : undefined;
      if (viewer.packetBytes === undefined) continue;
      viewer.lastPacket = frame;
      if (viewer.source.ack() !== viewer.lastAck) viewer.touched = false;
      viewer.lastAck = viewer.source.ack();
    }
    this.#lastFrame = frame;
  }

  /** Length of the viewer's packet in a frame, or undefined for none. */
  #packet(viewer: ModelViewer, frame: number, prefixBytes: number, sharedBytes: number): number | undefined {
    const due = (tier: number) => this.#isDue(viewer, tier, frame);

    const ended: ModelPair[] = [];
    const scanned = due(EXTENDED) ? EXTENDED : due(VISUAL) ? VISUAL : LOCAL;
    for (const pair of viewer.pairs) if (pair.entity.removed && (due(pair.tier) || pair.tier <= scanned)) ended.push(pair);
    if (scanned !== LOCAL) ended.push(...this.#scan(viewer, scanned, frame));
    // Another entity that came under the id of a removed one: a client holds one of them at a time.
    for (const pair of viewer.pairs) {
      const successor = viewer.pairs.some(({ entity }) => entity.id === pair.entity.id && entity.order > pair.entity.order);
      if (successor && !ended.includes(pair)) ended.push(pair);
    }

    let deleteBytes = 0;
    let mapBytes = headerBytes(this.#options.mapRefId);
    for (const pair of ended) {
      viewer.pairs.splice(viewer.pairs.indexOf(pair), 1);
      leaveQueue(viewer, pair);
      if (!pair.delivered) continue;
      viewer.picture.delete(pair.entity.id);
      deleteBytes += 1 + numberBytes(pair.entity.index) + mapBytes;
      mapBytes = 0;
    }

    const own = this.#ownEntity(viewer);
    const ownFields = own ? fieldsOfTier(own, LOCAL).filter((field) => changedSince(own, field, viewer.lastPacket)) : [];
    const ownBytes = own && ownFields.length > 0 ? recordBytes(own, ownFields) : 0;
    const ownReason = own && this.#isOwnBodyDue(viewer, ownFields, frame);
    const ownWantsPacket = ownReason && (ownFields.length > 0 || viewer.source.ack() !== viewer.lastAck);

    const isServed = due(COMBAT) || due(VISUAL) || due(EXTENDED) || frame % this.#framesPerTick === 0;
    const servedBytes = isServed ? this.#serve(viewer, frame, mapBytes) : 0;
    if (sharedBytes + deleteBytes + servedBytes === 0 && !ownWantsPacket) return undefined;
    if (own) this.#deliver(viewer, own, ownFields);
    const chargedAfter = prefixBytes + sharedBytes + deleteBytes + ownBytes;
    viewer.bucket -= chargedAfter;
    return chargedAfter + servedBytes;
  }

  /** Gives tiers anew as far as a tier, and queues. Returns the pairs that it found out of range. */
  #scan(viewer: ModelViewer, scanned: number, frame: number): ModelPair[] {
    const { tiers } = this.#options;
    const own = this.#ownEntity(viewer);
    const outOfRange: ModelPair[] = [];
    const others = this.#entities.filter((entity) => entity !== own);
    // Who is nowhere looks from where it looked last.
    viewer.place = (own && placeOf(own)) ?? viewer.place;
    const measured = others.map((entity) => ({ entity, squaredM2: distanceSquaredM2(viewer.place, placeOf(entity)) }));
    // Entities are in the order in which they came, and sorting leaves those at equal distance in it.
    measured.sort((a, b) => (a.squaredM2 < b.squaredM2 ? -1 : a.squaredM2 > b.squaredM2 ? 1 : 0));
    for (const { entity, squaredM2 } of measured) {
      const pair = viewer.pairs.find((other) => other.entity === entity);
      const before = pair ? pair.tier : OUT_OF_RANGE;
      const tier = tierOfDistance(squaredM2, before, tiers);
      if (before > scanned && tier > scanned) continue;
      if (tier === OUT_OF_RANGE) {
        if (pair) outOfRange.push(pair);
        continue;
      }
      const queue = queueOf(tier, squaredM2, tiers);
      if (!pair) {
        const sent = frame - (this.#periods[tier] as number);
        const newPair = { entity, tier, queue, sent, needsFullRecord: true, delivered: false };
        viewer.pairs.push(newPair);
        enterQueue(viewer, newPair);
        continue;
      }
      if (tier < before) pair.needsFullRecord = true;
      pair.tier = tier;
      // A scan as far as the visual tier leaves the rings of those that were in the combat tier already.
      const keepsRing = tier === COMBAT && before === COMBAT && scanned !== EXTENDED;
      if (queue === pair.queue || keepsRing) continue;
      leaveQueue(viewer, pair);
      pair.queue = queue;
      enterQueue(viewer, pair);
    }
    return outOfRange;
  }

  /** Takes candidates until there are none or the bucket is empty. Returns the bytes written. */
  #serve(viewer: ModelViewer, frame: number, mapBytes: number): number {
    let written = 0;
    let mapBytesLeft = mapBytes;
    while (viewer.bucket > 0) {
      let next: ModelPair | undefined;
      for (const queue of viewer.queues) {
        const head = queue[0];
        if (!head || head.sent >= this.#lastDue(viewer, head.tier, frame)) continue;
        if (!next || urgency(head, frame) > urgency(next, frame)) next = head;
      }
      if (!next) break;

      const { entity } = next;
      // Nothing is told of what is there no more, until it ends.
      if (!entity.removed) {
        const lacking = this.#lackingFields(next, frame);
        let bytes = lacking.length > 0 || next.needsFullRecord ? recordBytes(entity, lacking) : 0;
        if (!next.delivered) {
          bytes += mapBytesLeft + 1 + numberBytes(entity.index) + stringBytes(entity.id) + numberBytes(entity.refId) + entity.typeIdBytes;
          mapBytesLeft = 0;
        }
        this.#deliver(viewer, entity, lacking);
        viewer.bucket -= bytes;
        written += bytes;
        next.needsFullRecord = false;
        next.delivered = true;
      }
      leaveQueue(viewer, next);
      next.sent = frame;
      enterQueue(viewer, next);
    }
    return written;
  }

  /** What a pair that is taken has written: the full record, a window of changes that covers what is lacking, or nothing. */
  #lackingFields({ entity, tier, sent, needsFullRecord }: ModelPair, frame: number): ModelField[] {
    const fields = fieldsOfTier(entity, tier);
    if (needsFullRecord) return fields;
    if (!fields.some((field) => changedSince(entity, field, sent))) return [];
    const window = WINDOWS.map((periods) => periods * (this.#periods[tier] as number)).find((frames) => frames >= frame - sent);
    return window === undefined ? fields : fields.filter((field) => changedSince(entity, field, frame - window));
  }

  #isOwnBodyDue(viewer: ModelViewer, changed: ModelField[], frame: number): boolean {
    const { source, lastPacket } = viewer;
    if (!source.predict) return frame % (this.#periods[LOCAL] as number) === 0;
    return frame - lastPacket >= this.#options.frameHz / 10 || (viewer.touched && changed.length > 0);
  }

  #isDue({ phase }: ModelViewer, tier: number, frame: number): boolean {
    return (frame + phase) % (this.#periods[tier] as number) === 0;
  }

  #lastDue(viewer: ModelViewer, tier: number, frame: number): number {
    let last = frame;
    // Frames before the first count as well; there the remainder may be -0, which is 0 too.
    while (!this.#isDue(viewer, tier, last)) last--;
    return last;
  }

  #deliver(viewer: ModelViewer, entity: ModelEntity, fields: readonly ModelField[]): void {
    const seen = viewer.picture.get(entity.id) ?? new Map<string, unknown>();
    viewer.picture.set(entity.id, seen);
    for (const { name, wire } of fields) {
      const value = entity.values[name];
      seen.set(name, value === undefined ? undefined : wire(value).value);
    }
  }

  #ownEntity({ source }: ModelViewer): ModelEntity | undefined {
    return this.#entities.find(({ id }) => id === source.ownEntityId);
  }

  #entity(id: string): ModelEntity {
    const entity = this.#entities.find((other) => other.id === id);
    if (!entity) throw new Error(`no entity ${id}`);
    return entity;
  }

  /** A fifth of a second's worth, bytes. */
  get #bucketSize(): number {
    return this.#options.budgetBytesPerSecond / 5;
  }
}

/** Square metres, height included; infinite where one of them is nowhere. */
function distanceSquaredM2(from: CentimetrePosition | undefined, to: CentimetrePosition | undefined): number {
  if (!from || !to) return Number.POSITIVE_INFINITY;
  return nearDistanceSquaredM2(from.xCm, from.yCm, from.zCm, to.xCm, to.yCm, to.zCm);
}

/** Centimetres of a position that is a place; undefined for one that is none. */
function placeOf({ values }: ModelEntity): CentimetrePosition | undefined {
  const axis = (cell: string, offset: string) => axisCm(values[cell] as number, values[offset] as number);
  const place = { xCm: axis("cellX", "x"), yCm: axis("cellY", "y"), zCm: axis("cellZ", "z") };
  const onGlobe = place.xCm >= 0 && place.xCm < RING_CM && place.yCm >= 0 && place.yCm <= NORTH_POLE_CM;
  return onGlobe && Number.isFinite(place.zCm) ? place : undefined;
}

/** The fields that a viewer at a tier gets and that have anything to tell: a value, or that there is none any more. */
function fieldsOfTier({ fields, values }: ModelEntity, tier: number): ModelField[] {
  return fields.filter((field) => field.tier >= tier && field.name in values);
}

/** Whether a field was changed in a frame after this one. */
function changedSince({ changedAt }: ModelEntity, { name }: ModelField, frame: number): boolean {
  return (changedAt.get(name) ?? Number.NEGATIVE_INFINITY) > frame;
}

function queueOf(tier: number, squaredM2: number, tiers: Tiers): number {
  if (tier === VISUAL) return 3;
  if (tier === EXTENDED) return 4;
  const ofRadius = Math.sqrt(squaredM2) / tiers.combat.radiusM;
  return ofRadius < 1 / 4 ? 0 : ofRadius < 1 / 2 ? 1 : 2;
}

function urgency(pair: ModelPair, frame: number): number {
  return (frame - pair.sent) * (WEIGHTS[pair.queue] as number);
}

/** Puts a pair behind all that have the same or an older `sent`. */
function enterQueue({ queues }: ModelViewer, pair: ModelPair): void {
  const queue = queues[pair.queue] as ModelPair[];
  const younger = queue.findIndex(({ sent }) => sent > pair.sent);
  queue.splice(younger === -1 ? queue.length : younger, 0, pair);
}

function leaveQueue({ queues }: ModelViewer, pair: ModelPair): void {
  const queue = queues[pair.queue] as ModelPair[];
  queue.splice(queue.indexOf(pair), 1);
}

/** Bytes of a record: its header and an operation byte and value for each field; a cleared field has no value. */
function recordBytes({ refId, values }: ModelEntity, fields: readonly ModelField[]): number {
  let bytes = headerBytes(refId);
  for (const { name, wire } of fields) bytes += 1 + (values[name] === undefined ? 0 : wire(values[name]).bytes);
  return bytes;
}

/** Bytes of a switch to a structure. */
function headerBytes(refId: number): number {
  return 1 + numberBytes(refId);
}

/** Bytes of a whole number that is not negative, as MessagePack writes it. */
function numberBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : 5;
}

/** Bytes of a text as MessagePack writes it. */
function stringBytes(text: string): number {
  const length = Buffer.byteLength(text);
  return length + (length < 0x20 ? 1 : length < 0x100 ? 2 : 3);
}
