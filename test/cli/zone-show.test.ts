import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { bm, errorParts, project, start } from "./support/bm.ts";

/** An HTTP server that is no BlueMarble. */
async function stranger(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(listener as never);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Nothing listens at the discard port. */
const NOBODY = "http://127.0.0.1:9";

describe("bm zone show", () => {
  it("prints place, neighbours, tiers and plugins with their options", async () => {
    const folder = project(
      {
        middle: {
          west: 0,
          east: 90,
          capacity: 12,
          tiers: { combat: { radiusM: 60 } },
          plugins: { quantization: false, interest: { budgetBytes: 900 } },
        },
        outer: { west: 90, east: 0 },
      },
      `plugins: ["quantization", { use: "interest", options: { seed: 1 } }]`,
    );
    const { status, stdout, stderr } = await bm(folder, ["zone", "show", "middle", "--json", "--url", NOBODY]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      name: "middle",
      west: 0,
      east: 90,
      widthDeg: 90,
      widthKm: 10_018.754,
      capacity: 12,
      neighbours: ["outer"],
      tiers: [
        { tier: "local", hz: 60, radiusM: null },
        { tier: "combat", hz: 30, radiusM: 60 },
        { tier: "visual", hz: 10, radiusM: 300 },
        { tier: "extended", hz: 2, radiusM: 1000 },
      ],
      plugins: [{ name: "interest", options: { seed: 1, budgetBytes: 900 } }],
      live: null,
      outdated: [],
    });
  });

  it("prints the same for people, and that nothing runs it", async () => {
    const { stdout } = await bm(project(undefined), ["zone", "show", "atlantic", "--url", NOBODY]);
    expect(stdout).toBe(`atlantic
longitude   -60..60
width       120° (13,358.3 km at the equator)
neighbours  americas in the west, asia-pacific in the east
capacity    5000 players
running     no, nothing answers at http://127.0.0.1:9

TIER      HZ  METRES
local     60  oneself
combat    30  under 50
visual    10  under 300
extended   2  under 1000

PLUGIN        OPTIONS
quantization  defaults
interest      defaults
`);
  });

  it("has the live numbers of a running server", async () => {
    const folder = project(undefined);
    const server = start(folder, ["zone", "run", "atlantic", "--port", "0", "--json"]);
    await server.until("stdout", "\n}\n");
    const { url } = JSON.parse(server.printed.stdout);
    const atlantic = JSON.parse((await bm(folder, ["zone", "show", "atlantic", "--json", "--url", url])).stdout);
    expect(atlantic.outdated).toEqual([]);
    expect(atlantic.live).toMatchObject({ name: "atlantic", west: -60, east: 60, players: 0, capacity: 5000, healthy: true });
    const { stdout } = await bm(folder, ["zone", "show", "atlantic"], { PORT: new URL(url).port });
    expect(stdout).toMatch(/^running {5}yes, 0 of 5000 players, process \S+, room zone-atlantic$/m);
    const other = await bm(folder, ["zone", "show", "americas", "--url", url]);
    expect(other.stdout).toContain(`running     no, though a server of its world answers at ${url}\n`);
  });

  it("says when the server runs an older range and capacity than the files have", async () => {
    const folder = project(undefined);
    const zone = { name: "americas", west: -180, east: -60, players: 1, capacity: 12, healthy: true, processId: "p", roomId: "r" };
    const url = await stranger((_, response) =>
      response.end(JSON.stringify({ zones: [{ ...zone, name: "atlantic", west: -60, east: 60, capacity: 5000 }, zone] })),
    );
    writeFileSync(path.join(folder, "config/zones/americas.json"), `{ "west": -180, "east": -55, "capacity": 40 }`);
    writeFileSync(path.join(folder, "config/zones/atlantic.json"), `{ "west": -55, "east": 60, "capacity": 5000 }`);
    const { stdout } = await bm(folder, ["zone", "show", "americas", "--url", url]);
    expect(stdout).toMatch(/^longitude +-180\.\.-55$/m);
    expect(stdout).toMatch(/^capacity +40 players$/m);
    expect(stdout).toMatch(/^running +yes, 1 of 12 players, /m);
    expect(stdout).toMatch(/^outdated +running with -180\.\.-60 and a capacity of 12 players; restart to apply what stands above$/m);
    const other = await bm(folder, ["zone", "show", "atlantic", "--url", url]);
    expect(other.stdout).toMatch(/^outdated +running with -60\.\.60; restart to apply what stands above$/m);
    const document = JSON.parse((await bm(folder, ["zone", "show", "americas", "--url", url, "--json"])).stdout);
    expect(document).toMatchObject({ east: -55, capacity: 40, live: { east: -60, capacity: 12 }, outdated: ["east", "capacity"] });
  });

  it("does not take a stranger for a server, nor wait for one that is silent", async () => {
    const folder = project(undefined);
    const running = async (url: string) =>
      /^running +(.+)$/m.exec((await bm(folder, ["zone", "show", "atlantic", "--url", url])).stdout)?.[1];
    const html = await stranger((_, response) => response.end("<h1>hello</h1>"));
    expect(await running(html)).toBe(`unknown, what answers at ${html} is no BlueMarble server`);
    const hostile = await stranger((_, response) => response.end(JSON.stringify({ zones: [{ name: "atlantic", players: "many" }] })));
    expect(await running(hostile)).toBe(`unknown, what answers at ${hostile} is no BlueMarble server`);
    const zone = { name: "atlantic", west: -60, east: 60, players: 1, capacity: 2, healthy: true, processId: null, roomId: null };
    const long = await stranger((_, response) => response.end(" ".repeat(2_000_000) + JSON.stringify({ zones: [zone] })));
    expect(await running(long)).toBe(`unknown, what answers at ${long} is no BlueMarble server`);
    const silent = await stranger(() => {});
    expect(await running(silent)).toBe(`no, nothing answers at ${silent}`);
  });

  it.each<[string, string[], Record<string, string>, string]>([
    [
      "a zone that there is not",
      ["europa"],
      {},
      "BM_ZONE_UNKNOWN: no zone is named europa, expected one of americas, atlantic, asia-pacific",
    ],
    [
      "an address that is none",
      ["atlantic", "--url", "localhost:2567"],
      {},
      'BM_ENV_INVALID: --url (BM_URL): is not an address, got "localhost:2567", expected http://HOST:PORT',
    ],
    [
      "a port that is none",
      ["atlantic"],
      { PORT: "99999" },
      'BM_ENV_INVALID: PORT: is not a port, got "99999", expected a whole number from 0 to 65535',
    ],
  ])("refuses %s", async (_, words, env, wrong) => {
    const finished = await bm(project(undefined), ["zone", "show", ...words], env);
    expect({ status: finished.status, wrong: errorParts(finished).wrong }).toEqual({ status: 2, wrong });
  });
});
