import { createServer } from "node:net";
import { Client } from "@colyseus/sdk";
import { afterEach, describe, expect, test } from "vitest";
import { BmError, defineWorld, type Environment, readEnvironment, type WorldInput } from "../../config/index.ts";
import { startWorldServer, type WorldServer } from "../../server/index.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { freePort, startRedis } from "../support/redis-server.ts";
import { joinWith } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let server: WorldServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(input: Partial<WorldInput>, environment: Partial<Environment> = {}, zones?: string[]): Promise<WorldServer> {
  server = await startWorldServer({
    world: defineWorld({ zones: [{ name: "all", west: -180, east: 180, capacity: 10 }], plugins: ["quantization", "interest"], ...input }),
    worldFile: import.meta.filename,
    zones,
    environment: { ...readEnvironment({}), port: 0, logLevel: "silent", ...environment },
  });
  return server;
}

async function failure(work: Promise<unknown>): Promise<BmError> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(BmError);
  return error as BmError;
}

describe("a start that cannot be is refused with a code and what to do, and can be tried again", () => {
  test("a port that is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, resolve));
    const { port } = other.address() as { port: number };
    const error = await failure(start({}, { port }));
    expect(error).toMatchObject({
      code: "BM_PORT_TAKEN",
      message: expect.stringContaining(`port ${port} is taken`),
      hint: expect.stringContaining("--port"),
    });
    await new Promise((resolve) => other.close(resolve));
    expect((await start({}, { port })).port).toBe(port);
  });

  test("a host that is not of this machine", async () => {
    expect(await failure(start({}, { host: "192.0.2.1" }))).toMatchObject({
      code: "BM_ENV_INVALID",
      message: expect.stringContaining("192.0.2.1"),
    });
  });

  test("zones that the world does not have", async () => {
    expect(await failure(start({}, {}, ["all", "mars"]))).toMatchObject({
      code: "BM_ZONE_UNKNOWN",
      message: 'no zone named "mars"; there are all',
    });
  });

  test("plugins that there are not, all of them named", async () => {
    const error = await failure(start({ plugins: ["interset", "./nowhere.ts", "left-pad"] }));
    expect(error.code).toBe("BM_PLUGIN_UNKNOWN");
    expect(error.message).toMatch(/^3 plugins of the world cannot be found:/);
    expect(error.message).toMatch(/\.\/nowhere\.ts: no file .*server\/nowhere\.ts$/m);
    for (const name of ["interset", "left-pad"]) expect(error.message).toContain(`${name}: no built-in plugin and no installed package`);
    expect(error.message).not.toContain("imported from");
    expect(error.hint).toContain("interest, landmarks, quantization");
  });

  test("plugins whose file throws or exports no plugin, with the line", async () => {
    const error = await failure(start({ plugins: ["../support/plugins/broken.ts", "../support/until.ts"] }));
    expect(error.code).toBe("BM_PLUGIN_UNREADABLE");
    expect(error.message).toMatch(/broken\.ts: it broke on purpose \(line \d+\)$/m);
    expect(error.message).toMatch(/until\.ts: exports 0 plugin classes, expected one/);
  });

  test("a PostgreSQL that does not answer; the password is not shown", async () => {
    const error = await failure(start({}, { databaseUrl: `postgres://ann:hunter2@127.0.0.1:${await freePort()}/world` }));
    expect(error).toMatchObject({ code: "BM_STORAGE_UNREACHABLE", hint: expect.stringContaining("DATABASE_URL") });
    expect(`${error.message} ${error.hint}`).not.toContain("hunter2");
  });

  test("a Redis that does not answer; the password is not shown", async () => {
    const error = await failure(start({}, { redisUrls: [`redis://:hunter2@127.0.0.1:${await freePort()}`] }));
    expect(error).toMatchObject({ code: "BM_PRESENCE_UNREACHABLE", hint: expect.stringContaining("REDIS_URL") });
    expect(`${error.message} ${error.hint}`).not.toContain("hunter2");
  });
});

test("with a real PostgreSQL and Redis it is ready, and says so when either goes away", async () => {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  const { url } = await start({}, { redisUrls: [redis.url], databaseUrl: postgres.url });
  const ready = async () => {
    const response = await fetch(`${url}/readyz`);
    return { status: response.status, ...((await response.json()) as { problems: string[] }) };
  };
  expect(await ready()).toMatchObject({ status: 200, problems: [] });
  await postgres.stop();
  const withoutStorage = await until("readiness to fail", async () => {
    const now = await ready();
    return now.status === 503 ? now : undefined;
  });
  expect(withoutStorage.problems).toEqual([expect.stringMatching(/^storage: /)]);
  // What is in memory goes on without storage.
  const player = await joinWith(new Client(url), { longitude: 0, latitude: 0 });
  await player.room.leave();
  await redis.stop();
  expect((await ready()).problems).toEqual([expect.stringMatching(/^presence: /), expect.stringMatching(/^storage: /)]);
});

test("a Redis that comes back empty finds the zones again, and joins go on", async () => {
  const redis = await startRedis();
  const { url } = await start({}, { redisUrls: [redis.url] });
  const status = async () => (await fetch(`${url}/readyz`)).status;
  expect(await status()).toBe(200);
  await redis.stop();
  await until("readiness to fail", async () => (await status()) === 503);
  // Not left hanging: the listing is asked, and does not answer.
  await expect(joinWith(new Client(url), { longitude: 0, latitude: 0 })).rejects.toThrow(/^BM_PRESENCE_UNREACHABLE the room listing/);
  const again = await startRedis(redis.port);
  const missing = await until("the lost zone to be named", async () => {
    const { problems } = (await (await fetch(`${url}/readyz`)).json()) as { problems: string[] };
    return problems.length === 0 || problems[0]?.startsWith("zone") ? problems : undefined;
  });
  // Unless the zone was put back before anyone could ask.
  if (missing.length > 0) expect(missing).toEqual(["zone all is not in the room listing"]);
  await until("readiness to come back", async () => (await status()) === 200, 20_000);
  const player = await joinWith(new Client(url), { longitude: 0, latitude: 0 });
  await player.room.leave();
  await server?.stop();
  await again.stop();
}, 60_000);
