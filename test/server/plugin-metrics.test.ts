import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { PluginCost, ZoneRoom } from "../../rooms/index.ts";
import type { PluginPlugin } from "../support/plugins/plugin.plugin.ts";
import type { TellPlugin } from "../support/plugins/tell.plugin.ts";
import type { TellTalePlugin } from "../support/plugins/tell-tale.plugin.ts";
import { startTestWorld, type TestWorld } from "../support/test-world.ts";

let world: TestWorld;
let zone: ZoneRoom;
/** Messages of the reports of the zone "one". */
const reports: string[] = [];
beforeAll(async () => {
  world = await startTestWorld({
    zones: [
      { name: "one", west: -180, east: 0, capacity: 20 },
      { name: "two", west: 0, east: 180, capacity: 20 },
    ],
    plugins: ["./plugins/thrower.plugin.ts", "./plugins/tell-tale.plugin.ts", "./plugins/tell.plugin.ts", "./plugins/plugin.plugin.ts"],
  });
  zone = world.zone("one");
  const report = zone.reportError.bind(zone);
  zone.reportError = (error) => {
    reports.push(error.message);
    report(error);
  };
});
afterAll(() => world.server.stop());
beforeEach(() => {
  reports.length = 0;
  for (const name of ["one", "two"]) tellTale(name).metrics = [];
});

const tellTale = (name = "one") => world.zone(name).pluginNamed("tell-tale") as TellTalePlugin;
const cost = (name: string): PluginCost => zone.pluginHost.costs.find((each) => each.name === name) as PluginCost;

/** The page, and its lines about the plugin. */
async function scrape(): Promise<{ page: string; lines: string[] }> {
  const response = await fetch(`${world.server.url}/metrics`);
  expect(response.status).toBe(200);
  const page = await response.text();
  return { page, lines: page.split("\n").filter((line) => line.includes("bm_tell_tale_")) };
}

/** What was reported of the plugin, not what the other one throws all the time. */
const complaints = (plugin = "tell-tale") => reports.filter((message) => message.startsWith(`plugin ${plugin}:`));

