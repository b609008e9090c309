import { Predict } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EntityState, METRES_PER_DEGREE, splitCm, type ZoneRoom } from "../../rooms/index.ts";
import { FRAME_HOOK, frameHook, framesPass } from "../support/frames.ts";
import { type Player, STEADY_INTEREST, startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

const CELL_M = 655.36;
const SPEED_MPS = 6;
const FRAME_HZ = 60;
const CM_PER_FRAME = (SPEED_MPS * 100) / FRAME_HZ;

/** The longitude of a cell's western edge on the equator, where a metre eastward is a metre. */
const EDGE_CELL = 30_700;
const EDGE_LONGITUDE = (EDGE_CELL * CELL_M) / METRES_PER_DEGREE - 180;

let world: TestWorld;
let zone: ZoneRoom;
let viewer: Player;
beforeAll(async () => {
  world = await startTestWorld({ plugins: ["quantization", STEADY_INTEREST, FRAME_HOOK] });
  zone = world.zone("middle");
  viewer = await world.join({ longitude: EDGE_LONGITUDE, latitude: 0 });
});
afterAll(() => world.server.stop());

/** Someone who walks east, by frames: others see it at the rate of its distance. It begins west of the edge of a cell. */
function walkEast(northM: number, fromEdgeM: number): { id: string; entity: EntityState; stop(): void } {
  const spawned = zone.entities.spawn({
    kind: "walker",
    position: { longitude: EDGE_LONGITUDE, latitude: northM / METRES_PER_DEGREE, altitude: 0 },
  });
  const { entity, id } = spawned;
  let xCm = EDGE_CELL * CELL_M * 100 + fromEdgeM * 100;
  const unhook = frameHook(zone).each(() => {
    const { cell, offsetM } = splitCm(Math.round(xCm));
    entity.cellX = cell;
    entity.x = offsetM;
    xCm += CM_PER_FRAME;
  });
  return {
    id,
    entity,
    stop: () => {
      unhook();
      zone.entities.despawn(id);
    },
  };
}

/** How far a drawing jumps beyond what the walker's speed gives for the time between two pictures, at the most. */
interface Jumps {
  worstM: number;
  crossed: boolean;
  pictures: number;
}

type Draw = () => number;

/** Draws a number of frames and measures, in the time of the wall or of the server, whichever gives more: that is all a drawing may use up. */
async function watch(predict: Predict, draw: Draw, frames: number): Promise<Jumps> {
  const end = frameHook(zone).frame + frames;
  const edgeM = EDGE_CELL * CELL_M;
  let before: { atMs: number; frame: number; metres: number } | undefined;
  let worstM = 0;
  let pictures = 0;
  let crossed = false;
  await until(
    "the walk",
    () => {
      const atMs = performance.now();
      predict.tick(atMs);
      const { frame } = frameHook(zone);
      const metres = draw();
      if (before) {
        const seconds = Math.max((atMs - before.atMs) / 1000, (frame - before.frame) / FRAME_HZ);
        worstM = Math.max(worstM, Math.abs(metres - before.metres) - SPEED_MPS * seconds);
        crossed ||= before.metres < edgeM && metres >= edgeM;
      }
      before = { atMs, frame, metres };
      pictures++;
      return frame > end;
    },
    30_000,
  );
  return { worstM, crossed, pictures };
}

/** Metres that the walker goes from one update to the next, and a centimetre for rounding; packets may be a frame or two late. */
const stepM = (hz: number) => SPEED_MPS * (1 / hz + 2 / FRAME_HZ) + 0.01;

type Mode = "lerp" | "damped";

/** Attaches the SDK's smoothing, draws as COLYSEUS.md says, `cellX * 655.36 + x` from both values. */
async function jumpsOf(mode: Mode, northM: number, fromEdgeM: number, frames: number, fields: ("cellX" | "x")[]): Promise<Jumps> {
  const walker = walkEast(northM, fromEdgeM);
  await until("the walker in sight", () => viewer.entities().has(walker.id));
  const seen = viewer.entities().get(walker.id) as EntityState;
  const predict = Predict.get(viewer.room as never, { mode }) as unknown as Predict;
  for (const field of fields) predict.attach(seen as never, { [field]: mode } as never);
  await framesPass(zone, 70);
  const jumps = await watch(
    predict,
    () => {
      const value = (field: "cellX" | "x") =>
        (fields.includes(field) ? predict.value(seen as never, field as never) : seen[field]) as number;
      return value("cellX") * CELL_M + value("x");
    },
    frames,
  );
  walker.stop();
  await until("the walker to be gone", () => !viewer.entities().has(walker.id));
  return jumps;
}

describe("smoothing within a cell, with the SDK's own modes on x", () => {
  it.each<[Mode, number, number]>([
    ["lerp", 10, 150],
    ["damped", 10, 150],
    ["lerp", 2, 600],
    ["damped", 2, 600],
  ])("%s at %d Hz, %d m away: no more than a step at once", async (mode, hz, northM) => {
    const { worstM, pictures, crossed } = await jumpsOf(mode, northM, 100, hz === 10 ? 60 : 130, ["cellX", "x"]);
    expect(crossed).toBe(false);
    expect(pictures).toBeGreaterThan(20);
    expect(worstM).toBeLessThan(stepM(hz));
  });
});

describe("smoothing across the edge of a cell, where x goes from 655.35 to 0", () => {
  // Why positions must be attached whole. Each field has samples of its own: cellX has had none since the walker came, so that the SDK has it
  // creep from that time to this and draws the next cell at once, while x is still on its way.
  it.each<{ fields: ("cellX" | "x")[] }>([{ fields: ["x"] }, { fields: ["cellX", "x"] }])(
    "the SDK's lerp of $fields, each by itself, draws a jump of a cell",
    async ({ fields }) => {
      const { worstM, crossed } = await jumpsOf("lerp", 150, -10, 90, fields);
      expect(crossed).toBe(true);
      expect(worstM).toBeGreaterThan(500);
    },
  );

  it("its damped mode on both, which keeps no samples, draws none: cell and offset go over alike", async () => {
    const { worstM, crossed } = await jumpsOf("damped", 150, -10, 90, ["cellX", "x"]);
    expect(crossed).toBe(true);
    expect(worstM).toBeLessThan(stepM(10));
  });
});
