import {
  $changes,
  $childType,
  $getByIndex,
  $refId,
  $track,
  $values,
  type ChangeTree,
  type Encoder,
  encode,
  type MapSchema,
  type Schema,
} from "@colyseus/schema";
import { axisCm, type EntityState, MAX_Z_CM, METRES_PER_DEGREE, MIN_Z_CM, ownInput, RING_CM } from "../../../rooms/index.ts";
import { Scratch } from "./byte-runs.ts";
import { CLEARED, type FieldLayout, readFieldLayout, SET, WHOLE } from "./field-layout.ts";
import { NestedLog, writeReference } from "./nested-log.ts";
import { SpatialGrid } from "./spatial-grid.ts";

/** An entity as the table has it: its row and its table ride on the instance, so that a change finds them without a lookup. */
type Tabled = EntityState & {
  [ROW]?: number;
  [TABLE]?: EntityTable | undefined;
  [$changes]: ChangeTree;
  [$refId]: number;
  [$values]: unknown[];
};

const ROW = Symbol("row of the entity table");
const TABLE = Symbol("entity table");

/** Behind the fields' numbers of a row: the frame in which a field of each tier last changed, by tier number. */
export const TIERS_AT = 0;
/** The frame in which anything but the movement fields last changed. */
const OTHER_AT = 4;
/** Bits of the fields that have a value or were cleared since, indexes below 32 and from 32 on. */
export const PRESENT_AT = 5;
/** Bits of those that were cleared. */
export const CLEARED_AT = 7;
/** Bits of the fixed fields whose bytes in the row are not those of their value: they are written when a record first wants them. */
export const STALE_AT = 9;
const TAIL_WORDS = 11;

/** Room for the length of an address, 255 and the longest refId. */
const ADDRESS_BYTES = 12;

/** A row begins with a line of the processor's memory. */
const LINE_BYTES = 64;

/** The northernmost y, cm. */
const MAX_Y_CM = 180 * METRES_PER_DEGREE * 100;

const TIERS = 4;

/** Farther than this between two ticks is a jump. Source: 60 m/s, ten times the run of the default movement. */
const JUMP_CM = 200;

/** Jumps that are remembered, less one: a power of two. */
const JUMP_MASK = 31;

/** Numbers of a row's changes that are not taken in yet. */
const PENDING_WORDS = 3;

/** An entry of the encoder's list of changes; the library does not export its type. */
type ChangeTreeNode = NonNullable<Encoder["root"]["changes"]["next"]>;

/** What a table tells of by itself. */
export interface EntityTableListener {
  /** An entity is at no place on Earth. Once each time. */
  onInvalidPosition(id: string): void;
  /** A value could not be written; the others were. */
  onFailure(error: unknown): void;
  /** Something else than its client's own input touched a row that is watched. Maybe several times before changes are taken in. */
  onTouched(row: number): void;
}

/** A schema class with the hook through which its setters tell of changes. */
type TrackedClass = { [$track](tree: ChangeTree, index: number, operation?: number): void };

/**
 * Has the setters of an entity class tell the entity's table of changed scalars, by the hook that the schema library has for it. The library's own
 * record of changes is a list over the whole state; reading it costs a frame more than all its encoding, for every entry is scattered memory.
 * Entities that are in no table are recorded as ever.
 */
function trackByTable(klass: TrackedClass, layout: FieldLayout): void {
  const references = layout.forms.map((form) => form === "reference");
  klass[$track] = (tree, index, operation) => {
    const entity = tree.ref as unknown as Tabled;
    const table = entity[TABLE];
    if (table === undefined || references[index] === true) tree.change(index, operation);
    else if (!tree.paused) table.note(entity[ROW] as number, index);
  };
}

/** Whether a structure has another in it, under an index if it is no list. */
function holds(parent: Tabled, index: number, child: unknown): boolean {
  const tree = parent[$changes];
  if (tree.root === undefined) return false;
  const { items, $items } = tree.refTarget as { items?: readonly unknown[]; $items?: ReadonlyMap<unknown, unknown> };
  if (items) return items.includes(child);
  if ($items) return [...$items.values()].includes(child);
  return parent[$getByIndex](index) === child;
}

