import type { Client } from "@colyseus/core";
import { expect, test } from "vitest";
import { BmError } from "../../config/index.ts";
import type { PluginHooks } from "../../rooms/index.ts";
import { type HostedPlugin, PluginHost } from "../../rooms/plugin-host.ts";

function host(plugins: Record<string, PluginHooks>, reports: BmError[] = []): PluginHost {
  const hosted = Object.entries(plugins).map(
    ([name, instance]) => ({ name, statics: { pluginName: name }, instance, active: true }) as unknown as HostedPlugin,
  );
  return new PluginHost(hosted, { frameHz: 60, tickHz: 30 }, (error) => reports.push(error));
}

const CLIENT = {} as Client;

test("players come in in the order of the plugins and go in the reverse, so that what builds on another goes first", async () => {
  const calls: string[] = [];
  const noting = (name: string): PluginHooks => ({
    onCreate: () => void calls.push(`create ${name}`),
    onJoin: async () => void calls.push(`join ${name}`),
    onLeave: () => void calls.push(`leave ${name}`),
    onDispose: () => void calls.push(`dispose ${name}`),
  });
  const plugins = host({ first: noting("first"), second: noting("second") });
  await plugins.create();
  await plugins.join(CLIENT, {});
  await plugins.leave(CLIENT, 4000);
  await plugins.dispose();
  expect(calls).toEqual([
    "create first",
    "create second",
    "join first",
    "join second",
    "leave second",
    "leave first",
    "dispose second",
    "dispose first",
  ]);
});

test("each hook is done before the next begins", async () => {
  const calls: string[] = [];
  const slow: PluginHooks = {
    async onJoin() {
      await new Promise((resolve) => setTimeout(resolve, 5));
      calls.push("slow");
    },
  };
  await host({ slow, quick: { onJoin: () => void calls.push("quick") } }).join(CLIENT, {});
  expect(calls).toEqual(["slow", "quick"]);
});

test("a throw is reported by plugin and hook, and the next plugin is called all the same", async () => {
  const reports: BmError[] = [];
  const calls: string[] = [];
  const bad: PluginHooks = {
    onLeave: () => {
      throw new Error("sync");
    },
    onDispose: () => Promise.reject(new Error("async")),
  };
  const plugins = host({ good: { onLeave: () => void calls.push("leave"), onDispose: () => void calls.push("dispose") }, bad }, reports);
  await plugins.leave(CLIENT, 4000);
  await plugins.dispose();
  expect(calls).toEqual(["leave", "dispose"]);
  expect(reports.map(({ message }) => message)).toEqual(["plugin bad: onLeave threw: sync", "plugin bad: onDispose threw: async"]);
  expect(plugins.costs.map(({ name, failures }) => [name, failures])).toEqual([
    ["good", 0],
    ["bad", 2],
  ]);
});

test("a refusal stops a join at the plugin that refuses, and counts as no failure", async () => {
  const reports: BmError[] = [];
  const calls: string[] = [];
  const refusing: PluginHooks = {
    onJoin: () => {
      throw new BmError("BM_JOIN_NAME", "name: got Mallory");
    },
  };
  const plugins = host({ refusing, later: { onJoin: () => void calls.push("later") } }, reports);
  await expect(plugins.join(CLIENT, {})).rejects.toThrow("Mallory");
  expect([calls, reports, plugins.costs[0]?.failures]).toEqual([[], [], 0]);
});
