import {
  $changes,
  $childType,
  $refId,
  $values,
  type ChangeTree,
  type Encoder,
  encode,
  type MapSchema,
  type Schema,
} from "@colyseus/schema";
import { axisCm, type EntityState, MAX_Z_CM, METRES_PER_DEGREE, MIN_Z_CM, RING_CM } from "../../../rooms/index.ts";
import { CLEARED, type FieldLayout, readFieldLayout, SET } from "./field-layout.ts";
import { NestedLog, writeReference } from "./nested-log.ts";
import { SpatialGrid } from "./spatial-grid.ts";

/** An entity as the table has it: the number of its row rides on the instance, so that a change finds its row without a lookup. */
type Tabled = EntityState & { [ROW]?: number | undefined; [$changes]: ChangeTree; [$refId]: number; [$values]: unknown[] };

const ROW = Symbol("row of the entity table");

/** The northernmost y, cm. */
const MAX_Y_CM = 180 * METRES_PER_DEGREE * 100;

/** Before any frame, and any window that reaches back before the first. */
export const NEVER = -(2 ** 30);

/** Rows at first. */
const FIRST_ROWS = 256;

/** Bytes that the largest scalar may need: a string of 64 KiB is refused by the wire's own limits long before. */
const SCRATCH_BYTES = 1 << 18;

/**
 * Every entity of a zone, one row each: its position, when each field last changed, and each field as the wire has it. A change is
 * encoded once, when it is taken in; records are then copies of bytes.
 *
 * Rows are dense numbers that are used again, but not before every viewer has let go of the entity that had it.
 */
export class EntityTable {
  readonly grid = new SpatialGrid();
  /** Number of rows ever used. */
  rows = 0;
  /** Fixed fields of all rows, operation byte and value each, at `row × rowBytes + layout.offsetOf[field]`. */
  bytes = new Uint8Array(0);
  rowBytes = 0;
  /** Fields of a row, the most that any class has. */
  fields = 0;
  /** Frame in which a field last changed, at `row × fields + field`; {@link NEVER} before. */
  changedAt = new Int32Array(0);
  /** Frame in which a field of the tier last changed, at `row × 4 + tier`. */
  tierChangedAt = new Int32Array(0);
  /** Frame in which anything but the movement fields last changed. */
  otherChangedAt = new Int32Array(0);
  /** Bits of the fields that have a value or were cleared since; bits of those that were. Indexes below 32, then from 32 on, two a row. */
  present = new Int32Array(0);
  cleared = new Int32Array(0);
  /** 1 where there is an entity. */
  alive = new Uint8Array(0);
  /** The order in which entities came. */
  order = new Float64Array(0);
  readonly entities: (EntityState | undefined)[] = [];
  readonly layouts: FieldLayout[] = [];
  /** Sized fields of each row by index, operation byte included. */
  readonly sized: (Uint8Array | undefined)[][] = [];
  /** `[255, refId]` of each row. */
  readonly headers: Uint8Array[] = [];
  /** `[128, index, id, refId, type]` of each row: how it enters a client's map. */
  readonly entries: Uint8Array[] = [];
  /** Index of each row in the map, as deletes name it. */
  mapIndex = new Float64Array(0);
  /** The row that the same id had before, or -1. */
  formerRow = new Int32Array(0);
  /** Changes of what entities refer to; undefined for rows that refer to nothing. */
  readonly nested: (NestedLog | undefined)[] = [];
  /** Frame in which an entity last went. */
  lastRemovalFrame = -1;

  readonly #encoder: Encoder;
  readonly #map: MapSchema<EntityState>;
  readonly #onInvalidPosition: (id: string) => void;
  readonly #layoutOf = new Map<unknown, FieldLayout>();
  readonly #rowOfId = new Map<string, number>();
  readonly #idOf: string[] = [];
  readonly #free: number[] = [];
  /** Rows of entities that went, and when their row may be used again. */
  readonly #gone: { row: number; id: string; frame: number }[] = [];
  readonly #goneRowOfId = new Map<string, number>();
  /** Rows whose entity is at no place on Earth: told of once each time. */
  readonly #misplaced = new Set<number>();
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  readonly #it = { offset: 0 };
  #came = 0;

