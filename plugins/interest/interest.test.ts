import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_TIERS } from "../../config/index.ts";
import { BASE_FIELDS, type EntityState, METRES_PER_DEGREE, positionFromGeographic, type TierName } from "../../rooms/index.ts";
import { complaintsDuring, type Player, startTestWorld, type TestWorld } from "../../test/support/test-world.ts";
import { until } from "../../test/support/until.ts";
import { COMBAT, EXTENDED, OUT_OF_RANGE, tierOfDistance, VISUAL } from "./tier-of-distance.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({ zones: [{ name: "all", west: -180, east: 180, capacity: 100 }] });
});
afterAll(() => world.server.stop());

const FIELDS_OF_TIER: Record<TierName, string[]> = { local: [], combat: [], visual: [], extended: [] };
// What is not solid has no size on the wire.
for (const [name, { tier }] of Object.entries(BASE_FIELDS)) if (!name.startsWith("solid")) FIELDS_OF_TIER[tier].push(name);

const present = (entity: EntityState | undefined): string[] =>
  Object.keys(BASE_FIELDS).filter((name) => (entity as unknown as Record<string, unknown>)?.[name] !== undefined);

/** Puts an entity some true metres east and north of a place, as a plugin or a teleport would. */
function place(entity: EntityState, from: { longitude: number; latitude: number }, eastM: number, northM = 0, upM = 0): void {
  const scale = METRES_PER_DEGREE * Math.cos(((from.latitude + northM / METRES_PER_DEGREE / 2) * Math.PI) / 180);
  const longitude = ((((from.longitude + eastM / scale + 180) % 360) + 360) % 360) - 180;
  Object.assign(entity, positionFromGeographic({ longitude, latitude: from.latitude + northM / METRES_PER_DEGREE, altitude: upM }));
}

/** Waits until the slowest tier, every 15 ticks, has had its turn. */
async function rounds(): Promise<void> {
  const { metrics } = world.zone("all");
  const end = metrics.ticks + 17;
  await until("a few ticks", () => metrics.ticks >= end);
}

describe.each([
  ["at the equator", { longitude: 0.5, latitude: 0 }],
  ["at 60 degrees north", { longitude: 25, latitude: 60 }],
  ["at 84 degrees south", { longitude: -70, latitude: -84 }],
  ["at ±180", { longitude: 179.9999, latitude: -17 }],
])("what a viewer gets of an entity %s", (_, at) => {
  let viewer: Player;
  let id: string;
  let entity: EntityState;
  beforeAll(async () => {
    viewer = await world.join(at);
    ({ id, entity } = world.zone("all").entities.spawn({ kind: "statue", name: "Old", position: { ...at, altitude: 0 } }));
    entity.mana = 7;
  });
  afterAll(async () => {
    world.zone("all").entities.despawn(id);
    await until("it to be gone", () => !viewer.entities().has(id));
    await viewer.room.leave();
  });

  const extended = FIELDS_OF_TIER.extended;
  const visual = [...extended, ...FIELDS_OF_TIER.visual];
  const combat = [...visual, ...FIELDS_OF_TIER.combat];

  test.each<[number, string[] | undefined]>([
    [1100, undefined],
    [990, extended],
    [290, visual],
    [45, combat],
  ])("coming to %d m: the fields of that tier and no others", async (metres, fields) => {
    place(entity, at, metres * 0.6, metres * 0.8);
    await rounds();
    const seen = viewer.entities().get(id);
    if (fields === undefined) expect(seen).toBeUndefined();
    else expect(present(seen).sort()).toEqual([...fields].sort());
  });

  test("going away again: the last values stay, the nearer tier's changes do not come, and out of range it is removed", async () => {
    place(entity, at, 200);
    await rounds();
    entity.mana = 99;
    entity.health = 42;
    await rounds();
    expect(viewer.entities().get(id)).toMatchObject({ mana: 7, health: 42 });
    place(entity, at, 800);
    await rounds();
    entity.health = 10;
    await rounds();
    expect(viewer.entities().get(id)).toMatchObject({ mana: 7, health: 42, kind: "statue" });
    place(entity, at, 1200);
    await rounds();
    expect(viewer.entities().has(id)).toBe(false);
    place(entity, at, 900);
    await rounds();
    expect(present(viewer.entities().get(id)).sort()).toEqual([...extended].sort());
    place(entity, at, 20);
    await rounds();
    expect(viewer.entities().get(id)).toMatchObject({ mana: 99, health: 10 });
    // Gone in one jump from the nearest tier, it comes back with no more than the farthest has.
    place(entity, at, 1200);
    await rounds();
    place(entity, at, 900);
    await rounds();
    expect(present(viewer.entities().get(id)).sort()).toEqual([...extended].sort());
  });

  test("height counts", async () => {
    place(entity, at, 0, 0, 1200);
    await rounds();
    expect(viewer.entities().has(id)).toBe(false);
    place(entity, at, 0, 0, 100);
    await rounds();
    expect(present(viewer.entities().get(id)).sort()).toEqual([...visual].sort());
  });
});

