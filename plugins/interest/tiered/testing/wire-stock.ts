import { $changes, Encoder, Reflection, StateView } from "@colyseus/schema";
import { type EntityState, viewTagsOf, type ZoneState } from "../../../../rooms/index.ts";
import { TIER_OF_NUMBER } from "../../tier-of-distance.ts";
import type { Values, WireClient, WireWorld } from "./wire-world.ts";

/** A client of the host's own serializer: a schema view, and the stock decoder. */
interface StockClient {
  view: StateView;
  decoder: ReturnType<typeof Reflection.decode>;
  ownEntityId: string;
  /** Tier number of each entity in view, by id. */
  seen: Map<string, number>;
}

/** The host's own way to replicate, over a second state of the same classes that is fed the same operations. */
export class StockWorld {
  readonly state: ZoneState;
  readonly clients: StockClient[] = [];
  readonly #encoder: Encoder;
  readonly #reflection: Uint8Array;
  readonly #world: WireWorld;

  constructor(world: WireWorld) {
    this.#world = world;
    this.state = new world.types.ZoneState();
    Object.assign(this.state.zone, { name: "all", west: -180, east: 180 });
    this.#encoder = new Encoder(this.state);
    this.#reflection = Reflection.encode(this.#encoder);
  }

  spawn(id: string, values: object, kind?: string): EntityState & Values {
    const Class = kind === undefined ? this.#world.types.Entity : (this.#world.kinds[kind] as new () => EntityState);
    const entity = new Class() as EntityState & Values;
    for (const [name, { initial }] of Object.entries(this.#world.types.fields))
      if (initial !== undefined) (entity as Values)[name] = initial;
    Object.assign(entity, values);
    this.state.entities.set(id, entity);
    return entity;
  }

  despawn(id: string): void {
    this.state.entities.delete(id);
    for (const { seen } of this.clients) seen.delete(id);
  }

  join(ownEntityId: string): StockClient {
    const client = { view: new StateView(), decoder: Reflection.decode(this.#reflection), ownEntityId, seen: new Map<string, number>() };
    this.clients.push(client);
    this.see(client, ownEntityId, 0);
    return client;
  }

  client(index: number): StockClient {
    return this.clients[index] as StockClient;
  }

  /** Has a client see an entity at a tier, 4 for out of range; after `StockInterest`. */
  see({ view, seen }: StockClient, id: string, now: number): void {
    const before = seen.get(id) ?? 4;
    const entity = this.state.entities.get(id) as EntityState;
    if (now === before) return;
    if (now === 4) {
      view.remove(entity);
      view.removeAllTagsOnTree((entity as unknown as Record<symbol, never>)[$changes] as never);
      seen.delete(id);
      return;
    }
    const mask = viewTagsOf(TIER_OF_NUMBER[now] as never);
    if (now < before) {
      if (mask === 0) view.add(entity);
      else view.add(entity, mask);
    } else {
      const former = viewTagsOf(TIER_OF_NUMBER[before] as never);
      view.removeTag((entity as unknown as Record<symbol, never>)[$changes] as never, former & ~mask);
    }
    seen.set(id, now);
  }

  /** First state of a client. */
  fullState(client: StockClient): void {
    const it = { offset: 0 };
    const encoder = this.#encoder;
    encoder.encodeAll(it);
    const shared = it.offset;
    client.decoder.decode(encoder.encodeAllView(client.view, shared, it));
  }

  /** A patch for everybody, as the host's serializer makes it. */
  patch(): void {
    const encoder = this.#encoder;
    const it = { offset: 0 };
    encoder.encode(it);
    const shared = it.offset;
    for (const client of this.clients) client.decoder.decode(encoder.encodeView(client.view, shared, it));
    encoder.discardChanges();
  }
}

/** The difference of what a client of ours and one of the host's have, or undefined; field by field. */
export function pictureDifference(ours: WireClient, stock: StockClient, fields: readonly string[]): string | undefined {
  const expected = (stock.decoder.state as unknown as ZoneState).entities;
  const ids = [...(expected?.keys() ?? [])];
  for (const id of ours.ids) if (!ids.includes(id)) return `${id} is there, the host's client has none`;
  for (const id of ids) {
    const is = ours.entity(id);
    const of = expected.get(id) as unknown as Values;
    if (!is) return `${id} is missing`;
    for (const field of fields) {
      if (!Object.is(is[field], of[field])) return `${id}.${field} is ${String(is[field])}, with the host ${String(of[field])}`;
    }
  }
  return undefined;
}
