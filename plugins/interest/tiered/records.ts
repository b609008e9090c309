import { $changes, type ChangeTree, type Encoder } from "@colyseus/schema";
import { ByteArena } from "./byte-runs.ts";
import type { EntityTable } from "./entity-table.ts";
import type { FieldLayout } from "./field-layout.ts";
import { replacing, writeReference, writeWholeStructure } from "./nested-log.ts";

/** Windows of changes that are kept for a tier: 1, 2, 4, 8 and 16 of its periods. */
const WINDOWS = 5;
/** And the full record. */
const KINDS = WINDOWS + 1;
const TIERS = 4;
const PER_ROW = KINDS * TIERS;

/** Bytes that a frame's records begin with. Source: 5000 moving entities in three tiers. */
const FIRST_ARENA_BYTES = 1 << 20;

/** Bytes of the largest structure below an entity that is written at once. */
const STRUCTURE_BYTES = 1 << 20;

/**
 * The records of one frame: what changed of an entity for a tier, or all of it, as bytes that are ready to be sent. Each is made when
 * it is first wanted and then copied; records that are wanted one after another lie one after another, so that viewers who want the same get
 * them as one run.
 */
export class RecordCache {
  readonly arena = new ByteArena(FIRST_ARENA_BYTES);
  /** The record that was asked for last: where it is in the arena. Empty when start equals end. */
  start = 0;
  end = 0;
  /** Records made, and bytes of them, since the beginning. */
  made = 0;
  madeBytes = 0;

  readonly #table: EntityTable;
  readonly #encoder: Encoder;
  readonly #periods: Int32Array;
  /** Where each record begins, counted over all frames: older than the frame's own beginning is not of it. */
  #startOf = new Float64Array(0);
  #lengthOf = new Int32Array(0);
  /** What the arena's first byte counts as in this frame. */
  #base = 1;
  #frame = 0;
  readonly #scratch = new Uint8Array(STRUCTURE_BYTES);

  /** @param periods frames between two updates, by tier number; read at each use. */
  constructor(table: EntityTable, encoder: Encoder, periods: Int32Array) {
    this.#table = table;
    this.#encoder = encoder;
    this.#periods = periods;
  }