test("the size of something solid travels as far as its place, for its wall may be near when its middle is far", async () => {
  const at = { longitude: -20, latitude: 10 };
  const viewer = await world.join(at);
  const { id, entity } = world
    .zone("all")
    .entities.spawn({ kind: "dome", position: { ...at, altitude: 0 }, solid: { radiusM: 300, heightM: 50 } });
  place(entity, at, 900);
  await rounds();
  expect(viewer.entities().get(id)).toMatchObject({ solidRadius: expect.closeTo(300, 1), solidHeight: expect.closeTo(50, 0) });
  world.zone("all").entities.despawn(id);
  expect(world.zone("all").entities.solids.size).toBe(0);
  await viewer.room.leave();
});

test("only the owner gets the private fields of an avatar", async () => {
  const at = { longitude: -30, latitude: 30 };
  const [one, other] = [await world.join(at), await world.join(at)];
  await until("each other in sight", () => one.entities().size === 2 && other.entities().size === 2);
  await rounds();
  expect(present(one.self()).sort()).toEqual(Object.values(FIELDS_OF_TIER).flat().sort());
  const foreign = present(other.entities().get(one.welcome.entityId));
  for (const name of FIELDS_OF_TIER.local) expect(foreign).not.toContain(name);
  await one.room.leave();
  await until("the other to see it go", () => !other.entities().has(one.welcome.entityId));
  await other.room.leave();
});

test("a crowd that mills about, comes and goes draws no complaint from the decoder, and every picture is right at the end", async () => {
  const centre = { longitude: 70, latitude: 45 };
  const zone = world.zone("all");
  const complaints = await complaintsDuring(async () => {
    const players = await Promise.all(Array.from({ length: 6 }, () => world.join(centre)));
    const statues = Array.from({ length: 30 }, () => zone.entities.spawn({ kind: "statue", position: { ...centre, altitude: 0 } }));
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const way = fc.sample(fc.tuple(fc.integer({ min: -1300, max: 1300 }), fc.integer({ min: -1300, max: 1300 })), {
        numRuns: statues.length + players.length,
        seed,
      });
      statues.forEach(({ entity }, i) => {
        const [east, north] = way[i] as [number, number];
        place(entity, centre, east, north);
      });
      players.forEach(({ welcome }, i) => {
        const [east, north] = way[statues.length + i] as [number, number];
        place(zone.entities.get(welcome.entityId) as EntityState, centre, east / 3, north / 3);
      });
      for (let i = 0; i < 5; i++) {
        zone.entities.despawn(statues[i]?.id as string);
        statues[i] = zone.entities.spawn({ kind: "statue", position: { ...centre, altitude: 0 } });
      }
      await rounds();
    }
    await rounds();
    for (const player of players) {
      const own = zone.entities.get(player.welcome.entityId) as EntityState;
      for (const [id, entity] of zone.entities.entries()) {
        const metres = trueDistanceM(own, entity);
        const seen = player.entities().get(id);
        if (metres < DEFAULT_TIERS.extended.radiusM)
          expect(seen, `${id} at ${metres} m`).toMatchObject({ cellX: entity.cellX, x: entity.x, y: entity.y });
        if (metres > DEFAULT_TIERS.extended.radiusM * (1 + DEFAULT_TIERS.hysteresis)) expect(seen, `${id} at ${metres} m`).toBeUndefined();
      }
    }
    for (const { id } of statues) zone.entities.despawn(id);
    await Promise.all(players.map(({ room }) => room.leave()));
  });
  expect(complaints).toEqual([]);
});

