import { Encoder, encode, OPERATION, Reflection, type StateView } from "@colyseus/schema";
import { DEFAULT_TICK_HZ } from "../../../../config/index.ts";
import type { EntityState } from "../../../../rooms/index.ts";
import type { BenchWorld } from "./bench-world.ts";
import type { Measured } from "./document.ts";
import { type Job, timed } from "./measuring.ts";
import { COMBAT, EXTENDED, type Move, NONE, VISUAL } from "./membership.ts";
import { MASK_OF_TIER, PERIODS, refIdOf, StockWorld, treeOf } from "./stock-world.ts";

const ROOM_STATE = 14;
const ROOM_STATE_PATCH = 15;
const TIMED = 0x80;
const TIMED_PREFIX_BYTES = 8;

/** The fields in `mask` of one entity, as a view's list of changes has them. */
type FieldChanges = Map<number, OPERATION>;

/**
 * Measures the most that we could get out of the stock encoder at the same rates as ours.
 *
 * Colyseus clears what has changed after each patch, for all clients, so a tier that is not due would lose it; and encoding a view
 * walks everything that has changed in the zone, in sight or not, which is what costs most. So: the fields that changed are read
 * from the change trees once a tick and kept for as many ticks as the slowest tier's period; the queue of changes is then emptied,
 * and a client for whom nothing is due is passed over. For each due pair the fields that changed since its tier was last due go into
 * `view.changes`, the list that `view.add` fills, one map an entity and tier, shared by all views of the tick. `encodeView` then
 * writes exactly those. `view.add`, `removeTag` and `remove` for pairs that change their tier, filling the lists, encoding and the
 * copy with the timed prefix are measured; movement and finding out who is near are not.
 */
export function runStockSameRates(job: Job): Measured {
  let encoder: Encoder | undefined;
  const stock = new StockWorld(job, ({ state }) => {
    const made = new Encoder(state);
    encoder = made;
    return { encoder: made, handshake: () => Reflection.encode(made) };
  });
  return new SameRates(stock, encoder as unknown as Encoder).measure(job);
}

class SameRates {
  readonly #stock: StockWorld;
  readonly #encoder: Encoder;
  readonly #world: BenchWorld;
  readonly #entities: readonly EntityState[];
  readonly #refIds: Int32Array;
  /** Bits of the fields that changed, by tick of the longest period, then by entity. */
  readonly #changed: readonly Int32Array[];
  /** Of the ticks since the own body was last sent, by viewer. */
  readonly #ownChanged: Int32Array;
  /** Bits of the fields of each tier number and the farther ones. */
  readonly #fieldsOfTier: readonly number[];
  /** This tick's lists, made when first wanted: by tier number, then by entity. */
  readonly #lists: (FieldChanges | undefined)[][];
  #tick = 0;

