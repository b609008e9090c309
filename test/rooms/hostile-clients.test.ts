import { connect as connectTcp } from "node:net";
import { Protocol } from "@colyseus/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { INPUT_BATCH_MESSAGE, type MovementCommand, packInputBatch } from "../../rooms/index.ts";
import { complaintsDuring, cutConnection, type Player, startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let world: TestWorld;
let honest: Player;
const guests: Player[] = [];

beforeAll(async () => {
  world = await startTestWorld({
    zones: [{ name: "all", west: -180, east: 180, capacity: 50 }],
    limits: { messagesPerSecond: 100, bytesPerSecond: 50_000, messageBytes: 1024, reconnectGraceSeconds: 1, seatReservationSeconds: 1 },
  });
});
afterAll(() => world.server.stop());

beforeEach(async () => {
  honest = await world.join({ longitude: 0, latitude: 0 });
});
/** Whatever a test did, the zone goes on: an honest player still walks, and nobody is left behind. */
afterEach(async () => {
  for (const { room } of guests.splice(0)) if (room.connection.isOpen) await room.leave();
  const before = honest.self().x;
  const input = honest.room.input<MovementCommand>();
  input.data.moveEast = 1;
  await until("the honest player to move", () => {
    input.send();
    return Math.abs(honest.self().x - before) > 0.2;
  });
  expect(honest.errors).toEqual([]);
  await honest.room.leave();
  await until("the zone to be empty", () => world.zone("all").load.players === 0);
  expect(world.zone("all").entities.size).toBe(0);
});

const errorsOf = (code: string): number => world.zone("all").metrics.errors.get(code as never) ?? 0;

async function hostile(): Promise<Player & { raw(bytes: Uint8Array): void; closed: Promise<number> }> {
  const player = await world.join({ longitude: 0.0001, latitude: 0 });
  player.room.reconnection.enabled = false;
  guests.push(player);
  const closed = new Promise<number>((resolve) => player.room.onLeave((code) => resolve(code)));
  return Object.assign(player, { raw: (bytes: Uint8Array) => player.room.connection.send(bytes), closed });
}

describe("messages", () => {
  test("of an unknown type are answered and counted, as requests too", async () => {
    const player = await hostile();
    player.room.send("chat:shout", { text: "hi" });
    const error = await until("the answer", () => player.errors[0]);
    expect(error).toMatchObject({
      code: "BM_MESSAGE_UNKNOWN",
      message: expect.stringContaining('"chat:shout"'),
      data: { field: "type", value: "chat:shout" },
    });
    await expect(player.room.request("chat:shout", {})).rejects.toThrow(/chat:shout/);
    player.room.send(42, {});
    player.room.sendBytes("nope", new Uint8Array([1, 2, 3]));
    await until("all to be counted", () => errorsOf("BM_MESSAGE_UNKNOWN") >= 3);
  });

  test.each<[string, number[]]>([
    ["empty", []],
    ["of an unknown code", [31]],
    ["a message without a type", [Protocol.ROOM_DATA]],
    ["a message whose type is cut off", [Protocol.ROOM_DATA, 0xa8, 0x61]],
    ["a message whose payload does not unpack", [Protocol.ROOM_DATA, 0xa1, 0x61, 0xc1, 0xd9, 0xff]],
    ["a payload that is cut off", [Protocol.ROOM_DATA, 0xa1, 0x61, 0x93, 0x01]],
    ["a request without an id", [Protocol.ROOM_REQUEST]],
    ["a batch that is no batch", [Protocol.ROOM_DATA_BYTES, 0xaf, ...new TextEncoder().encode("movement:inputs"), 9, 1]],
    ["a batch of something else", [Protocol.ROOM_DATA_BYTES, 0xaf, ...new TextEncoder().encode("movement:inputs"), 1, Protocol.LEAVE_ROOM]],
    ["an input of an unknown field", [Protocol.ROOM_INPUT_RELIABLE, 0x3f, 0xff, 0xff]],
  ])("frames that are malformed are answered and counted: %s", async (_, bytes) => {
    const player = await hostile();
    const before = errorsOf("BM_MESSAGE_MALFORMED");
    player.raw(Uint8Array.from(bytes));
    const error = await until("the answer", () => player.errors[0]);
    expect(error.code).toBe("BM_MESSAGE_MALFORMED");
    expect(error.message).toMatch(/got .+/);
    expect(errorsOf("BM_MESSAGE_MALFORMED")).toBe(before + 1);
    // Still there: it may have been an accident.
  });

  test("a client that sends nothing else is cut off", async () => {
    const player = await hostile();
    const before = errorsOf("BM_MESSAGE_MALFORMED");
    for (let i = 0; i < 30; i++) player.raw(Uint8Array.from([31, i]));
    expect(await player.closed).toBe(4002);
    expect(errorsOf("BM_MESSAGE_MALFORMED") - before).toBe(17);
  });

  test("that are too large are answered and dropped; far too large, and the connection is cut", async () => {
    const player = await hostile();
    const unknownBefore = errorsOf("BM_MESSAGE_UNKNOWN");
    player.room.send("a:b", "x".repeat(2000));
    const error = await until("the answer", () => player.errors[0]);
    expect(error).toMatchObject({ code: "BM_MESSAGE_TOO_LARGE", message: expect.stringMatching(/got 20\d\d bytes, limit 1024/) });
    expect(errorsOf("BM_MESSAGE_UNKNOWN")).toBe(unknownBefore);
    await complaintsDuring(async () => {
      player.raw(new Uint8Array(40_000));
      expect(await player.closed).toBe(1009);
    });
  });

  test("a flood is dropped above the limit and cut off at twice the limit", async () => {
    const player = await hostile();
    const before = errorsOf("BM_MESSAGE_UNKNOWN");
    for (let i = 0; i < 1000; i++) player.room.send("a:b", i);
    expect(await player.closed).toBe(4002);
    expect(player.errors.map(({ code }) => code)).toContain("BM_LIMIT_MESSAGES");
    expect(errorsOf("BM_MESSAGE_UNKNOWN") - before).toBeLessThanOrEqual(200);
  });

  test("a flood of bytes is cut off", async () => {
    const player = await hostile();
    for (let i = 0; i < 120; i++) player.room.send("a:b", "x".repeat(1000));
    expect(await player.closed).toBe(4002);
    expect(player.errors.map(({ code }) => code)).toContain("BM_LIMIT_BYTES");
  });
});

describe("inputs", () => {
  test.each<[string, string, number]>([
    ["moveEast", "NaN", Number.NaN],
    ["moveNorth", "Infinity", Number.POSITIVE_INFINITY],
    ["moveEast", "huge", 1e30],
    ["yaw", "NaN", Number.NaN],
  ])("%s that is %s is named to its sender, counts as none or as full speed, and harms nothing", async (field, _, value) => {
    const player = await hostile();
    const input = player.room.input<MovementCommand>();
    (input.data as unknown as Record<string, number>)[field] = value;
    input.send();
    const error = await until("the answer", () => player.errors[0]);
    expect(error).toMatchObject({
      code: "BM_INPUT_INVALID",
      message: expect.stringMatching(new RegExp(`^${field}: got ${String(Math.fround(value)).replace("+", "\\+")}, expected `)),
      data: { field },
    });
    const entity = world.zone("all").entities.get(player.welcome.entityId);
    for (const name of ["x", "y", "z", "cellX", "cellY", "velocityX", "velocityY", "yaw"] as const)
      expect(Number.isFinite(entity?.[name])).toBe(true);
    expect(Math.abs(entity?.velocityX ?? 99)).toBeLessThanOrEqual(2);
  });

  test("that were held up for many seconds come through together, and nobody is closed for it", async () => {
    const player = await hostile();
    const input = player.room.input<MovementCommand>();
    input.data.moveEast = 1;
    for (let i = 0; i < 900; i++) input.send();
    await until("all to be taken or passed over", () => input.pendingCount === 0);
    expect(player.errors).toEqual([]);
    expect(player.room.connection.isOpen).toBe(true);
  });

  test("a flood of them is cut off, by themselves and in batches, before it costs the zone its frames", async () => {
    const [single, batched] = [await hostile(), await hostile()];
    const steps = Array.from({ length: 64 }, () => Uint8Array.from([Protocol.ROOM_INPUT_RELIABLE]));
    for (let i = 0; i < 6000; i++) single.raw(steps[0] as Uint8Array);
    for (let i = 0; i < 100; i++) batched.room.sendBytes(INPUT_BATCH_MESSAGE, packInputBatch(steps));
    expect(await Promise.all([single.closed, batched.closed])).toEqual([4002, 4002]);
    for (const { errors } of [single, batched])
      expect(errors).toEqual([
        expect.objectContaining({ code: "BM_LIMIT_MESSAGES", data: expect.objectContaining({ field: "inputStepsPerSecond" }) }),
      ]);
  });

  test("a new connection does not give back what the old one has used up", async () => {
    const player = await hostile();
    player.room.reconnection.enabled = true;
    player.room.reconnection.minUptime = 0;
    const steps = Array.from({ length: 64 }, () => Uint8Array.from([Protocol.ROOM_INPUT_RELIABLE]));
    const send = async () => {
      for (let i = 0; i < 30; i++) player.room.sendBytes(INPUT_BATCH_MESSAGE, packInputBatch(steps));
      await player.room.request("no:such", {}).catch(() => {});
    };
    await send();
    let back = false;
    player.room.onReconnect(() => {
      back = true;
    });
    cutConnection(world.zone("all"), player);
    await until("the reconnection", () => back);
    await send();
    await send();
    expect(await player.closed).toBe(4002);
  });

  test("more than sixty a second do not walk faster", async () => {
    const player = await hostile();
    const zone = world.zone("all");
    const input = player.room.input<MovementCommand>();
    input.data.moveEast = 1;
    // Silence must not be saved up either: it would be a sprint afterwards.
    const silentFrom = zone.metrics.frames;
    await until("a second of silence", () => zone.metrics.frames > silentFrom + 60);
    const framesBefore = zone.metrics.frames;
    const stepsBefore = zone.metrics.steps;
    for (let i = 0; i < 90; i++) input.send();
    await until("a few frames", () => zone.metrics.frames > framesBefore + 30);
    const frames = zone.metrics.frames - framesBefore;
    expect(zone.metrics.steps - stepsBefore).toBeLessThanOrEqual(frames + 15);
  });

  test("that come late, after a silence, move the body on from where it stands", async () => {
    const player = await hostile();
    const zone = world.zone("all");
    const input = player.room.input<MovementCommand>();
    input.data.moveEast = 1;
    for (let i = 0; i < 5; i++) input.send();
    await until(
      "the body to have braked",
      () => zone.metrics.idleSteps > 0 && Math.abs(zone.entities.get(player.welcome.entityId)?.velocityX ?? 1) < 0.005,
    );
    const stopped = zone.entities.get(player.welcome.entityId)?.x as number;
    for (let i = 0; i < 10; i++) input.send();
    await until("the body to move again", () => (zone.entities.get(player.welcome.entityId)?.x as number) > stopped);
  });
});

describe("connections", () => {
  test("a client that vanishes while joining leaves nothing behind", async () => {
    const zone = world.zone("all");
    for (let i = 0; i < 10; i++) {
      const seat = await seatFor({ longitude: 0, latitude: 0 });
      const socket = new WebSocket(
        `${world.server.url.replace("http", "ws")}/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`,
      );
      // At once, at the handshake, and after the first bytes.
      if (i % 3 === 0) socket.on("error", () => {}).terminate();
      else if (i % 3 === 1) socket.once("open", () => socket.terminate());
      else socket.once("message", () => socket.terminate());
      await new Promise((resolve) => socket.once("close", resolve));
    }
    await until("only the honest player to be left", () => zone.load.players === 1 && zone.entities.size === 1);
  });

  test("seats that are never taken, twice taken or made up are refused", async () => {
    const seat = await seatFor({ longitude: 0, latitude: 0 });
    const url = (sessionId: string) => `${world.server.url.replace("http", "ws")}/${seat.processId}/${seat.roomId}?sessionId=${sessionId}`;
    const first = new WebSocket(url(seat.sessionId));
    await new Promise((resolve) => first.once("message", resolve));
    for (const sessionId of [seat.sessionId, "made-up", ""]) {
      const socket = new WebSocket(url(sessionId));
      await new Promise((resolve) => socket.once("close", resolve));
    }
    first.close(4000);
    await new Promise((resolve) => first.once("close", resolve));
    await until("only the honest player to be left", () => world.zone("all").load.players === 1);
  });

  test.each([
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "GET //%%%/a/b?sessionId=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "POST /matchmake/joinOrCreate/zone HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{nope",
    "POST /matchmake/__proto__/zone HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    "\u0000\u0001\u0002\r\n\r\n",
    "GET /healthz HTTP/1.1\r\nHost: x:99999999\r\n\r\n",
    "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /healthz HTTP/1.1\r\nHost: x@y\r\n\r\n",
    "GET *:99999 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  ])("bytes that are no proper request are answered or cut off: %j", async (request) => {
    await complaintsDuring(async () => {
      const socket = connectTcp(world.server.port, "127.0.0.1");
      const answer = new Promise<string>((resolve) => {
        let text = "";
        socket.on("data", (data) => {
          text += data;
          socket.end();
        });
        socket.on("close", () => resolve(text));
        socket.on("error", () => resolve(text));
      });
      socket.write(request);
      expect(await answer).toMatch(/^(HTTP\/1\.1 (4\d\d|101|500)|$)/);
      socket.destroy();
    });
  });
});

async function seatFor(options: Record<string, unknown>): Promise<{ sessionId: string; roomId: string; processId: string }> {
  const response = await fetch(`${world.server.url}/matchmake/joinOrCreate/zone`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(options),
  });
  return (await response.json()) as { sessionId: string; roomId: string; processId: string };
}
