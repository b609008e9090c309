import { Encoder, Reflection } from "@colyseus/schema";
import { DEFAULT_FRAME_HZ, DEFAULT_TICK_HZ, DEFAULT_TIERS } from "../../../../config/index.ts";
import { Replicator } from "../../../../plugins/interest/tiered/replicator.ts";
import { BenchWorld, benchTypes, type Player } from "./bench-world.ts";
import type { EngineStats, Measured } from "./document.ts";
import {
  BUDGET_BYTES_PER_SECOND,
  Counter,
  collectGarbage,
  count,
  FRAMES_PER_TICK,
  type Job,
  measuredOf,
  REST_TICKS,
  rounded,
  sampledViewers,
  type TickCost,
  timed,
  WARM_UP_TICKS,
} from "./measuring.ts";
import { meanWithin } from "./neighbours.ts";
import { OracleClient, verify } from "./oracle.ts";

/** Largest weight of a queue and bytes of a record, for the longest wait. Source: docs/REPLICATION.md, "Budget". */
const MOST_WEIGHT = 8;
const RECORD_BYTES = 16;

/** A round of the slowest tier. */
const QUIET_TICKS = DEFAULT_TICK_HZ / DEFAULT_TIERS.extended.hz;

/** A client that predicts; what it is sent is counted, and kept where it is sampled. */
class Sink {
  readonly predict = true;
  readonly ownEntityId: string;
  readonly oracle: OracleClient | undefined;
  readonly #world: BenchWorld;
  readonly #counter: Counter;

  constructor(player: Player, world: BenchWorld, counter: Counter, oracle: OracleClient | undefined) {
    this.ownEntityId = player.id;
    this.oracle = oracle;
    this.#world = world;
    this.#counter = counter;
  }

  ack(): number {
    return this.#world.steps;
  }

  send(packet: Uint8Array): void {
    this.#counter.add(packet);
    this.oracle?.receive(packet);
  }
}

/** Measures the `interest` plugin's own replication. */
export function runOurs(job: Job): { measured: Measured; visibleMean: number } {
  const world = new BenchWorld(benchTypes(), job.seed);
  const encoder = new Encoder(world.state);
  const replicator = new Replicator({
    encoder,
    entities: world.state.entities,
    tiers: DEFAULT_TIERS,
    frameHz: DEFAULT_FRAME_HZ,
    tickHz: DEFAULT_TICK_HZ,
    budgetBytesPerSecond: BUDGET_BYTES_PER_SECOND,
  });
  world.populate(job.placements, (id, entity) => replicator.spawned(id, entity));
  const counter = new Counter();
  const handshake = Reflection.encode(encoder);
  const sampled = new Set(sampledViewers(world.players.length));
  const oracles: OracleClient[] = [];
  world.players.forEach((player, index) => {
    const oracle = sampled.has(index) ? new OracleClient(index, handshake) : undefined;
    if (oracle) oracles.push(oracle);
    const viewer = replicator.addViewer(new Sink(player, world, counter, oracle));
    const full = replicator.fullState(viewer, 0);
    oracle?.receive(full);
  });

  let frame = 0;
  const tick = (moving: boolean): TickCost => {
    const cost = { ms: 0, cpuMs: 0 };
    for (let i = 0; i < FRAMES_PER_TICK; i++) {
      if (moving) world.step();
      const sNow = Math.round((frame * 1000) / DEFAULT_FRAME_HZ);
      timed(cost, () => replicator.frame(frame, sNow));
      frame++;
    }
    for (const oracle of oracles) oracle.drain();
    return cost;
  };
  for (let i = 0; i < WARM_UP_TICKS; i++) {
    tick(true);
    if (i % 30 === 0) job.onProgress(`warming up, ${i}/${WARM_UP_TICKS} ticks`);
  }

  const entities = world.players.map(({ entity }) => entity);
  const visibleMean = meanWithin(entities, DEFAULT_TIERS.extended.radiusM);
  collectGarbage();
  const costs: TickCost[] = [];
  const statsBefore = statsOf(replicator);
  count(true, counter, oracles);
  for (let i = 0; i < job.ticks; i++) {
    costs.push(tick(true));
    if (i % 30 === 0) job.onProgress(`${i}/${job.ticks} ticks`);
  }
  count(false, counter, oracles);
  const stats = statsBetween(statsBefore, statsOf(replicator));

  job.onProgress("at rest");
  // Where the budget does not suffice for all, what has changed last may wait as long as docs/REPLICATION.md says, but not longer
  // than somebody is still sent something.
  const waitSeconds = (MOST_WEIGHT * visibleMean * RECORD_BYTES) / BUDGET_BYTES_PER_SECOND;
  const mostTicks = REST_TICKS + Math.floor(waitSeconds * DEFAULT_TICK_HZ);
  let quietTicks = 0;
  for (let i = 0; i < REST_TICKS || (i < mostTicks && quietTicks < QUIET_TICKS); i++) {
    const before = counter.sent;
    tick(false);
    quietTicks = counter.sent === before ? quietTicks + 1 : 0;
  }
  const ids = world.players.map(({ id }) => id);
  const measured = measuredOf(costs, world.players.length, counter, oracles, verify(oracles, ids, entities, DEFAULT_TIERS));
  if (stats === undefined) return { measured, visibleMean };
  const { records = 0, recordBytes = 0 } = stats;
  const bytesPerUpdate = records > 0 ? rounded(recordBytes / records, 1) : measured.bytesPerUpdate;
  return { measured: { ...measured, bytesPerUpdate, stats }, visibleMean };
}

/** The engine's counters as they stand, where it keeps any. */
function statsOf(replicator: object): EngineStats | undefined {
  const { stats } = replicator as { stats?: object };
  return stats === undefined ? undefined : ({ ...stats } as EngineStats);
}

function statsBetween(before: EngineStats | undefined, after: EngineStats | undefined): EngineStats | undefined {
  if (before === undefined || after === undefined) return undefined;
  // A longest wait is no sum: the difference of two would mean nothing.
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, name.startsWith("longest") ? value : value - (before[name] ?? 0)]),
  );
}
