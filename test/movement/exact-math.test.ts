import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactCosDeg, exactSqrt, roundHalfUp } from "../../rooms/movement/exact-math.ts";

describe("functions that agree in every engine", () => {
  test("the cosine is the engine's to within 1e-15, over all latitudes", () => {
    fc.assert(
      fc.property(fc.double({ min: -90, max: 90, noNaN: true }), (deg) => {
        expect(Math.abs(exactCosDeg(deg) - Math.cos((deg * Math.PI) / 180))).toBeLessThan(1e-15);
      }),
      { numRuns: 2000 },
    );
    expect(exactCosDeg(0)).toBe(1);
    expect(exactCosDeg(90)).toBe(0);
    expect(exactCosDeg(-60)).toBeCloseTo(0.5, 15);
  });

  test("the square root is the engine's to one unit in the last place", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e16, noNaN: true }), (value) => {
        const expected = Math.sqrt(value);
        expect(Math.abs(exactSqrt(value) - expected)).toBeLessThanOrEqual(expected * 2.3e-16);
      }),
      { numRuns: 2000 },
    );
    expect(exactSqrt(0)).toBe(0);
    expect(exactSqrt(-1)).toBe(0);
    expect(exactSqrt(Number.NaN)).toBe(0);
  });

  test("rounds half up, below zero too", () => {
    expect([2.5, -2.5, 2.4, -2.6].map(roundHalfUp)).toEqual([3, -2, 2, -3]);
  });
});
