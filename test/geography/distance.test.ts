import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  distanceM,
  EARTH_RADIUS_M,
  eastwardCm,
  groundDistanceM,
  longitudeScale,
  nearDistanceM,
  nearDistanceSquaredM2,
  RING_CM,
  xCmFromLongitude,
  yCmFromLatitude,
} from "../../rooms/geography/index.ts";
import { destination, vectorDistanceM } from "./vectors.ts";

const longitude = fc.double({ min: -180, max: 180, noNaN: true });
const place = (bound: number) => fc.record({ longitude, latitude: fc.double({ min: -bound, max: bound, noNaN: true }) });
const bearing = fc.double({ min: 0, max: 360, noNaN: true });
const HALF_GLOBE_M = Math.PI * EARTH_RADIUS_M;

describe("groundDistanceM", () => {
  it("agrees with vector geometry anywhere", () => {
    fc.assert(
      fc.property(place(90), place(90), (a, b) => {
        expect(Math.abs(groundDistanceM(a, b) - vectorDistanceM(a, b))).toBeLessThan(1e-6);
      }),
      { numRuns: 2000 },
    );
  });

  it("is exact to a micrometre from 1 cm to half the globe, along any bearing", () => {
    const length = fc.oneof(fc.double({ min: 0.01, max: 10, noNaN: true }), fc.double({ min: 10, max: HALF_GLOBE_M, noNaN: true }));
    fc.assert(
      fc.property(place(90), bearing, length, (a, deg, m) => {
        expect(Math.abs(groundDistanceM(a, destination(a, deg, m)) - m)).toBeLessThan(1e-6);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["antipodes on the equator", [0, 0], [180, 0], HALF_GLOBE_M],
    ["antipodes elsewhere", [30, 40], [-150, -40], HALF_GLOBE_M],
    // A centimetre short of the antipode: where 1 - haversine loses ten centimetres.
    ["nearly antipodes", [0, 0], [180 - 0.01 / 111_319.490_793_273_58, 0], HALF_GLOBE_M - 0.01],
    ["pole to pole", [12, 90], [-77, -90], HALF_GLOBE_M],
    ["one pole by two longitudes", [0, 90], [123, 90], 0],
    ["equator to pole", [5, 0], [99, 90], HALF_GLOBE_M / 2],
    ["a place and itself", [-180, 12.5], [180, 12.5], 0],
    ["over ±180", [179.75, 0], [-179.75, 0], 0.5 * 111_319.490_793_273_58],
  ] as const)("%s", (_, [aLongitude, aLatitude], [bLongitude, bLatitude], m) => {
    const a = { longitude: aLongitude, latitude: aLatitude };
    const b = { longitude: bLongitude, latitude: bLatitude };
    expect(Math.abs(groundDistanceM(a, b) - m)).toBeLessThan(1e-6);
    expect(groundDistanceM(b, a)).toBe(groundDistanceM(a, b));
  });
});

describe("distanceM", () => {
  it("is the hypotenuse of ground and height", () => {
    expect(distanceM({ longitude: 1, latitude: 2, altitude: 10 }, { longitude: 1, latitude: 2, altitude: -5 })).toBe(15);
    fc.assert(
      fc.property(place(90), place(90), fc.double({ min: -1e4, max: 1e4, noNaN: true }), (a, b, up) => {
        const expected = Math.sqrt(vectorDistanceM(a, b) ** 2 + up ** 2);
        expect(Math.abs(distanceM({ ...a, altitude: up }, { ...b, altitude: 0 }) - expected)).toBeLessThan(1e-6);
      }),
    );
  });
});

describe("nearDistanceM", () => {
  const centimetres = (at: { longitude: number; latitude: number }, altitudeM: number) => ({
    xCm: xCmFromLongitude(at.longitude),
    yCm: yCmFromLatitude(at.latitude),
    zCm: Math.round(altitudeM * 100),
  });

  it("is within 0.1 % of the true distance up to 1 km, latitudes ±85, ±180 and height included", () => {
    const near180 = fc.double({ min: 179.99, max: 180.01, noNaN: true }).map((deg) => (deg >= 180 ? deg - 360 : deg));
    const start = fc.record({
      longitude: fc.oneof(longitude, near180),
      latitude: fc.oneof(fc.double({ min: -85, max: 85, noNaN: true }), fc.constantFrom(-85, 85)),
    });
    // From 30 m: below, the 2 cm are more than 0.1 %.
    fc.assert(
      fc.property(
        start,
        bearing,
        fc.double({ min: 30, max: 1000, noNaN: true }),
        fc.double({ min: -500, max: 500, noNaN: true }),
        (a, deg, m, up) => {
          const expected = Math.hypot(m, up);
          const got = nearDistanceM(centimetres(a, 0), centimetres(destination(a, deg, m), up));
          // 2 cm for the half centimetre that every coordinate may be off, and the half that the ring's length is. The formula
          // itself is good to 0.001 %, which also tells the middle latitude from either end's.
          expect(Math.abs(got - expected)).toBeLessThan(expected * 1e-5 + 0.02);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("scales x alone, and not y or z", () => {
    const yCm = yCmFromLatitude(60);
    expect(nearDistanceM({ xCm: 0, yCm, zCm: 0 }, { xCm: 2000, yCm, zCm: 0 })).toBeCloseTo(10, 6);
    expect(nearDistanceM({ xCm: 0, yCm, zCm: 0 }, { xCm: 0, yCm: yCm + 2000, zCm: 0 })).toBe(20);
    expect(nearDistanceM({ xCm: 0, yCm, zCm: -300 }, { xCm: 0, yCm, zCm: 100 })).toBe(4);
    expect(nearDistanceSquaredM2(0, yCm, 0, 0, yCm, 500)).toBe(25);
  });

  it("has a longitude scale of 1 at the equator, 1/2 at 60° and 0 at the pole", () => {
    expect(longitudeScale(yCmFromLatitude(0))).toBeCloseTo(1, 12);
    expect(longitudeScale(yCmFromLatitude(-60))).toBeCloseTo(0.5, 8);
    expect(longitudeScale(yCmFromLatitude(90))).toBeCloseTo(0, 8);
  });
});

describe("eastwardCm", () => {
  it("takes the shorter way around, and arrives", () => {
    const x = fc.oneof(
      fc.integer({ min: 0, max: RING_CM - 1 }),
      fc.integer({ min: 0, max: 10 }),
      fc.integer({ min: RING_CM - 10, max: RING_CM - 1 }),
    );
    fc.assert(
      fc.property(x, x, (from, to) => {
        const cm = eastwardCm(from, to);
        expect(Math.abs(cm)).toBe(Math.min(Math.abs(from - to), RING_CM - Math.abs(from - to)));
        expect((from + cm + RING_CM) % RING_CM).toBe(to);
      }),
      { numRuns: 2000 },
    );
    expect(eastwardCm(RING_CM - 1, 1)).toBe(2);
    expect(eastwardCm(1, RING_CM - 1)).toBe(-2);
  });
});
