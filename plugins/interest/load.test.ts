import type { Room } from "@colyseus/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EntityState, METRES_PER_DEGREE, type ZoneRoom } from "../../rooms/index.ts";
import {
  avatarOf,
  batchInputsOf,
  FRAME_HOOK,
  frameHook,
  framesPass,
  framesSeen,
  gaps,
  Pacemaker,
  patchesTo,
} from "../../test/support/frames.ts";
import { complaintsDuring, type Player, playerOf, STEADY_INTEREST, startTestWorld, type TestWorld } from "../../test/support/test-world.ts";
import { until } from "../../test/support/until.ts";

const FRAME_HZ = 60;
/** Of the 33 ms that a tick has. */
const LATE_TICK_MS = 40;
const SHORT_TICK_MS = 3;

const AT = { longitude: -100, latitude: 20 };
const BRIEF_PLACE = { longitude: 10, latitude: 20 };
const STEADY_PLACE = { longitude: 100, latitude: 20 };

interface Load {
  level: number;
  step: string;
  rates: Record<string, number>;
}

let world: TestWorld;
beforeAll(async () => {
  world = await startTestWorld({
    zones: [
      { name: "busy", west: -180, east: -60, capacity: 50, plugins: { interest: { governor: true } } },
      { name: "brief", west: -60, east: 60, capacity: 50, plugins: { interest: { governor: true } } },
      { name: "steady", west: 60, east: 180, capacity: 50 },
    ],
    plugins: ["quantization", STEADY_INTEREST, FRAME_HOOK],
  });
  for (const name of ["busy", "brief", "steady"]) pretend(world.zone(name), SHORT_TICK_MS);
});
afterAll(() => world.server.stop());

/**
 * Has a zone believe that each of its ticks takes so long, and that frames come in time: how busy the machine is does not matter then,
 * and the levels change in the same frames in every run.
 */
function pretend(zone: ZoneRoom, tickMs: number): void {
  Object.defineProperty(zone.metrics, "lastTickMs", { configurable: true, get: () => tickMs, set: () => {} });
  const host = zone.pluginHost;
  if (Object.hasOwn(host, "runTicks")) return;
  const { runTicks } = host;
  host.runTicks = (phase, frame) => runTicks.call(host, phase, frame, (frame * 1000) / FRAME_HZ);
}

/** What a client is told of the load from now on, oldest first. */
function loadsTold(room: Room): Load[] {
  const told: Load[] = [];
  room.onMessage("zone:load", (load: Load) => told.push(load));
  return told;
}

const metric = async (name: string, zone: string): Promise<number> => {
  const text = await (await fetch(`${world.server.url}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name}{`) && candidate.includes(`zone="${zone}"`));
  return Number(line?.split(" ").at(-1));
};

/** Frames in which a player who takes a step in each is sent a packet. */
async function framesOfWalk(zone: ZoneRoom, player: Player, batcher: { flush(): void }): Promise<number[]> {
  const { client } = avatarOf(zone, player);
  const ack = () => (client as unknown as { _inputBuffer: { ackSeq: number } })._inputBuffer.ackSeq;
  const input = player.room.input<{ moveEast: number }>();
  const patches = patchesTo(zone, player);
  const goal = input.sentCount + 40;
  input.data.moveEast = input.data.moveEast === 1 ? -1 : 1;
  for (let i = 0; i < 40; i++) input.send();
  batcher.flush();
  await until("all steps", () => ack() === goal);
  const end = frameHook(zone).frame;
  await framesPass(zone, 3);
  return patches.map(({ frame }) => frame).filter((frame) => frame <= end);
}

/** Whether a player has each of these where it is, none being on its way. */
const picture = (player: Player, entities: readonly { id: string; entity: EntityState }[]) =>
  entities.map(({ id, entity }) => {
    const seen = player.entities().get(id);
    return seen && { y: seen.y - entity.y, cellY: seen.cellY - entity.cellY };
  });
const RIGHT = { y: 0, cellY: 0 };

