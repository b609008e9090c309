import type { Socket } from "node:net";
import { afterAll, beforeAll, test } from "vitest";
import { WebSocket } from "ws";
import { startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({ limits: { reconnectGraceSeconds: 0, seatReservationSeconds: 1 } });
});
afterAll(() => world.server.stop());

async function rawClient(acknowledge = true): Promise<WebSocket> {
  const response = await fetch(`${world.server.url}/matchmake/joinOrCreate/zone`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ longitude: 0, latitude: 0 }),
  });
  const seat = (await response.json()) as { sessionId: string; roomId: string; processId: string };
  const socket = new WebSocket(`${world.server.url.replace("http", "ws")}/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("message", resolve));
  // Acknowledges the join, as an SDK does.
  if (acknowledge) socket.send(Uint8Array.from([10]));
  await until("the player to stand", () => world.zone("middle").load.players > 0);
  return socket;
}

test("a connection that answers no ping is ended, and its avatar goes", async () => {
  const socket = await rawClient();
  (socket as unknown as { _socket: Socket })._socket.pause();
  await until("the dead connection to be noticed", () => world.zone("middle").load.players === 0, 20_000);
  socket.terminate();
});

test("a client that reads nothing is cut off before it fills the memory", async () => {
  const zone = world.zone("middle");
  const socket = await rawClient();
  (socket as unknown as { _socket: Socket })._socket.pause();
  const client = zone.clients[0];
  // More than the kernel's buffers of both ends take.
  const chunk = new Uint8Array(262_144);
  for (let i = 0; i < 64; i++) client?.sendBytes("flood", chunk);
  await until("the connection to be cut", () => zone.metrics.errors.get("BM_LIMIT_UNREAD") === 1 && zone.load.players === 0, 20_000);
  socket.terminate();
});

test("a join that is never acknowledged does not hold its place", async () => {
  const socket = await rawClient(false);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await closed;
  await until("the place to be free", () => world.zone("middle").load.players === 0);
});

test("an error outside every guard is counted, and the world goes on", async () => {
  void Promise.reject(new Error("nobody waits for this"));
  await until("the count", async () => /bm_stray_errors_total 1$/m.test(await (await fetch(`${world.server.url}/metrics`)).text()));
  const player = await world.join({ longitude: 0, latitude: 0 });
  await player.room.leave();
});

test("stopping does not wait for a client that reads nothing", async () => {
  const socket = await rawClient();
  (socket as unknown as { _socket: Socket })._socket.pause();
  await world.server.stop();
  socket.terminate();
}, 15_000);
