import { Client } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  BUTTON,
  connect,
  type Entity,
  type MovementCommand,
  type OwnEntity,
  positionOf,
  predictMovement,
  type ZoneWelcome,
} from "../../client/index.ts";
import { groundDistanceM } from "../../rooms/index.ts";
import { playerOf, STEADY_INTEREST, startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";
import { type LatencyProxy, startLatencyProxy } from "./latency-proxy.ts";
import { type ReconcileOracle, watchReconciles } from "./reconcile-oracle.ts";

/** A tower with a top that cannot be reached, and a step that can be jumped on. */
const TOWER = { name: "tower", longitude: -0.1246, latitude: 51.5007, radiusM: 8, heightM: 96 };
const STEP = { name: "step", longitude: -0.1246, latitude: 51.5009, radiusM: 3, heightM: 1 };

/** 10 m west of the middle of the tower. */
const BESIDE_TOWER = { longitude: -0.1246 - 10 / (111_319.490793 * Math.cos((51.5007 * Math.PI) / 180)), latitude: 51.5007 };

let world: TestWorld;
let proxy: LatencyProxy;

beforeAll(async () => {
  world = await startTestWorld({ plugins: ["quantization", { use: "landmarks", options: { list: [TOWER, STEP] } }, STEADY_INTEREST] });
});

afterAll(async () => {
  await world?.server.stop();
});

afterEach(async () => {
  await proxy?.close();
});

/** What a player does in a number of steps. */
const COURSE: { steps: number; command: MovementCommand }[] = [
  // Into the wall, at a run, and on against it.
  { steps: 60, command: { moveEast: 1, moveNorth: 0, yaw: 0, buttons: BUTTON.run } },
  // Along the wall, round the tower.
  { steps: 60, command: { moveEast: 0.7, moveNorth: 0.7, yaw: 0.8, buttons: BUTTON.run } },
  { steps: 20, command: { moveEast: -0.3, moveNorth: 1, yaw: 1.9, buttons: 0 } },
  // A jump in full run, steering in the air.
  { steps: 4, command: { moveEast: 0, moveNorth: 1, yaw: 1.57, buttons: BUTTON.run | BUTTON.jump } },
  { steps: 40, command: { moveEast: -1, moveNorth: 0.2, yaw: 3, buttons: BUTTON.run } },
  { steps: 20, command: { moveEast: 0, moveNorth: 0, yaw: 3, buttons: 0 } },
  // Left and right, faster than a turn takes.
  ...Array.from({ length: 12 }, (_, i) => ({
    steps: 5,
    command: { moveEast: i % 2 ? 1 : -1, moveNorth: 0.25, yaw: i / 2, buttons: i % 3 ? BUTTON.run : 0 },
  })),
  // A stick that never rests.
  ...Array.from({ length: 90 }, (_, i) => ({
    steps: 1,
    command: { moveEast: Math.cos(i / 15), moveNorth: Math.sin(i / 15), yaw: i / 15, buttons: i % 40 === 0 ? BUTTON.jump : BUTTON.run },
  })),
  { steps: 45, command: { moveEast: 0, moveNorth: 0, yaw: -1, buttons: 0 } },
];

const COURSE_STEPS = COURSE.reduce((sum, { steps }) => sum + steps, 0);

function commandAt(step: number): MovementCommand {
  let rest = step;
  for (const part of COURSE) {
    if (rest < part.steps) return part.command;
    rest -= part.steps;
  }
  return (COURSE.at(-1) as (typeof COURSE)[number]).command;
}

/** What the course is meant to lead through; a course that did not would prove nothing. */
class Witness {
  nearestToTowerM = Number.POSITIVE_INFINITY;
  highestM = 0;
  northernmost = -90;

  see(self: OwnEntity): void {
    const position = positionOf(self);
    this.nearestToTowerM = Math.min(this.nearestToTowerM, groundDistanceM(position, TOWER));
    this.highestM = Math.max(this.highestM, position.altitude);
    this.northernmost = Math.max(this.northernmost, position.latitude);
  }

  expectEventful(): void {
    // The wall of the tower and half a body, to the rounding of a centimetre.
    expect(this.nearestToTowerM).toBeGreaterThan(8.38);
    expect(this.nearestToTowerM).toBeLessThan(8.42);
    expect(this.highestM).toBeGreaterThan(1);
    expect(this.northernmost).toBeGreaterThan(TOWER.latitude + 0.00005);
  }
}

function expectAgreement(oracle: ReconcileOracle, leastCompared: number): void {
  expect(oracle.disagreements.slice(0, 3)).toEqual([]);
  expect(oracle.replayed).toBe(0);
  expect(oracle.steps).toBeGreaterThanOrEqual(300);
  expect(oracle.compared).toBeGreaterThan(leastCompared);
}

describe.each([
  { name: "no delay", delayMs: 0, jitterMs: 0 },
  { name: "120 ms of round trip with jitter", delayMs: 60, jitterMs: 20 },
])("prediction with $name", ({ delayMs, jitterMs }) => {
  it.each([
    // Ten times a second, as nothing else touches the body; and in every frame.
    { who: "a client that says it predicts", predict: true, leastCompared: 55 },
    { who: "one that does not say so", predict: false, leastCompared: 200 },
  ])("agrees with the server in every step, on the stock channel: $who", async ({ predict, leastCompared }) => {
    proxy = await startLatencyProxy(world.server.port, delayMs, jitterMs);
    const player = await playerOf(await new Client(proxy.url).joinOrCreate("zone", { ...BESIDE_TOWER, predict }));
    const self = player.self() as unknown as OwnEntity;
    const entities = () => player.entities() as unknown as ReadonlyMap<string, Entity>;
    await until("the tower", () => [...entities().values()].some(({ name }) => name === TOWER.name));
    const oracle = watchReconciles(player.room, self, player.welcome as ZoneWelcome, entities);
    const input = player.room.input<MovementCommand>();
    const witness = new Witness();

    const startMs = performance.now();
    let sent = 0;
    await until(
      "the end of the course",
      () => {
        oracle.tick();
        const due = Math.floor((performance.now() - startMs) / (1000 / player.welcome.frameHz));
        for (; sent < Math.min(due, COURSE_STEPS); sent++) {
          Object.assign(input.data, commandAt(sent));
          input.send();
        }
        witness.see(self);
        return sent === COURSE_STEPS && input.lastProcessed === COURSE_STEPS;
      },
      20_000,
    );
    oracle.tick();
    witness.expectEventful();
    expectAgreement(oracle, leastCompared);
    expect(player.errors).toEqual([]);
    await player.room.leave();
  });

  it("agrees with the server in every step, in batches, and keeps the SDK's acknowledgement and round trip", async () => {
    proxy = await startLatencyProxy(world.server.port, delayMs, jitterMs);
    const connection = await connect(proxy.url, { ...BESIDE_TOWER, predict: true });
    const errors: unknown[] = [];
    connection.on("error", (error) => errors.push(error));
    await until("the tower", () => [...connection.entities.values()].some(({ name }) => name === TOWER.name));
    const oracle = watchReconciles(connection.room, connection.self, connection.welcome, () => connection.entities);
    const prediction = predictMovement(connection);
    const witness = new Witness();

    await until(
      "the end of the course",
      () => {
        Object.assign(connection.input, commandAt(oracle.steps));
        oracle.tick();
        prediction.tick();
        witness.see(connection.self);
        return oracle.steps >= COURSE_STEPS + 10;
      },
      20_000,
    );
    const handle = connection.room.input<MovementCommand>();
    await until("the acknowledgement of all but the last batch", () => {
      oracle.tick();
      return handle.lastProcessed >= COURSE_STEPS;
    });
    oracle.tick();
    witness.expectEventful();
    // Ten batches a second, and one for each change.
    expectAgreement(oracle, 60);
    expect(prediction.corrections).toBe(0);
    expect(errors).toEqual([]);
    // The round trip of the network, and at most a batch and two world ticks on top.
    const rttMs = connection.room.clock.smoothedRtt();
    expect(rttMs).toBeGreaterThanOrEqual(2 * delayMs);
    expect(rttMs).toBeLessThan(2 * (delayMs + jitterMs) + 170);
    prediction.dispose();
    await connection.close();
  });
});
