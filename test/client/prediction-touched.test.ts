import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  BUTTON,
  type Entity,
  MOVEMENT_FIELDS,
  type MovementBody,
  type MovementCommand,
  type OwnEntity,
  stepMovement,
} from "../../client/index.ts";
import { InputBatcher } from "../../client/input-batcher.ts";
import { Random } from "../../plugins/interest/tiered/testing/random.ts";
import { axisCm, type EntityState, splitCm, type ZoneRoom } from "../../rooms/index.ts";
import { avatarOf, FRAME_HOOK, frameHook, framesPass, patchesTo } from "../support/frames.ts";
import { type Player, STEADY_INTEREST, startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";
import { watchReconciles } from "./reconcile-oracle.ts";

const AT = { longitude: 10, latitude: 50 };
const STEPS = 330;
/** Steps at the end in which the player stands, so that the body comes to rest by its own input. */
const REST_STEPS = 50;
const SILENCES = [
  { afterStep: 90, frames: 30 },
  { afterStep: 200, frames: 30 },
];

let world: TestWorld;
let zone: ZoneRoom;
beforeAll(async () => {
  world = await startTestWorld({ plugins: ["quantization", STEADY_INTEREST, FRAME_HOOK] });
  zone = world.zone("middle");
});
afterAll(() => world.server.stop());

/** A walk that turns, runs and jumps as the seed will have it, and stands in the end. */
function course(random: Random): MovementCommand[] {
  const commands: MovementCommand[] = [];
  while (commands.length < STEPS - REST_STEPS) {
    const command = {
      moveEast: Math.fround(random.between(-0.7, 0.7)),
      moveNorth: Math.fround(random.between(-0.7, 0.7)),
      yaw: Math.fround(random.between(0, 6)),
      buttons: random.pick([0, BUTTON.run, BUTTON.jump, BUTTON.run | BUTTON.jump]),
    };
    for (let i = random.whole(1, 12); i > 0; i--) commands.push(command);
  }
  commands.length = STEPS - REST_STEPS;
  while (commands.length < STEPS) commands.push({ moveEast: 0, moveNorth: 0, yaw: 1, buttons: 0 });
  return commands;
}

/** What someone else may do to a body. The last one does not concern its movement. */
const TOUCHES: ((body: EntityState, random: Random) => void)[] = [
  (body, random) => {
    body.velocityX = random.between(-9, 9);
    body.velocityY = random.between(-9, 9);
  },
  (body) => {
    body.velocityZ = 4;
  },
  (body, random) => {
    const { cell, offsetM } = splitCm(axisCm(body.cellY, body.y) + random.whole(-300, 300) * 2 + 1);
    body.cellY = cell;
    body.y = offsetM;
  },
  (body) => {
    body.health = body.health === 100 ? 40 : 100;
  },
];

const bodyOf = (source: MovementBody): MovementBody =>
  Object.fromEntries(MOVEMENT_FIELDS.map((field) => [field, source[field]])) as unknown as MovementBody;

/** Fields in which two bodies are not the same to the bit. */
const unlike = (one: MovementBody, other: MovementBody): string[] =>
  MOVEMENT_FIELDS.filter((field) => !Object.is(one[field], other[field])).map((field) => `${field}: ${one[field]} and ${other[field]}`);

/** A patch as the client had it after decoding. */
interface Received {
  ack: number;
  body: MovementBody;
  health: number;
}

async function walkTouched(batches: boolean, seed: number) {
  const player: Player = await world.join({ ...AT, predict: true });
  const self = player.self() as unknown as OwnEntity;
  const avatar = avatarOf(zone, player);
  const body = avatar.entity;
  // So that nothing is on its way any more.
  await framesPass(zone, 30);
  const random = new Random(seed);
  const commands = course(random);
  if (batches) new InputBatcher(player.room as never);
  const input = player.room.input<MovementCommand>();
  const oracle = watchReconciles(player.room, self, player.welcome, () => player.entities() as unknown as ReadonlyMap<string, Entity>);
  const before: Received = { ack: 0, body: bodyOf(self), health: self.health as number };
  const received: Received[] = [];
  player.room.onStateChange(() => {
    received.push({ ack: input.lastProcessed, body: bodyOf(self), health: self.health as number });
    oracle.tick();
  });
  const sent = patchesTo(zone, player);

  // Touches, on odd and on even frames, until the player stands.
  const touched = new Map<number, number>();
  const idled = new Set<number>();
  let { idleSteps } = zone.metrics;
  let next = frameHook(zone).frame + 40;
  const unhook = frameHook(zone).each((frame) => {
    if (zone.metrics.idleSteps !== idleSteps) idled.add(frame);
    ({ idleSteps } = zone.metrics);
    if (frame < next || input.lastProcessed > STEPS - REST_STEPS - 20) return;
    const kind = touched.size % TOUCHES.length;
    TOUCHES[kind]?.(body, random);
    touched.set(frame, kind);
    next = frame + 1 + random.whole(0, 24);
  });

  // A step for each frame of the server, but for the silences.
  let due = 0;
  let silent = 0;
  const silences = [...SILENCES];
  const stopPacing = frameHook(zone).each(() => {
    if (silent > 0) silent--;
    else if (silences[0] && due >= silences[0].afterStep) silent = silences.shift()?.frames ?? 0;
    else due++;
  });
  await until(
    "the end of the course",
    () => {
      // No more at once than the server's buffer holds, should the machine have stood still.
      while (input.sentCount < Math.min(due, STEPS, input.lastProcessed + 40)) {
        Object.assign(input.data, commands[input.sentCount]);
        input.send();
      }
      oracle.tick();
      return input.lastProcessed === STEPS;
    },
    40_000,
  );
  await until("all packets", () => received.length === sent.length);
  oracle.tick();
  unhook();
  stopPacing();
  return { player, self, body, commands, oracle, before, received, sent, touched, idled };
}

describe.each([
  { channel: "the stock channel", batches: false },
  { channel: "batches", batches: true },
])("a client that predicts, on $channel, whose body others push about", ({ batches }) => {
  let run: Awaited<ReturnType<typeof walkTouched>>;
  beforeAll(async () => {
    run = await walkTouched(batches, batches ? 2 : 1);
  });
  afterAll(() => run.player.room.leave());

  it("was pushed in odd and even frames, in every way, and idled: otherwise this would prove nothing", () => {
    const { touched, idled, received, sent } = run;
    expect(new Set([...touched.keys()].map((frame) => frame % 2))).toEqual(new Set([0, 1]));
    expect(new Set(touched.values()).size).toBe(TOUCHES.length);
    expect(touched.size).toBeGreaterThan(12);
    expect(idled.size).toBeGreaterThan(8);
    expect(received.map(({ ack }) => ack)).toEqual(sent.map(({ ack }) => ack));
    expect(run.player.errors).toEqual([]);
  });

  it("is told in the very frame in which it was pushed or hit", () => {
    const frames = new Set(run.sent.map(({ frame }) => frame));
    expect([...run.touched.keys()].filter((frame) => !frames.has(frame))).toEqual([]);
  });

  it("is told no more often than every 100 ms otherwise", () => {
    const { sent, touched, idled } = run;
    // A touch is news until a packet with a new acknowledgement has gone.
    let isNews = false;
    const early = sent.filter(({ frame, ack }, i) => {
      const previous = sent[i - 1];
      if (previous === undefined) return false;
      for (let between = previous.frame + 1; between <= frame; between++) isNews ||= touched.has(between) || idled.has(between);
      const allowed = isNews || frame - previous.frame >= 6;
      if (ack !== previous.ack) isNews = false;
      return !allowed;
    });
    expect(early).toEqual([]);
  });

  it("computes every body that it is sent to the bit from the one before and its own inputs, but for those of a push", () => {
    const { before, received, sent, touched, idled, commands, player } = run;
    const { frameHz, movement } = player.welcome;
    const wrong: unknown[] = [];
    let agreed = 0;
    let known = before;
    received.forEach((packet, i) => {
      const frame = sent[i]?.frame as number;
      const expected = { ...known.body };
      for (let seq = known.ack; seq < packet.ack; seq++)
        stepMovement(expected, commands[seq] as MovementCommand, 1 / frameHz, movement, []);
      known = packet;
      // A hit moves nothing.
      if (idled.has(frame) || (touched.get(frame) ?? 3) !== 3) return;
      const differs = unlike(expected, packet.body);
      if (differs.length > 0) wrong.push({ frame, ack: packet.ack, differs });
      else agreed++;
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(agreed).toBeGreaterThan(20);
  });

  it("has the SDK's reconciler correct itself for pushes alone", () => {
    const { oracle, sent, touched, idled } = run;
    // The SDK looks at a state only when the acknowledgement beside it is a new one: a push between two inputs shows at the second.
    const explained = new Set<number>();
    let pushed = false;
    let acked = 0;
    for (const { frame, ack } of sent) {
      pushed ||= idled.has(frame) || touched.has(frame);
      if (ack === acked) continue;
      if (pushed) explained.add(ack);
      pushed = false;
      acked = ack;
    }
    expect(oracle.disagreements.filter(({ seq }) => !explained.has(seq)).slice(0, 3)).toEqual([]);
    expect(oracle.disagreements.length).toBeGreaterThan(3);
  });

  it("stands in the end where the server has it, to the bit", () => {
    const { self, body, oracle, received } = run;
    expect(unlike(self, body)).toEqual([]);
    expect(unlike(oracle.state, body)).toEqual([]);
    expect(received.at(-1)?.health).toBe(body.health);
  });
});
