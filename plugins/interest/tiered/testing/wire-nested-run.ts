import { isDeepStrictEqual } from "node:util";
import { type DeepPartial, TIER_NAMES, type Tiers } from "../../../../config/index.ts";
import { Random } from "./random.ts";
import { changeNested, contentOf, nestedFields, nestedName, SHAPES, type Shape, type Shelf } from "./wire-nested.ts";
import { plain, positionAt, quantizedFields, type Values, type WireClient, WireWorld } from "./wire-world.ts";

/** Metres that put an entity into combat, visual, extended and out of range. */
const DISTANCES = [10, 100, 500, 3000];

const TIERS: readonly DeepPartial<Tiers>[] = [{}, {}, { combat: { hz: 20 } }, { extended: { hz: 5 } }];

/** One short life of a few entities with everything below them that the schema offers, seen by a few clients. */
export class NestedRun {
  readonly world: WireWorld;
  readonly #random: Random;
  readonly #entities = new Map<string, Values>();
  /** Frame by which a client that was sent the entity has its changes. */
  readonly #changedBy = new Map<string, number>();
  readonly #shelves = new Map<string, Shelf>();
  /** Pictures that were compared: a test that compares none proves nothing. */
  compared = 0;
  readonly history: string[] = [];

  constructor(seed: number, budgetBytesPerSecond = Number.POSITIVE_INFINITY) {
    this.#random = new Random(seed);
    const tiers = this.#random.pick(TIERS);
    this.world = new WireWorld({ fields: quantizedFields(nestedFields()), tiers, budgetBytesPerSecond });
    for (let i = 0; i < 3; i++) this.#spawn(`e${i}`, this.#random.pick(DISTANCES));
    for (let i = 0; i < 2; i++) {
      this.#spawn(`me${i}`, i);
      this.world.join(`me${i}`, i === 1);
    }
  }

  /** @returns the first difference between what a client has and what it is to have, or undefined. */
  run(frames: number): string | undefined {
    for (let i = 0; i < frames; i++) {
      this.#gap();
      this.world.frames();
      const difference = this.#difference(false);
      if (difference) return difference;
    }
    this.world.settle();
    // With a budget the last ones wait their turn.
    for (let i = 0; i < 50 && this.world.clients.some(({ viewer }) => viewer.backlog); i++) this.world.settle();
    return this.#difference(true);
  }

  #spawn(id: string, eastM: number): void {
    const random = this.#random;
    const values: Values = { ...positionAt(eastM, this.#entities.size) };
    for (const tier of TIER_NAMES)
      for (const shape of SHAPES) if (random.chance(0.6)) values[nestedName(tier, shape)] = contentOf(shape, random);
    this.#entities.set(id, this.world.spawn(id, values));
    this.#shelves.delete(id);
    this.#noteChange(id);
  }

  /** What happens between two frames. */
  #gap(): void {
    const random = this.#random;
    const { world } = this;
    const next = world.frame + 1;
    const changed = new Set<string>();
    for (const [id, entity] of this.#entities) {
      const tick = next + (next % 2);
      const turn = tick % 4 === 0 ? next === tick : next === tick - 1;
      for (let i = random.whole(0, 4); turn && i > 0; i--) {
        const tier = random.pick(TIER_NAMES);
        const shape = random.pick(SHAPES) as Shape;
        // Of one structure once in a tick: what the host makes of more, with what is taken out and put back meanwhile, no client can read.
        const key = id + tier + shape;
        if (changed.has(key)) continue;
        changed.add(key);
        this.history.push(`${next} ${id}.${changeNested(entity, tier, shape, random, this.#shelfOf(id))}`);
        this.#noteChange(id);
      }
      if (random.chance(0.3)) entity.mana = random.whole(0, 60_000);
      if (id.startsWith("e") && random.chance(0.03)) {
        const eastM = random.pick(DISTANCES);
        this.history.push(`${next} ${id} moves to ${eastM}`);
        Object.assign(entity, positionAt(eastM, this.#entities.size));
      }
      if (id.startsWith("e") && random.chance(0.005)) {
        this.history.push(`${next} ${id} is gone, and one of its name comes`);
        world.despawn(id);
        this.#spawn(id, random.pick(DISTANCES));
      }
    }
    for (const client of world.clients) if (random.chance(0.5)) client.acknowledged++;
    if (random.chance(0.02)) world.state.zone.name = `zone ${next}`;
    if (random.chance(0.02) && world.clients.length < 4) {
      const id = `me${world.clients.length}`;
      this.history.push(`${next} ${id} joins`);
      this.#spawn(id, random.whole(0, 5));
      world.join(id, random.chance(0.5));
    }
    if (random.chance(0.03)) {
      const client = random.pick(world.clients);
      this.history.push(`${next} ${client.ownEntityId} reconnects`);
      client.resync();
    }
  }

  #shelfOf(id: string): Shelf {
    const shelf = this.#shelves.get(id) ?? new Map();
    this.#shelves.set(id, shelf);
    return shelf;
  }

  #noteChange(id: string): void {
    const next = this.world.frame + 1;
    this.#changedBy.set(id, next + (next % 2));
  }

  #difference(all: boolean): string | undefined {
    for (const client of this.world.clients) {
      for (const [id, entity] of this.#entities) {
        const pair = this.world.replicator.pairOf(client.viewer, id);
        if (!pair || pair.tier === null || !pair.known) {
          if (all && client.ids.includes(id)) return `${client.ownEntityId} still has ${id}`;
          continue;
        }
        const isCurrent = !pair.lacksFields && (pair.sent as number) >= (this.#changedBy.get(id) as number);
        if (!isCurrent && !all) continue;
        const difference = nestedDifference(client, id, entity, pair.tier);
        if (difference) return `frame ${this.world.frame}, ${client.ownEntityId} of ${id}: ${difference}`;
        this.compared++;
      }
    }
    return undefined;
  }
}

/** In what a client's fields of a tier differ from the server's. */
export function nestedDifference(client: WireClient, id: string, entity: Values, tier: number): string | undefined {
  const got = client.entity(id);
  for (const [number, name] of TIER_NAMES.entries()) {
    if (number < tier) continue;
    for (const shape of SHAPES) {
      const field = nestedName(name, shape);
      const [is, expected] = [plain(got?.[field]), plain(entity[field])];
      if (!isDeepStrictEqual(is, expected)) return `${field} is ${JSON.stringify(is)}, expected ${JSON.stringify(expected)}`;
    }
  }
  return undefined;
}