/** Before any frame, and any window that reaches back before the first. */
const NEVER = -(2 ** 30);

/** Rows at first. */
const FIRST_ROWS = 256;

/** Bytes of what is written at once, at first. */
const SCRATCH_BYTES = 1 << 12;

/**
 * Every entity of a zone, one row each: its position, when each field last changed, and each field as the wire has it. A change is
 * encoded once, a fixed field's when a record first wants it; records are then copies of bytes.
 *
 * Rows are dense numbers that are used again, but not before every viewer has let go of the entity that had it.
 */
export class EntityTable {
  readonly grid = new SpatialGrid();
  /** Number of rows ever used. */
  rows = 0;
  /**
   * What a frame reads of a row, in one stretch of memory, for a frame goes through thousands of rows. In numbers of 32 bits from
   * `row × rowWords` on: the frame in which each field last changed ({@link NEVER} before), then, from `+ fields` on, what {@link TIERS_AT} and the others name.
   */
  words = new Int32Array(0);
  /** The same memory: from `row × rowWords × 4 + addressAt` on the length of the address and `[255, refId]`; from `fieldsAt` on the fixed fields, operation byte and value. */
  bytes = new Uint8Array(0);
  rowWords = 0;
  /** Fields of a row, the most that any class has. */
  fields = 0;
  addressAt = 0;
  fieldsAt = 0;
  /** 1 where there is an entity. */
  alive = new Uint8Array(0);
  /** The order in which entities came. */
  order = new Float64Array(0);
  readonly entities: (EntityState | undefined)[] = [];
  readonly layouts: FieldLayout[] = [];
  /** Sized fields of each row by index, operation byte included. */
  readonly sized: (Uint8Array | undefined)[][] = [];
  /** `[128, index, id, refId, type]` of each row: how it enters a client's map. */
  readonly entries: Uint8Array[] = [];
  /** Index of each row in the map, as deletes name it. */
  mapIndex = new Float64Array(0);
  /** The row that the same id had before, or -1. */
  formerRow = new Int32Array(0);
  /** Changes of what entities refer to; undefined for rows that refer to nothing. */
  readonly nested: (NestedLog | undefined)[] = [];
  /** How far any entity may have gone since the beginning, jumps apart: the longest step of each taking in, added up. */
  driftCm = 0;
  /** Entities that came, came back from nowhere, or went farther than a step: how many there were, and the rows of the latest. */
  jumps = 0;
  readonly jumpedRows = new Int32Array(JUMP_MASK + 1);
  /** Frame in which an entity last went. */
  lastRemovalFrame = -1;

  readonly #encoder: Encoder;
  readonly #map: MapSchema<EntityState>;
  readonly #listener: EntityTableListener;
  /** Where each entity keeps its values. */
  readonly #values: unknown[][] = [];
  /** Bits of the fields that changed and are not taken in yet, two words a row; then 1 when something else than the own input was among them. */
  #pending = new Int32Array(0);
  /** Rows with such bits. */
  #changedRows = new Int32Array(0);
  #changedCount = 0;
  readonly #layoutOf = new Map<unknown, FieldLayout>();
  readonly #rowOfId = new Map<string, number>();
  readonly #idOf: string[] = [];
  readonly #free: number[] = [];
  /** Rows of entities that went, and when their row may be used again. */
  readonly #gone: { row: number; id: string; frame: number }[] = [];
  readonly #goneRowOfId = new Map<string, number>();
  /** 1 for rows of clients that predict: told of as soon as something else than their own input touches them. */
  watched = new Uint8Array(0);
  /** Called with each row whose changes were just taken in: what it needs is at hand then. */
  onTaken: ((row: number) => void) | undefined;
  /** Called with each row when something below it turns out to have changed, after {@link onTaken} for the same changes. */
  onNested: ((row: number) => void) | undefined;
  /** Rows whose changes were taken in so far, over all. */
  taken = 0;
  /** Rows whose entity is at no place on Earth: told of once each time. */
  readonly #misplaced = new Set<number>();
  readonly #scratch = new Scratch(SCRATCH_BYTES);
  readonly #nestedBuffer = new Uint8Array(SCRATCH_BYTES);
  readonly #it = { offset: 0 };
  /** The row that the same id had after a row, or -1. */
  #laterRow = new Int32Array(0);
  #came = 0;
  #longestStepCm2 = 0;
  #fieldBytes = 0;

