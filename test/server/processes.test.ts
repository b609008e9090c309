import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, type RedisServer, startRedis } from "../support/redis-server.ts";
import { joinWith } from "../support/test-world.ts";
import { until } from "../support/until.ts";

const BM = path.resolve(import.meta.dirname, "../../bin/run.js");
const children: ChildProcess[] = [];
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await redis.stop();
});

interface Process {
  child: ChildProcess;
  url: string;
  /** Resolves with the exit status and all that it wrote on stderr. */
  ended: Promise<{ status: number | null; errors: string }>;
}

/** Runs zones in a process of their own, as an operator does. */
async function run(...zones: string[]): Promise<Process> {
  const port = await freePort();
  const child = spawn(process.execPath, [BM, "zone", "run", ...zones, "--port", String(port)], {
    env: { ...process.env, REDIS_URL: redis.url, BM_PUBLIC_ADDRESS: `127.0.0.1:${port}`, BM_HOST: "127.0.0.1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  children.push(child);
  let errors = "";
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    ended: new Promise((resolve) => child.once("close", (status) => resolve({ status, errors }))),
  };
}

const ready = (process: Process) =>
  until(
    `${process.url} to be ready`,
    async () => {
      const response = await fetch(`${process.url}/readyz`).catch(() => undefined);
      return response?.ok;
    },
    30_000,
  );

test("two processes on one Redis are one world: a join through either reaches the zone that owns the longitude", async () => {
  const [first, second] = [await run("americas", "atlantic"), await run("asia-pacific")];
  await Promise.all([ready(first), ready(second)]);
  const ids = new Set<string>();
  for (const [through, longitude, zone] of [
    [first, 100, "asia-pacific"],
    [first, 0, "atlantic"],
    [second, -100, "americas"],
    [second, 100, "asia-pacific"],
  ] as const) {
    const player = await joinWith(new Client(through.url), { longitude, latitude: 10 });
    expect(player.welcome.zone).toBe(zone);
    ids.add(player.welcome.entityId);
    const { zones } = (await (await fetch(`${through.url}/api/world`)).json()) as {
      zones: { name: string; players: number; healthy: boolean; processId: string }[];
    };
    expect(zones.find(({ name }) => name === zone)).toMatchObject({ healthy: true, players: 1 });
    expect(new Set(zones.map(({ processId }) => processId)).size).toBe(2);
    await player.room.leave();
    await until("the place to be given back", async () => {
      const world = (await (await fetch(`${through.url}/api/world`)).json()) as { zones: { players: number }[] };
      return world.zones.every(({ players }) => players === 0);
    });
  }
  // Ids are unique over processes.
  expect(ids.size).toBe(4);

  const third = await run("asia-pacific");
  const { status, errors } = await third.ended;
  expect(status).toBe(2);
  expect(errors).toContain("BM_ZONE_RUNNING");
  expect(errors).toContain("asia-pacific");

  second.child.kill("SIGTERM");
  expect((await second.ended).status).toBe(0);
  const refused = joinWith(new Client(first.url), { longitude: 100, latitude: 10 });
  await expect(refused).rejects.toThrow(/^BM_ZONE_DOWN zone asia-pacific, which owns longitude 100/);
  const player = await joinWith(new Client(first.url), { longitude: 0, latitude: 10 });
  await player.room.leave();
}, 60_000);
