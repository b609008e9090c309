import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_MOVEMENT } from "../../config/index.ts";
import { geographicFromPosition, groundDistanceM, positionFromGeographic } from "../../rooms/geography/index.ts";
import {
  BUTTON,
  type MovementBody,
  type MovementCommand,
  type MovementParameters,
  type Solid,
  stepMovement,
} from "../../rooms/movement/movement.ts";

const PARAMETERS: MovementParameters = { ...DEFAULT_MOVEMENT, southDeg: -85, northDeg: 85 };
const DT = 1 / 60;
const STILL: MovementCommand = { moveEast: 0, moveNorth: 0, yaw: 0, buttons: 0 };

function bodyAt(longitude: number, latitude: number, altitude = 0): MovementBody {
  const groundZ = Math.round(altitude * 100);
  return {
    ...positionFromGeographic({ longitude, latitude, altitude }),
    fractionX: 0,
    fractionY: 0,
    fractionZ: 0,
    velocityX: 0,
    velocityY: 0,
    velocityZ: 0,
    yaw: 0,
    groundZ,
  };
}

function walk(body: MovementBody, command: Partial<MovementCommand>, steps: number, solids: readonly Solid[] = []): void {
  for (let i = 0; i < steps; i++) stepMovement(body, { ...STILL, ...command }, DT, PARAMETERS, solids);
}

const altitudeOf = (body: MovementBody): number => geographicFromPosition(body).altitude;

/** A solid of the given size, some metres east of a body. */
function solidEastOf(body: MovementBody, eastM: number, radiusM: number, heightM: number): Solid {
  const { longitude, latitude, altitude } = geographicFromPosition(body);
  const scale = 111_319.490793 * Math.cos((latitude * Math.PI) / 180);
  const at = positionFromGeographic({ longitude: longitude + eastM / scale, latitude, altitude });
  return {
    id: "1",
    xCm: at.cellX * 65_536 + Math.round(at.x * 100),
    yCm: at.cellY * 65_536 + Math.round(at.y * 100),
    zCm: at.cellZ * 65_536 + Math.round(at.z * 100),
    radiusCm: radiusM * 100,
    heightCm: heightM * 100,
  };
}

function groundGapM(body: MovementBody, solid: Solid): number {
  const latitudeRad = (geographicFromPosition(body).latitude * Math.PI) / 180;
  const dx = (body.cellX * 65_536 + body.x * 100 - solid.xCm) * Math.cos(latitudeRad);
  const dy = body.cellY * 65_536 + body.y * 100 - solid.yCm;
  return Math.hypot(dx, dy) / 100;
}

describe("walking", () => {
  test.each([0, 48.85, -60, 84])("covers two true metres a second at latitude %d, in every direction", (latitude) => {
    for (const [east, north] of [
      [1, 0],
      [0, 1],
      [-1, 0],
      [1, 1],
    ] as const) {
      const body = bodyAt(10, latitude);
      walk(body, { moveEast: east, moveNorth: north }, 60);
      const from = geographicFromPosition(body);
      walk(body, { moveEast: east, moveNorth: north }, 600);
      // Velocities are whole centimetres a second on each axis: on the diagonal 0.3 % is lost.
      expect(Math.abs(groundDistanceM(from, geographicFromPosition(body)) - 20)).toBeLessThan(0.1);
    }
  });

  test("slow walking is not rounded away: 3 cm/s for a minute is 1.8 m", () => {
    const body = bodyAt(10, 50);
    walk(body, { moveEast: 0.015 }, 60);
    const from = geographicFromPosition(body);
    walk(body, { moveEast: 0.015 }, 3600);
    expect(groundDistanceM(from, geographicFromPosition(body))).toBeCloseTo(1.8, 1);
  });

  test("running is faster, gathers speed by the acceleration, and stops by it", () => {
    const body = bodyAt(0, 0);
    walk(body, { moveEast: 1, buttons: BUTTON.run }, 6);
    expect(body.velocityX).toBeCloseTo(2, 1);
    walk(body, { moveEast: 1, buttons: BUTTON.run }, 60);
    expect(body.velocityX).toBeCloseTo(6, 6);
    walk(body, {}, 20);
    expect(body.velocityX).toBeCloseTo(0, 9);
  });

  test("goes over ±180 without a seam", () => {
    const body = bodyAt(179.99999, 20);
    walk(body, { moveEast: 1 }, 600);
    const { longitude } = geographicFromPosition(body);
    expect(longitude).toBeGreaterThan(-180);
    expect(longitude).toBeLessThan(-179.999);
    // On the wire too: x is counted from the seam again.
    expect(body.cellX).toBe(0);
    walk(body, { moveEast: -1 }, 1200);
    expect(geographicFromPosition(body).longitude).toBeGreaterThan(179.999);
  });

  test("stops at the latitude limits", () => {
    const body = bodyAt(0, 84.9999);
    walk(body, { moveNorth: 1, buttons: BUTTON.run }, 600);
    expect(geographicFromPosition(body).latitude).toBeCloseTo(85, 6);
    expect(body.velocityY).toBeCloseTo(0, 9);
  });
});

