import { matchMaker, ServerError } from "@colyseus/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type ConnectionError,
  type ConnectionSettings,
  connect,
  distanceBetween,
  positionOf,
  predictMovement,
  type WorldConnection,
} from "../../client/index.ts";
import { startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";
import { type LatencyProxy, startLatencyProxy } from "./latency-proxy.ts";

const PARIS = { longitude: 2.3522, latitude: 48.8566 };
const TOWER = { name: "tower", longitude: 2.3522, latitude: 48.8576, radiusM: 4, heightM: 20 };
const QUICK: ConnectionSettings = { joinTimeoutMs: 500, reconnectGraceMs: 300, rejoinDelayMs: 20, maxRejoinDelayMs: 100, maxRejoins: 100 };

let world: TestWorld;
let proxy: LatencyProxy;
const open: WorldConnection[] = [];

async function startWorld(): Promise<void> {
  world = await startTestWorld({
    plugins: ["quantization", "interest", { use: "landmarks", options: { list: [TOWER] } }],
    limits: { reconnectGraceSeconds: 2 },
  });
}

beforeAll(async () => {
  // The SDK tells the console of every try.
  vi.spyOn(console, "info").mockImplementation(() => {});
  await startWorld();
});

afterAll(async () => {
  await world?.server.stop();
});

beforeEach(async () => {
  proxy = await startLatencyProxy(world.server.port);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
  await proxy.close();
  await until("an empty zone", () => world.zone("middle").avatars.size === 0);
});

interface Diary {
  connection: WorldConnection;
  lines: string[];
  errors: ConnectionError[];
  /** Ids by the events alone; must always be what `entities` says. */
  inView: Set<string>;
}

async function join(settings: ConnectionSettings = {}): Promise<Diary> {
  const connection = await connect(proxy.url, PARIS, settings);
  open.push(connection);
  const diary: Diary = { connection, lines: [], errors: [], inView: new Set() };
  connection.on("zone", (name) => diary.lines.push(`zone ${name}`));
  connection.on("enter", (id) => {
    if (diary.inView.has(id)) throw new Error(`${id} entered twice`);
    diary.inView.add(id);
    diary.lines.push(`enter ${id}`);
  });
  connection.on("leave", (id) => {
    if (!diary.inView.delete(id)) throw new Error(`${id} left without having entered`);
    diary.lines.push(`leave ${id}`);
  });
  connection.on("error", (error) => {
    diary.errors.push(error);
    diary.lines.push(error.code);
  });
  await until("oneself and the tower", () => connection.entities.size === 2);
  diary.lines.length = 0;
  return diary;
}

describe("a dropped socket", () => {
  it("goes back to its seat, even right after the join, and the body walks on", async () => {
    const diary = await join(QUICK);
    const { connection, lines, errors } = diary;
    const { entityId, room, self } = connection;
    connection.input.moveEast = 1;
    await until("walking", () => (self.velocityX ?? 0) > 1);
    proxy.cut();
    await until("the drop", () => connection.state === "reconnecting");
    await until("the comeback", () => connection.state === "open");
    expect(connection).toMatchObject({ entityId, room, zone: "middle" });
    const { longitude } = positionOf(connection.self);
    await until("more way", () => positionOf(connection.self).longitude > longitude + 1 / 73_000);
    expect(lines).toEqual(["BM_CLIENT_DROPPED"]);
    expect(errors[0]?.status).toBe(1006);
    expect(world.zone("middle").avatars.size).toBe(1);
    const handle = connection.room.input();
    expect(handle.pendingCount).toBeLessThan(60);
    expect(handle.lastProcessed).toBeGreaterThan(0);
  });

  it("tells on return who went and who came meanwhile, and nobody twice", async () => {
    const diary = await join({ ...QUICK, reconnectGraceMs: 5000 });
    const bob = await world.join(PARIS);
    const bobId = bob.welcome.entityId;
    await until("Bob", () => diary.connection.entities.has(bobId));
    diary.lines.length = 0;
    proxy.block();
    await until("the drop", () => diary.connection.state === "reconnecting");
    await bob.room.leave();
    const eve = await world.join(PARIS);
    const eveId = eve.welcome.entityId;
    proxy.unblock();
    await until("Eve", () => diary.connection.entities.has(eveId));
    expect(diary.lines.sort()).toEqual(["BM_CLIENT_DROPPED", `enter ${eveId}`, `leave ${bobId}`]);
    expect([...diary.connection.entities.keys()].sort()).toEqual([...diary.inView].sort());
    await eve.room.leave();
  });

  it("keeps the last ten messages and sends them when back, in order", async () => {
    const { connection } = await join({ ...QUICK, reconnectGraceMs: 5000 });
    const refused: string[] = [];
    const { clients } = world.zone("middle");
    proxy.block();
    await until("the drop", () => connection.state === "reconnecting");
    for (let i = 0; i < 12; i++) connection.send(`test:${i}`);
    const room = world.zone("middle") as unknown as { _onMessage(client: unknown, frame: Buffer): void };
    const deliver = room._onMessage;
    room._onMessage = (client, frame) => {
      const text = /test:\d+/.exec(frame.toString("latin1"))?.[0];
      if (text) refused.push(text);
      deliver.call(room, client, frame);
    };
    try {
      proxy.unblock();
      await until("the messages", () => refused.length >= 10);
      expect(refused).toEqual(Array.from({ length: 10 }, (_, i) => `test:${i + 2}`));
      expect(clients.length).toBe(1);
    } finally {
      room._onMessage = deliver;
    }
  });
});

describe("a lost seat", () => {
  it("leads to a new join where one stood, with everything told anew", async () => {
    const diary = await join(QUICK);
    const { connection, lines } = diary;
    const before = connection.entityId;
    connection.input.moveNorth = 1;
    await until("3 m of way", () => positionOf(connection.self).latitude > PARIS.latitude + 3 / 111_319);
    connection.input.moveNorth = 0;
    await until("a standstill", () => connection.self.velocityY === 0);
    const last = connection.self;
    const tower = [...connection.entities].find(([, { kind }]) => kind === "landmark")?.[0];
    proxy.block();
    await until("the end of the grace", () => lines.includes("BM_CLIENT_UNREACHABLE"));
    expect(connection.entities.size).toBe(2);
    proxy.unblock();
    await until("the new join", () => connection.state === "open");
    expect(connection.entityId).not.toBe(before);
    expect(distanceBetween(connection.self, last)).toBeLessThan(0.02);
    await until("oneself and the tower", () => connection.entities.has(tower as string));
    const told = lines.filter((line) => !line.startsWith("BM_"));
    expect(told.slice(0, 2).sort()).toEqual([`leave ${before}`, `leave ${tower}`].sort());
    expect(told.slice(2, 4)).toEqual(["zone middle", `enter ${connection.entityId}`]);
    expect(told).toContain(`enter ${tower}`);
    expect([...connection.entities.keys()].sort()).toEqual([...diary.inView].sort());
    // The input belongs to the player, not to the room.
    connection.input.moveEast = -1;
    await until("walking", () => (connection.self.velocityX ?? 0) < -1);
  });

  it("comes back to a server that was started again, where the ids begin anew", async () => {
    const diary = await join(QUICK);
    const { room } = diary.connection;
    await world.server.stop();
    await until("the drop", () => diary.connection.state === "reconnecting");
    await startWorld();
    proxy.unblock(world.server.port);
    await until("the new join", () => diary.connection.state === "open" && diary.connection.room !== room, 20_000);
    await until("oneself and the tower", () => diary.connection.entities.size === 2);
    expect(diary.lines).toContain("zone middle");
    expect([...diary.connection.entities.keys()].sort()).toEqual([...diary.inView].sort());
    expect(world.zone("middle").avatars.size).toBe(1);
  });

  it("finds out that a server has stopped without a word, and comes back when it goes on", async () => {
    const diary = await join({ ...QUICK, silenceMs: 100 });
    proxy.freeze();
    await until("the drop", () => diary.connection.state === "reconnecting");
    await until("a join without an answer", () => diary.lines.includes("BM_CLIENT_TIMEOUT"));
    proxy.thaw();
    await until("the new join", () => diary.connection.state === "open");
    expect(diary.lines).toContain("zone middle");
  });

  it("is given up after the tries that were allowed", async () => {
    const diary = await join({ ...QUICK, reconnectGraceMs: 50, maxRejoins: 2 });
    proxy.block();
    await until("the end", () => diary.connection.state === "closed");
    expect(diary.lines).toEqual(["BM_CLIENT_DROPPED", "BM_CLIENT_UNREACHABLE", "BM_CLIENT_UNREACHABLE", "BM_CLIENT_LOST"]);
    expect(diary.errors.at(-1)?.cause).toMatchObject({ code: "BM_CLIENT_UNREACHABLE" });
    await diary.connection.close();
  });

  it("is not asked for again where the server says that it is of no use", async () => {
    const diary = await join({ ...QUICK, reconnectGraceMs: 50 });
    proxy.block();
    await until("the drop", () => diary.connection.state === "reconnecting");
    const { controller } = matchMaker;
    const original = controller.invokeMethod;
    controller.invokeMethod = async () => {
      throw new ServerError(401, "BM_AUTH_GUESTS_REFUSED token: got nothing, expected a token");
    };
    try {
      proxy.unblock();
      await until("the end", () => diary.connection.state === "closed");
      expect(diary.errors.at(-1)).toMatchObject({
        code: "BM_AUTH_GUESTS_REFUSED",
        status: 401,
        message: "token: got nothing, expected a token",
      });
    } finally {
      controller.invokeMethod = original;
    }
  });
});

describe("a prediction", () => {
  it("goes on over a reconnection and a new join, without a correction in the new life", async () => {
    const { connection } = await join(QUICK);
    const prediction = predictMovement(connection);
    const walk = async (moveEast: number) => {
      connection.input.moveEast = moveEast;
      const { x } = connection.self;
      await until("a metre of way, predicted and true", () => {
        prediction.tick();
        return (connection.self.x - x) * moveEast > 1 && (prediction.state.x - x) * moveEast > 1;
      });
      connection.input.moveEast = 0;
      await until("a standstill, predicted and true", () => {
        prediction.tick();
        return connection.self.velocityX === 0 && prediction.state.velocityX === 0 && connection.room.input().pendingCount < 8;
      });
      expect(prediction.state.x).toBe(connection.self.x);
      const drawn = prediction.position;
      const exact = positionOf(connection.self);
      expect(drawn.longitude).toBeCloseTo(exact.longitude, 6);
      expect(drawn.latitude).toBeCloseTo(exact.latitude, 6);
    };
    await walk(1);
    expect(prediction.corrections).toBe(0);
    proxy.cut();
    await until("the drop", () => connection.state === "reconnecting");
    await until("the comeback", () => connection.state === "open");
    await walk(-1);

    const { room } = connection;
    proxy.block();
    await until("the end of the grace", () => !room.reconnection.enabled);
    proxy.unblock();
    await until("the new join", () => connection.state === "open");
    const { corrections } = prediction;
    await walk(1);
    expect(prediction.corrections).toBe(corrections);
    prediction.dispose();
  });
});

describe("an end on purpose", () => {
  it("by the server is final", async () => {
    const diary = await join(QUICK);
    world.zone("middle").avatars.forEach(({ client, entityId }) => {
      if (entityId === diary.connection.entityId) client.leave(4000);
    });
    await until("the end", () => diary.connection.state === "closed");
    expect(diary.lines).toEqual(["BM_CLIENT_REMOVED"]);
  });

  it("with a code is told by that code", async () => {
    const diary = await join(QUICK);
    world.zone("middle").avatars.forEach(({ client, entityId }) => {
      if (entityId === diary.connection.entityId) client.leave(4002, "BM_LIMIT_BYTES");
    });
    await until("the end", () => diary.connection.state === "closed");
    expect(diary.lines).toEqual(["BM_LIMIT_BYTES"]);
  });

  it("by close() ends a reconnection that the SDK has planned", async () => {
    const { connection, lines } = await join(QUICK);
    const { room } = connection;
    proxy.block();
    await until("the drop", () => connection.state === "reconnecting");
    await connection.close();
    lines.length = 0;
    const { transport } = room.connection as unknown as { transport: { ws: unknown } };
    const { ws } = transport;
    const planned = vi.spyOn(room.connection, "reconnect");
    proxy.unblock();
    await until("the SDK's timer", () => planned.mock.calls.length > 0);
    // A new socket would take the seat back for nobody.
    expect(transport.ws).toBe(ws);
    expect(lines).toEqual([]);
    expect(connection.state).toBe("closed");
  });

  it("by close() ends a wait between joins at once", async () => {
    const { connection, lines } = await join({ ...QUICK, reconnectGraceMs: 20, rejoinDelayMs: 60_000, maxRejoinDelayMs: 60_000 });
    const { room } = connection;
    proxy.block();
    await until("the end of the grace", () => connection.state === "reconnecting" && !room.reconnection.enabled);
    const beganMs = performance.now();
    await connection.close();
    expect(performance.now() - beganMs).toBeLessThan(1000);
    expect(lines).toEqual(["BM_CLIENT_DROPPED"]);
  });

  it("by close() ends a join that is under way", async () => {
    const { connection } = await join({ ...QUICK, reconnectGraceMs: 20, joinTimeoutMs: 60_000 });
    const { room } = connection;
    proxy.block();
    await until("the end of the grace", () => !room.reconnection.enabled);
    proxy.freeze();
    proxy.unblock();
    await until("a join without an answer", () => proxy.connections > 0);
    await connection.close();
    await until("no connection left", () => proxy.connections === 0);
  });
});