test("numbers stand under the plugin's name and the zone, all zones under one heading, read anew each time", async () => {
  tellTale("one").metrics = [
    {
      name: "queue_seconds",
      help: 'how long\nit "waits" \\ stands',
      type: "gauge",
      value: 1.5,
      labels: { tier: 'a"b\\c\nd', body: "own" },
    },
    { name: "records", help: "sent", type: "counter", value: 3 },
    { name: "queue_seconds", help: "other words", type: "gauge", value: -2, labels: { tier: "visual", body: "own" } },
  ];
  tellTale("two").metrics = [{ name: "records_total", help: "sent", type: "counter", value: 4 }];
  const { page, lines } = await scrape();
  expect(lines).toEqual([
    '# HELP bm_tell_tale_queue_seconds how long\\nit "waits" \\\\ stands',
    "# TYPE bm_tell_tale_queue_seconds gauge",
    'bm_tell_tale_queue_seconds{zone="one",body="own",tier="a\\"b\\\\c\\nd"} 1.5',
    'bm_tell_tale_queue_seconds{zone="one",body="own",tier="visual"} -2',
    "# HELP bm_tell_tale_records_total sent",
    "# TYPE bm_tell_tale_records_total counter",
    'bm_tell_tale_records_total{zone="one"} 3',
    'bm_tell_tale_records_total{zone="two"} 4',
  ]);
  // One document: every line is a comment, a sample or empty, and it ends with a newline.
  expect(page.split("\n").filter((line) => !/^(?:#.*|[a-z_][a-z0-9_]*(?:\{.+\})? \S+|)$/.test(line))).toEqual([]);
  expect(page.endsWith("\n")).toBe(true);
  expect(complaints()).toEqual([]);
  tellTale("one").metrics = [];
  expect((await scrape()).lines.at(-1)).toBe('bm_tell_tale_records_total{zone="two"} 4');
});

test("a name that is the server's own or another plugin's is left to it", async () => {
  const [tell, plugin] = [zone.pluginNamed("tell") as TellPlugin, zone.pluginNamed("plugin") as PluginPlugin];
  tellTale().metrics = [{ name: "shared", help: "h", type: "gauge", value: 1 }];
  tell.metrics = [{ name: "tale_shared", help: "not the same", type: "gauge", value: 2, labels: { of: "tell" } }];
  plugin.metrics = [{ name: "failures", help: "not the server's", type: "counter", value: 12_345 }];
  const { page, lines } = await scrape();
  tell.metrics = [];
  plugin.metrics = [];
  expect(lines.filter((line) => !line.startsWith("#"))).toEqual(['bm_tell_tale_shared{zone="one"} 1']);
  expect(page).not.toContain("12345");
  expect(page.match(/^# TYPE bm_plugin_failures_total /gm)).toHaveLength(1);
  const left = "readMetrics: left out of /metrics:";
  expect([...complaints("tell"), ...complaints("plugin")]).toEqual([
    `plugin tell: ${left} tale_shared: bm_tell_tale_shared is another's already, expected another name`,
    `plugin plugin: ${left} failures: bm_plugin_failures_total is another's already, expected another name`,
  ]);
});

test.each<[string, Record<string, unknown>, string]>([
  ["a bad name", { name: "Bad-Name" }, 'name: got "Bad-Name", expected snake_case of at most 64 characters'],
  ["no help", { help: undefined }, "n: help: got nothing, expected a line of text"],
  ["an unknown type", { type: "histogram" }, 'n: type: got "histogram", expected gauge or counter'],
  ["no number", { value: Number.NaN }, "n: value: got NaN, expected a finite number"],
  ["a counter below 0", { type: "counter", labels: { kind: "x" }, value: -1 }, "n: value: got -1, expected a counter to be 0 or more"],
  ["the label zone", { labels: { zone: "two" } }, 'n: label: got "zone", expected snake_case and not zone'],
  ["a label that is no text", { labels: { kind: 5 } }, "n: label kind: got 5, expected a string"],
])("%s is left out and the rest stands; it is counted and said once, however often the page is read", async (_, fault, problem) => {
  const good = { name: "good", help: "is", type: "gauge", value: 1 };
  tellTale().metrics = [good, { name: "n", help: "h", type: "gauge", value: 1, ...fault }, { ...good, name: "last" }];
  const before = cost("tell-tale").failures;
  for (let i = 0; i < 3; i++) {
    const { lines, page } = await scrape();
    expect(lines.filter((line) => !line.startsWith("#"))).toEqual(['bm_tell_tale_good{zone="one"} 1', 'bm_tell_tale_last{zone="one"} 1']);
    expect(page).toContain(`bm_plugin_failures_total{zone="one",plugin="tell-tale"} ${before + 1}\n`);
  }
  expect(complaints()).toEqual([`plugin tell-tale: readMetrics: left out of /metrics: ${problem}`]);
});

test("of more than 64 the first are published", async () => {
  tellTale().metrics = Array.from({ length: 70 }, (_, i) => ({ name: `n${i}`, help: "h", type: "gauge", value: i }));
  const samples = (await scrape()).lines.filter((line) => !line.startsWith("#"));
  expect([samples.length, samples.at(-1)]).toEqual([64, 'bm_tell_tale_n63{zone="one"} 63']);
  expect(complaints()).toEqual(["plugin tell-tale: readMetrics: left out of /metrics: all after the first 64, got 70"]);
});

test("a number stands once: neither twice, nor under another's name, nor as another type", async () => {
  const metric = { name: "n", help: "h", type: "counter", value: 1, labels: { a: "1", b: "2" } };
  tellTale().metrics = [
    metric,
    { ...metric, value: 2, labels: { b: "2", a: "1" } },
    { ...metric, name: "n_total", type: "gauge", labels: {} },
  ];
  expect((await scrape()).lines.filter((line) => !line.startsWith("#"))).toEqual(['bm_tell_tale_n_total{zone="one",a="1",b="2"} 1']);
  expect(complaints()).toEqual([
    'plugin tell-tale: readMetrics: left out of /metrics: n: got {zone="one",a="1",b="2"} twice, expected each once',
    "plugin tell-tale: readMetrics: left out of /metrics: n_total: type: got gauge, expected counter as before",
  ]);
});

test.each<[string, unknown, RegExp]>([
  ["no list", undefined, /^$/],
  ["a promise", () => Promise.reject(new Error("late")), /readMetrics threw: it gave a promise, expected an answer at once$/],
  ["something else", 5, /readMetrics threw: /],
  ["a list with nothing in it", [null], /readMetrics threw: /],
])("%s instead of numbers breaks neither the page nor the process", async (_, metrics, expected) => {
  tellTale().metrics = metrics;
  const { page, lines } = await scrape();
  expect([lines, page.includes("bm_tick_rate_hz")]).toEqual([[], true]);
  expect(complaints().join()).toMatch(expected);
  expect(page).toContain("bm_stray_errors_total 0\n");
});

test("a throw is named and counted each time, and costs the others nothing", async () => {
  tellTale().metrics = [{ name: "n", help: "h", type: "gauge", value: 1 }];
  const before = cost("thrower").failures;
  const calls = cost("tell-tale").calls;
  for (let i = 0; i < 2; i++) expect((await scrape()).lines).toContain('bm_tell_tale_n{zone="one"} 1');
  expect(reports.filter((message) => message === "plugin thrower: readMetrics threw: metrics")).toHaveLength(2);
  expect(cost("thrower").failures).toBeGreaterThanOrEqual(before + 2);
  expect(cost("tell-tale").calls).toBe(calls + 2);
});
