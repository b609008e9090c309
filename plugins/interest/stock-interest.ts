import { $changes, StateView } from "@colyseus/schema";
import { axisCm, type EntityState, nearDistanceSquaredM2, viewTagsOf } from "../../rooms/index.ts";
import type { Avatar, Client, ZoneRoom } from "../../sdk/index.ts";
import { LOCAL, OUT_OF_RANGE, TIER_OF_NUMBER, tierOfDistance } from "./tier-of-distance.ts";

interface Viewer {
  avatar: Avatar;
  view: StateView;
  /** Tier number of every entity in view, by id. */
  seen: Map<string, number>;
  /** Which of the scans in a round is this viewer's. */
  slot: number;
}

/** View mask of each tier number: the tags of its fields and of every farther tier's. */
const MASK_OF_TIER = TIER_OF_NUMBER.map((name) => viewTagsOf(name));

const WORLD_TICK_HZ = 30;

/**
 * The host's own way: one schema view a client, on the host's own serializer, every tier at the rate of the world tick. The reference of the wire and
 * the peer in benchmarks. Every pair of viewer and entity is measured: cost per round O(viewers × entities).
 */
export class StockInterest {
  readonly #room: ZoneRoom;
  readonly #scanHz: number;
  readonly #viewers = new Map<string, Viewer>();
  #joined = 0;
  #round = 0;
  #ids: string[] = [];
  #entities: EntityState[] = [];
  #xCm = new Float64Array(0);
  #yCm = new Float64Array(0);
  #zCm = new Float64Array(0);

  /** @param scanHz how often each viewer's surroundings are looked over; a divisor of 30. */
  constructor(room: ZoneRoom, scanHz: number) {
    this.#room = room;
    this.#scanHz = scanHz;
  }

  join(client: Client): void {
    const avatar = this.#room.avatarOf(client);
    const view = new StateView();
    client.view = view;
    // Brings the map with it. The map must not be added by itself: that would show everything that is in it now.
    view.add(avatar.entity, MASK_OF_TIER[LOCAL]);
    const viewer: Viewer = { avatar, view, seen: new Map([[avatar.entityId, LOCAL]]), slot: this.#joined++ % this.#slots };
    this.#viewers.set(avatar.sessionId, viewer);
    // The first state shows the surroundings at once, not after the next round.
    this.#snapshotPositions();
    this.#scan(viewer);
  }

  leave(client: Client): void {
    this.#viewers.delete(client.sessionId);
    client.view?.dispose();
  }

  despawn(entityId: string): void {
    for (const { seen } of this.#viewers.values()) seen.delete(entityId);
  }

  tick(): void {
    if (this.#viewers.size === 0) return;
    const slot = this.#round++ % this.#slots;
    this.#snapshotPositions();
    for (const viewer of this.#viewers.values()) if (viewer.slot === slot) this.#scan(viewer);
  }

  get #slots(): number {
    return WORLD_TICK_HZ / this.#scanHz;
  }

  /** Positions of all entities in flat arrays: read once a round rather than once a pair. */
  #snapshotPositions(): void {
    const { entities } = this.#room;
    if (this.#xCm.length < entities.size) {
      const length = Math.ceil(entities.size * 1.5);
      this.#xCm = new Float64Array(length);
      this.#yCm = new Float64Array(length);
      this.#zCm = new Float64Array(length);
    }
    this.#ids.length = 0;
    this.#entities.length = 0;
    for (const [id, entity] of entities.entries()) {
      const i = this.#ids.push(id) - 1;
      this.#entities.push(entity);
      this.#xCm[i] = axisCm(entity.cellX, entity.x);
      this.#yCm[i] = axisCm(entity.cellY, entity.y);
      this.#zCm[i] = axisCm(entity.cellZ, entity.z);
    }
  }

  #scan(viewer: Viewer): void {
    const { tiers } = this.#room.zone;
    const own = viewer.avatar.entity;
    const x = axisCm(own.cellX, own.x);
    const y = axisCm(own.cellY, own.y);
    const z = axisCm(own.cellZ, own.z);
    const farthestCm = tiers.extended.radiusM * (1 + tiers.hysteresis) * 100;
    for (let i = 0; i < this.#ids.length; i++) {
      const id = this.#ids[i] as string;
      if (id === viewer.avatar.entityId) continue;
      const before = viewer.seen.get(id) ?? OUT_OF_RANGE;
      const otherY = this.#yCm[i] as number;
      // Most of a zone is farther north or south than anyone sees: that costs one comparison.
      const near = Math.abs(otherY - y) <= farthestCm;
      const squaredM2 = near
        ? nearDistanceSquaredM2(x, y, z, this.#xCm[i] as number, otherY, this.#zCm[i] as number)
        : Number.POSITIVE_INFINITY;
      const now = tierOfDistance(squaredM2, before, tiers);
      if (now !== before) this.#change(viewer, id, this.#entities[i] as EntityState, before, now);
    }
  }

  #change({ view, seen }: Viewer, id: string, entity: EntityState, before: number, now: number): void {
    if (now === OUT_OF_RANGE) {
      view.remove(entity);
      // Without this, tags of the nearer tiers would come back with the entity when it does.
      view.removeAllTagsOnTree((entity as unknown as Record<symbol, never>)[$changes] as never);
      seen.delete(id);
      return;
    }
    const mask = MASK_OF_TIER[now] as number;
    if (now < before) {
      if (mask === 0) view.add(entity);
      else view.add(entity, mask);
    } else {
      // Fields of the nearer tier stop; the client keeps their last values.
      view.removeTag((entity as unknown as Record<symbol, never>)[$changes] as never, (MASK_OF_TIER[before] as number) & ~mask);
    }
    seen.set(id, now);
  }
}