  /** Forgets the records of the frame before. */
  begin(frame: number): void {
    this.#base += this.arena.end;
    this.arena.end = 0;
    this.#frame = frame;
    const wanted = this.#table.alive.length * PER_ROW;
    if (this.#startOf.length < wanted) {
      const startOf = new Float64Array(wanted);
      startOf.set(this.#startOf);
      const lengthOf = new Int32Array(wanted);
      lengthOf.set(this.#lengthOf);
      this.#startOf = startOf;
      this.#lengthOf = lengthOf;
    }
  }

  /** Whether a tier of an entity changed after a frame. */
  changed(row: number, tier: number, sinceFrame: number): boolean {
    return (this.#table.tierChangedAt[row * TIERS + tier] as number) > sinceFrame;
  }

  /**
   * What changed of an entity for a tier since a frame, in {@link start} and {@link end}: all that changed within the smallest window that covers
   * it, the same bytes for every viewer that asks for the same window.
   */
  delta(row: number, tier: number, sinceFrame: number): void {
    const period = this.#periods[tier] as number;
    const age = this.#frame - sinceFrame;
    let window = 0;
    while (window < WINDOWS && age > period << window) window++;
    const after = this.#frame - (period << window);
    const log = this.#table.nested[row];
    // Operations on collections cannot be sent twice: no window that is longer than asked for.
    if (log !== undefined && window < WINDOWS && after < sinceFrame && log.changedWithin(tier, after, sinceFrame)) {
      this.since(row, tier, sinceFrame);
      return;
    }
    if (window === WINDOWS) this.full(row, tier);
    else if (!this.#recall(row, tier, window)) {
      this.#write(row, tier, after);
      this.#remember(row, tier, window);
    }
  }

  /** What changed of an entity for a tier since exactly that frame, for one viewer. */
  since(row: number, tier: number, sinceFrame: number): void {
    if (this.#table.nested[row]?.reachesBack(sinceFrame) === false) this.full(row, tier);
    else this.#write(row, tier, sinceFrame);
  }

  /** All that a tier carries of an entity. */
  full(row: number, tier: number): void {
    if (this.#recall(row, tier, WINDOWS)) return;
    this.#writeFull(row, tier);
    this.#remember(row, tier, WINDOWS);
  }

  #recall(row: number, tier: number, kind: number): boolean {
    const at = row * PER_ROW + tier * KINDS + kind;
    const start = (this.#startOf[at] as number) - this.#base;
    if (!(start >= 0)) return false;
    this.start = start;
    this.end = start + (this.#lengthOf[at] as number);
    return true;
  }

  #remember(row: number, tier: number, kind: number): void {
    const at = row * PER_ROW + tier * KINDS + kind;
    this.#startOf[at] = this.#base + this.start;
    this.#lengthOf[at] = this.end - this.start;
  }

  #write(row: number, tier: number, after: number): void {
    const table = this.#table;
    const layout = table.layouts[row] as FieldLayout;
    const { arena } = this;
    arena.reserve(16 + layout.rowBytes);
    const header = table.headers[row] as Uint8Array;
    const { changedAt } = table;
    const first = row * table.fields;
    const fields = layout.ofTier[tier] as Uint8Array;
    const start = arena.end;
    let { bytes } = arena;
    let end = start;
    for (let i = 0; i < header.length; i++) bytes[end++] = header[i] as number;
    const body = end;
    const rowAt = row * table.rowBytes;
    const clearedLow = table.cleared[row * 2] as number;
    const clearedHigh = table.cleared[row * 2 + 1] as number;
    const anyCleared = (clearedLow | clearedHigh) !== 0;
    const source = table.bytes;
    for (let i = 0; i < fields.length; i++) {
      const index = fields[i] as number;
      if ((changedAt[first + index] as number) <= after) continue;
      const size = layout.sizeOf[index] as number;
      if (size === 0) {
        const sized = (table.sized[row] as Uint8Array[])[index] as Uint8Array;
        arena.end = end;
        arena.append(sized);
        arena.reserve(16 + layout.rowBytes);
        bytes = arena.bytes;
        end = arena.end;
      } else {
        let at = rowAt + (layout.offsetOf[index] as number);
        const isCleared = anyCleared && ((index < 32 ? clearedLow >>> index : clearedHigh >>> (index - 32)) & 1) === 1;
        const stop = at + (isCleared ? 1 : size);
        while (at < stop) bytes[end++] = source[at++] as number;
      }
    }
    arena.end = end === body ? start : end;
    const log = table.nested[row];
    if (log) for (const chunk of log.since(tier, after)) arena.append(chunk);
    this.#finish(start);
  }

  #writeFull(row: number, tier: number): void {
    const table = this.#table;
    const layout = table.layouts[row] as FieldLayout;
    const { arena } = this;
    const start = arena.end;
    arena.append(table.headers[row] as Uint8Array);
    const body = arena.end;
    const rowAt = row * table.rowBytes;
    for (const index of layout.ofTier[tier] as Uint8Array) {
      const word = row * 2 + (index >> 5);
      const bit = 1 << (index & 31);
      if (((table.present[word] as number) & bit) === 0) continue;
      const size = ((table.cleared[word] as number) & bit) === 0 ? (layout.sizeOf[index] as number) : 1;
      const at = rowAt + (layout.offsetOf[index] as number);
      if (layout.forms[index] === "sized") arena.append((table.sized[row] as Uint8Array[])[index] as Uint8Array);
      else arena.append(table.bytes.subarray(at, at + size));
    }
    if (layout.hasReferences) this.#writeReferences(row, tier, layout);
    if (arena.end === body) arena.end = start;
    this.#finish(start);
  }

  #writeReferences(row: number, tier: number, layout: FieldLayout): void {
    const table = this.#table;
    const entity = table.entities[row] as unknown as Record<string, { [$changes]: ChangeTree } | null | undefined> & {
      [$changes]: ChangeTree;
    };
    const tree = entity[$changes];
    const below: ChangeTree[] = [];
    const it = { offset: 0 };
    for (const index of layout.referencesOfTier[tier] as Uint8Array) {
      if (((table.present[row * 2 + (index >> 5)] as number) & (1 << (index & 31))) === 0) continue;
      const value = entity[layout.names[index] as string];
      if (value) below.push(value[$changes]);
      writeReference(this.#encoder, this.#scratch, it, tree, index, value ? replacing(tree, index) : 64);
    }
    for (const child of below) writeWholeStructure(this.#encoder, this.#scratch, it, child);
    this.arena.append(this.#scratch.subarray(0, it.offset));
  }

  #finish(start: number): void {
    this.start = start;
    this.end = this.arena.end;
    this.made++;
    this.madeBytes += this.end - start;
  }
}