  constructor(stock: StockWorld, encoder: Encoder) {
    this.#stock = stock;
    this.#encoder = encoder;
    this.#world = stock.world;
    this.#entities = stock.entities;
    const count = this.#entities.length;
    this.#refIds = Int32Array.from(this.#entities, refIdOf);
    this.#changed = Array.from({ length: PERIODS.extended }, () => new Int32Array(count));
    this.#ownChanged = new Int32Array(count);
    const { tags } = treeOf(this.#entities[0] as EntityState).encDescriptor;
    this.#fieldsOfTier = MASK_OF_TIER.map((mask) => {
      let bits = 0;
      for (let i = 0; i < tags.length; i++) if (tags[i] === undefined || ((tags[i] as number) & mask) !== 0) bits |= 1 << i;
      return bits;
    });
    this.#lists = Array.from({ length: NONE }, () => new Array<FieldChanges | undefined>(count));
  }

  measure(job: Job): Measured {
    for (const oracle of this.#stock.oracles) oracle.receive(this.#fullState(oracle.viewer));
    return this.#stock.measure(job, (tick, moves, cost) => {
      const sNow = Math.round((tick * 1000) / DEFAULT_TICK_HZ);
      timed(cost, () => this.#patch(tick, moves, sNow));
    });
  }

  #patch(tick: number, moves: readonly Move[], sNow: number): void {
    const { views, membership } = this.#stock;
    const encoder = this.#encoder;
    const it = { offset: 1 };
    encoder.sharedBuffer[0] = ROOM_STATE_PATCH;
    encoder.encode(it);
    const sharedOffset = it.offset;
    this.#keepChanges(tick);
    encoder.discardChanges();
    for (const move of moves) this.#move(move);
    for (let viewer = 0; viewer < views.length; viewer++) {
      const view = views[viewer] as StateView;
      const visualDue = membership.isDue(viewer, tick, PERIODS.visual);
      this.#add(viewer, COMBAT, view.changes);
      if (visualDue) this.#add(viewer, VISUAL, view.changes);
      if (membership.isDue(viewer, tick, PERIODS.extended)) this.#add(viewer, EXTENDED, view.changes);
      // The own body goes with every packet that is sent anyway, and every 100 ms, which is when the visual tier is due.
      if (view.changes.size === 0 && !visualDue && sharedOffset === 1) continue;
      const own = this.#ownChanged[viewer] as number;
      if (own !== 0) view.changes.set(this.#refIds[viewer] as number, listOf(own));
      this.#ownChanged[viewer] = 0;
      it.offset = sharedOffset;
      const body = encoder.encodeView(view, sharedOffset, it);
      this.#stock.receive(viewer, timedFrame(body, sNow, this.#world.steps));
    }
  }

  /** Keeps what has changed in this tick, and what it means for lists of each tier. */
  #keepChanges(tick: number): void {
    const now = this.#changed[tick % PERIODS.extended] as Int32Array;
    for (let i = 0; i < now.length; i++) {
      const bits = treeOf(this.#entities[i] as EntityState).dirtyLow;
      now[i] = bits;
      this.#ownChanged[i] = (this.#ownChanged[i] as number) | bits;
    }
    for (const lists of this.#lists) lists.fill(undefined);
    this.#tick = tick;
  }

  /** Fields of an entity that changed in so many ticks up to now. */
  #changedSince(entity: number, ticks: number): number {
    let bits = 0;
    for (let i = 0; i < ticks; i++) {
      const at = (this.#tick - i + PERIODS.extended) % PERIODS.extended;
      bits |= this.#changed[at]?.[entity] as number;
    }
    return bits;
  }

  /** Puts the due pairs of a tier into a view's list of changes. */
  #add(viewer: number, tier: typeof COMBAT | typeof VISUAL | typeof EXTENDED, changes: Map<number, unknown>): void {
    const lists = this.#lists[tier] as (FieldChanges | undefined)[];
    const ticks = tier === COMBAT ? 1 : tier === VISUAL ? PERIODS.visual : PERIODS.extended;
    for (const other of this.#stock.membership.othersIn(tier, viewer)) {
      let list = lists[other];
      if (list === undefined) {
        list = listOf(this.#changedSince(other, ticks) & (this.#fieldsOfTier[tier] as number));
        lists[other] = list;
      }
      const refId = this.#refIds[other] as number;
      // One that has come nearer in this tick has a list of its own, with all that the client lacks.
      if (list.size > 0 && !changes.has(refId)) changes.set(refId, list);
    }
  }

  /** A pair that changes its tier lacks what changed since the old tier was last due: the new one looks back less far, or later. */
  #move(move: Readonly<Move>): void {
    this.#stock.apply(move);
    const { viewer, other, from, to } = move;
    if (from === NONE || to === NONE) return;
    const { changes } = this.#stock.views[viewer] as StateView;
    const refId = this.#refIds[other] as number;
    const list = changes.get(refId) ?? new Map<number, OPERATION>();
    const bits = this.#changedSince(other, PERIODS.extended) & (this.#fieldsOfTier[Math.min(from, to)] as number);
    for (const [index, operation] of listOf(bits)) list.set(index, operation);
    changes.set(refId, list);
  }

  #fullState(viewer: number): Uint8Array {
    const buffer = new Uint8Array(Encoder.BUFFER_SIZE);
    const it = { offset: 1 };
    buffer[0] = ROOM_STATE;
    this.#encoder.encodeAll(it, buffer);
    const view = this.#stock.views[viewer] as StateView;
    return timedFrame(this.#encoder.encodeAllView(view, it.offset, { ...it }, buffer), 0, 0);
  }
}

function listOf(bits: number): FieldChanges {
  const list: FieldChanges = new Map();
  for (let left = bits; left !== 0; left &= left - 1) list.set(31 - Math.clz32(left & -left), OPERATION.ADD);
  return list;
}

/** The host's own helper is private to its serializer; this one copies as it does. */
function timedFrame(body: Uint8Array, sNow: number, ack: number): Uint8Array {
  const out = Buffer.allocUnsafe(TIMED_PREFIX_BYTES + body.length);
  out[0] = (body[0] as number) | TIMED;
  const it = { offset: 1 };
  encode.uint32(out, sNow >>> 0, it);
  encode.uint32(out, ack >>> 0, it);
  out.set(body.subarray(1), it.offset);
  return out;
}
