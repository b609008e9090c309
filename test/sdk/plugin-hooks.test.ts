import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PluginCost, ZoneRoom } from "../../rooms/index.ts";
import { ChatterPlugin } from "../support/plugins/chatter.plugin.ts";
import { cutConnection, startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let world: TestWorld;
let zone: ZoneRoom;
let stopped = false;
beforeAll(async () => {
  world = await startTestWorld({
    zones: [
      { name: "one", west: -180, east: 0, capacity: 20, plugins: { "./plugins/chatter.plugin.ts": { greeting: "ahoy" } } },
      { name: "two", west: 0, east: 180, capacity: 20, plugins: { "./plugins/chatter.plugin.ts": false } },
    ],
    plugins: ["./plugins/thrower.plugin.ts", { use: "./plugins/chatter.plugin.ts", options: { loud: true } }, "interest", "quantization"],
    limits: { reconnectGraceSeconds: 1 },
  });
  zone = world.zone("one");
});
afterAll(async () => {
  if (!stopped) await world.server.stop();
});

const chatter = (): ChatterPlugin => zone.pluginNamed("chatter") as ChatterPlugin;
const cost = (name: string): PluginCost => zone.pluginHost.costs.find((each) => each.name === name) as PluginCost;
const AT = { longitude: -90, latitude: 10 };

test("plugins run in the order of the world, but after what they name", () => {
  expect(zone.pluginHost.plugins.map(({ name }) => name)).toEqual(["quantization", "thrower", "interest", "chatter"]);
});

test("a zone lays its options over the world's, or switches a plugin off; the layout stays the same", async () => {
  expect(ChatterPlugin.log).toContain("one create ahoy");
  expect(ChatterPlugin.log.join()).not.toContain("two ");
  expect(world.zone("two").pluginNamed("chatter")).toBeUndefined();
  const player = await world.join({ longitude: 90, latitude: 0 });
  expect(player.self()).toMatchObject({ mood: 3 });
  player.room.send("chatter:say", { text: "hi" });
  expect((await until("the refusal", () => player.errors[0])).code).toBe("BM_MESSAGE_UNKNOWN");
  await player.room.leave();
});

test("hooks come in order for one player's life, although another plugin throws from every one of them", async () => {
  ChatterPlugin.log.length = 0;
  const before = cost("thrower").failures;
  const player = await world.join({ ...AT, name: "Ann" });
  player.room.reconnection.minUptime = 0;
  let back = false;
  player.room.onReconnect(() => {
    back = true;
  });
  cutConnection(zone, player);
  await until("the reconnection", () => back && zone.metrics.reconnects === 1);
  await player.room.leave();
  await until("the avatar to be gone", () => zone.entities.size === 0);
  expect(ChatterPlugin.log).toEqual(
    ["auth Ann", "spawn Ann", "join Ann", "drop Ann", "reconnect Ann", "leave Ann", "despawn Ann"].map((line) => `one ${line}`),
  );
  expect(cost("thrower").failures - before).toBeGreaterThanOrEqual(7);
  expect(zone.metrics.errors.get("BM_PLUGIN_FAILED")).toBeGreaterThanOrEqual(7);
});

test("a coded error from onAuth refuses the player, with its message", async () => {
  const room = world.client().joinOrCreate("zone", { ...AT, name: "Mallory" });
  await expect(room).rejects.toThrow(/^BM_JOIN_NAME name: got Mallory/);
  await until("nobody to be there", () => zone.load.players === 0 && zone.entities.size === 0);
});

test("ticks come at the rate and phase that were asked for, with the step that they stand for", async () => {
  const { ticks } = chatter();
  ticks.length = 0;
  await until("ten ticks", () => ticks.length >= 10);
  expect(ticks.every(({ frame }) => frame % 6 === 0)).toBe(true);
  ticks.slice(1).forEach(({ frame, dtSeconds, nowMs }, i) => {
    expect(frame - (ticks[i]?.frame ?? 0)).toBe(6);
    expect(dtSeconds).toBe(0.1);
    expect(nowMs).toBeGreaterThan(ticks[i]?.nowMs ?? 0);
  });
});

test("what plugins cost is measured, and those that fail are named", async () => {
  expect(cost("chatter").calls).toBeGreaterThan(10);
  expect(cost("chatter").milliseconds).toBeGreaterThan(0);
  expect(cost("chatter").failures).toBe(0);
  const text = await (await fetch(`${world.server.url}/metrics`)).text();
  expect(text).toMatch(/bm_plugin_failures_total\{zone="one",plugin="thrower"\} [1-9]/);
  expect(text).toMatch(/bm_plugin_seconds_total\{zone="one",plugin="chatter"\} 0\.\d+/);
});

describe("messages", () => {
  test("that fit are handled, with the sender known; as requests they are answered", async () => {
    const player = await world.join(AT);
    const said = new Promise((resolve) => player.room.onMessage("chatter:said", resolve));
    player.room.send("chatter:say", { text: "there" });
    expect(await said).toEqual({ text: "ahoy there", by: player.welcome.entityId });
    expect(await player.room.request("chatter:sum", [1, 2, 3])).toBe(6);
    await player.room.leave();
  });

  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /^chatter:say payload: got nothing/],
    ["a wrong type", { text: 5 }, /^chatter:say text: got 5/],
    ["too much", { text: "x".repeat(21) }, /^chatter:say text: got "x+"/],
    ["an unknown key", { text: "a", colour: "red" }, /^chatter:say payload: unknown key "colour" with value "red"/],
    ["a wrong number", { text: "a", times: 99 }, /^chatter:say times: got 99/],
  ])("that do not fit are answered with code, field and value, and the client stays: %s", async (_, payload, expected) => {
    const player = await world.join(AT);
    player.room.send("chatter:say", payload);
    const error = await until("the answer", () => player.errors[0]);
    expect(error.code).toBe("BM_MESSAGE_INVALID");
    expect(error.message).toMatch(expected);
    expect(await player.room.request("chatter:sum", [4])).toBe(4);
    await player.room.leave();
  });

  test.each(["chatter:break", "chatter:break-later"])(
    "whose handler throws tell the sender that, and nothing of the plugin's insides: %s",
    async (type) => {
      const player = await world.join(AT);
      const before = cost("chatter").failures;
      player.room.send(type, {});
      const error = await until("the answer", () => player.errors[0]);
      expect(error).toMatchObject({ code: "BM_PLUGIN_FAILED", data: { type } });
      expect(JSON.stringify(error)).not.toContain("secrets");
      expect(cost("chatter").failures).toBe(before + 1);
      await player.room.leave();
    },
  );
});

test("what a plugin gives at a border comes back to it on the other side, whatever the others do", async () => {
  const player = await world.join(AT);
  const avatar = [...zone.avatars.values()][0] as never;
  const parcel = zone.pluginHost.handoffOut(avatar);
  expect(parcel).toEqual({ chatter: { said: 7 } });
  zone.pluginHost.handoffIn(avatar, JSON.parse(JSON.stringify({ ...parcel, thrower: 1, gone: 2 })));
  expect(ChatterPlugin.log.at(-1)).toBe('one handed {"said":7}');
  await player.room.leave();
});

test("disposing skips nobody, and every client is told", async () => {
  const player = await world.join(AT);
  player.room.reconnection.enabled = false;
  const left = new Promise((resolve) => player.room.onLeave(resolve));
  stopped = true;
  await world.server.stop();
  expect(await left).toBe(4001);
  expect(ChatterPlugin.log.at(-1)).toBe("one dispose");
});
