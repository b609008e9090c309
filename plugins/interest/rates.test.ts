import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BASE_FIELDS, type EntityState, METRES_PER_DEGREE, positionFromGeographic, type ZoneRoom } from "../../rooms/index.ts";
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
  type SentPatch,
} from "../../test/support/frames.ts";
import {
  complaintsDuring,
  cutConnection,
  type Player,
  STEADY_INTEREST,
  startTestWorld,
  type TestWorld,
} from "../../test/support/test-world.ts";
import { until } from "../../test/support/until.ts";

/** Radii and rates of a zone of its own: 80 m at 20 Hz, 200 m at 5 Hz, 700 m once a second. */
const OWN_TIERS = { combat: { hz: 20, radiusM: 80 }, visual: { hz: 5, radiusM: 200 }, extended: { hz: 1, radiusM: 700 } };

const PLAIN_PLACE = { longitude: -100, latitude: 20 };
const OWN_PLACE = { longitude: 100, latitude: -20 };

let world: TestWorld;
let plain: ZoneRoom;
let own: ZoneRoom;
beforeAll(async () => {
  world = await startTestWorld({
    zones: [
      { name: "plain", west: -180, east: 0, capacity: 50 },
      { name: "own", west: 0, east: 180, capacity: 50, tiers: OWN_TIERS },
    ],
    plugins: ["quantization", STEADY_INTEREST, FRAME_HOOK],
  });
  plain = world.zone("plain");
  own = world.zone("own");
});
afterAll(() => world.server.stop());

const north = (at: { longitude: number; latitude: number }, metres: number) => ({
  ...at,
  latitude: at.latitude + metres / METRES_PER_DEGREE,
  altitude: 0,
});

describe("what walks in every tick is sent", () => {
  test("in every tick at 20 m, every third at 150 m, every fifteenth at 600 m and never at 1200 m", async () => {
    const viewer = await world.join(PLAIN_PLACE);
    const walkers = [20, 150, 600, 1200].map((metres) => new Pacemaker(plain, PLAIN_PLACE, metres));
    const [near, middle, far, beyond] = walkers as [Pacemaker, Pacemaker, Pacemaker, Pacemaker];
    await until("those in range", () => [near, middle, far].every(({ id }) => viewer.entities().has(id)));
    await framesPass(plain, 60);
    const seen = walkers.map((walker) => framesSeen(viewer, walker));
    let everBeyond = false;
    viewer.room.onStateChange(() => {
      everBeyond ||= viewer.entities().has(beyond.id);
    });
    await framesPass(plain, 150);
    const expectSteady = (frames: number[] | undefined, gap: number) => {
      expect(frames?.length).toBeGreaterThanOrEqual(Math.floor(150 / gap) - 1);
      expect(new Set(gaps(frames as number[]))).toEqual(new Set([gap]));
    };
    expectSteady(seen[0], 2);
    expectSteady(seen[1], 6);
    expectSteady(seen[2], 30);
    expect(everBeyond).toBe(false);
    for (const walker of walkers) walker.remove();
    await viewer.room.leave();
  });

  test("as the zone's own tiers say, where it has some: at 20 Hz in every third frame, between ticks too", async () => {
    const viewer = await world.join(OWN_PLACE);
    expect(viewer.welcome.tiers).toMatchObject(OWN_TIERS);
    // Each would be in another tier by the world's radii, or in none.
    const walkers = [70, 190, 600, 760].map((metres) => new Pacemaker(own, OWN_PLACE, metres, 1));
    await until("those in range", () => walkers.slice(0, 3).every(({ id }) => viewer.entities().has(id)));
    await framesPass(own, 60);
    const seen = walkers.map((walker) => framesSeen(viewer, walker));
    const patches = patchesTo(own, viewer);
    await framesPass(own, 190);
    const [near, middle, far, beyond] = seen.map((frames) => [...new Set(gaps(frames))]);
    expect([near, middle, far, beyond]).toEqual([[3], [12], [60], []]);
    // All of them ride in the packets of the nearest.
    expect(new Set(gaps(patches.map(({ frame }) => frame)))).toEqual(new Set([3]));
    expect(viewer.entities().has((walkers[3] as Pacemaker).id)).toBe(false);
    for (const walker of walkers) walker.remove();
    await viewer.room.leave();
  });
});

