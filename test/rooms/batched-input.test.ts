import { afterAll, beforeAll, expect, test } from "vitest";
import { INPUT_BATCH_MESSAGE, packInputBatch } from "../../rooms/index.ts";
import { startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld();
});
afterAll(() => world.server.stop());

test("steps that come in batches are taken one a frame, in order, and none waits for ever", async () => {
  const player = await world.join({ longitude: 0, latitude: 0 });
  const zone = world.zone("middle");
  const input = player.room.input<{ moveEast: number }>();
  const connection = player.room.connection;
  const send = connection.send.bind(connection);
  const frames: Uint8Array[] = [];
  connection.send = (data) => {
    frames.push(Uint8Array.from(data));
  };
  input.data.moveEast = 1;
  for (let i = 0; i < 24; i++) input.send();
  connection.send = send;

  const positions: number[] = [];
  const entity = zone.entities.get(player.welcome.entityId);
  const watch = zone.pluginHost.runTicks.bind(zone.pluginHost);
  zone.pluginHost.runTicks = (phase, frame, now) => {
    if (phase === "input") positions.push((entity?.x ?? 0) * 25_600 + (entity?.fractionX ?? 0));
    watch(phase, frame, now);
  };
  const stepsBefore = zone.metrics.steps;
  for (let i = 0; i < 4; i++) player.room.sendBytes(INPUT_BATCH_MESSAGE, packInputBatch(frames.slice(i * 6, i * 6 + 6)));
  await until("all of them to be taken", () => zone.metrics.steps - stepsBefore === 24);
  zone.pluginHost.runTicks = watch;
  const moved = positions.slice(1).map((x, i) => x - (positions[i] as number));
  // At full speed one step is 3.33 cm: 853 of 256ths; at the most two are taken in a frame.
  expect(Math.max(...moved)).toBeLessThan(1800);
  expect(moved.filter((way) => way > 0).length).toBeGreaterThanOrEqual(12);
  await until("all of them to be acknowledged", () => input.pendingCount === 0);
  await player.room.leave();
});
