import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../cli/services/bots/draw.ts";
import { MovementProof } from "../../cli/services/bots/movement-proof.ts";
import { Wanderer, type WanderState } from "../../cli/services/bots/wander.ts";
import { DEFAULT_MOVEMENT } from "../../config/index.ts";
import {
  axisCm,
  eastwardCm,
  longitudeScale,
  positionFromGeographic,
  xCmFromLongitude,
  yCmFromLatitude,
} from "../../rooms/geography/index.ts";
import { BUTTON, type MovementBody, type Solid, stepMovement } from "../../rooms/movement/movement.ts";

const DT_SECONDS = 1 / 60;
const PARAMETERS = { ...DEFAULT_MOVEMENT, southDeg: -85, northDeg: 85 };

/** A body in a city, moved by the server's own step, and where it is from the plaza. */
function bodyAt(longitude: number, latitude: number) {
  const body: MovementBody = {
    ...positionFromGeographic({ longitude, latitude, altitude: 0 }),
    fractionX: 0,
    fractionY: 0,
    fractionZ: 0,
    velocityX: 0,
    velocityY: 0,
    velocityZ: 0,
    yaw: 0,
    groundZ: 0,
  };
  const plazaX = xCmFromLongitude(longitude);
  const plazaY = yCmFromLatitude(latitude);
  return {
    body,
    eastM: () => (eastwardCm(plazaX, axisCm(body.cellX, body.x)) / 100) * longitudeScale(plazaY),
    northM: () => (axisCm(body.cellY, body.y) - plazaY) / 100,
  };
}

/** An assertion for loops of a hundred thousand rounds. */
function hold(condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

const city = fc.record({
  longitude: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, 179.9999)),
  latitude: fc.double({ min: -60, max: 70, noNaN: true }),
});

