import { afterAll, beforeAll, expect, test } from "vitest";
import { METRES_PER_DEGREE, positionFromGeographic } from "../../rooms/index.ts";
import { bm, emptyFolder } from "../../test/cli/support/bm.ts";
import { FRAME_HOOK, framesPass, patchesTo } from "../../test/support/frames.ts";
import { type Player, STEADY_INTEREST, startTestWorld, type TestWorld } from "../../test/support/test-world.ts";
import { until } from "../../test/support/until.ts";

const AT = { longitude: 10, latitude: 20 };
const POOR_PLACE = { longitude: 100, latitude: 20 };

let world: TestWorld;
let ann: Player;
beforeAll(async () => {
  world = await startTestWorld({
    zones: [
      { name: "rich", west: -180, east: 60, capacity: 50 },
      { name: "poor", west: 60, east: 180, capacity: 50, plugins: { interest: { budgetBytesPerSecond: 2000 } } },
    ],
    plugins: ["quantization", STEADY_INTEREST, FRAME_HOOK],
  });
  ann = await world.join({ ...AT, name: "Ann" });
});
afterAll(() => world.server.stop());

const north = (at: { longitude: number; latitude: number }, metres: number) => ({
  longitude: at.longitude,
  latitude: at.latitude + metres / METRES_PER_DEGREE,
  altitude: 0,
});

interface Answer {
  distanceM: number | null;
  plugins: { interest?: Record<string, unknown> };
}

/** The whole answer, and what this plugin says in it. */
async function ask(viewer: Player, entityId: string): Promise<{ answer: Answer; interest: Record<string, unknown> | undefined }> {
  const response = await fetch(`${world.server.url}/api/explain?viewer=${viewer.welcome.entityId}&entity=${entityId}`);
  const answer = (await response.json()) as Answer;
  expect(response.status).toBe(200);
  return { answer, interest: answer.plugins.interest };
}

const why = async (entityId: string) => (await ask(ann, entityId)).interest;

/** Something that stands so many metres north of Ann, after all tiers have had their turn. */
async function statueAt(metres: number) {
  const statue = world.zone("rich").entities.spawn({ kind: "statue", position: north(AT, metres) });
  await framesPass(world.zone("rich"), 34);
  return statue;
}

test.each([
  { metres: 10, tier: "combat", hz: 30, radiusM: 50, leaveRadiusM: 52.5, queue: 0, periodFrames: 2 },
  { metres: 20, tier: "combat", hz: 30, radiusM: 50, leaveRadiusM: 52.5, queue: 1, periodFrames: 2 },
  { metres: 40, tier: "combat", hz: 30, radiusM: 50, leaveRadiusM: 52.5, queue: 2, periodFrames: 2 },
  { metres: 150, tier: "visual", hz: 10, radiusM: 300, leaveRadiusM: 315, queue: 3, periodFrames: 6 },
  { metres: 600, tier: "extended", hz: 2, radiusM: 1000, leaveRadiusM: 1050, queue: 4, periodFrames: 30 },
])("at $metres m: the $tier tier, its rate, its radii and its queue", async ({ metres, periodFrames, ...expected }) => {
  const { id } = await statueAt(metres);
  const said = await why(id);
  expect(said).toMatchObject({
    ...expected,
    sees: true,
    why: `${metres}.0 m away, within the ${expected.radiusM} m of the ${expected.tier} tier`,
    enterRadiusM: expected.radiusM,
    waiting: false,
    frameHz: 60,
    loadLevel: 0,
    loadStep: "full",
    budget: { bytesPerSecond: 50_000 },
  });
  // It was looked at when its tier was due last, and will be when it is due next.
  const { sentFramesAgo, nextDueFrames } = said as { sentFramesAgo: number; nextDueFrames: number };
  expect(sentFramesAgo + nextDueFrames).toBe(periodFrames);
  world.zone("rich").entities.despawn(id);
});

test("beyond the farthest tier nobody sees it, and it says how far one sees", async () => {
  const { id } = await statueAt(1200);
  expect(await why(id)).toMatchObject({
    sees: false,
    tier: "none",
    hz: 0,
    radiusM: null,
    enterRadiusM: 1000,
    sentFramesAgo: null,
    nextDueFrames: null,
    waiting: false,
    queue: null,
    why: "1200.0 m away, farther than the 1000 m that anyone sees",
  });
  world.zone("rich").entities.despawn(id);
});

test("what came into range in this moment is found when the surroundings are next looked over", async () => {
  const zone = world.zone("rich");
  const { id, entity } = await statueAt(1200);
  // Far enough to be found by the slowest scan alone: asked at once, it is not found yet.
  let said: Record<string, unknown> | undefined;
  await until("an answer from before the scan", async () => {
    Object.assign(entity, positionFromGeographic(north(AT, 1200)));
    await framesPass(zone, 40);
    Object.assign(entity, positionFromGeographic(north(AT, 900)));
    await framesPass(zone, 2);
    said = await why(id);
    return said?.tier === "none" && String(said.why).startsWith("900.0 m away");
  });
  expect(said?.why).toBe("900.0 m away: in range, and found when the viewer's surroundings are next looked over");
  await until("the scan", async () => (await why(id))?.tier === "extended");
  zone.entities.despawn(id);
});

