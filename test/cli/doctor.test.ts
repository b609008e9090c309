import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkMemory, checkNode, checkOpenFiles } from "../../cli/services/doctor/machine.ts";
import { withoutPassword } from "../../cli/services/doctor/storage.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { startRedis } from "../support/redis-server.ts";
import { bm, project, start } from "./support/bm.ts";

interface Check {
  check: string;
  status: string;
  found: string;
  fix: string | null;
}

/** A world small enough for any machine that runs the tests. */
const SMALL = { all: { west: -180, east: 180, capacity: 10 } };

async function doctor(words: string[] = [], env: Record<string, string> = {}, folder = project(SMALL)) {
  const { status, stdout, stderr } = await bm(folder, ["doctor", "--json", ...words], env);
  const { fine, checks } = JSON.parse(stdout) as { fine: boolean; checks: Check[] };
  return { status, stderr, fine, checks, of: (name: string) => checks.find((check) => check.check === name) as Check };
}

/** A server that takes connections and never says a word. */
async function silentServer(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on("error", () => {})));
  server.listen(0);
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

describe("bm doctor", () => {
  it("is content with a machine that has all it needs, and wants no database", async () => {
    const { status, fine, checks, stderr } = await doctor(["--port", "0"]);
    expect({ status, fine, stderr }).toEqual({ status: 0, fine: true, stderr: "" });
    expect(checks.map(({ check }) => check)).toEqual([
      "node",
      "environment",
      "port",
      "open files",
      "memory",
      "world",
      "postgresql",
      "redis",
    ]);
    expect(checks.filter(({ fix }) => fix !== null)).toEqual([]);
    expect(checks.find(({ check }) => check === "postgresql")?.found).toBe("DATABASE_URL is not set, and none is needed yet");
  });

  it("prints one line for each check", async () => {
    const { status, stdout } = await bm(project(SMALL), ["doctor"], { PORT: "0" });
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(8);
    for (const line of lines) expect(line).toMatch(/^[a-z ]{11} {2}(?:fine|skipped) +\S/);
    expect(lines[1]).toBe("environment  fine     PORT is set and has the right form; of the others the defaults hold");
    expect(lines[2]).toBe("port         fine     0, the system chooses a free one");
  });

  it("is fine with a BlueMarble at the port, and names another program with what to type", async () => {
    const run = start(project(SMALL), ["zone", "run", "--port", "0", "--json"]);
    await run.until("stdout", "\n}\n");
    const { port } = JSON.parse(run.printed.stdout);
    expect((await doctor(["--port", String(port)])).of("port")).toEqual({
      check: "port",
      status: "fine",
      found: `a BlueMarble server answers at ${port}, with 1 zone`,
      fix: null,
    });
    const taken = await silentServer();
    const { status, fine, of } = await doctor([], { PORT: String(taken) });
    expect({ status, fine }).toEqual({ status: 2, fine: false });
    expect(of("port")).toMatchObject({ status: "act", fix: `stop it, or choose another port: npx bm zone run --port ${taken + 1}` });
    // Who it is can be told on Linux, and here it is this very process.
    if (process.platform === "linux")
      expect(of("port").found).toBe(`${taken} is taken by node (process ${process.pid}), which does not answer`);
  });

  it("finds a world that is not valid, and says no more than it knows", async () => {
    const { status, of } = await doctor(["--port", "0"], {}, project({ a: { west: -180, east: 0 } }));
    expect(status).toBe(2);
    expect(of("world")).toEqual({
      check: "world",
      status: "act",
      found:
        "config/zones: no zone covers 0..180 (180 degrees): config/zones/a.json, got no zone, expected exactly one zone for every longitude",
      fix: expect.stringContaining("npx bm zone create NAME --longitude=WEST..EAST --split"),
    });
    expect([of("memory").status, of("open files").status]).toEqual(["skipped", "skipped"]);
  });

  it("finds an environment that cannot be used, without its secrets", async () => {
    const { status, checks, of } = await doctor([], { PORT: "x", DATABASE_URL: "mysql://root:hunter2@db/x" });
    expect(status).toBe(2);
    expect(of("environment")).toMatchObject({ status: "act", found: expect.stringContaining('--port (PORT): is not a port, got "x"') });
    expect(["port", "postgresql", "redis"].map((check) => of(check).status)).toEqual(["skipped", "skipped", "skipped"]);
    expect(JSON.stringify(checks)).not.toContain("hunter2");
  });

  it("says why PostgreSQL and Redis do not answer, at one address or several, without passwords", async () => {
    const env = { DATABASE_URL: "postgres://me:hunter2@127.0.0.1:9/game", REDIS_URL: "redis://:hunter3@127.0.0.1:9" };
    const { status, checks, of } = await doctor(["--port", "0"], env);
    expect(status).toBe(2);
    expect(of("postgresql")).toMatchObject({
      status: "act",
      found: "postgres://***@127.0.0.1:9/game does not let us in: connect ECONNREFUSED 127.0.0.1:9",
    });
    expect(of("redis")).toMatchObject({
      status: "act",
      found: "redis://***@127.0.0.1:9 does not answer: connect ECONNREFUSED 127.0.0.1:9",
    });
    const cluster = await doctor(["--port", "0"], { REDIS_URL: "redis://:hunter3@127.0.0.1:9,redis://127.0.0.1:10" });
    expect(cluster.of("redis").found).toBe(
      "redis://***@127.0.0.1:9, redis://127.0.0.1:10 does not answer: connect ECONNREFUSED 127.0.0.1:9, connect ECONNREFUSED 127.0.0.1:10",
    );
    expect(JSON.stringify([checks, cluster.checks])).not.toMatch(/hunter/);
  });

  it("finds a real PostgreSQL and a real Redis, and what they refuse", async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    onTestFinished(async () => {
      await Promise.all([postgres.stop(), redis.stop()]);
    });
    const { status, checks, of } = await doctor(["--port", "0"], { DATABASE_URL: postgres.url, REDIS_URL: redis.url });
    expect(status).toBe(0);
    expect(of("postgresql").found).toMatch(/^\d+\.\d+.* answers at postgres:\/\/\*\*\*@127\.0\.0\.1:\d+\/postgres$/);
    expect(of("redis").found).toMatch(/^\d+\.\d+\.\d+ answers at redis:\/\/127\.0\.0\.1:\d+$/);
    expect(JSON.stringify(checks)).not.toContain(new URL(postgres.url).password);

    const wrong = new URL(postgres.url);
    wrong.password = "hunter2";
    const refused = await doctor(["--port", "0"], { DATABASE_URL: wrong.href, REDIS_URL: `${redis.url},${redis.url}` });
    expect(refused.of("postgresql")).toMatchObject({
      status: "act",
      found: expect.stringContaining('password authentication failed for user "postgres"'),
    });
    expect(refused.of("redis")).toMatchObject({ status: "act", found: `${redis.url}, ${redis.url} answer, but not as one cluster` });
    expect(JSON.stringify(refused.checks)).not.toContain("hunter2");
  });

  it("waits for neither of them longer than 3 seconds", async () => {
    const port = await silentServer();
    const env = { DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/game`, REDIS_URL: `redis://127.0.0.1:${port}` };
    const { of } = await doctor(["--port", "0"], env);
    expect(of("postgresql")).toMatchObject({ status: "act", found: expect.stringContaining("timeout expired") });
    expect(of("redis")).toMatchObject({ status: "act", found: expect.stringContaining("no answer within 3 seconds") });
  });
});

