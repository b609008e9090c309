import { Encoder, Reflection, StateView } from "@colyseus/schema";
import { describe, expect, it } from "vitest";
import BenchReplication from "../../cli/commands/bench/replication.ts";
import { renderReplication } from "../../cli/output/bench-replication.ts";
import { BenchWorld, benchTypes } from "../../cli/services/bench/replication/bench-world.ts";
import { CASE_NAMES, placementsOf } from "../../cli/services/bench/replication/cases.ts";
import { meanWithin } from "../../cli/services/bench/replication/neighbours.ts";
import { OracleClient, sightProblems, verify } from "../../cli/services/bench/replication/oracle.ts";
import { runReplicationBench, whyFailed } from "../../cli/services/bench/replication/run-bench.ts";
import { DEFAULT_TIERS } from "../../config/index.ts";
import { type EntityState, viewTagsOf } from "../../rooms/index.ts";
import { bm } from "../cli/support/bm.ts";

const PLAYERS = 60;
const MINUTES = 60_000;

describe("a small run", () => {
  it(
    "delivers by every way, and says what it cost",
    async () => {
      const document = await runReplicationBench({ cases: ["spread-1000"], ticks: 15, seed: 3, stock: true, players: PLAYERS });
      expect(whyFailed(document)).toBeUndefined();
      expect(document).toMatchObject({
        bench: "replication",
        machine: { cpu: expect.any(String), cores: expect.any(Number), memoryGiB: expect.any(Number), node: process.versions.node },
        parameters: { cases: ["spread-1000"], ticks: 15, seed: 3, stock: true, frameHz: 60, tickHz: 30, budgetBytesPerSecond: 50_000 },
        cases: [{ name: "spread-1000", players: PLAYERS, ratio: expect.any(Number), ratioSameRates: expect.any(Number) }],
        growth: null,
      });
      const [found] = document.cases;
      expect(found?.visibleMean).toBeGreaterThan(PLAYERS / 2);
      for (const measured of [found?.ours, found?.stock, found?.stockSameRates]) {
        expect(measured?.problems).toEqual([]);
        expect(measured?.ticks).toBe(15);
        expect(measured?.msP50).toBeGreaterThan(0);
        expect(measured?.bytesPerClientPerSecond).toBeGreaterThan(0);
        expect(measured?.packetsPerClientPerSecond).toBeGreaterThan(0);
        expect(measured?.bytesPerUpdate).toBeGreaterThan(0);
        expect(measured?.verified.clients).toBe(8);
        expect(measured?.verified.entities).toBeGreaterThan(8);
      }
      // Sizes, not times: everybody gets everything in each patch of the host, and slower tiers less of it.
      expect(found?.stock?.packetsPerClientPerSecond).toBe(30);
      expect(found?.stockSameRates?.bytesPerClientPerSecond).toBeLessThan(found?.stock?.bytesPerClientPerSecond as number);
      const { saving } = document;
      expect(saving?.case).toBe("spread-1000");
      expect(saving?.fullBytesPerSecond).toBeGreaterThan(saving?.deltaBytesPerSecond as number);
      expect(saving?.deltaBytesPerSecond).toBeGreaterThan(saving?.quantizedBytesPerSecond as number);
      const text = renderReplication(document);
      expect(text).toMatch(/^Stock \/ ours +at our rates +Case/m);
      expect(text).toContain("yes: ");
      expect(text).not.toContain("\u001b");
    },
    5 * MINUTES,
  );

  it(
    "prints one document for a script, without the peers where they are left out",
    async () => {
      const words = ["bench", "replication", "--case", "dense-1000", "--players", "40", "--ticks", "5", "--no-stock", "--json"];
      const { status, stdout } = await bm(process.cwd(), words);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        cases: [{ name: "dense-1000", players: 40, visibleMean: 39, stock: null, stockSameRates: null, ratio: null, ratioSameRates: null }],
        saving: null,
      });
    },
    2 * MINUTES,
  );
});

