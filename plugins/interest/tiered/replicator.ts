import { $changes, $refId, type ChangeTree, type Encoder, encode, type MapSchema } from "@colyseus/schema";
import type { Tiers } from "../../../config/index.ts";
import type { EntityState } from "../../../rooms/index.ts";
import { COMBAT, EXTENDED, LOCAL, VISUAL } from "../tier-of-distance.ts";
import { ByteArena, COPY_SLACK_BYTES, copyBytes, Scratch } from "./byte-runs.ts";
import { EntityTable } from "./entity-table.ts";
import { type Rates, ratesOf } from "./governor.ts";
import { writeWholeStructure } from "./nested-log.ts";
import { KNOWN, LACKS_FIELDS, type PairRings, QUEUES, ROW_MASK } from "./pair-rings.ts";
import { RecordCache } from "./records.ts";
import { Scanner } from "./scanner.ts";
import { QUEUE_TIER, QUEUE_WEIGHT, Viewer, type ViewerSource } from "./viewer.ts";

export type { Viewer, ViewerSource } from "./viewer.ts";

export interface ReplicatorOptions {
  /** Made on the root state. */
  encoder: Encoder;
  /** `state.entities`. */
  entities: MapSchema<EntityState>;
  tiers: Tiers;
  frameHz: number;
  tickHz: number;
  /** Bytes a second that a viewer is sent at the most; infinite for no limit. */
  budgetBytesPerSecond: number;
  /** An entity is at no place on Earth: nobody sees it until it is. */
  onInvalidPosition?(entityId: string): void;
  /** Something threw: a value that cannot be written, or a client that cannot be sent to and is not served until its next full state. The others are. */
  onFailure?(error: unknown): void;
}

/** What replication has done since it began. Counts, not times. */
export interface ReplicationStats {
  packets: number;
  bytes: number;
  /** Updates of others that were sent, and their bytes. */
  records: number;
  recordBytes: number;
  /** Entities that came into view or nearer, and their bytes. */
  fullRecords: number;
  fullRecordBytes: number;
  /** Copies that those took: neighbours in the record memory go as one. */
  runs: number;
  deletes: number;
  /** Own bodies sent. */
  ownRecords: number;
  ownRecordBytes: number;
  scans: number;
  /** Frames × viewers in which the budget did not suffice. */
  shortfalls: number;
  /** Frames that a pair waited beyond its period at the most. */
  longestWaitFrames: number;
}

/** First bytes of the frames. Source: @colyseus/shared-types, Protocol.ROOM_STATE and ROOM_STATE_PATCH, ProtocolModifier.TIMED. */
const FULL_STATE = 14;
const PATCH = 15;
const TIMED = 0x80;
const TIMED_PREFIX_BYTES = 9;

/** Flags of a viewer. It got its full state and is served; */
const STARTED = 1;
/** it does not predict its own body; */
const PLAIN = 2;
/** it has pairs of the combat tier, or some that wait; */
const BUSY = 4;
/** something else than its own input touched its body. */
const TOUCHED = 8;

/** What is due for the viewers of a phase. */
const COMBAT_DUE = 1;
const VISUAL_DUE = 2;
const EXTENDED_DUE = 4;
const SERVED = 8;

const SWITCH_TO_STRUCTURE = 255;
const DELETE_ENTRY = 64;

/** Milliseconds after which a client that predicts is sent its own body and acknowledgement. Source: docs/REPLICATION.md. */
const OWN_BODY_EVERY_MS = 100;

/** Share of a second's budget that may be saved up. Source: a burst of a fifth of a second, e.g. a crowd that comes into view. */
const BURST_SECONDS = 0.2;

/** Bytes of everything in the state but the entities, at first. */
const SHARED_STATE_BYTES = 1 << 10;

/** Memory that packets are cut from. Source: a tick of 5,000 viewers is about 400 KB. */
const SLAB_BYTES = 1 << 16;

/** The longest address of a delete: operation and a map index of 64 bits. */
const DELETE_BYTES = 10;

/**
 * Writes for every viewer what it is to have, in the schema's own wire format: docs/REPLICATION.md has the rules. Each change is encoded once and
 * each record once a frame; a packet is copies of runs of them.
 */
