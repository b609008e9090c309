import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { geographicFromPosition } from "../../rooms/geography/index.ts";
import { startTestWorld, type TestWorld, THREE_ZONES } from "../support/test-world.ts";
import { until } from "../support/until.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({ zones: [...(THREE_ZONES as never[]).slice(0, 2), { name: "east", west: 60, east: 180, capacity: 3 }] });
});
afterAll(() => world.server.stop());

/** How a join is refused: the status, and the message that the SDK shows. */
async function refusal(
  options: Record<string, unknown>,
  how: "joinOrCreate" | "join" | "create" | "joinById" = "joinOrCreate",
  room = "zone",
): Promise<{ code: number; message: string }> {
  try {
    const joined = await world.client()[how](room, options);
    await joined.leave();
  } catch (error) {
    return { code: (error as { code: number }).code, message: (error as Error).message };
  }
  throw new Error(`joined with ${JSON.stringify(options)}`);
}

describe("a join", () => {
  test.each([
    [-180, "west"],
    [180, "west"],
    [540, "west"],
    [-60.0001, "west"],
    [-60, "middle"],
    [0, "middle"],
    [-0, "middle"],
    [59.999, "middle"],
    [60, "east"],
    [-181, "east"],
    [1e300, "middle"],
  ])("at longitude %d reaches zone %s", async (longitude, zone) => {
    const player = await world.join({ longitude, latitude: 10 });
    expect(player.welcome.zone).toBe(zone);
    expect((player.room.state as { zone: { name: string } }).zone.name).toBe(zone);
    const { west, east } = world.zone(zone).zone;
    expect(player.room.state).toMatchObject({ zone: { west, east } });
    await player.room.leave();
  });

  test("is welcomed first, told how the world moves, and stands where it asked to", async () => {
    const room = await world.client().joinOrCreate("zone", { longitude: 2.3522, latitude: 48.8566, altitude: 35, name: " Ann " });
    const types: string[] = [];
    room.onMessage("*", (type) => types.push(String(type)));
    await until("the first message", () => types.length);
    expect(types[0]).toBe("zone:welcome");
    const [id, self] = [...(room.state as { entities: Map<string, never> }).entities][0] as unknown as [
      string,
      { name: string; kind: string; cellX: number; cellY: number; cellZ: number; x: number; y: number; z: number; groundZ: number },
    ];
    expect(id).toMatch(/^[1-9][0-9]*$/);
    expect(self).toMatchObject({ name: "Ann", kind: "avatar", groundZ: 3500, health: 100, maxHealth: 100 });
    const place = geographicFromPosition(self);
    expect(place.longitude).toBeCloseTo(2.3522, 6);
    expect(place.latitude).toBeCloseTo(48.8566, 6);
    expect(place.altitude).toBeCloseTo(35, 9);
    await room.leave();
  });

  test("carries tiers, rates, protocol and movement in its welcome", async () => {
    const { welcome, room } = await world.join({ longitude: 0, latitude: 0 });
    expect(welcome).toEqual({
      entityId: expect.stringMatching(/^\d+$/),
      zone: "middle",
      tickHz: 30,
      frameHz: 60,
      tiers: {
        local: { hz: 60 },
        combat: { hz: 30, radiusM: 50 },
        visual: { hz: 10, radiusM: 300 },
        extended: { hz: 2, radiusM: 1000 },
        hysteresis: expect.any(Number),
      },
      protocol: expect.stringMatching(/^1\.[0-9a-f]{12}$/),
      movement: { ...world.world.movement, southDeg: -85, northDeg: 85 },
    });
    await room.leave();
  });

  test("without a name is a guest by its entity id, and no two share an id", async () => {
    const players = await Promise.all([1, 2, 3].map(() => world.join({ longitude: 5, latitude: 5 })));
    for (const { self, welcome } of players) expect(self().name).toBe(`Guest ${welcome.entityId}`);
    expect(new Set(players.map(({ welcome }) => welcome.entityId)).size).toBe(3);
    await Promise.all(players.map(({ room }) => room.leave()));
  });
});

