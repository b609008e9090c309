import { once } from "node:events";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { METRES_PER_DEGREE } from "../../rooms/index.ts";
import type { TellTalePlugin } from "../support/plugins/tell-tale.plugin.ts";
import { cutConnection, joinWith, type Player, startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

const AT = { longitude: 10, latitude: 50, altitude: 0 };

let world: TestWorld;
let ann: Player;
let far: Player;
let statue: string;
beforeAll(async () => {
  world = await startTestWorld({
    plugins: ["./plugins/thrower.plugin.ts", "./plugins/tell-tale.plugin.ts", "interest", "quantization"],
  });
  ann = await joinWith(world.client(), { ...AT, name: "Ann", predict: true });
  far = await joinWith(world.client(), { longitude: 100, latitude: 0, name: "Far" });
  const north = { longitude: AT.longitude, latitude: AT.latitude + 120 / METRES_PER_DEGREE, altitude: 50 };
  statue = world.zone("middle").entities.spawn({ kind: "statue", name: "Old", position: north }).id;
});
afterAll(() => world.server.stop());
beforeEach(() => {
  tellTale().explanation = () => undefined;
});

const tellTale = () => world.zone("middle").pluginNamed("tell-tale") as TellTalePlugin;
const NOBODY = "999999999";

interface Answer {
  status: number;
  body: {
    distanceM: number | null;
    viewer: Record<string, unknown>;
    plugins: Record<string, unknown>;
    error?: { code: string; message: string; hint: string; data: unknown };
  };
}

async function ask(query: string, headers: Record<string, string> = {}, base = world.server.url): Promise<Answer> {
  const response = await fetch(`${base}/api/explain${query}`, { headers });
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

const why = (viewer: string, entity: string) => ask(`?viewer=${viewer}&entity=${entity}`);

test("says who looks at what, where both are, how far apart, and what each plugin says", async () => {
  tellTale().explanation = (viewer, entityId) => ({ viewer: viewer.entityId, entityId, because: ["it", { is: "there" }] });
  const { status, body } = await why(ann.welcome.entityId, statue);
  expect(status).toBe(200);
  const { processId } =
    ((await (await fetch(`${world.server.url}/api/world`)).json()) as { zones: { processId: string }[] }).zones[0] ?? {};
  const { plugins, ...rest } = body;
  expect(rest).toEqual({
    viewer: {
      id: ann.welcome.entityId,
      name: "Ann",
      zone: "middle",
      longitude: expect.closeTo(10, 6),
      latitude: expect.closeTo(50, 6),
      altitude: 0,
      predict: true,
      connected: true,
    },
    entity: {
      id: statue,
      kind: "statue",
      name: "Old",
      zone: "middle",
      owner: { zone: "middle", processId },
      longitude: expect.closeTo(10, 6),
      latitude: expect.closeTo(50.001078, 6),
      altitude: 50,
    },
    // 120 m to the north and 50 m up.
    distanceM: expect.closeTo(130, 1),
    self: false,
  });
  expect(plugins["tell-tale"]).toEqual({ viewer: ann.welcome.entityId, entityId: statue, because: ["it", { is: "there" }] });
  // It throws; that is counted, and the others are heard.
  expect(plugins.thrower).toBeUndefined();
  expect(world.zone("middle").pluginHost.costs.find(({ name }) => name === "thrower")?.failures).toBeGreaterThan(0);
});

test("says so when the entity is the viewer's own", async () => {
  const { status, body } = await why(ann.welcome.entityId, ann.welcome.entityId);
  expect([status, body]).toEqual([200, expect.objectContaining({ self: true, distanceM: 0 })]);
});

test("measures across zones, and asks the plugins of the viewer's", async () => {
  tellTale().explanation = () => ({ asked: "middle" });
  const { status, body } = await why(ann.welcome.entityId, far.welcome.entityId);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    viewer: { zone: "middle" },
    entity: { zone: "east", owner: { zone: "east" }, name: "Far", kind: "avatar" },
  });
  // From 10 E 50 N to 100 E on the equator is a quarter of the way around.
  expect(body.distanceM).toBeCloseTo(90 * METRES_PER_DEGREE, -1);
  expect(body.plugins).toMatchObject({ "tell-tale": { asked: "middle" } });
});

test.each<[string, () => [viewer: string, entity: string], RegExp, unknown]>([
  [
    "a viewer that there is not",
    () => [NOBODY, statue],
    /^viewer 999999999: in no zone of this process, which runs west, middle, east$/,
    ["viewer"],
  ],
  ["an entity that there is not", () => [ann.welcome.entityId, NOBODY], /^entity 999999999: in no zone/, ["entity"]],
  ["neither", () => [NOBODY, NOBODY], /^viewer 999999999 and entity 999999999: in no zone/, ["viewer", "entity"]],
  ["a viewer that is no player", () => [statue, statue], /^viewer \d+: is a statue in zone middle, expected a player$/, ["viewer"]],
])("404 names %s", async (_, ids, message, wrong) => {
  const [viewer, entity] = ids();
  const { status, body } = await why(viewer, entity);
  expect(status).toBe(404);
  expect(body.error).toEqual({
    code: "BM_EXPLAIN_UNKNOWN",
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
    data: { wrong, viewer, entity },
  });
});

