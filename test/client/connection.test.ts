import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ConnectionError, connect, distanceBetween, positionOf, type WorldConnection } from "../../client/index.ts";
import { startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";
import { type LatencyProxy, startLatencyProxy } from "./latency-proxy.ts";

const PARIS = { longitude: 2.3522, latitude: 48.8566 };
const TOWER = { name: "tower", longitude: 2.3522, latitude: 48.8576, radiusM: 4, heightM: 20 };

let world: TestWorld;
let proxy: LatencyProxy;
const open: WorldConnection[] = [];

beforeAll(async () => {
  world = await startTestWorld({ plugins: ["quantization", "interest", { use: "landmarks", options: { list: [TOWER] } }] });
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

async function join(...args: Parameters<typeof connect> extends [string, ...infer Rest] ? Rest : never): Promise<WorldConnection> {
  const connection = await connect(proxy.url, ...args);
  open.push(connection);
  return connection;
}

async function refusalOf(promise: Promise<unknown>): Promise<ConnectionError> {
  return await promise.then(
    () => {
      throw new Error("expected a refusal");
    },
    (error: ConnectionError) => error,
  );
}

describe("connect", () => {
  it("gives a player in the world, with the first state there", async () => {
    const connection = await join({ ...PARIS, altitude: 3, name: "Ada" });
    expect(connection.zone).toBe("middle");
    expect(connection.state).toBe("open");
    expect(connection.entityId).toMatch(/^[1-9]\d*$/);
    expect(connection.self.name).toBe("Ada");
    expect(connection.entities.get(connection.entityId)).toBe(connection.self);
    const position = positionOf(connection.self);
    expect(position.longitude).toBeCloseTo(PARIS.longitude, 6);
    expect(position.latitude).toBeCloseTo(PARIS.latitude, 6);
    expect(position.altitude).toBe(3);
    expect(connection.welcome).toMatchObject({ zone: "middle", tickHz: 30, frameHz: 60, movement: { walkMps: 2 } });
    const tower = await until("the tower", () => [...connection.entities.values()].find(({ kind }) => kind === "landmark"));
    expect(distanceBetween(connection.self, tower)).toBeCloseTo(Math.hypot(111.32, 3), 0);
  });

  it("tells late listeners what is so already", async () => {
    const connection = await join(PARIS);
    const told: unknown[] = [];
    connection.on("zone", (name) => told.push(name));
    connection.on("enter", (id) => told.push(id));
    expect(told.slice(0, 2)).toEqual(["middle", connection.entityId]);
  });

  it("rejects with the code, field and value that the server names", async () => {
    const error = await refusalOf(connect(proxy.url, { longitude: 0, latitude: 91 }));
    expect(error).toMatchObject({ name: "ConnectionError", code: "BM_JOIN_LATITUDE", status: 400 });
    expect(error.message).toBe("latitude: got 91, expected a number of degrees within -85..85");
    const unknown = await refusalOf(connect(proxy.url, { ...PARIS, speed: 9 } as never));
    expect(unknown).toMatchObject({ code: "BM_JOIN_OPTIONS", message: expect.stringContaining("speed") });
  });

  it("says so where nobody answers", async () => {
    proxy.block();
    expect(await refusalOf(connect(proxy.url, PARIS))).toMatchObject({ code: "BM_CLIENT_UNREACHABLE" });
    expect(await refusalOf(connect("nonsense", PARIS))).toMatchObject({ code: "BM_CLIENT_UNREACHABLE" });
  });

  it("gives up on a server that has stopped, and leaves nothing behind", async () => {
    proxy.freeze();
    const error = await refusalOf(connect(proxy.url, PARIS, { joinTimeoutMs: 150 }));
    expect(error).toMatchObject({ code: "BM_CLIENT_TIMEOUT", message: "no answer within 150 ms" });
    await until("no connection left", () => proxy.connections === 0);
  });

  it("refuses a server of another major protocol, and leaves it", async () => {
    const { stateTypes } = (world.zone("middle") as unknown as { setup: { stateTypes: { protocol: string } } }).setup;
    const { protocol } = stateTypes;
    const { leaves } = world.zone("middle").metrics;
    try {
      stateTypes.protocol = "2.abcdef";
      const error = await refusalOf(connect(proxy.url, PARIS));
      expect(error).toMatchObject({ code: "BM_CLIENT_PROTOCOL", message: expect.stringContaining('got "2.abcdef", expected 1.x') });
      await until("the leave", () => world.zone("middle").metrics.leaves === leaves + 1);
    } finally {
      stateTypes.protocol = protocol;
    }
  });
});

describe("a world connection", () => {
  it("tells who comes and who goes, once each", async () => {
    const ada = await join({ ...PARIS, name: "Ada" });
    const told: string[] = [];
    ada.on("enter", (id, entity) => told.push(`enter ${id} ${entity.kind}`));
    ada.on("leave", (id, entity) => told.push(`leave ${id} ${entity.kind}`));
    await until("the tower", () => ada.entities.size === 2);
    told.length = 0;
    const bob = await join({ ...PARIS, name: "Bob" });
    await until("Bob", () => ada.entities.has(bob.entityId));
    expect(told).toEqual([`enter ${bob.entityId} avatar`]);
    const { entityId } = bob;
    await bob.close();
    await until("no Bob", () => !ada.entities.has(entityId));
    expect(told).toEqual([`enter ${entityId} avatar`, `leave ${entityId} avatar`]);
    expect([...ada.entities.keys()].sort()).toEqual([...ada.room.state.entities.keys()].sort());
  });

  it("walks as long as the input says so, in about ten messages a second", async () => {
    const connection = await join(PARIS);
    const { metrics } = world.zone("middle");
    const start = positionOf(connection.self);
    const before = { messages: metrics.messagesIn, steps: metrics.steps, atMs: performance.now() };
    connection.input.moveEast = 1;
    await until("120 steps", () => metrics.steps - before.steps >= 120);
    const seconds = (performance.now() - before.atMs) / 1000;
    const messages = metrics.messagesIn - before.messages;
    expect(messages / seconds).toBeGreaterThan(7);
    expect(messages / seconds).toBeLessThan(14);
    await until("2 m of way", () => positionOf(connection.self).longitude > start.longitude + 2 / 73_000);
    connection.input.moveEast = 0;
    await until("a standstill", () => connection.self.velocityX === 0 && connection.room.input().pendingCount < 8);
    expect(positionOf(connection.self).latitude).toBe(start.latitude);
  });

  it("refuses inputs that the server would refuse, by name", async () => {
    const { input } = await join(PARIS);
    expect(() => {
      input.moveNorth = Number.NaN;
    }).toThrow(new RangeError("moveNorth: got NaN, expected a number within -1..1"));
    expect(() => {
      input.buttons = 65_536;
    }).toThrow(/buttons: got 65536/);
    expect(() => {
      input.yaw = Number.POSITIVE_INFINITY;
    }).toThrow(/yaw: got Infinity/);
    expect(input).toMatchObject({ moveEast: 0, moveNorth: 0, yaw: 0, buttons: 0 });
  });

  it("passes on coded errors of the server", async () => {
    const connection = await join(PARIS);
    const errors: ConnectionError[] = [];
    connection.on("error", (error) => errors.push(error));
    connection.send("nobody:listens", { a: 1 });
    await until("the refusal", () => errors[0]);
    expect(errors[0]).toMatchObject({ code: "BM_MESSAGE_UNKNOWN", data: { field: "type", value: "nobody:listens" } });
  });

  it("hears messages of plugins, and stops when told", async () => {
    const connection = await join(PARIS);
    const heard: unknown[] = [];
    const stop = connection.onMessage("demo:say", (payload) => heard.push(payload));
    const [client] = world.zone("middle").clients;
    client?.send("demo:say", { text: "one" });
    await until("the message", () => heard.length === 1);
    stop();
    client?.send("demo:say", { text: "two" });
    client?.send("error", { code: "BM_TEST", message: "the end" });
    await new Promise<void>((resolve) => connection.on("error", () => resolve()));
    expect(heard).toEqual([{ text: "one" }]);
  });

  it("leaves with consent, at once, and is silent and useless afterwards", async () => {
    const connection = await join(PARIS);
    const { metrics } = world.zone("middle");
    const { drops, leaves } = metrics;
    const told: unknown[] = [];
    for (const event of ["zone", "enter", "leave", "error"] as const) connection.on(event, () => told.push(event));
    told.length = 0;
    connection.input.moveEast = 1;
    const closing = connection.close();
    expect(connection.close()).toBe(closing);
    await closing;
    expect(connection.state).toBe("closed");
    expect(told).toEqual([]);
    expect({ drops: metrics.drops, leaves: metrics.leaves }).toEqual({ drops, leaves: leaves + 1 });
    expect(() => connection.send("chat:send", {})).toThrow(expect.objectContaining({ code: "BM_CLIENT_CLOSED" }));
  });

  it("goes on when a listener throws", async () => {
    const connection = await join(PARIS);
    const thrown: unknown[] = [];
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error));
    try {
      const entered: string[] = [];
      connection.on("enter", () => {
        throw new Error("of the game");
      });
      connection.on("enter", (id) => entered.push(id));
      const bob = await join(PARIS);
      await until("Bob", () => entered.includes(bob.entityId));
      expect(thrown.length).toBeGreaterThan(0);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of others) process.on("uncaughtException", listener);
    }
  });
});