describe("a join is refused with a code, the field and the value", () => {
  const ok = { longitude: 1, latitude: 1 };
  test.each<[string, Record<string, unknown>, RegExp]>([
    ["nothing", {}, /^BM_JOIN_LONGITUDE longitude: got nothing,/],
    ["no latitude", { longitude: 1 }, /^BM_JOIN_LATITUDE latitude: got nothing,/],
    ["text for a number", { ...ok, longitude: "12" }, /^BM_JOIN_LONGITUDE longitude: got "12",/],
    ["NaN", { ...ok, longitude: Number.NaN }, /^BM_JOIN_LONGITUDE longitude: got null \(NaN/],
    ["infinity", { ...ok, latitude: Number.POSITIVE_INFINITY }, /^BM_JOIN_LATITUDE latitude: got null/],
    ["a latitude off the Earth", { ...ok, latitude: 91 }, /^BM_JOIN_LATITUDE latitude: got 91, expected .*-85\.\.85/],
    ["a latitude past the limit", { ...ok, latitude: -85.0001 }, /^BM_JOIN_LATITUDE latitude: got -85\.0001,/],
    ["a list", { ...ok, latitude: [1] }, /^BM_JOIN_LATITUDE latitude: got \[1\],/],
    ["an altitude in space", { ...ok, altitude: 1e6 }, /^BM_JOIN_ALTITUDE altitude: got 1000000,/],
    ["an empty name", { ...ok, name: "" }, /^BM_JOIN_NAME name: got "",/],
    ["a blank name", { ...ok, name: "   " }, /^BM_JOIN_NAME name: got " {3}",/],
    ["an oversized name", { ...ok, name: "x".repeat(33) }, /^BM_JOIN_NAME name: got "x+/],
    ["a name that draws on terminals", { ...ok, name: "a\u001b[31mb" }, /^BM_JOIN_NAME name: got "a\\u001b\[31mb",/],
    ["a name that nobody sees", { ...ok, name: "\u3164\u2800" }, /^BM_JOIN_NAME/],
    ["a name of marks alone", { ...ok, name: "\u0301" }, /^BM_JOIN_NAME/],
    ["a name that climbs over its neighbours", { ...ok, name: `a${"\u0300\u0316".repeat(8)}` }, /^BM_JOIN_NAME/],
    ["a number for a name", { ...ok, name: 7 }, /^BM_JOIN_NAME name: got 7,/],
    ["a guess for predict", { ...ok, predict: "yes" }, /^BM_JOIN_PREDICT predict: got "yes",/],
    ["an unknown key", { ...ok, speed: 9000 }, /^BM_JOIN_OPTIONS unknown key "speed" with value 9000,/],
    ["a token", { ...ok, token: "abc" }, /^BM_AUTH_UNSUPPORTED token:/],
    ["an oversized token", { ...ok, token: "x".repeat(5000) }, /^BM_JOIN_TOKEN token: got "x+/],
    ["a name outside ASCII", { ...ok, name: "é".repeat(33) }, /^BM_JOIN_NAME name: got "\\u00e9/],
  ])("%s", async (_, options, message) => {
    const before = await metric("bm_refusals_total");
    const { code, message: got } = await refusal(options);
    expect(got).toMatch(message);
    expect(code).toBeGreaterThanOrEqual(400);
    expect(code).toBeLessThan(600);
    expect(await metric("bm_refusals_total")).toBe(before + 1);
    const byName = await refusal(options, "join");
    expect(byName.message).toBe(got);
    expect((await refusal(options, "joinById", "zone-middle")).message).toBe(got);
  });

  test("a body that is null or not there, as one without options", async () => {
    for (const body of ["null", ""]) {
      const response = await fetch(`${world.server.url}/matchmake/joinOrCreate/zone`, {
        method: "POST",
        headers: { "content-type": "application/json", "content-length": String(body.length) },
        body,
      });
      expect(response.status).toBe(400);
      expect(await response.text()).toMatch(/BM_JOIN_LONGITUDE longitude: got nothing/);
    }
  });

  test.each(["Zoë", "नमस्ते दुनिया", "👩‍🚀 Ada", "٣ حسن", "李小龍"])("but the name %s is a name", async (name) => {
    const player = await world.join({ ...ok, name });
    expect(player.self().name).toBe(name.normalize("NFC"));
    await player.room.leave();
  });

  test("an oversized body, before it is read", async () => {
    const { code, message } = await refusal({ ...ok, name: "x".repeat(100_000) });
    expect(message).toMatch(/^BM_JOIN_TOO_LARGE request body: got \d+ bytes, expected at most 16384 bytes/);
    expect(code).toBe(413);
  });

  test("create, other room names and other rooms", async () => {
    expect((await refusal(ok, "create")).message).toMatch(/^BM_JOIN_METHOD method: got "create"/);
    expect((await refusal(ok, "joinOrCreate", "lobby")).message).toMatch(/^BM_JOIN_ROOM room: got "lobby"/);
    expect((await refusal(ok, "joinById", "zone-east")).message).toMatch(
      /^BM_JOIN_ROOM room: got "zone-east", expected "zone-middle", which owns longitude 1/,
    );
    expect((await refusal(ok, "joinById", "nowhere")).message).toMatch(/^BM_JOIN_ROOM/);
    const byId = await world.client().joinById("zone-middle", ok);
    await byId.leave();
  });

  test("a full zone, and it takes players again when one has left", async () => {
    const at = { longitude: 100, latitude: 0 };
    const players = [await world.join(at), await world.join(at), await world.join(at)];
    const full = await refusal(at);
    expect(full).toMatchObject({
      code: 503,
      message: expect.stringMatching(/^BM_ZONE_FULL zone east is full: 3 players, and joins stop at 3 of 3/),
    });
    await players[0]?.room.leave();
    await until("the place to be free", () => world.zone("east").load.players === 2);
    players.push(await world.join(at));
    await Promise.all(players.slice(1).map(({ room }) => room.leave()));
  });

  test("and never makes a room", async () => {
    const rooms = (await (await fetch(`${world.server.url}/api/world`)).json()) as { zones: { roomId: string }[] };
    expect(rooms.zones.map(({ roomId }) => roomId)).toEqual(["zone-west", "zone-middle", "zone-east"]);
    expect(world.server.rooms()).toHaveLength(3);
  });
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${world.server.url}/metrics`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
