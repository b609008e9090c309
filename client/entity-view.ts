import { Callbacks, type Room } from "@colyseus/sdk";
import type { Entity } from "./entity.ts";

/** The part of a zone's state that the view reads. */
export interface ZoneStateView {
  readonly zone: { readonly name: string; readonly west: number; readonly east: number };
  readonly entities: ReadonlyMap<string, Entity>;
}

/** Called as entities come into view and leave it: exactly one `leave` for each `enter`. */
export interface EntityViewEvents {
  enter(id: string, entity: Entity): void;
  leave(id: string, entity: Entity): void;
}

/** The SDK's callbacks by what is used of them; its own types are made for states that are known at compile time. */
interface EntityCallbacks {
  onAdd(collection: "entities", added: (entity: Entity, id: string) => void, immediate: boolean): () => void;
  onRemove(collection: "entities", removed: (entity: Entity, id: string) => void): () => void;
}

/**
 * The entities in view, by id: a read-only map that follows the state of the room it was last given. Look-ups are O(1).
 * An id lives as long as its entity; the object behind it may be another after a rejoin, so keep ids rather than objects.
 */
export class EntityView implements ReadonlyMap<string, Entity> {
  readonly #events: EntityViewEvents;
  readonly #seen = new Map<string, Entity>();
  #room: Room<unknown, ZoneStateView> | undefined;
  #unfollow = (): void => {};

  constructor(events: EntityViewEvents) {
    this.#events = events;
  }

  /**
   * Follows a room that has its first state. Call {@link clear} before, so that the old room's entities leave.
   * @param ownId the entity that enters before all others.
   */
  follow(room: Room<unknown, ZoneStateView>, ownId: string): void {
    this.#unfollow();
    this.#room = room;
    const own = room.state.entities.get(ownId);
    if (own) this.#add(ownId, own);
    const callbacks = Callbacks.get(room as never) as unknown as EntityCallbacks;
    const stopAdd = callbacks.onAdd("entities", (entity, id) => this.#add(id, entity), false);
    const stopRemove = callbacks.onRemove("entities", (entity, id) => this.#remove(id, entity));
    this.#unfollow = () => {
      stopAdd();
      stopRemove();
    };
    this.resynchronize();
  }

  /**
   * Brings the view in line with the room's state, entry by entry: O(entities in view). For full states, whose decoding may
   * replace or drop entries without a word.
   */
  resynchronize(): void {
    const current = this.#room?.state.entities;
    if (!current) return;
    for (const [id, entity] of [...this.#seen]) if (current.get(id) !== entity) this.#remove(id, entity);
    for (const [id, entity] of [...current.entries()]) this.#add(id, entity);
  }

  /** Lets everything leave, and follows nothing. */
  clear(): void {
    this.detach();
    for (const [id, entity] of [...this.#seen]) this.#remove(id, entity);
  }

  /** Follows nothing any more; what was seen last stays. */
  detach(): void {
    this.#unfollow();
    this.#unfollow = () => {};
    this.#room = undefined;
  }

  #add(id: string, entity: Entity): void {
    const before = this.#seen.get(id);
    if (before === entity) return;
    if (before) this.#remove(id, before);
    this.#seen.set(id, entity);
    this.#events.enter(id, entity);
  }

  #remove(id: string, entity: Entity): void {
    if (this.#seen.get(id) !== entity) return;
    this.#seen.delete(id);
    this.#events.leave(id, entity);
  }

  get size(): number {
    return this.#seen.size;
  }

  get(id: string): Entity | undefined {
    return this.#seen.get(id);
  }

  has(id: string): boolean {
    return this.#seen.has(id);
  }

  entries(): MapIterator<[string, Entity]> {
    return this.#seen.entries();
  }

  keys(): MapIterator<string> {
    return this.#seen.keys();
  }

  values(): MapIterator<Entity> {
    return this.#seen.values();
  }

  forEach(visit: (entity: Entity, id: string, view: ReadonlyMap<string, Entity>) => void): void {
    for (const [id, entity] of this.#seen) visit(entity, id, this);
  }

  [Symbol.iterator](): MapIterator<[string, Entity]> {
    return this.#seen.entries();
  }
}