describe("the checks of the machine", () => {
  it("want Node 22.13", () => {
    expect(checkNode("22.12.0")).toMatchObject({ status: "act", fix: expect.stringContaining("npm install --save-dev node@24") });
    expect([checkNode("22.13.0").status, checkNode("23.0.0").status, checkNode("20.20.2").status]).toEqual(["fine", "fine", "act"]);
  });

  it("want a file for each player and 100 more", () => {
    const limits = (soft: string) =>
      `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft}                 4096                 files\n`;
    expect(checkOpenFiles(924, limits("1024"))).toMatchObject({
      status: "fine",
      found: "the limit of 1024 allows 924 players, and the zones hold 924",
    });
    expect(checkOpenFiles(925, limits("1024"))).toMatchObject({ status: "act", fix: expect.stringContaining("ulimit -n 1025") });
    expect(checkOpenFiles(1_000_000, limits("unlimited")).status).toBe("fine");
    expect(checkOpenFiles(5, "").status).toBe("skipped");
  });

  it("want memory for each player", () => {
    expect(checkMemory(0, 128 * 2 ** 20).status).toBe("fine");
    expect(checkMemory(5000, 300 * 2 ** 20)).toMatchObject({ status: "act", found: "300 MB are free, and 5000 players take about 382 MB" });
  });

  it("take a password out of a reason, as it was written and as it was meant", () => {
    const url = "postgres://me:p%40ss@db/x";
    expect(withoutPassword(`bad p%40ss and p@ss in ${url}`, url)).toBe("bad *** and *** in ***");
    expect(withoutPassword("nothing secret", "postgres://db/x")).toBe("nothing secret");
  });
});