describe("a wanderer", () => {
  test("walks, stops and gathers, reaches its targets, stays near, and presses only what a player can", () => {
    fc.assert(
      fc.property(city, fc.nat(), fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }), ({ longitude, latitude }, seed, angle) => {
        const wanderer = new Wanderer({ eastM: Math.cos(angle) * 100, northM: Math.sin(angle) * 100 }, seededRandom(seed, "bot 0"));
        const { body, eastM, northM } = bodyAt(longitude, latitude);
        const { command } = wanderer;
        const proof = new MovementProof();
        const seen = new Set<WanderState>();
        // Until it has done everything; a person who has not in half an hour of the simulation never will.
        for (let step = 0; step < 1800 * 60 && !(seen.size === 3 && wanderer.reached >= 5); step++) {
          wanderer.advance(DT_SECONDS, eastM(), northM());
          hold(wanderer.command === command, "the command is one object");
          hold(Math.abs(command.moveEast) <= 1 && Math.abs(command.moveNorth) <= 1, "each axis is within [-1, 1]");
          hold(Math.hypot(command.moveEast, command.moveNorth) <= 1 + 1e-12, "the vector is within the unit circle");
          hold(Number.isFinite(command.yaw), "the yaw is finite");
          hold(command.buttons === 0 || command.buttons === BUTTON.run, "only the run button is pressed");
          if (!wanderer.going)
            hold(command.moveEast === 0 && command.moveNorth === 0 && command.buttons === 0, "who stands presses nothing");
          if (wanderer.state === "gather" && !wanderer.going) hold(Math.hypot(eastM(), northM()) < 8, "who gathers is on the plaza");
          proof.observe(eastM(), northM(), command.moveEast, command.moveNorth);
          stepMovement(body, command, DT_SECONDS, PARAMETERS, []);
          hold(Math.hypot(eastM(), northM()) < 150, "nobody leaves the city");
          seen.add(wanderer.state);
        }
        expect([...seen].sort()).toEqual(["gather", "stop", "walk"]);
        expect(wanderer.reached).toBeGreaterThanOrEqual(5);
        expect(wanderer.givenUp).toBe(0);
        expect(proof.confirmed).toBe(true);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  test("faces where it goes, and turns within seconds", () => {
    const wanderer = new Wanderer({ eastM: 80, northM: 0 }, seededRandom(5, "bot 0"));
    const { body, eastM, northM } = bodyAt(10, 50);
    let turnedAtStep = 0;
    let yaw = Number.NaN;
    for (let step = 0; step < 120 * 60; step++) {
      wanderer.advance(DT_SECONDS, eastM(), northM());
      const { moveEast, moveNorth, yaw: now } = wanderer.command;
      if (wanderer.going) expect(Math.cos(now - Math.atan2(moveNorth, moveEast))).toBeCloseTo(1, 9);
      if (now !== yaw) turnedAtStep = step;
      yaw = now;
      expect(step - turnedAtStep).toBeLessThan(5.2 * 60);
      stepMovement(body, wanderer.command, DT_SECONDS, PARAMETERS, []);
    }
  });

  test("does the same for the same seed, and something else for another", () => {
    const path = (seed: number) => {
      const wanderer = new Wanderer({ eastM: 0, northM: 30 }, seededRandom(seed, "bot 3"));
      const { body, eastM, northM } = bodyAt(10, 50);
      for (let step = 0; step < 20 * 60; step++) {
        wanderer.advance(DT_SECONDS, eastM(), northM());
        stepMovement(body, wanderer.command, DT_SECONDS, PARAMETERS, []);
      }
      return body;
    };
    expect(path(1)).toEqual(path(1));
    expect(path(1)).not.toEqual(path(2));
  });

  test("gives up what it cannot reach, and goes elsewhere", () => {
    const wanderer = new Wanderer({ eastM: 0, northM: 60 }, seededRandom(2, "bot 0"));
    const { body, eastM, northM } = bodyAt(0, 0);
    const tower: Solid = { id: "1", xCm: xCmFromLongitude(0), yCm: yCmFromLatitude(0), zCm: 0, radiusCm: 1500, heightCm: 10_000 };
    body.y += 40;
    for (let step = 0; step < 1800 * 60 && !(wanderer.givenUp > 0 && wanderer.reached > 3); step++) {
      wanderer.advance(DT_SECONDS, eastM(), northM());
      stepMovement(body, wanderer.command, DT_SECONDS, PARAMETERS, [tower]);
    }
    expect(wanderer.givenUp).toBeGreaterThan(0);
    expect(wanderer.reached).toBeGreaterThan(3);
  });
});

describe("the proof that a bot's own movement came back", () => {
  const prove = (places: [east: number, north: number, askEast: number, askNorth: number][]) => {
    const proof = new MovementProof();
    for (const place of places) proof.observe(...place);
    return proof.confirmed;
  };

  test("is a way of more than a metre in the direction asked", () => {
    expect(
      prove([
        [5, 5, 1, 0],
        [5.5, 5, 1, 0],
        [6.01, 5, 1, 0],
      ]),
    ).toBe(true);
    expect(
      prove([
        [5, 5, 1, 0],
        [5.5, 5, 1, 0],
        [6, 5, 1, 0],
      ]),
    ).toBe(false);
    // Half the pace is as good, and so is a gentle turn on the way.
    expect(
      prove([
        [0, 0, 0, -0.5],
        [0.1, -0.6, 0.1, -0.5],
        [0.2, -1.2, 0.1, -0.5],
      ]),
    ).toBe(true);
  });

  test("is none when the body was moved without asking, before it asked, elsewhere, or sideways", () => {
    expect(
      prove([
        [0, 0, 0, 0],
        [5, 0, 0, 0],
        [10, 0, 0, 0],
      ]),
    ).toBe(false);
    expect(
      prove([
        [0, 0, 0, 0],
        [5, 0, 1, 0],
        [5, 0, 1, 0],
      ]),
    ).toBe(false);
    expect(
      prove([
        [0, 0, 1, 0],
        [-5, 0, 1, 0],
        [-10, 0, 1, 0],
      ]),
    ).toBe(false);
    expect(
      prove([
        [0, 0, 1, 0],
        [2, 5, 1, 0],
      ]),
    ).toBe(false);
  });

  test("begins anew when another direction is asked", () => {
    expect(
      prove([
        [0, 0, 1, 0],
        [0.9, 0, 0, 1],
        [0.9, 0.9, 1, 0],
        [1.8, 0.9, 0, 1],
      ]),
    ).toBe(false);
    expect(
      prove([
        [0, 0, 1, 0],
        [0.9, 0, 0, 1],
        [0.9, 1.1, 0, 1],
      ]),
    ).toBe(true);
  });
});
