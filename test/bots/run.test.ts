import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { BotsReport } from "../../cli/services/bots/report.ts";
import { loadWorld, readEnvironment } from "../../config/index.ts";
import { startWorldServer, type WorldServer } from "../../server/index.ts";
import { startTestWorld, THREE_ZONES } from "../support/test-world.ts";
import { until } from "../support/until.ts";

const RUN = path.resolve(import.meta.dirname, "../../bin/run.js");

interface Run {
  child: ChildProcess;
  stdout: string;
  stderr: string;
  /** Exit status, when it has ended. */
  status: Promise<number | null>;
}

/** Starts the command as a user would, with nothing of this environment that could change what it does. */
function bots(...words: string[]): Run {
  return botsIn({}, ...words);
}

/** The same with variables of its own. */
function botsIn(variables: Record<string, string>, ...words: string[]): Run {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(BM_|PORT$|FORCE_COLOR|NO_COLOR)/.test(name));
  const env = { ...Object.fromEntries(inherited), ...variables };
  const child = spawn(process.execPath, [RUN, "bots", ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
  const run: Run = { child, stdout: "", stderr: "", status: new Promise((resolve) => child.on("close", resolve)) };
  child.stdout.on("data", (chunk) => {
    run.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    run.stderr += chunk;
  });
  started.push(run);
  return run;
}

const started: Run[] = [];
const toStop: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const { child } of started.splice(0)) child.kill("SIGKILL");
  for (const stop of toStop.splice(0)) await stop();
});

async function defaultWorld(): Promise<WorldServer> {
  const { world, file } = await loadWorld({ cwd: path.dirname(import.meta.dirname) });
  const server = await startWorldServer({ world, worldFile: file, environment: { ...readEnvironment({}), port: 0, logLevel: "silent" } });
  toStop.push(() => server.stop());
  return server;
}

describe("bm bots in the default world", () => {
  test("has every bot joined and confirmed, in every zone, and says what each zone felt", async () => {
    const server = await defaultWorld();
    const run = bots("--count", "30", "--seconds", "4", "--seed", "7", "--url", server.url, "--json");
    expect(await run.status, run.stderr).toBe(0);
    const report = JSON.parse(run.stdout) as BotsReport;
    expect(report).toMatchObject({
      count: 30,
      seed: 7,
      joined: 30,
      confirmed: 30,
      refused: [],
      dropped: [],
      reconnected: 0,
      errors: [],
      decoderWarnings: 0,
    });
    expect(report.zones.map(({ name }) => name)).toEqual(["americas", "atlantic", "asia-pacific"]);
    expect(report.zones.reduce((sum, zone) => sum + zone.bots, 0)).toBe(30);
    for (const zone of report.zones) {
      expect(zone.bots).toBeGreaterThan(0);
      expect(zone.tickHz).toBeGreaterThan(0);
      expect(zone.frameMsP95).toBeGreaterThanOrEqual(zone.frameMsP50 as number);
      for (const rate of Object.values(zone.perClient)) expect(rate).toBeGreaterThan(0);
      expect(zone.perClient.packetsInPerSecond).toBeLessThan(66);
    }
    expect(report.cities.reduce((sum, city) => sum + city.bots, 0)).toBe(30);
    expect(report.bots.mostNeighbours).toBeGreaterThan(0);
    expect(report.rttMsP95).toBeGreaterThanOrEqual(report.rttMsP50 as number);
    expect(report.process.residentBytes).toBeGreaterThan(0);
    expect(report.attribution).toContain("CC BY 4.0");
    // Everybody left with consent.
    await until("the last bot to leave", () => server.status().every(({ players }) => players === 0));
    expect(server.rooms().map(({ metrics }) => metrics.drops)).toEqual([0, 0, 0]);
    expect(server.rooms().reduce((sum, { metrics }) => sum + metrics.leaves, 0)).toBe(30);
  });

  test("draws the same cities for the same seed, and says so in tables", async () => {
    const server = await defaultWorld();
    const cities = async (seed: string) => {
      const run = bots("--count", "6", "--seconds", "4", "--seed", seed, "--url", server.url, "--json");
      expect(await run.status, run.stderr).toBe(0);
      return (JSON.parse(run.stdout) as BotsReport).cities;
    };
    const first = await cities("3");
    expect(await cities("3")).toEqual(first);
    expect(await cities("4")).not.toEqual(first);
    const run = bots("--count", "6", "--seconds", "4", "--seed", "3", "--zone", "atlantic", "--url", server.url);
    expect(await run.status, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/6 joined, 6 confirmed, 0 refused, 0 dropped/);
    expect(run.stdout).toMatch(/^atlantic +6 /m);
    expect(run.stdout).toMatch(/GeoNames .*CC BY 4\.0/);
    expect(run.stdout).not.toContain("\u001b");
    expect(run.stdout).not.toContain("Colyseus");
  });

  test("ends at Ctrl-C: all leave with consent, and the report is there", async () => {
    const server = await defaultWorld();
    const run = bots("--count", "3", "--seconds", "0", "--url", server.url, "--json");
    await until("the bots to be confirmed", () => run.stderr.includes("3 confirmed"), 20_000);
    run.child.kill("SIGINT");
    expect(await run.status, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ joined: 3, confirmed: 3, dropped: [] });
    await until("the last bot to leave", () => server.status().every(({ players }) => players === 0));
    expect(server.rooms().reduce((sum, { metrics }) => sum + metrics.drops, 0)).toBe(0);
  });
});