  constructor(encoder: Encoder, map: MapSchema<EntityState>, onInvalidPosition: (id: string) => void) {
    this.#encoder = encoder;
    this.#map = map;
    this.#onInvalidPosition = onInvalidPosition;
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
    this.changedAt.fill(NEVER, row * this.fields, (row + 1) * this.fields);
    this.tierChangedAt.fill(NEVER, row * 4, row * 4 + 4);
    this.otherChangedAt[row] = NEVER;
    this.present.fill(0, row * 2, row * 2 + 2);
    this.cleared.fill(0, row * 2, row * 2 + 2);
    this.formerRow[row] = this.#goneRowOfId.get(id) ?? -1;
    this.#writeAddress(row, id, entity as Tabled);
    (entity as Tabled)[ROW] = row;
    const tree = (entity as Tabled)[$changes];
    // Anything may have been set before the entity came into the map: what it has now is what counts.
    for (let i = 0; i < layout.count; i++) {
      const value = layout.names[i] === undefined ? undefined : (entity as Tabled)[$values][i];
      if (value !== undefined && value !== null) this.#takeField(row, layout, entity as Tabled, i, SET, frame);
    }
    this.#settle(tree);
    this.#place(row, entity);
  }

  /** Lets an entity go. Its row stays until {@link release}. */
  remove(id: string, frame: number): void {
    const row = this.#rowOfId.get(id);
    if (row === undefined) return;
    this.#rowOfId.delete(id);
    this.alive[row] = 0;
    if (this.grid.has(row)) this.grid.remove(row);
    this.#misplaced.delete(row);
    (this.entities[row] as Tabled)[ROW] = undefined;
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
      const heir = this.#rowOfId.get(id);
      if (heir !== undefined && this.formerRow[heir] === row) this.formerRow[heir] = -1;
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
    let node = root.changes.next;
    while (node) {
      const { next } = node;
      const tree = node.changeTree;
      const row = (tree.ref as Tabled)[ROW];
      if (row !== undefined) this.#takeTree(row, tree, frame);
      else if (tree === map) this.#settle(tree);
      else if (this.#takeNested(tree, frame)) this.#settle(tree);
      else shared = true;
      node = next;
    }
    return shared;
  }

  /** Whether anything but the own client's input changed an entity after a frame; looks at changes that are not taken in yet, too. */
  otherChangedAfter(row: number, frame: number): boolean {
    if ((this.otherChangedAt[row] as number) > frame) return true;
    const tree = (this.entities[row] as Tabled)[$changes];
    const layout = this.layouts[row] as FieldLayout;
    return (tree.dirtyLow & ~layout.movementLow) !== 0 || (tree.dirtyHigh & ~layout.movementHigh) !== 0;
  }

  /** Whether anything of an entity changed after a frame, taken in or not. */
  changedAfter(row: number, frame: number): boolean {
    if ((this.tierChangedAt[row * 4] as number) > frame) return true;
    const tree = (this.entities[row] as Tabled)[$changes];
    return tree.dirtyLow !== 0 || tree.dirtyHigh !== 0;
  }

  /** Whether an entity's body is another than its client's own input made it. `predicted`: values in the order of MOVEMENT_FIELDS. */
  movementDiffers(row: number, predicted: Float64Array): boolean {
    const values = (this.entities[row] as Tabled)[$values];
    const { movementIndexes } = this.layouts[row] as FieldLayout;
    for (let i = 0; i < movementIndexes.length; i++) {
      const index = movementIndexes[i] as number;
      if (index >= 0 && values[index] !== predicted[i]) return true;
    }
    return false;
  }

  #layout(entity: EntityState): FieldLayout {
    const known = this.#layoutOf.get(entity.constructor);
    if (known) return known;
    const layout = readFieldLayout(entity);
    this.#layoutOf.set(entity.constructor, layout);
    if (layout.rowBytes > this.rowBytes || layout.count > this.fields) this.#widen(layout);
    return layout;
  }