test("late ticks raise the level a step at a time and rates give way as told; calm lowers it again; all along what is seen is right", async () => {
  const zone = world.zone("busy");
  const complaints = await complaintsDuring(async () => {
    const viewer = await world.join(AT);
    const told = loadsTold(viewer.room);
    const batcher = batchInputsOf(viewer);
    const walkers = [20, 150, 600].map((metres) => new Pacemaker(zone, AT, metres));
    const edge = zone.entities.spawn({
      kind: "statue",
      position: { longitude: AT.longitude, latitude: AT.latitude + 800 / METRES_PER_DEGREE, altitude: 0 },
    });
    await until("all in sight", () => viewer.entities().size === 5);
    expect(new Set(gaps(await framesOfWalk(zone, viewer, batcher)))).toEqual(new Set([1]));
    expect(await metric("bm_interest_load_level", "busy")).toBe(0);

    pretend(zone, LATE_TICK_MS);
    await until("the first step", () => told.length === 1);
    // At 30 Hz: what a plain client does is told to it in every tick, with what is near.
    expect(new Set(gaps(await framesOfWalk(zone, viewer, batcher)))).toEqual(new Set([2]));
    await until("the last step", () => told.length === 4);
    const full = { local: 60, combat: 30, visual: 10, extended: 2, extendedRadiusM: 1000 };
    const stepsUp = [
      { level: 1, step: "local", rates: { ...full, local: 30 } },
      { level: 2, step: "extended", rates: { ...full, local: 30, extended: 1 } },
      { level: 3, step: "visual", rates: { ...full, local: 30, extended: 1, visual: 5 } },
      { level: 4, step: "radius", rates: { local: 30, combat: 30, visual: 5, extended: 1, extendedRadiusM: 700 } },
    ];
    expect(told).toEqual(stepsUp);
    await until("what is beyond the smaller radius to go", () => !viewer.entities().has(edge.id));
    expect(await metric("bm_interest_load_level", "busy")).toBe(4);
    // Until the calm is long enough to come back, at 300 frames, there is time for two updates of the slowest.
    pretend(zone, SHORT_TICK_MS);
    const seen = walkers.map((walker) => framesSeen(viewer, walker));
    const room = await world.client().joinOrCreate("zone", AT);
    const toldLate = loadsTold(room);
    const late = await playerOf(room);
    await until("the level of one who comes meanwhile", () => toldLate.length > 0);
    expect(toldLate[0]).toEqual(stepsUp[3]);
    expect(late.entities().has(edge.id)).toBe(false);
    await framesPass(zone, 190);
    expect(told).toHaveLength(4);
    expect(seen.map((frames) => [...new Set(gaps(frames).slice(1))])).toEqual([[2], [12], [60]]);

    await until("the way back", () => told.length === 5);
    expect(told[4]).toEqual(stepsUp[2]);
    await until("all to be told", () => toldLate.length === 2);
    expect(toldLate[1]).toEqual(stepsUp[2]);
    await until("what is far to be seen again", () => viewer.entities().has(edge.id) && late.entities().has(edge.id));
    for (const walker of walkers) walker.halt();
    await framesPass(zone, 70);
    for (const player of [viewer, late]) expect(picture(player, [...walkers, edge])).toEqual([RIGHT, RIGHT, RIGHT, RIGHT]);
    for (const walker of walkers) walker.remove();
    await Promise.all([viewer.room.leave(), late.room.leave()]);
  });
  expect(complaints).toEqual([]);
});

test("a load that passes leaves the full rates behind, and who joins then is told nothing; without a governor nothing changes at all", async () => {
  const [brief, steady] = [world.zone("brief"), world.zone("steady")];
  const [viewer, unmoved] = [await world.join(BRIEF_PLACE), await world.join(STEADY_PLACE)];
  const [told, toldUnmoved] = [loadsTold(viewer.room), loadsTold(unmoved.room)];
  for (const zone of [brief, steady]) pretend(zone, LATE_TICK_MS);
  await until("a step", () => told.length === 1);
  pretend(brief, SHORT_TICK_MS);
  await until("the way back", () => told.length === 2, 20_000);
  const rates = { local: 60, combat: 30, visual: 10, extended: 2, extendedRadiusM: 1000 };
  expect(told[1]).toEqual({ level: 0, step: "full", rates });
  expect(await metric("bm_interest_load_level", "brief")).toBe(0);
  expect(await metric("bm_interest_load_level", "steady")).toBe(0);
  const room = await world.client().joinOrCreate("zone", BRIEF_PLACE);
  const toldLate = loadsTold(room);
  const late = await playerOf(room);
  const batcher = batchInputsOf(viewer);
  expect(new Set(gaps(await framesOfWalk(brief, viewer, batcher)))).toEqual(new Set([1]));
  expect(toldLate).toEqual([]);
  expect(toldUnmoved).toEqual([]);
  await Promise.all([viewer, unmoved, late].map(({ room }) => room.leave()));
});