describe("jumping", () => {
  test("rises to v²/2g and comes down on the ground it left", () => {
    const body = bodyAt(7, 45, 1200);
    let highest = 0;
    let steps = 0;
    walk(body, { buttons: BUTTON.jump }, 1);
    do {
      walk(body, {}, 1);
      highest = Math.max(highest, altitudeOf(body) - 1200);
      steps++;
    } while (altitudeOf(body) > 1200 && steps < 200);
    // 1.27 m by the book; gravity is rounded to whole centimetres a second at each step.
    expect(highest).toBeGreaterThan(1.2);
    expect(highest).toBeLessThan(1.36);
    expect(altitudeOf(body)).toBeCloseTo(1200, 9);
    expect(body.velocityZ).toBeCloseTo(0, 9);
  });

  test("cannot be done in the air", () => {
    const body = bodyAt(0, 0);
    walk(body, { buttons: BUTTON.jump }, 30);
    expect(body.velocityZ).toBeLessThan(1);
  });
});

describe("solids", () => {
  test("cannot be walked, run or jumped into, whatever the way and the size (property)", () => {
    const command = fc.record({
      moveEast: fc.double({ min: -1, max: 1, noNaN: true }),
      moveNorth: fc.double({ min: -1, max: 1, noNaN: true }),
      yaw: fc.constant(0),
      buttons: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.double({ min: -80, max: 80, noNaN: true }),
        fc.double({ min: 0.3, max: 30, noNaN: true }),
        fc.array(command, { minLength: 1, maxLength: 12 }),
        (latitude, radiusM, commands) => {
          const body = bodyAt(5, latitude);
          const solid = solidEastOf(body, radiusM + 2, radiusM, 100);
          for (const each of commands) {
            for (let i = 0; i < 30; i++) {
              stepMovement(body, { ...each, moveEast: Math.abs(each.moveEast) }, DT, PARAMETERS, [solid]);
              expect(groundGapM(body, solid)).toBeGreaterThan(radiusM + PARAMETERS.bodyRadiusM - 0.02);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test("are slid along, not stuck to", () => {
    const body = bodyAt(5, 50);
    const solid = solidEastOf(body, 3, 2, 10);
    walk(body, { moveEast: 1, moveNorth: 0.3 }, 600, [solid]);
    expect(geographicFromPosition(body).longitude).toBeGreaterThan(5 + 5 / (111_319 * 0.64));
  });

  test("hold up whoever comes down on them", () => {
    const ground = bodyAt(5, 50);
    const solid = solidEastOf(ground, 0, 5, 8);
    const body = bodyAt(5, 50, 12);
    body.groundZ = 0;
    walk(body, {}, 200, [solid]);
    expect(altitudeOf(body)).toBeCloseTo(8, 9);
    walk(body, { moveNorth: 1 }, 240, [solid]);
    expect(altitudeOf(body)).toBeCloseTo(0, 9);
  });

  test("are not jumped over by a fast body", () => {
    const fast = { ...PARAMETERS, runMps: 300, accelerationMps2: 1000 };
    const body = bodyAt(5, 0);
    const solid = solidEastOf(body, 150, 0.5, 10);
    for (let i = 0; i < 120; i++) stepMovement(body, { ...STILL, moveEast: 1, buttons: BUTTON.run }, DT, fast, [solid]);
    expect(groundGapM(body, solid)).toBeCloseTo(0.9, 1);
  });
});

describe("commands that no honest client sends", () => {
  test.each([
    ["NaN", { moveEast: Number.NaN, moveNorth: Number.NaN, yaw: Number.NaN, buttons: Number.NaN }],
    [
      "infinite",
      {
        moveEast: Number.POSITIVE_INFINITY,
        moveNorth: Number.NEGATIVE_INFINITY,
        yaw: Number.POSITIVE_INFINITY,
        buttons: Number.POSITIVE_INFINITY,
      },
    ],
    ["huge", { moveEast: 1e300, moveNorth: -1e300, yaw: 1e300, buttons: 1e300 }],
  ])("%s: every field stays finite and the speed within the limit", (_, command) => {
    const body = bodyAt(0, 10);
    walk(body, command, 120);
    for (const value of Object.values(body)) expect(Number.isFinite(value)).toBe(true);
    expect(Math.hypot(body.velocityX, body.velocityY)).toBeLessThanOrEqual(2.01);
    expect(body.yaw).toBeGreaterThanOrEqual(0);
    expect(body.yaw).toBeLessThan(Math.PI * 2);
  });
});