test("nothing goes out while nothing changes, however many stand around, and one packet when one of them stirs", async () => {
  const viewers = await Promise.all([world.join(PLAIN_PLACE), world.join({ ...PLAIN_PLACE, predict: true })]);
  const statues = Array.from({ length: 40 }, (_, i) => plain.entities.spawn({ kind: "statue", position: north(PLAIN_PLACE, i * 25) }));
  await until("all in sight", () => viewers.every((viewer) => viewer.entities().size === statues.length + 2));
  await framesPass(plain, 90);
  const sent = viewers.map((viewer) => patchesTo(plain, viewer));
  await framesPass(plain, 90);
  expect(sent).toEqual([[], []]);
  // 25 m away.
  (statues[1]?.entity as EntityState).health = 5;
  await framesPass(plain, 30);
  expect(sent.map((patches) => patches.length)).toEqual([1, 1]);
  for (const { id } of statues) plain.entities.despawn(id);
  await Promise.all(viewers.map(({ room }) => room.leave()));
});

/** Has a player ask for a number of steps in one batch: the server takes at least one in every frame until all are taken. */
function walk(player: Player, steps: number): void {
  const input = player.room.input<{ moveEast: number; buttons: number }>();
  const batcher = batchInputsOf(player);
  input.data.moveEast = 1;
  for (let i = 0; i < steps; i++) input.send();
  batcher.flush();
}

describe("the own body, while the player walks", () => {
  const walked = async (predict: boolean): Promise<{ patches: SentPatch[]; steps: number[] }> => {
    const player = await world.join({ ...PLAIN_PLACE, longitude: predict ? -20 : -40, predict });
    const avatar = avatarOf(plain, player);
    const { entity } = avatar;
    await framesPass(plain, 40);
    const patches = patchesTo(plain, player);
    const steps: number[] = [];
    const ack = () => (avatar.client as unknown as { _inputBuffer: { ackSeq: number } })._inputBuffer.ackSeq;
    let before = ack();
    const unhook = frameHook(plain).each((frame) => {
      if (ack() !== before) steps.push(frame);
      before = ack();
    });
    const startM = entity.x;
    walk(player, 60);
    await until("all steps", () => ack() === 60);
    // The body brakes by itself later: that is no step of the player's.
    await until("the last acknowledgement", () => patches.some((patch) => patch.ack === 60));
    unhook();
    expect(entity.x).not.toBe(startM);
    expect(gaps(steps).every((gap) => gap === 1)).toBe(true);
    expect(steps.length).toBeGreaterThan(24);
    await player.room.leave();
    return { patches, steps };
  };

  test("comes in every frame to a plain client", async () => {
    const { patches, steps } = await walked(false);
    expect(patches.map(({ frame }) => frame).slice(0, steps.length)).toEqual(steps);
  });

  test("comes every 100 ms, 6 frames, to one that predicts", async () => {
    const { patches, steps } = await walked(true);
    // Nothing was sent for long: the first step goes out at once.
    const within = patches.map(({ frame }) => frame).filter((frame) => frame <= (steps.at(-1) as number));
    expect(within[0]).toBe(steps[0]);
    expect(new Set(gaps(within))).toEqual(new Set([6]));
    expect(within.length).toBeGreaterThanOrEqual(4);
  });
});

