import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { complaintsDuring, cutConnection, type Player, playerOf, startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({ limits: { reconnectGraceSeconds: 1 } });
});
afterAll(() => world.server.stop());
afterEach(() => until("the zone to be empty", () => world.zone("middle").load.players === 0 && world.zone("middle").entities.size === 0));

const AT = { longitude: 10, latitude: 10 };

async function reconnecting(): Promise<Player> {
  const player = await world.join(AT);
  player.room.reconnection.minUptime = 0;
  return player;
}

test("a dropped player keeps its avatar and comes back to it by itself, with the whole state and no complaint", async () => {
  const zone = world.zone("middle");
  const [player, witness] = [await reconnecting(), await world.join(AT)];
  const id = player.welcome.entityId;
  let back = false;
  player.room.onReconnect(() => {
    back = true;
  });
  const complaints = await complaintsDuring(async () => {
    cutConnection(world.zone("middle"), player);
    await until("the drop", () => zone.metrics.drops === 1);
    expect(zone.entities.get(id)).toBeDefined();
    expect(witness.entities().has(id)).toBe(true);
    await until("the reconnection", () => back && zone.metrics.reconnects === 1);
    const before = player.self().x;
    const input = player.room.input<{ moveEast: number }>();
    input.data.moveEast = 1;
    await until("its movement to be seen by itself and the witness", () => {
      input.send();
      return player.self().x !== before && witness.entities().get(id)?.x === player.self().x;
    });
  });
  expect(complaints).toEqual([]);
  expect([...player.entities().keys()].sort()).toEqual([id, witness.welcome.entityId].sort());
  expect(zone.load.players).toBe(2);
  await player.room.leave();
  await witness.room.leave();
});

test("while it is away others may come and go, and it finds the world as it is", async () => {
  const player = await reconnecting();
  player.room.reconnection.minDelay = 300;
  const leaver = await world.join(AT);
  await until("the leaver in sight", () => player.entities().has(leaver.welcome.entityId));
  const drops = world.zone("middle").metrics.drops;
  cutConnection(world.zone("middle"), player);
  await until("the drop", () => world.zone("middle").metrics.drops > drops);
  await leaver.room.leave();
  const comer = await world.join(AT);
  await until("the world as it is", () => !player.entities().has(leaver.welcome.entityId) && player.entities().has(comer.welcome.entityId));
  await player.room.leave();
  await comer.room.leave();
});

test("a page that was reloaded comes back by its token, and is welcomed as who it was", async () => {
  const player = await reconnecting();
  player.room.reconnection.enabled = false;
  const token = player.room.reconnectionToken;
  cutConnection(world.zone("middle"), player);
  await until("the drop", () => !player.room.connection.isOpen);
  const again = await playerOf(await world.client().reconnect(token));
  expect(again.welcome).toEqual(player.welcome);
  await expect(world.client().reconnect(token)).rejects.toThrow(/^BM_RECONNECT_REFUSED reconnectionToken: /);
  await again.room.leave();
});

test("after the grace time the avatar is gone, and the token with it", async () => {
  const player = await reconnecting();
  player.room.reconnection.enabled = false;
  const witness = await world.join(AT);
  const token = player.room.reconnectionToken;
  cutConnection(world.zone("middle"), player);
  await until("the avatar to be gone", () => !world.zone("middle").entities.get(player.welcome.entityId));
  await until("the witness to see it", () => !witness.entities().has(player.welcome.entityId));
  await expect(world.client().reconnect(token)).rejects.toThrow();
  await witness.room.leave();
});

test("who leaves on purpose, or is sent away, is gone at once", async () => {
  const zone = world.zone("middle");
  const leaves = zone.metrics.leaves;
  const drops = zone.metrics.drops;
  const [leaver, kicked] = [await world.join(AT), await world.join(AT)];
  await leaver.room.leave();
  await until("the leaver to be gone", () => zone.load.players === 1);
  zone.kickClient(kicked.room.sessionId);
  await until("the kicked to be gone", () => zone.load.players === 0);
  expect(zone.metrics.leaves - leaves).toBe(2);
  expect(zone.metrics.drops).toBe(drops);
});
