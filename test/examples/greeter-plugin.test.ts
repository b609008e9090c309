import { afterAll, beforeAll, expect, test } from "vitest";
import { loadWorld } from "../../config/index.ts";
import { assemblePlugins } from "../../sdk/index.ts";
import { resolvePlugins } from "../../server/resolve-plugins.ts";
import { startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({
    plugins: ["quantization", "interest", { use: "../../examples/greeter.plugin.ts", options: { text: "Ahoy" } }],
  });
});
afterAll(() => world.server.stop());

test("the example plugin greets who joins, and lets everybody in sight see them wave", async () => {
  const at = { longitude: 1, latitude: 1 };
  const room = await world.client().joinOrCreate("zone", { ...at, name: "Ann" });
  room.onMessage("*", () => {});
  expect(await new Promise((resolve) => room.onMessage("greeter:hello", resolve))).toEqual({ text: "Ahoy, Ann" });
  const witness = await world.join(at);
  room.send("greeter:wave", { times: 3 });
  await until("the waves to be seen", () =>
    [...witness.entities().values()].some((entity) => (entity as unknown as { waves: number }).waves === 3),
  );
  room.onMessage("error", () => {});
  room.send("greeter:wave", { times: 99 });
  witness.room.send("greeter:wave", { times: 0 });
  expect(await until("the refusal", () => witness.errors[0])).toMatchObject({
    code: "BM_MESSAGE_INVALID",
    message: expect.stringMatching(/^greeter:wave times: got 0/),
  });
  await room.leave();
  await witness.room.leave();
});

test("the example world is one that runs", async () => {
  const { world: loaded, file } = await loadWorld({ configPath: "examples/world.ts", cwd: new URL("../../", import.meta.url).pathname });
  expect(loaded.zones.map(({ name, capacity }) => [name, capacity])).toEqual([
    ["west", 1000],
    ["east", 5000],
  ]);
  const { plugins } = assemblePlugins(loaded, await resolvePlugins(loaded, file));
  expect(plugins.map(({ type }) => type.pluginName)).toEqual(["quantization", "interest", "landmarks", "greeter"]);
});
