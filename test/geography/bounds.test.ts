import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EARTH_RADIUS_M, queryBounds } from "../../rooms/geography/index.ts";
import { destination } from "./vectors.ts";

const place = fc.record({
  longitude: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, 180, 179.999)),
  latitude: fc.oneof(
    fc.double({ min: -90, max: 90, noNaN: true }),
    fc.double({ min: 89.9, max: 90, noNaN: true }),
    fc.constantFrom(-90, 90),
  ),
});
const radius = fc.oneof(fc.double({ min: 0, max: 2000, noNaN: true }), fc.double({ min: 0, max: Math.PI * EARTH_RADIUS_M, noNaN: true }));

/** Degrees from `from` eastward to `to`, in [0, 360). */
const eastward = (from: number, to: number) => (((to - from) % 360) + 360) % 360;

describe("queryBounds", () => {
  it("holds every point within the radius", () => {
    const share = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(place, radius, fc.double({ min: 0, max: 360, noNaN: true }), share, (centre, radiusM, bearing, part) => {
        const point = destination(centre, bearing, radiusM * part);
        const box = queryBounds(centre, radiusM);
        expect(point.latitude).toBeGreaterThanOrEqual(box.south - 1e-12);
        expect(point.latitude).toBeLessThanOrEqual(box.north + 1e-12);
        if (box.west === -180 && box.east === 180) return;
        // A point on a pole has no longitude to be held.
        const inside = eastward(box.west, point.longitude) <= eastward(box.west, box.east);
        expect(inside, JSON.stringify({ box, point })).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it("is no larger than it must be: each side is touched", () => {
    const away = fc.record({
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
      latitude: fc.double({ min: -85, max: 85, noNaN: true }),
    });
    fc.assert(
      fc.property(away, fc.double({ min: 10, max: 100_000, noNaN: true }), (centre, radiusM) => {
        const box = queryBounds(centre, radiusM);
        const ring = Array.from({ length: 3600 }, (_, i) => destination(centre, i / 10, radiusM));
        const signed = (deg: number) => ((deg - centre.longitude + 540) % 360) - 180;
        const widest = Math.max(...ring.map((point) => signed(point.longitude)));
        const tolerance = 1e-5; // of the size: what sampling every tenth of a degree may miss
        expect(eastward(centre.longitude, box.east) / widest).toBeGreaterThan(1 - 1e-9);
        expect(eastward(centre.longitude, box.east) / widest - 1).toBeLessThan(tolerance);
        expect(eastward(box.west, centre.longitude) / widest - 1).toBeLessThan(tolerance);
        const north = Math.max(...ring.map((point) => point.latitude));
        const south = Math.min(...ring.map((point) => point.latitude));
        expect(Math.abs(box.north - north)).toBeLessThan(1e-9);
        expect(Math.abs(box.south - south)).toBeLessThan(1e-9);
      }),
      { numRuns: 100 },
    );
  });

  it("widens with latitude", () => {
    const widths = [0, 30, 60, 80, 85, 89].map((latitude) => {
      const box = queryBounds({ longitude: 10, latitude }, 1000);
      return box.east - box.west;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect((widths[2] as number) / (widths[0] as number)).toBeCloseTo(2, 5);
  });

  it("lies over ±180 where it must", () => {
    const box = queryBounds({ longitude: 180, latitude: 0 }, 111_319.490_793);
    expect(box.west).toBeCloseTo(179, 9);
    expect(box.east).toBeCloseTo(-179, 9);
  });

  it.each([
    [89.995, { west: -180, east: 180, north: 90 }],
    [-89.995, { west: -180, east: 180, south: -90 }],
  ])("is the whole ring with a pole in reach, from %d", (latitude, expected) => {
    expect(queryBounds({ longitude: 12, latitude }, 1000)).toMatchObject(expected);
    expect(queryBounds({ longitude: 12, latitude: 89.98 }, 1000).west).toBeGreaterThan(-180);
  });

  it("is the whole Earth for half its girth, and a place for nothing", () => {
    expect(queryBounds({ longitude: 5, latitude: 5 }, 3e7)).toEqual({ west: -180, east: 180, south: -90, north: 90 });
    const box = queryBounds({ longitude: 5, latitude: 5 }, 0);
    expect(box.west).toBeLessThan(5);
    expect(box.east).toBeGreaterThan(5);
    expect(box.east - box.west).toBeLessThan(1e-9);
  });

  it("refuses what is no circle", () => {
    const centre = { longitude: 0, latitude: 0 };
    for (const radiusM of [-1, NaN, Infinity]) {
      expect(() => queryBounds(centre, radiusM)).toThrow(`radius must be a finite number of metres, 0 or more, got ${radiusM}`);
    }
    expect(() => queryBounds({ longitude: 0, latitude: -91 }, 1)).toThrow("latitude must be -90 to 90 degrees, got -91");
    expect(() => queryBounds({ longitude: NaN, latitude: 0 }, 1)).toThrow("longitude must be a finite number of degrees, got NaN");
  });
});