test("one's own body is in the local tier, at the rate of frames", async () => {
  expect(await why(ann.welcome.entityId)).toMatchObject({
    sees: true,
    tier: "local",
    hz: 60,
    radiusM: null,
    queue: null,
    waiting: false,
    why: "it is the viewer's own entity",
  });
});

test("between the radius that a tier is entered at and the one that it is left at, it says that it stays for the hysteresis", async () => {
  const { id, entity } = await statueAt(49);
  Object.assign(entity, positionFromGeographic(north(AT, 51)));
  await framesPass(world.zone("rich"), 34);
  expect(await why(id)).toMatchObject({
    sees: true,
    tier: "combat",
    why: "51.0 m away: beyond the 50 m of the combat tier, but it leaves only at the hysteresis",
    enterRadiusM: 50,
    leaveRadiusM: 52.5,
  });
  Object.assign(entity, positionFromGeographic(north(AT, 53)));
  await framesPass(world.zone("rich"), 34);
  expect(await why(id)).toMatchObject({ tier: "visual", why: "53.0 m away, within the 300 m of the visual tier" });
  world.zone("rich").entities.despawn(id);
});

test("an entity at no place on Earth is seen by nobody, and that is why", async () => {
  const { id, entity } = await statueAt(30);
  const { cellX } = entity;
  const { errors } = world.zone("rich").metrics;
  const before = errors.get("BM_ENTITY_POSITION") ?? 0;
  // A cell: the quantized offsets cannot hold NaN, and read as 0.
  entity.cellX = Number.NaN;
  await framesPass(world.zone("rich"), 34);
  expect(await why(id)).toMatchObject({ sees: false, tier: "none", why: "it is at no place on Earth, so nobody sees it" });
  expect(errors.get("BM_ENTITY_POSITION")).toBeGreaterThan(before);
  expect(ann.entities().has(id)).toBe(false);
  entity.cellX = cellX;
  world.zone("rich").entities.despawn(id);
});

test("of an entity of another zone it knows nothing, and the answer comes without it", async () => {
  const { id } = world.zone("poor").entities.spawn({ kind: "statue", position: { ...POOR_PLACE, altitude: 0 } });
  const { answer, interest } = await ask(ann, id);
  expect(interest).toBeUndefined();
  expect(answer.distanceM).toBeGreaterThan(1_000_000);
  world.zone("poor").entities.despawn(id);
});

test("who waits for the budget of a viewer in a crowd is said to wait, and comes in the end", async () => {
  const zone = world.zone("poor");
  const poor = await world.join(POOR_PLACE);
  await framesPass(zone, 40);
  // A budget of 2000 bytes a second lets some tens of them in each second.
  const crowd = Array.from({ length: 120 }, (_, i) =>
    zone.entities.spawn({ kind: "statue", name: `Statue ${i}`, position: north(POOR_PLACE, 100 + i) }),
  );
  const farthest = (crowd.at(-1) as { id: string }).id;
  const said = await until("the last to wait", async () => {
    const { interest } = await ask(poor, farthest);
    return interest?.waiting ? interest : undefined;
  });
  expect(said).toMatchObject({
    sees: false,
    tier: "visual",
    waiting: true,
    queue: 3,
    why: "219.0 m away, within the visual tier; it waits for the viewer's budget",
    sentFramesAgo: null,
    budget: { bytesPerSecond: 2000 },
  });
  expect((said.budget as { availableBytes: number }).availableBytes).toBeLessThan(400);
  const nearest = (await ask(poor, (crowd[0] as { id: string }).id)).interest;
  expect(nearest).toMatchObject({ sees: true, waiting: false });
  await until("all of them", () => poor.entities().size === crowd.length + 1, 30_000);
  expect((await ask(poor, farthest)).interest).toMatchObject({ sees: true, waiting: false });
  const sent = patchesTo(zone, poor);
  await framesPass(zone, 40);
  expect(sent).toEqual([]);
  for (const { id } of crowd) zone.entities.despawn(id);
  await poor.room.leave();
});

test("bm explain prints it", async () => {
  const { id } = await statueAt(150);
  const { status, stdout } = await bm(emptyFolder(), ["explain", ann.welcome.entityId, id, "--url", world.server.url]);
  expect(status).toBe(0);
  expect(stdout).toContain(`${ann.welcome.entityId} sees ${id} in the visual tier`);
  expect(stdout).toMatch(/^why +150\.0 m away, within the 300 m of the visual tier$/m);
  expect(stdout).toMatch(/^tier +visual, entered within 300 m, left beyond 315 m$/m);
  expect(stdout).toMatch(/^rate +10 Hz of 60 frames a second$/m);
  expect(stdout).toMatch(/^load +level 0, full$/m);
  world.zone("rich").entities.despawn(id);
});