describe("the cases", () => {
  it("are those that the command names", () => {
    expect(BenchReplication.flags.case.options).toEqual([...CASE_NAMES]);
  });

  it("have about 80 others in sight where players are spread, however many they are", async () => {
    for (const players of [1000, 3000]) {
      const world = new BenchWorld(benchTypes(), 1);
      world.populate(await placementsOf("spread-1000", players, 1));
      const mean = meanWithin(
        world.players.map(({ entity }) => entity),
        1000,
      );
      expect(mean).toBeGreaterThan(75);
      expect(mean).toBeLessThan(85);
    }
  });

  it("keep a dense crowd within 50 m of each other while it walks", async () => {
    const world = new BenchWorld(benchTypes(), 1);
    world.populate(await placementsOf("dense-1000", 100, 1));
    for (let i = 0; i < 600; i++) world.step();
    const entities = world.players.map(({ entity }) => entity);
    expect(meanWithin(entities, 50)).toBe(99);
  });
});

describe("the oracle", () => {
  const at = (x: number) =>
    ({ cellX: 1, cellY: 1, cellZ: 0, x, y: 2, z: 0, yaw: 0, velocityX: 0, velocityY: 0, velocityZ: 0 }) as EntityState;
  const near = { id: "7", entity: at(1), distanceM: 10 };

  it("misses what is not there", () => {
    expect(sightProblems(new Map(), [near], DEFAULT_TIERS)).toEqual(["7 at 10.0 m is not there"]);
    expect(sightProblems(new Map(), [{ ...near, distanceM: 1020 }], DEFAULT_TIERS)).toEqual([]);
  });

  it("sees a centimetre, a heading that is near enough to matter, and what should be gone", () => {
    expect(sightProblems(new Map([["7", at(1.01)]]), [near], DEFAULT_TIERS)).toEqual(["7 at 10.0 m: x is 65637 cm, expected 65636"]);
    const turned = { ...at(1), yaw: 1 } as EntityState;
    expect(sightProblems(new Map([["7", turned]]), [near], DEFAULT_TIERS)).toEqual(["7 at 10.0 m: yaw is 1, expected 0"]);
    expect(sightProblems(new Map([["7", turned]]), [{ ...near, distanceM: 400 }], DEFAULT_TIERS)).toEqual([]);
    expect(sightProblems(new Map([["7", at(1)]]), [{ ...near, distanceM: 1051 }], DEFAULT_TIERS)).toEqual(["7 at 1051.0 m is still there"]);
  });

  it("finds a client that lost its last packet, and none that lost nothing", async () => {
    const world = new BenchWorld(benchTypes(), 1);
    const encoder = new Encoder(world.state);
    world.populate(await placementsOf("dense-1000", 10, 1));
    const entities = world.players.map(({ entity }) => entity);
    const view = new StateView();
    for (const entity of entities) view.add(entity, viewTagsOf("local"));
    const handshake = Reflection.encode(encoder);
    const whole = new OracleClient(0, handshake);
    const robbed = new OracleClient(0, handshake);
    for (let patch = 0; patch < 3; patch++) {
      if (patch > 0) world.step();
      const it = { offset: 1 };
      encoder.sharedBuffer[0] = 15;
      encoder.encode(it);
      const packet = encoder.encodeView(view, it.offset, it);
      encoder.discardChanges();
      whole.receive(packet);
      if (patch < 2) robbed.receive(packet);
    }
    const ids = world.players.map(({ id }) => id);
    expect(verify([whole], ids, entities, DEFAULT_TIERS)).toEqual({ verified: { clients: 1, entities: 10 }, problems: [] });
    const { problems } = verify([robbed], ids, entities, DEFAULT_TIERS);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^client of 1000: 100\d at .* m: .* expected/);
    expect(whyFailed({ cases: [{ name: "dense-1000", ours: { problems } }] } as never)).toMatch(/^dense-1000, ours: client of 1000/);
  });
});