  constructor(encoder: Encoder, map: MapSchema<EntityState>, listener: EntityTableListener) {
    this.#encoder = encoder;
    this.#map = map;
    this.#listener = listener;
    // Read now, so that a class that cannot be spliced stops the boot and not the first spawn.
    const base = (map as unknown as { [$childType]: new () => EntityState })[$childType];
    this.#layout(new base());
  }

  rowOf(id: string): number | undefined {
    return this.#rowOfId.get(id);
  }

  idOf(row: number): string {
    return this.#idOf[row] as string;
  }

  /** Takes an entity in that is in the map already. O(fields). */
  add(id: string, entity: EntityState, frame: number): void {
    const layout = this.#layout(entity);
    const row = this.#free.pop() ?? this.rows++;
    this.#grow(this.rows);
    this.entities[row] = entity;
    this.layouts[row] = layout;
    this.sized[row] = [];
    this.nested[row] = undefined;
    this.#idOf[row] = id;
    this.#rowOfId.set(id, row);
    this.alive[row] = 1;
    this.order[row] = this.#came++;
    const word = row * this.rowWords;
    this.words.fill(NEVER, word, word + this.fields + PRESENT_AT);
    this.words.fill(0, word + this.fields + PRESENT_AT, word + this.rowWords);
    this.#pending.fill(0, row * PENDING_WORDS, (row + 1) * PENDING_WORDS);
    this.watched[row] = 0;
    this.#values[row] = (entity as Tabled)[$values];
    const former = this.#goneRowOfId.get(id) ?? -1;
    this.formerRow[row] = former;
    this.#laterRow[row] = -1;
    if (former >= 0) this.#laterRow[former] = row;
    this.#writeAddress(row, id, entity as Tabled);
    (entity as Tabled)[ROW] = row;
    (entity as Tabled)[TABLE] = this;
    const tree = (entity as Tabled)[$changes];
    // Anything may have been set before the entity came into the map: what it has now is what counts.
    for (let i = 0; i < layout.count; i++) {
      const value = layout.names[i] === undefined ? undefined : (entity as Tabled)[$values][i];
      if (value !== undefined && value !== null) this.#takeField(row, layout, i, SET, frame);
    }
    this.words[row * this.rowWords + this.fields + OTHER_AT] = frame;
    this.#settle(tree);
    this.#place(row);
  }

  /** Lets an entity go. Its row stays until {@link release}. */
  remove(id: string, frame: number): void {
    const row = this.#rowOfId.get(id);
    if (row === undefined) return;
    this.#rowOfId.delete(id);
    this.alive[row] = 0;
    if (this.grid.has(row)) this.grid.remove(row);
    this.#misplaced.delete(row);
    (this.entities[row] as Tabled)[TABLE] = undefined;
    this.entities[row] = undefined;
    this.lastRemovalFrame = frame;
    this.#gone.push({ row, id, frame });
    this.#goneRowOfId.set(id, row);
  }

