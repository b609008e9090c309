import { $changes, $refId, type ChangeTree, type Encoder, StateView } from "@colyseus/schema";
import { DEFAULT_TICK_HZ, DEFAULT_TIERS } from "../../../../config/index.ts";
import { type EntityState, TIER_NAMES, viewTagsOf } from "../../../../rooms/index.ts";
import { BenchWorld, benchTypes } from "./bench-world.ts";
import type { Measured } from "./document.ts";
import {
  Counter,
  collectGarbage,
  count,
  FRAMES_PER_TICK,
  type Job,
  measuredOf,
  REST_TICKS,
  sampledViewers,
  type TickCost,
} from "./measuring.ts";
import { Membership, type Move } from "./membership.ts";
import { OracleClient, verify } from "./oracle.ts";

/** About so long is measured, as the peers are slow where there are many players. */
const MEASURE_MS = 20_000;
/** Not fewer ticks than a round of all tiers, */
const ROUND_TICKS = 15;
/** unless that takes longer than anybody waits: then as many as fit, and a few at least. */
const MOST_MEASURE_MS = 120_000;
const FEWEST_TICKS = 3;
/** Two seconds of world time, or what fits into so many milliseconds, but always a few ticks. */
const WARM_UP_TICKS = 60;
const WARM_UP_MS = 8000;
const FEWEST_WARM_UP_TICKS = 3;

/** Room in the encoder's buffer for what one client gets of one entity; beyond, the host would encode a tick again and again. */
const BUFFER_BYTES_PER_PAIR = 48;
const SPARE_BUFFER_BYTES = 4 * 2 ** 20;

/** View mask of each tier number; the viewer's own entity has the first. */
export const MASK_OF_TIER = TIER_NAMES.map((name) => viewTagsOf(name));

/** Ticks between two updates. */
export const PERIODS = { visual: DEFAULT_TICK_HZ / DEFAULT_TIERS.visual.hz, extended: DEFAULT_TICK_HZ / DEFAULT_TIERS.extended.hz };

/** A world with one `StateView` a client, as an application on the host's own serializer has it. */
export class StockWorld {
  readonly world: BenchWorld;
  readonly entities: readonly EntityState[];
  readonly views: readonly StateView[];
  readonly membership: Membership;
  readonly counter = new Counter();
  readonly oracles: readonly OracleClient[];
  /** By viewer. */
  readonly oracleOf: readonly (OracleClient | undefined)[];
  readonly #encoder: Encoder;

  constructor(job: Job, start: (world: BenchWorld) => { encoder: Encoder; handshake(): Uint8Array }) {
    this.world = new BenchWorld(benchTypes(), job.seed);
    const { encoder, handshake } = start(this.world);
    this.world.populate(job.placements);
    this.entities = this.world.players.map(({ entity }) => entity);
    this.views = this.entities.map((entity) => {
      const view = new StateView();
      // Brings the map with it, which must not be added by itself: that would show everything that is in it.
      view.add(entity, MASK_OF_TIER[0]);
      return view;
    });
    this.membership = new Membership(this.entities.length, DEFAULT_TIERS, PERIODS);
    let pairs = this.entities.length;
    // Marks only: what is in sight at the start comes with the full state, as for a client that joins.
    this.membership.scan(this.entities, "all", ({ viewer, other, to }) => {
      const view = this.views[viewer] as StateView;
      const tree = treeOf(this.entities[other] as EntityState);
      view.markVisible(tree);
      view.addTag(tree, MASK_OF_TIER[to] as number);
      pairs++;
    });
    this.#encoder = encoder;
    encoder.sharedBuffer = new Uint8Array(pairs * BUFFER_BYTES_PER_PAIR + SPARE_BUFFER_BYTES);
    const sampled = sampledViewers(this.entities.length);
    this.oracles = sampled.map((viewer) => new OracleClient(viewer, handshake()));
    this.oracleOf = this.entities.map((_, viewer) => this.oracles.find((oracle) => oracle.viewer === viewer));
  }