test.each<[string, string, string]>([
  ["", "viewer", "nothing"],
  ["?viewer=1", "entity", "nothing"],
  ["?entity=1", "viewer", "nothing"],
  ["?viewer=&entity=1", "viewer", '""'],
  ["?viewer=-1&entity=1", "viewer", '"-1"'],
  ["?viewer=1&entity=1e3", "entity", '"1e3"'],
  ["?viewer=1&entity=0x1", "entity", '"0x1"'],
  ["?viewer=12345678901234567&entity=1", "viewer", '"12345678901234567"'],
  ["?viewer=1&entity=%D9%A3", "entity", '"٣"'],
  ["?viewer=1&entity=1%0a", "entity", '"1\\n"'],
  ["?viewer=__proto__&entity=1", "viewer", '"__proto__"'],
  ["?viewer=1&viewer=2&entity=1", "viewer", "2 values"],
])("400 for ids that are none: %s", async (query, field, got) => {
  const { status, body } = await ask(query);
  expect(status).toBe(400);
  expect(body.error).toMatchObject({
    code: "BM_EXPLAIN_INVALID",
    message: `${field}: got ${got}, expected an entity's id, 1 to 16 digits`,
    data: { field },
  });
});

test.each(["forwarded", "x-forwarded-for", "X-Forwarded-For", "x-real-ip", "via"])("403 behind a proxy: %s", async (header) => {
  // Before anything else: who may not ask does not learn which ids there are.
  for (const query of [`?viewer=${ann.welcome.entityId}&entity=${statue}`, "?viewer=x", ""]) {
    const { status, body } = await ask(query, { [header]: "127.0.0.1" });
    expect([status, body]).toEqual([
      403,
      {
        error: {
          code: "BM_EXPLAIN_FORBIDDEN",
          message: `expected a request from the server's own machine and not through a proxy, got one with the header ${header.toLowerCase()}`,
          hint: "run it on the server's machine: bm explain VIEWER ENTITY --url http://localhost:PORT",
        },
      },
    ]);
  }
});

/** An address of this machine that is not its loopback. */
const OUTER = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;

test.skipIf(OUTER === undefined)("403 for another address than the loopback, also while others ask from the machine itself", async () => {
  const { port } = world.server;
  const query = `?viewer=${ann.welcome.entityId}&entity=${statue}`;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => ask(query, {}, i % 2 === 0 ? world.server.url : `http://${OUTER}:${port}`)),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map((_, i) => (i % 2 === 0 ? 200 : 403)));
  expect(answers[1]?.body.error?.message).toContain(OUTER);
});

test("answers over IPv6 and IPv4, to HEAD, and with a body that it does not want", async () => {
  const query = `?viewer=${ann.welcome.entityId}&entity=${statue}`;
  for (const [host, method] of [
    ["127.0.0.1", "GET"],
    ["127.0.0.1", "HEAD"],
    ["::1", "GET"],
  ]) {
    const sent = request({
      host,
      port: world.server.port,
      path: `/api/explain${query}`,
      method,
      headers: { expect: "100-continue" },
    }).end();
    const [response] = await once(sent, "response");
    expect([host, method, response.statusCode]).toEqual([host, method, 200]);
    response.resume();
  }
});

test.each<[string, () => unknown]>([
  ["a promise", () => Promise.reject(new Error("late"))],
  [
    "a circle",
    () => {
      const circle: Record<string, unknown> = {};
      circle.self = circle;
      return circle;
    },
  ],
  ["a text", () => "because"],
  ["a list", () => ["because"]],
  ["a BigInt", () => ({ big: 1n })],
])("%s of a plugin is its failure, and the answer comes without it", async (_, explanation) => {
  const failures = () => world.zone("middle").pluginHost.costs.find(({ name }) => name === "tell-tale")?.failures ?? 0;
  const before = failures();
  tellTale().explanation = explanation;
  const { status, body } = await why(ann.welcome.entityId, statue);
  expect([status, "tell-tale" in body.plugins]).toEqual([200, false]);
  expect(failures()).toBe(before + 1);
});

test("a body that is nowhere has no place and no distance", async () => {
  const { id, entity } = world.zone("middle").entities.spawn({ kind: "ghost", position: AT });
  const { cellX } = entity;
  const seen = why(ann.welcome.entityId, id);
  entity.cellX = Number.NaN;
  const { status, body } = await seen;
  entity.cellX = cellX;
  world.zone("middle").entities.despawn(id);
  expect(status).toBe(200);
  expect(body).toMatchObject({ distanceM: null, entity: { longitude: null, latitude: null, altitude: null, kind: "ghost" } });
});

test("a player whose connection broke is there still, and said to be away", async () => {
  const bob = await joinWith(world.client(), { ...AT, name: "Bob" });
  bob.room.reconnection.enabled = false;
  cutConnection(world.zone("middle"), bob);
  await until("the drop", async () => !(await why(bob.welcome.entityId, statue)).body.viewer.connected);
  expect((await why(bob.welcome.entityId, statue)).body.viewer).toMatchObject({ name: "Bob", predict: false, connected: false });
});