  /** Gives back the rows of entities that went before a frame: no viewer has them any more. */
  release(beforeFrame: number): void {
    while (this.#gone.length > 0 && (this.#gone[0] as { frame: number }).frame < beforeFrame) {
      const { row, id } = this.#gone.shift() as { row: number; id: string };
      if (this.#goneRowOfId.get(id) === row) this.#goneRowOfId.delete(id);
      const later = this.#laterRow[row] as number;
      if (later >= 0) this.formerRow[later] = -1;
      this.sized[row] = [];
      this.nested[row] = undefined;
      this.#free.push(row);
    }
  }

  /**
   * Takes in everything that changed since it was last called, as of a frame, and takes it off the encoder's list.
   * @returns whether something that is not of an entity changed too; that stays on the list.
   */
  ingest(frame: number): boolean {
    const { root } = this.#encoder;
    const map = (this.#map as unknown as { [$changes]: ChangeTree })[$changes];
    let shared = false;
    const changed = this.#changedCount;
    // Before, for a value that cannot be written throws, and must not stand in the way of all that come behind it for ever.
    this.#changedCount = 0;
    let failure: { error: unknown } | undefined;
    for (let i = 0; i < changed; i++) {
      try {
        this.#takeChanges(this.#changedRows[i] as number, frame);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) this.#listener.onFailure(failure.error);
    this.driftCm += Math.sqrt(this.#longestStepCm2);
    this.#longestStepCm2 = 0;
    const { changes } = root;
    let node: ChangeTreeNode | undefined = changes.next;
    if (!node) return false;
    // The whole list comes off at once: taking out one after the other would write each neighbour's links.
    Object.assign(changes, { next: undefined, tail: undefined });
    while (node) {
      const next: ChangeTreeNode | undefined = node.next;
      const tree: ChangeTree = node.changeTree;
      root.releaseNode(node);
      // It is on no list now, whatever becomes of what follows.
      (tree as { changesNode: unknown }).changesNode = undefined;
      if ((tree.ref as Tabled)[TABLE] === this) this.#takeTree((tree.ref as Tabled)[ROW] as number, tree, frame);
      else if (tree === map) tree.endEncode();
      else if (this.#takeNested(tree, frame)) tree.endEncode();
      else {
        shared = true;
        root.enqueueChangeTree(tree);
      }
      node = next;
    }
    return shared;
  }

  /** Whether anything of an entity changed after a frame, taken in or not. */
  changedAfter(row: number, frame: number): boolean {
    if ((this.words[row * this.rowWords + this.fields + TIERS_AT] as number) > frame) return true;
    const pending = row * PENDING_WORDS;
    if (((this.#pending[pending] as number) | (this.#pending[pending + 1] as number)) !== 0) return true;
    const tree = (this.entities[row] as Tabled)[$changes];
    return tree.dirtyLow !== 0 || tree.dirtyHigh !== 0;
  }

  /** A scalar field is being set. Its value is read when changes are taken in: it may be set again before. */
  note(row: number, index: number): void {
    const pending = this.#pending;
    const at = row * PENDING_WORDS;
    const layout = this.layouts[row] as FieldLayout;
    if (((pending[at] as number) | (pending[at + 1] as number)) === 0) this.#changedRows[this.#changedCount++] = row;
    const bit = 1 << (index & 31);
    const isMovement = ((index < 32 ? layout.movementLow : layout.movementHigh) & bit) !== 0;
    if (index < 32) pending[at] = (pending[at] as number) | bit;
    else pending[at + 1] = (pending[at + 1] as number) | bit;
    if (isMovement && ownInput.active) return;
    pending[at + 2] = 1;
    if (this.watched[row] === 1) this.#listener.onTouched(row);
  }

  #layout(entity: EntityState): FieldLayout {
    const known = this.#layoutOf.get(entity.constructor);
    if (known) return known;
    const layout = readFieldLayout(entity);
    trackByTable(entity.constructor as unknown as TrackedClass, layout);
    this.#layoutOf.set(entity.constructor, layout);
    if (layout.rowBytes > this.#fieldBytes || layout.count > this.fields) this.#widen(layout);
    return layout;
  }

  #takeChanges(row: number, frame: number): void {
    const pending = this.#pending;
    const at = row * PENDING_WORDS;
    let low = pending[at] as number;
    let high = pending[at + 1] as number;
    if (pending[at + 2] === 1) this.words[row * this.rowWords + this.fields + OTHER_AT] = frame;
    pending[at] = 0;
    pending[at + 1] = 0;
    pending[at + 2] = 0;
    // It went in the meantime.
    if (this.alive[row] === 0) return;
    const layout = this.layouts[row] as FieldLayout;
    const { words } = this;
    const word = row * this.rowWords;
    const tail = word + this.fields;
    for (let tier = 0; tier < TIERS; tier++) {
      if (((low & (layout.tierLow[tier] as number)) | (high & (layout.tierHigh[tier] as number))) !== 0)
        words[tail + TIERS_AT + tier] = frame;
    }
    const fixedLow = low & layout.fixedLow;
    const fixedHigh = high & layout.fixedHigh;
    words[tail + PRESENT_AT] = (words[tail + PRESENT_AT] as number) | fixedLow;
    words[tail + PRESENT_AT + 1] = (words[tail + PRESENT_AT + 1] as number) | fixedHigh;
    words[tail + CLEARED_AT] = (words[tail + CLEARED_AT] as number) & ~fixedLow;
    words[tail + CLEARED_AT + 1] = (words[tail + CLEARED_AT + 1] as number) & ~fixedHigh;
    words[tail + STALE_AT] = (words[tail + STALE_AT] as number) | fixedLow;
    words[tail + STALE_AT + 1] = (words[tail + STALE_AT + 1] as number) | fixedHigh;
    const moved = (low & layout.positionLow) !== 0;
    while (low !== 0) {
      const bit = low & -low;
      low ^= bit;
      const index = 31 - Math.clz32(bit);
      if ((bit & fixedLow) !== 0) words[word + index] = frame;
      else this.#takeField(row, layout, index, SET, frame);
    }
    while (high !== 0) {
      const bit = high & -high;
      high ^= bit;
      const index = 63 - Math.clz32(bit);
      if ((bit & fixedHigh) !== 0) words[word + index] = frame;
      else this.#takeField(row, layout, index, SET, frame);
    }
    if (moved) this.#place(row);
    this.taken++;
    this.onTaken?.(row);
  }

  /** What goes past {@link note}: fields that were cleared or marked by hand, and references. */
  #takeTree(row: number, tree: ChangeTree, frame: number): void {
    const layout = this.layouts[row] as FieldLayout;
    tree.forEach((index, operation) => {
      this.#takeField(row, layout, index, operation, frame);
    });
    this.words[row * this.rowWords + this.fields + OTHER_AT] = frame;
    if (this.watched[row] === 1) this.#listener.onTouched(row);
    const moved = (tree.dirtyLow & layout.positionLow) !== 0;
    tree.endEncode();
    if (moved) this.#place(row);
    this.onTaken?.(row);
  }

  /** Encodes a field as it is now and notes when it changed. */
  #takeField(row: number, layout: FieldLayout, index: number, operation: number, frame: number): void {
    const value = (this.#values[row] as unknown[])[index];
    const gone = value === undefined || value === null;
    const form = layout.forms[index];
    const { words } = this;
    const word = row * this.rowWords + this.fields + PRESENT_AT + (index >> 5);
    const bit = 1 << (index & 31);
    words[word] = (words[word] as number) | bit;
    words[word + 2] = gone ? (words[word + 2] as number) | bit : (words[word + 2] as number) & ~bit;
    if (form === "fixed") {
      this.#writeFixed(row, layout, index, value);
    } else if (form === "sized") {
      (this.sized[row] as Uint8Array[])[index] = this.#scratch
        .written((bytes, at) => {
          bytes[at.offset++] = (gone ? CLEARED : SET) | index;
          if (!gone) layout.encoders[index]?.(bytes, value, at);
        })
        .slice();
    } else {
      const tree = (this.entities[row] as Tabled)[$changes];
      const change = this.#scratch.written((bytes, at) => {
        const address = row * this.rowWords * 4 + this.addressAt;
        at.offset = this.bytes[address] as number;
        bytes.set(this.bytes.subarray(address + 1, address + 1 + at.offset));
        writeReference(this.#encoder, bytes, at, tree, index, gone ? CLEARED : operation);
      });
      this.#logOf(row).append(frame, layout.tierOf[index] as number, change.slice());
    }
    this.#noteChange(row, layout, index, frame);
  }

  /** Brings the bytes of a fixed field up to its value. */
  refresh(row: number, index: number): void {
    this.#writeFixed(row, this.layouts[row] as FieldLayout, index, (this.#values[row] as unknown[])[index]);
  }

  #writeFixed(row: number, layout: FieldLayout, index: number, value: unknown): void {
    const gone = value === undefined || value === null;
    const stale = row * this.rowWords + this.fields + STALE_AT + (index >> 5);
    this.words[stale] = (this.words[stale] as number) & ~(1 << (index & 31));
    const it = this.#it;
    it.offset = row * this.rowWords * 4 + this.fieldsAt + (layout.offsetOf[index] as number);
    this.bytes[it.offset++] = (gone ? CLEARED : SET) | index;
    if (gone) return;
    const code = layout.codeOf[index] as number;
    if (code === 0) {
      layout.encoders[index]?.(this.bytes, value, it);
      return;
    }
    // What the library's encoders do, in place: a call for every field of every entity costs more than the writing.
    let whole = value as number;
    if (code !== WHOLE) {
      const { stepsOf } = layout;
      const steps = index * 3;
      whole = Math.floor(((whole - (stepsOf[steps] as number)) / (stepsOf[steps + 1] as number)) * (stepsOf[steps + 2] as number) + 0.5);
    }
    for (let left = (layout.sizeOf[index] as number) - 1; left > 0; left--, whole >>= 8) this.bytes[it.offset++] = whole & 255;
  }

  #noteChange(row: number, layout: FieldLayout, index: number, frame: number): void {
    const { words } = this;
    const word = row * this.rowWords;
    const tail = word + this.fields;
    words[word + index] = frame;
    for (let tier = layout.tierOf[index] as number; tier >= 0; tier--) words[tail + TIERS_AT + tier] = frame;
  }

  /** A change in something that an entity refers to, at any depth: kept as the operations that it was. */
  #takeNested(tree: ChangeTree, frame: number): boolean {
    let child = tree;
    let holder = this.#holderOf(child);
    while (holder && holder.ref[TABLE] !== this) {
      child = holder.ref[$changes];
      holder = this.#holderOf(child);
    }
    if (!holder) return false;
    const row = holder.ref[ROW] as number;
    const layout = this.layouts[row] as FieldLayout;
    const changes = NestedLog.encodeChanges(this.#encoder, tree, this.#nestedBuffer);
    if (changes.length > 0) this.#logOf(row).append(frame, layout.tierOf[holder.index] as number, changes);
    this.#noteChange(row, layout, holder.index, frame);
    this.words[row * this.rowWords + this.fields + OTHER_AT] = frame;
    if (this.watched[row] === 1) this.#listener.onTouched(row);
    return true;
  }

  /** What holds a structure, and under which index. The schema also remembers those that held it once. */
  #holderOf(tree: ChangeTree): { ref: Tabled; index: number } | undefined {
    const parents = tree.extraParents === undefined ? undefined : tree.getAllParents();
    if (!parents) return tree.parent && { ref: tree.parent as unknown as Tabled, index: tree.parentIndex as number };
    return (parents.find(({ ref, index }) => holds(ref as unknown as Tabled, index, tree.ref)) ?? parents[0]) as unknown as
      | { ref: Tabled; index: number }
      | undefined;
  }

  /** The log of a row, to be appended to. */
  #logOf(row: number): NestedLog {
    this.onNested?.(row);
    let log = this.nested[row];
    if (!log) {
      log = new NestedLog();
      this.nested[row] = log;
    }
    return log;
  }

  /** Takes a tree off the encoder's list, as the host does after it has encoded it. */
  #settle(tree: ChangeTree): void {
    this.#encoder.root.removeFromQueue(tree);
    tree.endEncode();
  }

  /** Puts a row where its entity is; out of everybody's sight when that is no place. */
  #place(row: number): void {
    const values = this.#values[row] as number[];
    const { positionIndexes } = this.layouts[row] as FieldLayout;
    const x = axisCm(values[positionIndexes[0]] as number, values[positionIndexes[3]] as number);
    const y = axisCm(values[positionIndexes[1]] as number, values[positionIndexes[4]] as number);
    const z = axisCm(values[positionIndexes[2]] as number, values[positionIndexes[5]] as number);
    if (x >= 0 && x < RING_CM && y >= 0 && y <= MAX_Y_CM && z >= MIN_Z_CM && z <= MAX_Z_CM) {
      if (this.grid.has(row)) this.#move(row, x, y, z);
      else {
        this.grid.insert(row, x, y, z);
        this.#jumped(row);
      }
      this.#misplaced.delete(row);
    } else {
      if (this.grid.has(row)) {
        this.grid.remove(row);
        this.#jumped(row);
      }
      if (this.#misplaced.has(row)) return;
      this.#misplaced.add(row);
      this.#listener.onInvalidPosition(this.#idOf[row] as string);
    }
  }

  #move(row: number, x: number, y: number, z: number): void {
    const { grid } = this;
    // Along x, a centimetre of longitude is at most one on the ground. Over ±180 it comes out as a jump, which does no harm.
    const dx = x - (grid.xCm[row] as number);
    const dy = y - (grid.yCm[row] as number);
    const dz = z - (grid.zCm[row] as number);
    const squared = dx * dx + dy * dy + dz * dz;
    grid.move(row, x, y, z);
    if (squared > JUMP_CM * JUMP_CM) this.#jumped(row);
    else if (squared > this.#longestStepCm2) this.#longestStepCm2 = squared;
  }

  #jumped(row: number): void {
    this.jumpedRows[this.jumps++ & JUMP_MASK] = row;
  }