  /** What a client is sent. */
  receive(viewer: number, packet: Uint8Array): void {
    this.counter.add(packet);
    this.oracleOf[viewer]?.receive(packet);
  }

  /** Changes a client's view as a pair's tier changes: what the `interest` plugin does on the host's serializer. */
  apply({ viewer, other, from, to }: Readonly<Move>): void {
    const view = this.views[viewer] as StateView;
    const entity = this.entities[other] as EntityState;
    const mask = MASK_OF_TIER[to];
    if (mask === undefined) {
      view.remove(entity);
      // Without this, tags of the nearer tiers would come back with the entity when it does.
      view.removeAllTagsOnTree(treeOf(entity));
    } else if (to > from) view.removeTag(treeOf(entity), (MASK_OF_TIER[from] as number) & ~mask);
    else if (mask === 0) view.add(entity);
    else view.add(entity, mask);
  }

  /**
   * Warms up, measures, lets movement rest, and holds the sampled clients against the truth.
   * @param patch replicates a tick and adds what it took to the cost; movement and the search for who is near are over by then.
   */
  measure(job: Job, patch: (tick: number, moves: readonly Move[], cost: TickCost) => void): Measured {
    // Everybody has their full state by now; a first patch with every field of every pair would overflow any buffer.
    this.#encoder.discardChanges();
    for (const view of this.views) view.changes.clear();
    let tick = 0;
    const next = (moving: boolean): TickCost => {
      if (moving) for (let i = 0; i < FRAMES_PER_TICK; i++) this.world.step();
      const moves: Move[] = [];
      this.membership.scan(this.entities, tick, (move) => moves.push(move));
      const cost = { ms: 0, cpuMs: 0 };
      patch(tick++, moves, cost);
      for (const oracle of this.oracles) oracle.drain();
      return cost;
    };
    const warmUp: TickCost[] = [];
    let warmUpMs = 0;
    while (warmUp.length < FEWEST_WARM_UP_TICKS || (warmUp.length < WARM_UP_TICKS && warmUpMs < WARM_UP_MS)) {
      const cost = next(true);
      warmUpMs += cost.ms;
      warmUp.push(cost);
      job.onProgress(`warming up, ${warmUp.length} ticks`);
    }
    collectGarbage();
    const most = ticksToMeasure(job.ticks, warmUp);
    const costs: TickCost[] = [];
    count(true, this.counter, this.oracles);
    for (let i = 0; i < most; i++) {
      costs.push(next(true));
      job.onProgress(`${i + 1}/${most} ticks`);
    }
    count(false, this.counter, this.oracles);
    for (let i = 0; i < REST_TICKS; i++) next(false);
    const ids = this.world.players.map(({ id }) => id);
    return measuredOf(costs, ids.length, this.counter, this.oracles, verify(this.oracles, ids, this.entities, DEFAULT_TIERS));
  }
}

/** As many as asked for, or fewer where they are slow, judged by the later half of the warm-up. */
function ticksToMeasure(asked: number, warmUp: readonly TickCost[]): number {
  const late = warmUp.slice(Math.floor(warmUp.length / 2));
  const meanMs = Math.max(0.001, late.reduce((sum, { ms }) => sum + ms, 0) / late.length);
  const round = Math.max(FEWEST_TICKS, Math.min(ROUND_TICKS, Math.floor(MOST_MEASURE_MS / meanMs)));
  return Math.min(asked, Math.max(round, Math.floor(MEASURE_MS / meanMs)));
}

/** Where the host keeps what has changed in an entity and who sees it. */
export function treeOf(entity: EntityState): ChangeTree {
  return (entity as unknown as Record<typeof $changes, ChangeTree>)[$changes];
}

export function refIdOf(entity: EntityState): number {
  return (entity as unknown as Record<typeof $refId, number>)[$refId];
}