  #takeTree(row: number, tree: ChangeTree, frame: number): void {
    const layout = this.layouts[row] as FieldLayout;
    const entity = tree.ref as Tabled;
    const ops = tree.ops as Uint8Array | undefined;
    let low = tree.dirtyLow;
    let high = tree.dirtyHigh;
    const moved = (low & layout.positionLow) !== 0;
    while (low !== 0) {
      const bit = low & -low;
      low ^= bit;
      const index = 31 - Math.clz32(bit);
      this.#takeField(row, layout, entity, index, ops ? (ops[index] as number) : (tree.getChange(index) as number), frame);
    }
    while (high !== 0) {
      const bit = high & -high;
      high ^= bit;
      const index = 63 - Math.clz32(bit);
      this.#takeField(row, layout, entity, index, ops ? (ops[index] as number) : (tree.getChange(index) as number), frame);
    }
    this.#settle(tree);
    if (moved) this.#place(row, entity);
  }

  /** Encodes a field as it is now and notes when it changed. */
  #takeField(row: number, layout: FieldLayout, entity: Tabled, index: number, operation: number, frame: number): void {
    const value = entity[$values][index];
    const gone = operation === CLEARED || value === undefined || value === null;
    const form = layout.forms[index];
    const word = row * 2 + (index >> 5);
    const bit = 1 << (index & 31);
    this.present[word] = (this.present[word] as number) | bit;
    this.cleared[word] = gone ? (this.cleared[word] as number) | bit : (this.cleared[word] as number) & ~bit;
    const it = this.#it;
    if (form === "fixed") {
      it.offset = row * this.rowBytes + (layout.offsetOf[index] as number);
      this.bytes[it.offset++] = (gone ? CLEARED : SET) | index;
      if (!gone) layout.encoders[index]?.(this.bytes, value, it);
    } else if (form === "sized") {
      it.offset = 0;
      this.#scratch[it.offset++] = (gone ? CLEARED : SET) | index;
      if (!gone) layout.encoders[index]?.(this.#scratch, value, it);
      (this.sized[row] as Uint8Array[])[index] = this.#scratch.slice(0, it.offset);
    } else {
      it.offset = 0;
      const header = this.headers[row] as Uint8Array;
      this.#scratch.set(header, 0);
      it.offset = header.length;
      writeReference(this.#encoder, this.#scratch, it, entity[$changes], index, gone ? CLEARED : operation);
      this.#logOf(row).append(frame, layout.tierOf[index] as number, this.#scratch.slice(0, it.offset));
    }
    this.#noteChange(row, layout, index, frame);
  }

  #noteChange(row: number, layout: FieldLayout, index: number, frame: number): void {
    this.changedAt[row * this.fields + index] = frame;
    const tiers = row * 4;
    for (let tier = layout.tierOf[index] as number; tier >= 0; tier--) this.tierChangedAt[tiers + tier] = frame;
    const movement = index < 32 ? layout.movementLow & (1 << index) : layout.movementHigh & (1 << (index - 32));
    if (movement === 0) this.otherChangedAt[row] = frame;
  }

  /** A change in something that an entity refers to, at any depth: kept as the operations that it was. */
  #takeNested(tree: ChangeTree, frame: number): boolean {
    let child = tree;
    let parent = tree.parent as (Schema & Tabled) | undefined;
    while (parent && parent[ROW] === undefined) {
      child = parent[$changes];
      parent = child.parent as typeof parent;
    }
    const row = parent?.[ROW];
    if (row === undefined) return false;
    const layout = this.layouts[row] as FieldLayout;
    const index = child.parentIndex as number;
    const bytes = NestedLog.encodeChanges(this.#encoder, tree, this.#scratch);
    if (bytes.length > 0) this.#logOf(row).append(frame, layout.tierOf[index] as number, bytes);
    this.#noteChange(row, layout, index, frame);
    return true;
  }

  #logOf(row: number): NestedLog {
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
  #place(row: number, entity: EntityState): void {
    const x = axisCm(entity.cellX, entity.x);
    const y = axisCm(entity.cellY, entity.y);
    const z = axisCm(entity.cellZ, entity.z);
    if (x >= 0 && x < RING_CM && y >= 0 && y <= MAX_Y_CM && z >= MIN_Z_CM && z <= MAX_Z_CM) {
      if (this.grid.has(row)) this.grid.move(row, x, y, z);
      else this.grid.insert(row, x, y, z);
      this.#misplaced.delete(row);
    } else {
      if (this.grid.has(row)) this.grid.remove(row);
      if (this.#misplaced.has(row)) return;
      this.#misplaced.add(row);
      this.#onInvalidPosition(this.#idOf[row] as string);
    }
  }

  #writeAddress(row: number, id: string, entity: Tabled): void {
    const it = this.#it;
    const scratch = this.#scratch;
    const refId = entity[$refId];
    it.offset = 0;
    scratch[it.offset++] = 255;
    encode.number(scratch, refId, it);
    this.headers[row] = scratch.slice(0, it.offset);
    const index = (this.#map as unknown as { _collectionIndexes: Record<string, number> })._collectionIndexes[id] as number;
    this.mapIndex[row] = index;
    it.offset = 0;
    scratch[it.offset++] = SET;
    encode.number(scratch, index, it);
    encode.string(scratch as never, id, it);
    encode.number(scratch, refId, it);
    const base = (this.#map as unknown as { [$childType]: typeof Schema })[$childType];
    this.#encoder.tryEncodeTypeId(scratch, base, entity.constructor as typeof Schema, it);
    this.entries[row] = scratch.slice(0, it.offset);
  }

  #grow(rows: number): void {
    if (rows <= this.alive.length) return;
    const capacity = Math.max(FIRST_ROWS, this.alive.length * 2);
    const grown = <A extends Int32Array | Uint8Array | Float64Array>(old: A, length: number): A => {
      const array = new (old.constructor as new (length: number) => A)(length);
      array.set(old as never);
      return array;
    };
    this.bytes = grown(this.bytes, capacity * this.rowBytes);
    this.changedAt = grown(this.changedAt, capacity * this.fields);
    this.tierChangedAt = grown(this.tierChangedAt, capacity * 4);
    this.otherChangedAt = grown(this.otherChangedAt, capacity);
    this.present = grown(this.present, capacity * 2);
    this.cleared = grown(this.cleared, capacity * 2);
    this.alive = grown(this.alive, capacity);
    this.order = grown(this.order, capacity);
    this.mapIndex = grown(this.mapIndex, capacity);
    this.formerRow = grown(this.formerRow, capacity);
  }

  /** A class with more fields came: rows get wider. Happens when a kind is first seen. */
  #widen(layout: FieldLayout): void {
    const rowBytes = Math.max(this.rowBytes, layout.rowBytes);
    const fields = Math.max(this.fields, layout.count);
    const capacity = this.alive.length;
    const bytes = new Uint8Array(capacity * rowBytes);
    const changedAt = new Int32Array(capacity * fields).fill(NEVER);
    for (let row = 0; row < this.rows; row++) {
      bytes.set(this.bytes.subarray(row * this.rowBytes, (row + 1) * this.rowBytes), row * rowBytes);
      changedAt.set(this.changedAt.subarray(row * this.fields, (row + 1) * this.fields), row * fields);
    }
    this.bytes = bytes;
    this.changedAt = changedAt;
    this.rowBytes = rowBytes;
    this.fields = fields;
  }
}