  #writeAddress(row: number, id: string, entity: Tabled): void {
    const refId = entity[$refId];
    const index = (this.#map as unknown as { _collectionIndexes: Record<string, number> })._collectionIndexes[id] as number;
    this.mapIndex[row] = index;
    const header = this.#scratch.written((bytes, at) => {
      bytes[at.offset++] = 255;
      encode.number(bytes, refId, at);
    });
    const address = row * this.rowWords * 4 + this.addressAt;
    this.bytes[address] = header.length;
    this.bytes.set(header, address + 1);
    const base = (this.#map as unknown as { [$childType]: typeof Schema })[$childType];
    this.entries[row] = this.#scratch
      .written((bytes, at) => {
        bytes[at.offset++] = SET;
        encode.number(bytes, index, at);
        encode.string(bytes as never, id, at);
        encode.number(bytes, refId, at);
        this.#encoder.tryEncodeTypeId(bytes, base, entity.constructor as typeof Schema, at);
      })
      .slice();
  }

  #grow(rows: number): void {
    if (rows <= this.alive.length) return;
    const capacity = Math.max(FIRST_ROWS, this.alive.length * 2);
    const grown = <A extends Int32Array | Uint8Array | Float64Array>(old: A, length: number): A => {
      const array = new (old.constructor as new (length: number) => A)(length);
      array.set(old as never);
      return array;
    };
    this.words = grown(this.words, capacity * this.rowWords);
    this.bytes = new Uint8Array(this.words.buffer);
    this.#pending = grown(this.#pending, capacity * PENDING_WORDS);
    this.#changedRows = grown(this.#changedRows, capacity);
    this.watched = grown(this.watched, capacity);
    this.alive = grown(this.alive, capacity);
    this.order = grown(this.order, capacity);
    this.mapIndex = grown(this.mapIndex, capacity);
    this.formerRow = grown(this.formerRow, capacity);
    this.#laterRow = grown(this.#laterRow, capacity);
  }

  /** A class with more fields came: rows get wider. Happens when a kind is first seen. */
  #widen(layout: FieldLayout): void {
    const before = {
      words: this.words,
      bytes: this.bytes,
      rowWords: this.rowWords,
      fields: this.fields,
      fieldsAt: this.fieldsAt,
      addressAt: this.addressAt,
    };
    this.fields = Math.max(this.fields, layout.count);
    this.#fieldBytes = Math.max(this.#fieldBytes, layout.rowBytes);
    this.addressAt = (this.fields + TAIL_WORDS) * 4;
    this.fieldsAt = this.addressAt + ADDRESS_BYTES;
    this.rowWords = Math.ceil((this.fieldsAt + this.#fieldBytes) / LINE_BYTES) * (LINE_BYTES / 4);
    this.words = new Int32Array(this.alive.length * this.rowWords);
    this.bytes = new Uint8Array(this.words.buffer);
    for (let row = 0; row < this.rows; row++) {
      const from = row * before.rowWords;
      const to = row * this.rowWords;
      this.words.fill(NEVER, to, to + this.fields);
      this.words.set(before.words.subarray(from, from + before.fields), to);
      this.words.set(before.words.subarray(from + before.fields, from + before.fields + TAIL_WORDS), to + this.fields);
      this.bytes.set(before.bytes.subarray(from * 4 + before.addressAt, (from + before.rowWords) * 4), to * 4 + this.addressAt);
    }
  }
}
