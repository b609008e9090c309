import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Player, startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld();
});
afterAll(() => world.server.stop());

const get = (path: string) => fetch(`${world.server.url}${path}`);

test("GET /healthz says that the process is alive", async () => {
  const response = await get("/healthz");
  expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
});

test("GET / says what answers here", async () => {
  const response = await get("/");
  expect([response.status, await response.text()]).toEqual([200, 'BlueMarble world "test": see /api/world, /readyz and /metrics\n']);
});

test("GET /readyz says that every zone is up", async () => {
  const response = await get("/readyz");
  expect([response.status, await response.json()]).toEqual([200, { ready: true, problems: [] }]);
});

test("GET /api/world shows every zone, and who is there", async () => {
  const player = await world.join({ longitude: 100, latitude: 0 });
  const { zones } = (await (await get("/api/world")).json()) as { zones: Record<string, unknown>[] };
  const processId = zones[0]?.processId;
  expect(processId).toEqual(expect.stringMatching(/.+/));
  const common = { capacity: 100, healthy: true, processId };
  expect(zones).toEqual([
    { name: "west", west: -180, east: -60, players: 0, roomId: "zone-west", ...common },
    { name: "middle", west: -60, east: 60, players: 0, roomId: "zone-middle", ...common },
    { name: "east", west: 60, east: -180, players: 1, roomId: "zone-east", ...common },
  ]);
  await player.room.leave();
});

test("answers behind chained proxies, and to health checks that ask for the head alone", async () => {
  for (const proto of ["https,http", "https", "://", "gopher"]) {
    const response = await fetch(`${world.server.url}/healthz`, { headers: { "x-forwarded-proto": proto } });
    expect([proto, response.status]).toEqual([proto, 200]);
  }
  const head = await fetch(`${world.server.url}/healthz`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("a path that there is not is 404, and the server goes on", async () => {
  expect((await get("/nowhere")).status).toBe(404);
  expect((await fetch(`${world.server.url}/api/world`, { method: "DELETE" })).status).toBe(404);
  expect((await get("/healthz")).status).toBe(200);
});

describe("GET /metrics", () => {
  /** Every sample of the page by name and labels, as Prometheus would read it. */
  async function samples(): Promise<Map<string, number>> {
    const response = await get("/metrics");
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
  }

  test("agrees with an independent count of what a client sent and received", async () => {
    const before = await samples();
    const room = await world.client().joinOrCreate("zone", { longitude: 5, latitude: 5 });
    let packets = 0;
    let bytes = 0;
    const events = room.connection.events as { onmessage: (event: { data: ArrayBuffer }) => void };
    const receive = events.onmessage;
    events.onmessage = (event) => {
      packets++;
      bytes += event.data.byteLength;
      receive(event);
    };
    room.onMessage("*", () => {});
    await until("the first state", () => packets >= 2);
    const send = room.connection.send.bind(room.connection);
    let sent = 0;
    let sentBytes = 0;
    room.connection.send = (data) => {
      sent++;
      sentBytes += data.byteLength;
      send(data);
    };
    const input = room.input<{ moveEast: number }>();
    input.data.moveEast = 1;
    for (let i = 0; i < 20; i++) input.send();
    room.send("no:such", { thing: 1 });
    await until("the acknowledgement of every step", () => input.lastProcessed === 20);
    await room.leave();
    await until("the player to be gone", async () => (await samples()).get('bm_players{zone="middle"}') === 0);
    const after = await samples();
    const rise = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    // The handshake and the acknowledgement of the join went over the wire before this test listened.
    expect(rise('bm_messages_total{zone="middle",direction="in"}')).toBe(sent + 1);
    expect(rise('bm_bytes_total{zone="middle",direction="in"}')).toBe(sentBytes + 1);
    expect(rise('bm_messages_total{zone="middle",direction="out"}')).toBe(packets + 1);
    expect(rise('bm_bytes_total{zone="middle",direction="out"}')).toBeGreaterThan(bytes);
    expect(rise('bm_joins_total{zone="middle"}')).toBe(1);
    expect(rise('bm_leaves_total{zone="middle"}')).toBe(1);
    expect(rise('bm_steps_total{zone="middle",kind="input"}')).toBe(20);
    expect(rise('bm_errors_total{zone="middle",code="BM_MESSAGE_UNKNOWN"}')).toBe(1);
    expect(after.get('bm_entities{zone="middle"}')).toBe(0);
  });

  test("has the tick rate, the frame time and the memory of the process", async () => {
    await until("a second of ticks", async () => ((await samples()).get('bm_ticks_total{zone="west"}') ?? 0) > 30);
    const now = await samples();
    for (const zone of ["west", "middle", "east"]) {
      expect(now.get(`bm_tick_rate_hz{zone="${zone}"}`)).toBeGreaterThan(1);
      expect(now.get(`bm_frame_seconds{zone="${zone}",quantile="0.5"}`)).toBeGreaterThan(0);
      expect(now.get(`bm_frame_seconds{zone="${zone}",quantile="0.95"}`)).toBeGreaterThanOrEqual(
        now.get(`bm_frame_seconds{zone="${zone}",quantile="0.5"}`) as number,
      );
    }
    expect(now.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect(now.has('bm_event_loop_delay_seconds{quantile="0.99"}')).toBe(true);
  });
});

test("GET /readyz names a zone that is not up", async () => {
  await world.zone("west").disconnect();
  const response = await get("/readyz");
  expect([response.status, await response.json()]).toEqual([503, { ready: false, problems: ["zone west is not up"] }]);
});

test("stopping tells every client, closes the port, and leaves nothing that keeps the process", async () => {
  const players: Player[] = await Promise.all([world.join({ longitude: 0, latitude: 0 }), world.join({ longitude: 100, latitude: 0 })]);
  const codes = players.map(({ room }) => new Promise((resolve) => room.onLeave(resolve)));
  await world.server.stop();
  expect(await Promise.all(codes)).toEqual([4001, 4001]);
  await expect(get("/healthz")).rejects.toThrow();
  await world.server.stop();
});