export class Replicator {
  readonly stats: ReplicationStats = {
    packets: 0,
    bytes: 0,
    records: 0,
    recordBytes: 0,
    fullRecords: 0,
    fullRecordBytes: 0,
    runs: 0,
    deletes: 0,
    ownRecords: 0,
    ownRecordBytes: 0,
    scans: 0,
    shortfalls: 0,
    longestWaitFrames: 0,
  };

  readonly #options: ReplicatorOptions;
  readonly #table: EntityTable;
  readonly #records: RecordCache;
  readonly #scanner: Scanner;
  readonly #viewers: Viewer[] = [];
  #viewersEver = 0;
  /** By place in the list of viewers, so that a frame passes over who gets nothing in it without a look at them. */
  #flags = new Uint8Array(64);
  #phaseOf = new Int32Array(64);
  #ownDueAt = new Int32Array(64);
  /** Which tiers are due for each phase in this frame. */
  readonly #due: Uint8Array;
  /** The viewer whose own entity a row is. */
  readonly #viewerOfRow: (Viewer | undefined)[] = [];
  #frame = -1;
  /** Changes that everybody gets with the next frame, and how many there ever were. */
  #shared: SharedChange[] = [];
  #sharedEver = 0;
  /** Rows taken in up to the last tick. */
  #takenBefore = 0;
  #rates: Rates;
  /** Frames between two updates, by tier number. */
  readonly #periods = new Int32Array(4);
  /** The latest frame up to now in which each tier was due, by tier number; for the viewer that is being served. */
  readonly #lastDue = new Int32Array(4);
  readonly #framesPerTick: number;
  readonly #phases: number;
  readonly #ownEveryFrames: number;
  readonly #budgetPerFrame: number;
  readonly #burstBytes: number;
  /** `[255, refId]` of the map. */
  readonly #mapHeader: Uint8Array;

  #slab = new ByteArena(SLAB_BYTES);
  /** Rows that enter the client's map with this packet. */
  readonly #enters: number[] = [];
  /** Runs of the record memory that make up this packet: start, end, … */
  #runs = new Int32Array(1024);
  #runCount = 0;
  #runBytes = 0;
  #enterBytes = 0;
  readonly #it = { offset: 0 };
  readonly #places = new Int32Array(3);
  readonly #scratch = new Scratch(SHARED_STATE_BYTES);
  /** Bytes of this packet that were charged while serving. */
  #charged = 0;