describe("bm bots fails", () => {
  test("with the code and the number of refusals", async () => {
    const zones = (THREE_ZONES as { name: string; west: number; east: number }[]).map((zone) => ({ ...zone, capacity: 2 }));
    const { server } = await startTestWorld({ zones });
    toStop.push(() => server.stop());
    const run = bots("--count", "12", "--seconds", "4", "--url", server.url, "--json");
    expect(await run.status).toBe(1);
    const report = JSON.parse(run.stdout) as BotsReport;
    expect(report.joined).toBeLessThanOrEqual(6);
    expect(report.joined).toBeGreaterThanOrEqual(3);
    expect(report.confirmed).toBe(report.joined);
    expect(report.refused).toEqual([
      { code: "BM_ZONE_FULL", count: 12 - report.joined, message: expect.stringMatching(/^BM_ZONE_FULL zone \w+ is full/) },
    ]);
    expect(run.stderr).toMatch(/^Failed: \d+ of 12 bots were refused \(BM_ZONE_FULL\)\.$/m);
  });

  test("when the server shuts down, with the close code of every connection", async () => {
    const { server } = await startTestWorld();
    const run = bots("--count", "6", "--seconds", "0", "--url", server.url, "--json");
    await until("the bots to be confirmed", () => run.stderr.includes("6 confirmed"), 20_000);
    await server.stop();
    // Nobody is left, so there is nothing to wait for.
    expect(await run.status).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({
      joined: 6,
      confirmed: 6,
      dropped: [{ code: "4001", count: 6, message: expect.any(String) }],
    });
    expect(run.stderr).toMatch(/^Failed: 6 connections were dropped \(4001 the server shut down\)\.$/m);
  });

  test("when a connection breaks, although the bot comes back and plays on", async () => {
    const { server, zone } = await startTestWorld();
    toStop.push(() => server.stop());
    const run = bots("--count", "2", "--seconds", "0", "--zone", "middle", "--url", server.url, "--json");
    const { metrics, clients } = zone("middle");
    // The SDK reconnects only what was up for five seconds: that many steps take six.
    await until("both bots to have played for a while", () => metrics.steps > 2 * 360, 20_000);
    (clients[0] as unknown as { ref: { terminate(): void } }).ref.terminate();
    await until("the bot to come back", () => metrics.reconnects === 1);
    const before = metrics.steps;
    await until("both to play on", () => metrics.steps > before + 90);
    run.child.kill("SIGINT");
    expect(await run.status).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({
      joined: 2,
      confirmed: 2,
      reconnected: 1,
      decoderWarnings: 0,
      dropped: [{ code: "1006", count: 1 }],
    });
    expect(run.stderr).toMatch(/^Failed: 1 connection was dropped \(1006 the connection broke\)\.$/m);
  });

  test.each([
    [
      "nothing listens",
      ["--url", "http://127.0.0.1:9"],
      /^BM_SERVER_UNREACHABLE: .*127\.0\.0\.1:9.*\nStart one with: npx bm zone run --port 9 \(or name another with --url http:\/\/HOST:PORT\)\n$/,
    ],
    ["the address is none", ["--url", "localhost:2567"], /^BM_ENV_INVALID: --url \(BM_URL\): .*\nWrite the address .* --url .*\n$/],
    ["a flag is out of range", ["--count", "0"], /^BM_CLI_USAGE: .*count.*\nSee: npx bm bots --help\n$/s],
  ])("when %s: one line what is wrong, one line what to type, status 2", async (_, words, lines) => {
    const run = bots(...words);
    expect(await run.status).toBe(2);
    expect(run.stderr).toMatch(lines);
    expect(run.stdout).toBe("");
  });

  test("at PORT without --url, as the server does", async () => {
    const run = botsIn({ PORT: "9" });
    expect(await run.status).toBe(2);
    expect(run.stderr).toMatch(/^BM_SERVER_UNREACHABLE: no BlueMarble server answers at http:\/\/localhost:9: /);
  });

  test("when the zone is unknown, naming those that there are", async () => {
    const { server } = await startTestWorld();
    toStop.push(() => server.stop());
    const run = bots("--zone", "atlantis", "--url", server.url);
    expect(await run.status).toBe(2);
    expect(run.stderr).toMatch(
      /^BM_ZONE_UNKNOWN: .*"atlantis"; there are west, middle, east\nType for example: npx bm bots --zone west\n$/,
    );
  });

  test("when what answers is no BlueMarble server", async () => {
    const url = await strangeServer((_, answer) => answer("{}"));
    const run = bots("--url", url);
    expect(await run.status).toBe(2);
    expect(run.stderr).toMatch(/^BM_SERVER_UNREACHABLE: .*is not a BlueMarble server/);
  });

  test("at once at the second Ctrl-C, even when the server is frozen", async () => {
    let asked = 0;
    const zones = [{ name: "all", west: -180, east: -180, players: 0, capacity: 9, healthy: true }];
    const url = await strangeServer((path, answer) => {
      if (path === "/api/world") answer(JSON.stringify({ zones }));
      else if (path === "/metrics" && asked === 0) answer("");
      else asked++;
    });
    const run = bots("--count", "2", "--seconds", "0", "--url", url);
    await until("the bots to ask for a seat", () => asked >= 2);
    run.child.kill("SIGINT");
    // It asks for a last reading, which never comes.
    await until("the first Ctrl-C to be heard", () => asked >= 3);
    // Signals within a quarter of a second are one press of the keys.
    await new Promise((resolve) => setTimeout(resolve, 300));
    run.child.kill("SIGINT");
    expect(await run.status).toBe(130);
    expect(run.stdout).toBe("");
  });
});

/** A program that speaks HTTP and answers, or does not, as it is told. */
async function strangeServer(handle: (path: string, answer: (body: string) => void) => void): Promise<string> {
  const server: Server = createServer((request, response) => handle(request.url ?? "", (body) => response.end(body)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  toStop.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
