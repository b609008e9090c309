import { afterAll, beforeAll, expect, test } from "vitest";
import { geographicFromPosition } from "../../rooms/index.ts";
import { startTestWorld, type TestWorld } from "../../test/support/test-world.ts";
import { until } from "../../test/support/until.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({
    plugins: [
      "quantization",
      "interest",
      {
        use: "landmarks",
        options: {
          list: [
            { name: "Tower", longitude: 10, latitude: 50, radiusM: 4, heightM: 30 },
            { name: "Rock", longitude: 180, latitude: 0, altitude: 5, radiusM: 1, heightM: 2 },
          ],
        },
      },
    ],
  });
});
afterAll(() => world.server.stop());

test("each stands in its own zone only, ±180 included", () => {
  const names = (zone: string) => [...world.zone(zone).entities.entries()].map(([, { name }]) => name);
  expect([names("west"), names("middle"), names("east")]).toEqual([["Rock"], ["Tower"], []]);
});

test("a stock client sees it, with its size, and cannot walk through it", async () => {
  // Twelve metres west of the middle: eight from the wall.
  const player = await world.join({ longitude: 10 - 12 / (111_319.49 * Math.cos((50 * Math.PI) / 180)), latitude: 50 });
  const tower = await until("the tower in sight", () => [...player.entities().values()].find(({ kind }) => kind === "landmark"));
  expect(tower).toMatchObject({ name: "Tower", solidRadius: expect.closeTo(4, 1), solidHeight: expect.closeTo(30, 0) });
  const input = player.room.input<{ moveEast: number; buttons: number }>();
  input.data.moveEast = 1;
  input.data.buttons = 2;
  const metres = () => (geographicFromPosition(player.self()).longitude - 10) * 111_319.49 * Math.cos((50 * Math.PI) / 180);
  const zone = world.zone("middle");
  const start = zone.metrics.steps;
  await until("four seconds of running", () => {
    if (input.pendingCount < 10) input.send();
    return zone.metrics.steps - start > 240;
  });
  // The wall and half a body: where it ran to and no farther.
  expect(metres()).toBeGreaterThan(-4.6);
  expect(metres()).toBeLessThan(-4.3);
  await player.room.leave();
});
