import { $changes, type ChangeTree, type Encoder } from "@colyseus/schema";
import { ByteArena, Scratch } from "./byte-runs.ts";
import { CLEARED_AT, type EntityTable, PRESENT_AT, STALE_AT, TIERS_AT } from "./entity-table.ts";
import { CLEARED, type FieldLayout } from "./field-layout.ts";
import { replacing, writeReference, writeWholeStructure } from "./nested-log.ts";

/**
 * Windows of changes that records are made for: 1, 2, 4, … 256 periods of the tier. Where a budget binds, pairs wait for many periods; full records would make them
 * wait longer still.
 */
const WINDOWS = 9;
/** And the full record. */
const KINDS = WINDOWS + 1;
const TIERS = 4;

/** Bytes that a frame's records begin with. Source: 5000 moving entities in three tiers. */
const FIRST_ARENA_BYTES = 1 << 20;

/** Room for an address. */
const ADDRESS_ROOM = 16;

/** Bytes of the structures below an entity, at first. */
const STRUCTURE_BYTES = 1 << 12;

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
  /** By tier and kind, for each row: which use of the memory it was made in, start, end. Four numbers a row. */
  readonly #cells: Int32Array[] = Array.from({ length: TIERS * KINDS }, () => new Int32Array(0));
  /** Times that each tier's latest changes were asked for in this frame; tiers whose records are made ahead in it. */
  readonly #asked = new Int32Array(TIERS);
  readonly #ahead = new Uint8Array(TIERS);
  /** Counts the uses of the memory. */
  #use = 0;
  #frame = 0;
  readonly #scratch = new Scratch(STRUCTURE_BYTES);

  /** @param periods frames between two updates, by tier number; read at each use. */
  constructor(table: EntityTable, encoder: Encoder, periods: Int32Array) {
    this.#table = table;
    this.#encoder = encoder;
    this.#periods = periods;
  }

  /** Makes the records that nearly everybody will ask for, while the row is at hand. */
  readonly makeAhead = (row: number): void => {
    const log = this.#table.nested[row];
    for (let tier = 1; tier < TIERS; tier++) {
      const after = this.#frame - (this.#periods[tier] as number);
      if (this.#ahead[tier] !== 1 || (log !== undefined && log.lastChange(tier) > after)) continue;
      this.#write(row, tier, after);
      this.#remember(row, tier, 0);
    }
  };

  /** Forgets what was made of a row: something below it turned out to have changed, too. */
  readonly forget = (row: number): void => {
    for (const cells of this.#cells) if (row << 2 < cells.length) cells[row << 2] = 0;
  };

  /** Counts records that were found to be made without a call of {@link update}. */
  countAsked(tier: number, count: number): void {
    this.#asked[tier] = (this.#asked[tier] as number) + count;
  }

  /**
   * Decides for a tick which tiers' records are made ahead: those that were asked for at least as often in the tick before as rows changed in it.
   * Returns whether any.
   */
  plan(changedRows: number): boolean {
    let any = false;
    for (let tier = 1; tier < TIERS; tier++) {
      const ahead = changedRows > 0 && (this.#asked[tier] as number) >= changedRows;
      this.#ahead[tier] = ahead ? 1 : 0;
      this.#asked[tier] = 0;
      any ||= ahead;
    }
    return any;
  }

  /** Forgets the records of the frame before. */
  begin(frame: number): void {
    this.#use++;
    this.arena.end = 0;
    this.#frame = frame;
  }

  /**
   * What changed of an entity for a tier since a frame, in {@link start} and {@link end}: all that changed within the smallest window that covers
   * it, the same bytes for every viewer that asks for the same window. False when nothing changed.
   */
  update(row: number, tier: number, sinceFrame: number): boolean {
    const period = this.#periods[tier] as number;
    const age = this.#frame - sinceFrame;
    const log = this.#table.nested[row];
    if (age === period && (log === undefined || log.lastChange(tier) <= sinceFrame)) {
      this.#asked[tier] = (this.#asked[tier] as number) + 1;
      // Most are: what they get was asked for before, and is known to be nothing where it is.
      if (this.#recall(row, tier, 0)) return this.end > this.start;
      if (this.#changed(row, tier, sinceFrame)) this.#write(row, tier, sinceFrame);
      else this.start = this.end = 0;
      this.#remember(row, tier, 0);
      return this.end > this.start;
    }
    if (!this.#changed(row, tier, sinceFrame)) return false;
    let window = 0;
    while (window < WINDOWS && age > period << window) window++;
    const after = this.#frame - (period << window);
    // Operations on collections cannot be sent twice: no window that is longer than asked for.
    if (log !== undefined && window < WINDOWS && log.lastChange(tier) > after) this.since(row, tier, sinceFrame);
    else if (window === WINDOWS) this.full(row, tier);
    else if (!this.#recall(row, tier, window)) {
      this.#write(row, tier, after);
      this.#remember(row, tier, window);
    }
    return true;
  }

  /** The records of the latest changes of a tier that were made so far, four numbers a row: valid where the first is {@link use}, then start and end. */
  latest(tier: number): Int32Array {
    return this.#cells[tier * KINDS] as Int32Array;
  }

  /** Number of this use of the memory. */
  get use(): number {
    return this.#use;
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

  /** Whether a tier of an entity changed after a frame. */
  #changed(row: number, tier: number, sinceFrame: number): boolean {
    const table = this.#table;
    return (table.words[row * table.rowWords + table.fields + TIERS_AT + tier] as number) > sinceFrame;
  }

  #recall(row: number, tier: number, kind: number): boolean {
    const cells = this.#cells[tier * KINDS + kind] as Int32Array;
    const at = row << 2;
    if (cells[at] !== this.#use) return false;
    this.start = cells[at + 1] as number;
    this.end = cells[at + 2] as number;
    return true;
  }

  #remember(row: number, tier: number, kind: number): void {
    const at = row << 2;
    let cells = this.#cells[tier * KINDS + kind] as Int32Array;
    if (at >= cells.length) {
      cells = new Int32Array(this.#table.alive.length << 2);
      cells.set(this.#cells[tier * KINDS + kind] as Int32Array);
      this.#cells[tier * KINDS + kind] = cells;
    }
    cells[at] = this.#use;
    cells[at + 1] = this.start;
    cells[at + 2] = this.end;
  }

  #write(row: number, tier: number, after: number): void {
    const table = this.#table;
    const { arena } = this;
    const layout = table.layouts[row] as FieldLayout;
    arena.reserve(ADDRESS_ROOM + layout.rowBytes);
    const { words, bytes: source } = table;
    const word = row * table.rowWords;
    const tail = word + table.fields;
    const fieldsAt = word * 4 + table.fieldsAt;
    const fields = layout.ofTier[tier] as Uint8Array;
    const clearedLow = words[tail + CLEARED_AT] as number;
    const clearedHigh = words[tail + CLEARED_AT + 1] as number;
    const staleLow = words[tail + STALE_AT] as number;
    const staleHigh = words[tail + STALE_AT + 1] as number;
    const start = arena.end;
    let { bytes } = arena;
    let end = start;
    const address = word * 4 + table.addressAt;
    const addressEnd = address + 1 + (source[address] as number);
    for (let at = address + 1; at < addressEnd; at++) bytes[end++] = source[at] as number;
    const body = end;
    for (let i = 0; i < fields.length; i++) {
      const index = fields[i] as number;
      if ((words[word + index] as number) <= after) continue;
      const size = layout.sizeOf[index] as number;
      if (size === 0) {
        arena.end = end;
        arena.append((table.sized[row] as Uint8Array[])[index] as Uint8Array);
        arena.reserve(ADDRESS_ROOM + layout.rowBytes);
        bytes = arena.bytes;
        end = arena.end;
      } else {
        if (((index < 32 ? staleLow >>> index : staleHigh >>> (index - 32)) & 1) === 1) table.refresh(row, index);
        let at = fieldsAt + (layout.offsetOf[index] as number);
        const isCleared = ((index < 32 ? clearedLow >>> index : clearedHigh >>> (index - 32)) & 1) === 1;
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
    const word = row * table.rowWords;
    const address = word * 4 + table.addressAt;
    arena.append(table.bytes.subarray(address + 1, address + 1 + (table.bytes[address] as number)));
    const body = arena.end;
    for (const index of layout.ofTier[tier] as Uint8Array) {
      const flags = word + table.fields + PRESENT_AT + (index >> 5);
      const bit = 1 << (index & 31);
      if (((table.words[flags] as number) & bit) === 0) continue;
      const isCleared = ((table.words[flags + 2] as number) & bit) !== 0;
      if (((table.words[flags - PRESENT_AT + STALE_AT] as number) & bit) !== 0) table.refresh(row, index);
      const at = word * 4 + table.fieldsAt + (layout.offsetOf[index] as number);
      if (layout.forms[index] === "sized") arena.append((table.sized[row] as Uint8Array[])[index] as Uint8Array);
      else arena.append(table.bytes.subarray(at, at + (isCleared ? 1 : (layout.sizeOf[index] as number))));
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
    const structures = this.#scratch.written((bytes, it) => {
      const below: ChangeTree[] = [];
      for (const index of layout.referencesOfTier[tier] as Uint8Array) {
        const flags = row * table.rowWords + table.fields + PRESENT_AT + (index >> 5);
        if (((table.words[flags] as number) & (1 << (index & 31))) === 0) continue;
        const value = entity[layout.names[index] as string];
        if (value) below.push(value[$changes]);
        writeReference(this.#encoder, bytes, it, tree, index, value ? replacing(tree, index) : CLEARED);
      }
      for (const child of below) writeWholeStructure(this.#encoder, bytes, it, child);
    });
    this.arena.append(structures);
  }

  #finish(start: number): void {
    this.start = start;
    this.end = this.arena.end;
    this.made++;
    this.madeBytes += this.end - start;
  }
}