test("a player who joins into a great crowd sees all of it at once, and nobody complains", async () => {
  const at = { longitude: -140, latitude: 20 };
  const zone = world.zone("all");
  const crowd = Array.from({ length: 1500 }, (_, i) =>
    zone.entities.spawn({ kind: "statue", name: `Statue ${i}`, position: { ...at, altitude: 0 } }),
  );
  const complaints = await complaintsDuring(async () => {
    const player = await world.join(at);
    expect(player.entities().size).toBe(crowd.length + 1);
    await player.room.leave();
  });
  expect(complaints).toEqual([]);
  for (const { id } of crowd) zone.entities.despawn(id);
});

/** Slow and obvious: both places in degrees, the haversine on the sphere, and the height. */
function trueDistanceM(a: EntityState, b: EntityState): number {
  const degrees = (entity: EntityState) => ({
    lon: (entity.cellX * 655.36 + entity.x) / METRES_PER_DEGREE,
    lat: (entity.cellY * 655.36 + entity.y) / METRES_PER_DEGREE - 90,
    up: entity.cellZ * 655.36 + entity.z,
  });
  const [p, q] = [degrees(a), degrees(b)];
  const rad = Math.PI / 180;
  const h =
    Math.sin(((q.lat - p.lat) * rad) / 2) ** 2 + Math.cos(p.lat * rad) * Math.cos(q.lat * rad) * Math.sin(((q.lon - p.lon) * rad) / 2) ** 2;
  return Math.hypot(2 * 6_378_137 * Math.asin(Math.sqrt(h)), q.up - p.up);
}

describe("tiers by distance", () => {
  const tiers = { ...DEFAULT_TIERS, hysteresis: 0.1 };

  test.each([
    [49.9, OUT_OF_RANGE, COMBAT],
    [50.1, OUT_OF_RANGE, VISUAL],
    [54.9, COMBAT, COMBAT],
    [55.1, COMBAT, VISUAL],
    [300.1, OUT_OF_RANGE, EXTENDED],
    [329, VISUAL, VISUAL],
    [331, VISUAL, EXTENDED],
    [1000.1, OUT_OF_RANGE, OUT_OF_RANGE],
    [1099, EXTENDED, EXTENDED],
    [1099, COMBAT, EXTENDED],
    [1101, COMBAT, OUT_OF_RANGE],
  ])("at %d m, coming from tier %d, it is tier %d", (metres, before, expected) => {
    expect(tierOfDistance(metres * metres, before, tiers)).toBe(expected);
  });

  test("a body that stands on an edge and trembles changes tier once at the most (property)", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(50, 300, 1000),
        fc.array(fc.double({ min: -0.04, max: 0.04, noNaN: true }), { minLength: 2, maxLength: 50 }),
        (edge, trembles) => {
          let tier = OUT_OF_RANGE;
          let changes = -1;
          for (const tremble of trembles) {
            const next = tierOfDistance((edge * (1 + tremble)) ** 2, tier, tiers);
            if (next !== tier) changes++;
            tier = next;
          }
          expect(changes).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