test("however much happens in a frame, a client gets one packet of it at the most", async () => {
  const at = { longitude: -60, latitude: 30 };
  const viewer = await world.join(at);
  const other = await world.join({ ...at, predict: true });
  const walkers = [5, 30, 100, 500].map((metres) => new Pacemaker(plain, at, metres, 1));
  const body = avatarOf(plain, viewer).entity;
  let guest: string | undefined;
  const unhook = frameHook(plain).each((frame) => {
    body.health = frame % 90;
    if (frame % 10 !== 0) return;
    if (guest) plain.entities.despawn(guest);
    guest = plain.entities.spawn({ kind: "guest", position: { ...at, altitude: 0 } }).id;
  });
  const sent = [viewer, other].map((player) => patchesTo(plain, player));
  walk(viewer, 40);
  walk(other, 40);
  await framesPass(plain, 90);
  unhook();
  for (const patches of sent) {
    const frames = patches.map(({ frame }) => frame);
    expect(frames.length).toBeGreaterThan(40);
    expect(new Set(frames).size).toBe(frames.length);
  }
  for (const walker of walkers) walker.remove();
  plain.entities.despawn(guest as string);
  await Promise.all([viewer, other].map(({ room }) => room.leave()));
});

const shown = (entity: EntityState | undefined): string[] =>
  Object.keys(BASE_FIELDS).filter((name) => (entity as unknown as Record<string, unknown>)?.[name] !== undefined);

test("who comes late gets all that is in range at once, each as it is in that frame and with the fields of its tier", async () => {
  const at = { longitude: -150, latitude: -40 };
  const walkers = [20, 150, 600, 1200].map((metres) => new Pacemaker(plain, at, metres, 1));
  const [near, middle, far] = walkers as [Pacemaker, Pacemaker, Pacemaker, Pacemaker];
  await framesPass(plain, 5);
  const room = await world.client().joinOrCreate<{ entities: Map<string, EntityState> }>("zone", at);
  room.onMessage("zone:welcome", () => {});
  const first = await new Promise<Map<string, { frame: number; fields: string[] }>>((resolve) => {
    room.onStateChange.once(({ entities }) => {
      const picture = walkers
        .filter(({ id }) => entities.has(id))
        .map((walker) => {
          const seen = entities.get(walker.id) as EntityState;
          return [walker.id, { frame: walker.frameOf(seen), fields: shown(seen) }] as const;
        });
      resolve(new Map(picture));
    });
  });
  expect([...first.keys()].sort()).toEqual([near.id, middle.id, far.id].sort());
  expect(new Set([...first.values()].map(({ frame }) => frame)).size).toBe(1);
  const fields = (walker: Pacemaker) => first.get(walker.id)?.fields;
  expect(fields(near)).toContain("mana");
  expect(fields(middle)).toContain("health");
  expect(fields(middle)).not.toContain("mana");
  expect(fields(far)).toContain("x");
  expect(fields(far)).not.toContain("health");
  for (const walker of walkers) walker.remove();
  await room.leave();
});

test("who comes back has all that is in range in the first state, and nothing of what was there before", async () => {
  const at = { longitude: -10, latitude: 60 };
  const spawn = (metres: number) => plain.entities.spawn({ kind: "statue", position: north(at, metres) });
  const [stays, goes, leaves, changes] = [spawn(20), spawn(30), spawn(40), spawn(150)];
  const player = await world.join(at);
  const { room } = player;
  room.reconnection.minUptime = 0;
  room.reconnection.minDelay = 100;
  await until("all in sight", () => player.entities().size === 5);
  const complaints = await complaintsDuring(async () => {
    const drops = plain.metrics.drops;
    cutConnection(plain, player);
    await until("the drop", () => plain.metrics.drops > drops);
    plain.entities.despawn(goes.id);
    Object.assign(leaves.entity, positionFromGeographic(north(at, 1300)));
    changes.entity.health = 7;
    const comes = spawn(700);
    let back = false;
    room.onReconnect(() => {
      back = true;
    });
    const first = await new Promise<string[]>((resolve) => {
      room.onStateChange(() => back && resolve([...player.entities().keys()]));
    });
    expect(first.sort()).toEqual([player.welcome.entityId, stays.id, changes.id, comes.id].sort());
    expect(player.entities().get(changes.id)?.health).toBe(7);
    stays.entity.health = 9;
    await until("what changes after", () => player.entities().get(stays.id)?.health === 9);
    plain.entities.despawn(comes.id);
  });
  expect(complaints).toEqual([]);
  for (const { id } of [stays, leaves, changes]) plain.entities.despawn(id);
  await room.leave();
});