  /** @throws BmError `BM_PLUGIN_INVALID` when the entity class cannot be replicated by tier. */
  constructor(options: ReplicatorOptions) {
    const { encoder, entities, tiers, frameHz, tickHz, budgetBytesPerSecond } = options;
    this.#options = options;
    this.#framesPerTick = frameHz / tickHz;
    // Twice the period, for the governor doubles it.
    this.#phases = Math.max(1, Math.floor((2 * frameHz) / tiers.extended.hz / this.#framesPerTick));
    this.#due = new Uint8Array(this.#phases);
    this.#ownEveryFrames = Math.max(1, Math.floor((OWN_BODY_EVERY_MS / 1000) * frameHz));
    this.#budgetPerFrame = budgetBytesPerSecond / frameHz;
    this.#burstBytes = budgetBytesPerSecond * BURST_SECONDS;
    this.#rates = ratesOf(0, tiers, frameHz, tickHz);
    this.#table = new EntityTable(encoder, entities, {
      onInvalidPosition: (id) => options.onInvalidPosition?.(id),
      onTouched: (row) => this.#touch(row),
      onFailure: (error) => options.onFailure?.(error),
    });
    this.#scanner = new Scanner(this.#table, this.#periods, tiers);
    this.#records = new RecordCache(this.#table, encoder, this.#periods);
    this.#table.onNested = this.#records.forget;
    const it = { offset: 0 };
    const header = new Uint8Array(10);
    header[it.offset++] = SWITCH_TO_STRUCTURE;
    encode.number(header, (entities as unknown as { [$refId]: number })[$refId], it);
    this.#mapHeader = header.slice(0, it.offset);
    this.setRates(this.#rates);
    for (const [id, entity] of entities.entries()) this.spawned(id, entity);
  }

  /** At what rates it runs; less than the tiers' under load. */
  get rates(): Rates {
    return this.#rates;
  }

  get viewers(): number {
    return this.#viewers.length;
  }

  /** Changes rates and the farthest radius, from the next frame on. Pairs beyond a smaller radius end when they are next looked over. */
  setRates(rates: Rates): void {
    const { frameHz, tiers } = this.#options;
    this.#rates = rates;
    this.#periods[LOCAL] = frameHz / rates.local;
    this.#periods[COMBAT] = frameHz / rates.combat;
    this.#periods[VISUAL] = frameHz / rates.visual;
    this.#periods[EXTENDED] = frameHz / rates.extended;
    this.#scanner.setTiers({ ...tiers, extended: { ...tiers.extended, radiusM: rates.extendedRadiusM } });
  }

  /** An entity is in the map now. */
  spawned(id: string, entity: EntityState): void {
    this.#table.add(id, entity, this.#frame + 1);
  }

  /** An entity is about to be taken out of the map. */
  despawned(id: string): void {
    this.#table.remove(id, this.#frame + 1);
  }

  /** Adds a client. It is served once it got its full state. */
  addViewer(source: ViewerSource): Viewer {
    const phase = this.#viewersEver++ % this.#phases;
    const viewer = new Viewer(source, this.#framesPerTick * phase);
    const index = this.#viewers.push(viewer) - 1;
    viewer.index = index;
    if (index === this.#flags.length) this.#growViewers();
    this.#flags[index] = source.predict ? 0 : PLAIN;
    this.#phaseOf[index] = phase;
    return viewer;
  }

  removeViewer(viewer: Viewer): void {
    this.pause(viewer);
    const { index } = viewer;
    const last = this.#viewers.pop() as Viewer;
    if (last === viewer) return;
    this.#viewers[index] = last;
    this.#flags[index] = this.#flags[last.index] as number;
    this.#phaseOf[index] = this.#phaseOf[last.index] as number;
    this.#ownDueAt[index] = this.#ownDueAt[last.index] as number;
    last.index = index;
  }

  /** Stops serving a viewer until it gets a full state again. */
  pause(viewer: Viewer): void {
    this.#flags[viewer.index] = (this.#flags[viewer.index] as number) & ~STARTED;
    this.#disown(viewer);
  }

  /**
   * All that a viewer is to have at this moment, as a frame of its own; from here on it gets what changes. For one that comes, and for
   * one that comes back. O(what is in range).
   * @param sNow milliseconds of the room's clock, where the room takes input; without it the frame has no timed prefix.
   */
  fullState(viewer: Viewer, sNow: number | undefined): Uint8Array {
    const last = this.#frame;
    this.#ingest(last + 1);
    this.#records.begin(last + 1);
    const { rings, index } = viewer;
    rings.clear();
    viewer.backlog = false;
    viewer.budgetBytes = this.#burstBytes;
    viewer.budgetFrame = last;
    viewer.packetFrame = last;
    viewer.packetAck = viewer.source.ack();
    this.#disown(viewer);
    viewer.ownRow = this.#rowOfOwn(viewer);
    if (viewer.ownRow >= 0) {
      this.#viewerOfRow[viewer.ownRow] = viewer;
      this.#table.watched[viewer.ownRow] = viewer.source.predict ? 1 : 0;
    }
    viewer.ownSent = last;
    viewer.ownLacksFields = viewer.ownRow >= 0 && this.#nestedChanged(viewer.ownRow, LOCAL, last);
    this.#ownDueAt[index] = last + this.#ownEveryFrames;
    this.#beginPacket();
    if (viewer.ownRow >= 0) {
      this.#enter(viewer.ownRow);
      this.#records.full(viewer.ownRow, LOCAL);
      this.#take();
    }
    this.#scanner.scan(viewer, EXTENDED, last);
    this.#scanner.deletes.length = 0;
    for (let q = 0; q < QUEUES; q++) {
      const tier = QUEUE_TIER[q] as number;
      const length = rings.length(q);
      for (let place = 0; place < length; place++) {
        const row = rings.entryAt(q, place) & ROW_MASK;
        this.#enter(row);
        this.#records.full(row, tier);
        this.#take();
        // What is below an entity and changed since the last frame would come again with the next, on top of itself.
        rings.setAt(q, place, row | KNOWN | (this.#nestedChanged(row, tier, last) ? LACKS_FIELDS : 0), last);
      }
    }
    this.#flags[index] = ((this.#flags[index] as number) & PLAIN) | STARTED | (isBusy(viewer) ? BUSY : 0);
    viewer.lostIndex = -1;
    viewer.sharedFrom = this.#sharedEver;
    const packet = this.#finishPacket(FULL_STATE, sNow, viewer.packetAck, this.#encodeShared());
    this.#count(packet);
    return packet;
  }

  /** A full state with what everybody gets and no entity. */
  sharedState(sNow: number | undefined): Uint8Array {
    this.#beginPacket();
    return this.#finishPacket(FULL_STATE, sNow, 0, this.#encodeShared());
  }

  /** Replicates a frame: at most one packet for each viewer. Frames ascend by one from 0. */
  frame(frame: number, sNow: number | undefined): void {
    this.#frame = frame;
    const isTick = frame % this.#framesPerTick === 0;
    const localDue = frame % (this.#periods[LOCAL] as number) === 0;
    this.#records.begin(frame);
    // In other frames what changed is taken in when the first viewer wants it; often none does.
    if (isTick) {
      const { taken } = this.#table;
      this.#table.onTaken = this.#records.plan(taken - this.#takenBefore) ? this.#records.makeAhead : undefined;
      this.#takenBefore = taken;
      this.#ingest(frame);
      this.#table.onTaken = undefined;
    }
    const shared = this.#shared;
    if (shared.length > 0) this.#shared = [];
    this.#findDue(frame);
    const due = this.#due;
    for (let i = 0; i < this.#viewers.length; i++) {
      const flags = this.#flags[i] as number;
      if ((flags & STARTED) === 0) continue;
      const tiers = due[this.#phaseOf[i] as number] as number;
      const served = (tiers & (VISUAL_DUE | EXTENDED_DUE)) !== 0 || ((flags & BUSY) !== 0 && (isTick || (tiers & COMBAT_DUE) !== 0));
      const ownDue =
        ((flags & PLAIN) !== 0 ? localDue : (flags & TOUCHED) !== 0 || frame >= (this.#ownDueAt[i] as number)) &&
        this.#ownChanged(this.#viewers[i] as Viewer);
      if (!served && !ownDue && shared.length === 0) continue;
      const viewer = this.#viewers[i] as Viewer;
      try {
        this.#serveViewer(viewer, frame, sNow, served ? tiers | SERVED : tiers, ownDue, shared);
      } catch (error) {
        this.pause(viewer);
        this.#options.onFailure?.(error);
      }
    }
    if (isTick) this.#table.release(frame - RELEASE_AFTER_PERIODS * (this.#periods[EXTENDED] as number));
  }

  #serveViewer(
    viewer: Viewer,
    frame: number,
    sNow: number | undefined,
    tiers: number,
    ownDue: boolean,
    shared: readonly SharedChange[],
  ): void {
    this.#beginPacket();
    this.#refill(viewer, frame);
    if (viewer.lostIndex >= 0) {
      this.#scanner.deletes.push(viewer.lostIndex);
      viewer.lostIndex = -1;
    }
    if ((tiers & SERVED) !== 0) {
      this.#ingest(frame);
      if ((tiers & EXTENDED_DUE) !== 0) this.#scan(viewer, EXTENDED, frame);
      else if ((tiers & VISUAL_DUE) !== 0) this.#scan(viewer, VISUAL, frame);
      else if ((tiers & COMBAT_DUE) !== 0 && viewer.purgedFrame < this.#table.lastRemovalFrame) this.#scanner.purge(viewer);
      if ((tiers & COMBAT_DUE) !== 0) viewer.purgedFrame = frame;
      this.#serve(viewer, frame);
      const flags = this.#flags[viewer.index] as number;
      this.#flags[viewer.index] = isBusy(viewer) ? flags | BUSY : flags & ~BUSY;
    }
    const everybodys = shared.length === 0 ? NOTHING : sharedFor(viewer, shared);
    if (ownDue || this.#runCount > 0 || this.#scanner.deletes.length > 0 || everybodys.length > 0)
      this.#send(viewer, frame, sNow, everybodys);
  }

  /** Which tiers are due for the viewers of each phase. */
  #findDue(frame: number): void {
    for (let phase = 0; phase < this.#phases; phase++) {
      const at = frame + phase * this.#framesPerTick;
      this.#due[phase] =
        (at % (this.#periods[COMBAT] as number) === 0 ? COMBAT_DUE : 0) |
        (at % (this.#periods[VISUAL] as number) === 0 ? VISUAL_DUE : 0) |
        (at % (this.#periods[EXTENDED] as number) === 0 ? EXTENDED_DUE : 0);
    }
  }

  /** Something else than its own input touched the body of a client that predicts: it is told in the next frame. */
  #touch(row: number): void {
    const viewer = this.#viewerOfRow[row];
    if (viewer) this.#flags[viewer.index] = (this.#flags[viewer.index] as number) | TOUCHED;
  }

  #disown(viewer: Viewer): void {
    if (viewer.ownRow < 0 || this.#viewerOfRow[viewer.ownRow] !== viewer) return;
    this.#viewerOfRow[viewer.ownRow] = undefined;
    this.#table.watched[viewer.ownRow] = 0;
  }

  #growViewers(): void {
    const length = this.#flags.length * 2;
    const flags = new Uint8Array(length);
    flags.set(this.#flags);
    this.#flags = flags;
    const phaseOf = new Int32Array(length);
    phaseOf.set(this.#phaseOf);
    this.#phaseOf = phaseOf;
    const ownDueAt = new Int32Array(length);
    ownDueAt.set(this.#ownDueAt);
    this.#ownDueAt = ownDueAt;
  }

  /** What a viewer has of an entity, for `bm explain`. */
  pairOf(viewer: Viewer, entityId: string): PairStatus | undefined {
    const row = this.#table.rowOf(entityId);
    if (row === undefined) return undefined;
    const frame = this.#frame;
    const distanceM = Math.sqrt(this.#scanner.squaredM2(viewer, row));
    const common = { frame, distanceM, budgetBytes: viewer.budgetBytes };
    if (row === viewer.ownRow)
      return {
        ...common,
        tier: LOCAL,
        known: true,
        lacksFields: viewer.ownLacksFields,
        queue: null,
        sent: viewer.ownSent,
        nextDue: frame + 1,
      };
    for (let q = 0; q < QUEUES; q++) {
      const { rings } = viewer;
      const place = rings.placeOf(q, row);
      if (place < 0) continue;
      const tier = QUEUE_TIER[q] as number;
      const period = this.#periods[tier] as number;
      const nextDue = frame + period - ((frame + viewer.phase) % period);
      const entry = rings.entryAt(q, place);
      return {
        ...common,
        tier,
        known: (entry & KNOWN) !== 0,
        lacksFields: (entry & LACKS_FIELDS) !== 0,
        queue: q,
        sent: rings.sentAt(q, place),
        nextDue,
      };
    }
    return { ...common, tier: null, known: false, lacksFields: false, queue: null, sent: null, nextDue: null };
  }

  #rowOfOwn(viewer: Viewer): number {
    const { ownEntityId } = viewer.source;
    return ownEntityId === undefined ? -1 : (this.#table.rowOf(ownEntityId) ?? -1);
  }

  #nestedChanged(row: number, tier: number, frame: number): boolean {
    return (this.#table.nested[row]?.lastChange(tier) ?? frame) > frame;
  }

  /** Takes in what changed, once a frame; changes that everybody gets are kept for the next frame that begins. */
  #ingest(frame: number): void {
    const { encoder } = this.#options;
    if (!this.#table.ingest(frame)) return;
    // With an offset beyond the first byte the root, too, is named: so it can follow anything.
    const it = { offset: 1 };
    const bytes = encoder.encode(it, undefined, encoder.sharedBuffer, 0).slice(1);
    encoder.discardChanges();
    if (bytes.length > 0) this.#shared.push({ bytes, number: ++this.#sharedEver });
  }

  /** What everybody gets of the state, whole: the root with the map's id, and what hangs on it but the entities. */
  #encodeShared(): Uint8Array {
    const { encoder, entities } = this.#options;
    const root = (encoder.state as { [$changes]: ChangeTree })[$changes];
    return this.#scratch.written((bytes, it) => writeWholeStructure(encoder, bytes, it, root, entities));
  }

  /** Whether there is anything new for a viewer in its own body or its acknowledgement. */
  #ownChanged(viewer: Viewer): boolean {
    if (viewer.ownRow >= 0 && this.#table.alive[viewer.ownRow] === 0) {
      viewer.lostIndex = this.#table.mapIndex[viewer.ownRow] as number;
      this.#disown(viewer);
      viewer.ownRow = -1;
      return true;
    }
    return (viewer.ownRow >= 0 && this.#table.changedAfter(viewer.ownRow, viewer.ownSent)) || viewer.source.ack() !== viewer.packetAck;
  }

  #refill(viewer: Viewer, frame: number): void {
    if (this.#burstBytes === Number.POSITIVE_INFINITY) return;
    viewer.budgetBytes = Math.min(this.#burstBytes, viewer.budgetBytes + this.#budgetPerFrame * (frame - viewer.budgetFrame));
    viewer.budgetFrame = frame;
  }

  #scan(viewer: Viewer, reach: number, frame: number): void {
    this.stats.scans++;
    this.#scanner.scan(viewer, reach, frame);
  }

  /** Takes pairs from their queues, the most urgent first, until none is due or the budget is used up. */
  #serve(viewer: Viewer, frame: number): void {
    const { rings } = viewer;
    const at = frame + viewer.phase;
    const waited = viewer.backlog;
    const lastDue = this.#lastDue;
    for (let tier = COMBAT; tier <= EXTENDED; tier++) lastDue[tier] = frame - (at % (this.#periods[tier] as number));
    for (;;) {
      let best = -1;
      let bestKey = -1;
      for (let q = 0; q < QUEUES; q++) {
        if (rings.length(q) === 0) continue;
        const sent = rings.oldest(q);
        if (sent >= (lastDue[QUEUE_TIER[q] as number] as number)) continue;
        const key = (frame - sent) * (QUEUE_WEIGHT[q] as number);
        if (key > bestKey) {
          bestKey = key;
          best = q;
        }
      }
      viewer.backlog = best >= 0;
      if (best < 0) return;
      if (viewer.budgetBytes <= 0) {
        this.stats.shortfalls++;
        return;
      }
      if (waited) this.#noteWait(frame - rings.oldest(best) - (this.#periods[QUEUE_TIER[best] as number] as number));
      this.#serveQueue(viewer, rings, best, frame);
    }
  }

  #noteWait(frames: number): void {
    if (frames > this.stats.longestWaitFrames) this.stats.longestWaitFrames = frames;
  }

  /** Serves the head of a queue and whoever is as old: their turn does not change while they go. */
  #serveQueue(viewer: Viewer, rings: PairRings, q: number, frame: number): void {
    const sent = rings.oldest(q);
    const before = viewer.budgetBytes;
    // Most queues are sent as a whole: then nobody changes places.
    if (rings.newest(q) === sent) this.#serveAll(viewer, rings, q, frame, sent);
    else
      for (let left = rings.length(q); left > 0 && viewer.budgetBytes > 0 && rings.oldest(q) === sent; left--)
        rings.rotate(q, this.#serveOne(viewer, rings.entryAt(q, 0), QUEUE_TIER[q] as number, sent), frame);
    this.#charged += before - viewer.budgetBytes;
  }

  /** Serves a queue of pairs that are all as old, in place; when the budget ends first, those that were served go to the end. */
  #serveAll(viewer: Viewer, rings: PairRings, q: number, frame: number, sent: number): void {
    const { memory } = rings;
    const places = this.#places;
    rings.placesOf(q, places);
    const begin = places[0] as number;
    const mask = places[1] as number;
    const head = places[2] as number;
    const length = rings.length(q);
    const tier = QUEUE_TIER[q] as number;
    const latest = this.#records.latest(tier);
    const use = frame - sent === this.#periods[tier] ? this.#records.use : NO_USE;
    let place = 0;
    let records = 0;
    let recordBytes = 0;
    for (; place < length && viewer.budgetBytes > 0; place++) {
      const at = begin + (((head + place) & mask) << 1);
      const entry = memory[at] as number;
      const cell = (entry & ROW_MASK) << 2;
      memory[at + 1] = frame;
      // What is wanted by most is made already: its bytes are all it takes. Who is gone has none.
      if ((entry & LACKS_FIELDS) === 0 && latest[cell] === use) {
        const start = latest[cell + 1] as number;
        const end = latest[cell + 2] as number;
        if (start === end) continue;
        records++;
        recordBytes += end - start;
        viewer.budgetBytes -= end - start;
        this.#takeRun(start, end);
      } else memory[at] = this.#serveOne(viewer, entry, tier, sent);
    }
    this.#records.countAsked(tier, place);
    this.stats.records += records;
    this.stats.recordBytes += recordBytes;
    if (place < length) for (let i = 0; i < place; i++) rings.rotate(q, rings.entryAt(q, 0), frame);
  }

  /** Writes what a pair lacks. Returns its entry from then on. */
  #serveOne(viewer: Viewer, entry: number, tier: number, sent: number): number {
    const { stats } = this;
    const records = this.#records;
    const row = entry & ROW_MASK;
    if (this.#table.alive[row] === 0) return entry;
    if ((entry & LACKS_FIELDS) !== 0) {
      if ((entry & KNOWN) === 0) {
        if (this.#enters.length === 0 && this.#scanner.deletes.length === 0) viewer.budgetBytes -= this.#mapHeader.length;
        viewer.budgetBytes -= this.#enter(row);
      }
      records.full(row, tier);
      stats.fullRecords++;
      stats.fullRecordBytes += records.end - records.start;
    } else if (records.update(row, tier, sent)) {
      stats.records++;
      stats.recordBytes += records.end - records.start;
    } else return entry;
    viewer.budgetBytes -= records.end - records.start;
    this.#take();
    return row | KNOWN;
  }

  #send(viewer: Viewer, frame: number, sNow: number | undefined, everybodys: Uint8Array): void {
    const { source } = viewer;
    const row = viewer.ownRow;
    // Whatever the packet holds: it says that the viewer has everything up to this frame.
    this.#ingest(frame);
    if (row >= 0 && this.#table.changedAfter(row, viewer.ownSent)) {
      const records = this.#records;
      if (viewer.ownLacksFields) records.full(row, LOCAL);
      else records.since(row, LOCAL, viewer.ownSent);
      this.stats.ownRecords++;
      this.stats.ownRecordBytes += records.end - records.start;
      this.#take();
    }
    viewer.ownLacksFields = false;
    viewer.ownSent = frame;
    viewer.packetFrame = frame;
    const ack = source.ack();
    // The SDK compares with what it predicted only when an acknowledgement is new: until one goes with it, the touch is news.
    if (ack !== viewer.packetAck) this.#flags[viewer.index] = (this.#flags[viewer.index] as number) & ~TOUCHED;
    viewer.packetAck = ack;
    this.#ownDueAt[viewer.index] = frame + this.#ownEveryFrames;
    const packet = this.#finishPacket(PATCH, sNow, viewer.packetAck, everybodys);
    if (this.#burstBytes !== Number.POSITIVE_INFINITY) viewer.budgetBytes -= packet.length - this.#charged;
    this.#count(packet);
    source.send(packet);
  }

  #count(packet: Uint8Array): void {
    this.stats.packets++;
    this.stats.bytes += packet.length;
  }

  #beginPacket(): void {
    this.#enters.length = 0;
    this.#scanner.deletes.length = 0;
    this.#enterBytes = 0;
    this.#runCount = 0;
    this.#runBytes = 0;
    this.#charged = 0;
  }

  /** Has a row enter the client's map with this packet. Returns the bytes of its entry. */
  #enter(row: number): number {
    const { length } = this.#table.entries[row] as Uint8Array;
    this.#enters.push(row);
    this.#enterBytes += length;
    return length;
  }

  /** Adds the record that was asked for last to the packet. */
  #take(): void {
    const { start, end } = this.#records;
    if (start < end) this.#takeRun(start, end);
  }

  /** Adds bytes of the record memory to the packet; those that lie right behind the last become part of its run. */
  #takeRun(start: number, end: number): void {
    const count = this.#runCount;
    this.#runBytes += end - start;
    if (count > 0 && this.#runs[count - 1] === start) {
      this.#runs[count - 1] = end;
      return;
    }
    if (count === this.#runs.length) {
      const runs = new Int32Array(count * 2);
      runs.set(this.#runs);
      this.#runs = runs;
    }
    this.#runs[count] = start;
    this.#runs[count + 1] = end;
    this.#runCount = count + 2;
  }

  /** Puts the packet together: prefix, what everybody gets, who leaves and enters the map, records. */
  #finishPacket(code: number, sNow: number | undefined, ack: number, everybodys: Uint8Array): Uint8Array {
    const { deletes } = this.#scanner;
    const enters = this.#enters;
    const hasMap = deletes.length > 0 || enters.length > 0;
    const most =
      TIMED_PREFIX_BYTES +
      everybodys.length +
      (hasMap ? this.#mapHeader.length + deletes.length * DELETE_BYTES + this.#enterBytes : 0) +
      this.#runBytes;
    if (this.#slab.end + most + COPY_SLACK_BYTES > this.#slab.bytes.length)
      this.#slab = new ByteArena(Math.max(SLAB_BYTES, most + COPY_SLACK_BYTES));
    const slab = this.#slab;
    const { bytes } = slab;
    const begin = slab.end;
    const it = this.#it;
    it.offset = begin;
    if (sNow === undefined) bytes[it.offset++] = code;
    else {
      bytes[begin] = code | TIMED;
      slab.view.setUint32(begin + 1, sNow >>> 0, true);
      slab.view.setUint32(begin + 5, ack >>> 0, true);
      it.offset = begin + TIMED_PREFIX_BYTES;
    }
    if (everybodys.length > 0) {
      bytes.set(everybodys, it.offset);
      it.offset += everybodys.length;
    }
    if (hasMap) {
      bytes.set(this.#mapHeader, it.offset);
      it.offset += this.#mapHeader.length;
      for (let i = 0; i < deletes.length; i++) {
        bytes[it.offset++] = DELETE_ENTRY;
        encode.number(bytes, deletes[i] as number, it);
      }
      for (let i = 0; i < enters.length; i++) {
        const entry = this.#table.entries[enters[i] as number] as Uint8Array;
        bytes.set(entry, it.offset);
        it.offset += entry.length;
      }
      this.stats.deletes += deletes.length;
    }
    let end = it.offset;
    const { arena } = this.#records;
    const runs = this.#runs;
    for (let i = 0; i < this.#runCount; i += 2) {
      const from = runs[i] as number;
      const to = runs[i + 1] as number;
      copyBytes(arena, from, to, slab, end);
      end += to - from;
    }
    this.stats.runs += this.#runCount >> 1;
    slab.end = end;
    return bytes.subarray(begin, end);
  }
}

/** Whether a viewer is to be served in every tick: someone is near, or someone waits. */
function isBusy({ rings, backlog }: Viewer): boolean {
  return backlog || rings.length(0) > 0 || rings.length(1) > 0 || rings.length(2) > 0;
}

/** What everybody gets that changed since a viewer got its full state. */
function sharedFor(viewer: Viewer, shared: readonly SharedChange[]): Uint8Array {
  return Buffer.concat(shared.filter(({ number }) => number > viewer.sharedFrom).map(({ bytes }) => bytes));
}

/** A change of the state that everybody gets. */
interface SharedChange {
  bytes: Uint8Array;
  /** Counted from 1 over all such changes. */
  number: number;
}

/** What a viewer has of an entity. */
export interface PairStatus {
  frame: number;
  /** True metres, height included; infinite for an entity that is nowhere. */
  distanceM: number;
  /** Bytes that the viewer may still be sent. */
  budgetBytes: number;
  /** Number of the tier, 0 local to 3 extended; null when out of range or not looked over yet. */
  tier: number | null;
  /** The client has it. */
  known: boolean;
  /** It waits for its full record. */
  lacksFields: boolean;
  /** Number of its queue; null for the own body and for none. */
  queue: number | null;
  /** Frame up to which the client has it. */
  sent: number | null;
  /** Frame in which its tier is due next. */
  nextDue: number | null;
}

const NOTHING = new Uint8Array(0);

/** No use of the record memory. */
const NO_USE = -1;

/** Extended periods after which no viewer can still have an entity that went. Source: one passes between two scans; governors double it. */
const RELEASE_AFTER_PERIODS = 4;
