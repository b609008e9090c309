import { Decoder, Encoder, schema, t } from "@colyseus/schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  axisCm,
  CELL_CM,
  degreesToMetres,
  EARTH_RADIUS_M,
  geographicFromPosition,
  latitudeFromYCm,
  longitudeFromXCm,
  MAX_Z_CM,
  METRES_PER_DEGREE,
  MIN_Z_CM,
  metresToDegrees,
  OFFSET_RANGE_M,
  offsetCm,
  offsetMetres,
  positionFromGeographic,
  RING_CM,
  splitCm,
  wrapXCm,
  xCmFromLongitude,
  yCmFromLatitude,
  zCmFromAltitude,
} from "../../rooms/geography/index.ts";

const CM_PER_DEGREE = 11_131_949.079_3;

describe("constants", () => {
  it("are those of the world position", () => {
    expect(METRES_PER_DEGREE).toBe(111_319.490_793);
    expect(Math.abs((EARTH_RADIUS_M * Math.PI) / 180 - METRES_PER_DEGREE)).toBeLessThan(1e-6);
    expect(CELL_CM).toBe(65_536);
    expect(RING_CM).toBe(4_007_501_669);
    // Every cell of the ring and of the meridian fits the wire's uint16, every altitude its int8.
    expect(Math.floor(RING_CM / CELL_CM)).toBeLessThan(65_536);
    expect([Math.floor(MIN_Z_CM / CELL_CM), Math.floor(MAX_Z_CM / CELL_CM)]).toEqual([-128, 127]);
  });

  it("converts degrees and metres both ways", () => {
    expect(degreesToMetres(-2)).toBe(-222_638.981_586);
    fc.assert(
      fc.property(fc.double({ min: -360, max: 360, noNaN: true }), (deg) => {
        expect(Math.abs(metresToDegrees(degreesToMetres(deg)) - deg)).toBeLessThan(1e-12);
      }),
    );
  });
});

describe("offsets", () => {
  it("are the doubles that a real quantized field decodes to, for all 65536", () => {
    const State = schema({ x: t.quantized({ min: 0, max: OFFSET_RANGE_M }) });
    const state = new State();
    const encoder = new Encoder(state);
    const mirror = new State();
    const decoder = new Decoder(mirror);
    decoder.decode(encoder.encodeAll());
    encoder.discardChanges();
    const wrong: number[] = [];
    // Downwards, so that the first value differs from the field's initial 0 and each is sent.
    for (let q = 65_535; q >= 0; q--) {
      state.x = offsetMetres(q);
      decoder.decode(encoder.encode());
      encoder.discardChanges();
      if (!Object.is(mirror.x, offsetMetres(q)) || offsetCm(mirror.x) !== q) wrong.push(q);
    }
    expect(wrong).toEqual([]);
    expect([offsetMetres(0), offsetMetres(65_535)]).toEqual([0, 655.35]);
  });

  it("step by one centimetre", () => {
    for (let q = 0; q < 65_536; q += 97) expect(Math.abs(offsetMetres(q) - q / 100)).toBeLessThan(1e-9);
  });
});

describe("splitCm and axisCm", () => {
  it("are inverse for every centimetre, negative ones included", () => {
    const edge = fc
      .tuple(fc.integer({ min: -128, max: 61_150 }), fc.integer({ min: -2, max: 2 }))
      .map(([cell, off]) => cell * CELL_CM + off);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: MIN_Z_CM, max: RING_CM }).map((cm) => Math.max(cm, MIN_Z_CM)),
          edge,
        ),
        (cm) => {
          const { cell, offsetM } = splitCm(cm);
          // BigInt division floors by hand: the oracle shares no arithmetic with the code.
          const rest = ((BigInt(cm) % 65_536n) + 65_536n) % 65_536n;
          expect(BigInt(cell)).toBe((BigInt(cm) - rest) / 65_536n);
          expect(offsetCm(offsetM)).toBe(Number(rest));
          expect(axisCm(cell, offsetM)).toBe(cm);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it.each([
    [0, 0, 0],
    [65_535, 0, 655.35],
    [65_536, 1, 0],
    [-1, -1, 655.35],
    [-65_536, -1, 0],
    [-65_537, -2, 655.35],
  ])("%d cm is in cell %d at %d m", (cm, cell, offsetM) => {
    expect(splitCm(cm)).toEqual({ cell, offsetM });
  });

  it("has no negative zero", () => {
    expect(Object.is(splitCm(-0).cell, 0)).toBe(true);
    expect(Object.is(wrapXCm(-0), 0)).toBe(true);
    expect(Object.is(wrapXCm(-RING_CM), 0)).toBe(true);
    expect(Object.is(zCmFromAltitude(-0.001), 0)).toBe(true);
  });
});

describe("positions", () => {
  it("come back within half a centimetre, everywhere", () => {
    const anywhere = fc.record({
      longitude: fc.oneof(
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.constantFrom(-180, 180, -0, 0, 179.999_999_999, -179.999_999_999),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      ),
      latitude: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 90, 0)),
      altitude: fc.double({ min: -11_000, max: 20_000, noNaN: true }),
    });
    fc.assert(
      fc.property(anywhere, (place) => {
        const position = positionFromGeographic(place);
        const back = geographicFromPosition(position);
        const apart = Math.abs(back.longitude - place.longitude) % 360;
        // Doubles of up to a million degrees are themselves good to 1e-10 degrees.
        expect(Math.min(apart, 360 - apart) * CM_PER_DEGREE).toBeLessThan(0.5 + 0.002);
        expect(Math.abs(back.latitude - place.latitude) * CM_PER_DEGREE).toBeLessThan(0.5 + 1e-5);
        expect(Math.abs(back.altitude - place.altitude) * 100).toBeLessThan(0.5 + 1e-8);
        expect(back.longitude >= -180 && back.longitude < 180).toBe(true);
        // A position is a fixed point: taking it there and back again changes no bit.
        expect(positionFromGeographic(back)).toEqual(position);
      }),
      { numRuns: 5000 },
    );
  });

  it("keep every centimetre of the ring, the meridian and the altitudes", () => {
    const x = fc.oneof(
      fc.integer({ min: 0, max: RING_CM - 1 }),
      fc.integer({ min: RING_CM - 3, max: RING_CM - 1 }),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(x, fc.integer({ min: 0, max: 2_003_750_834 }), fc.integer({ min: MIN_Z_CM, max: MAX_Z_CM }), (xCm, yCm, zCm) => {
        expect(xCmFromLongitude(longitudeFromXCm(xCm))).toBe(xCm);
        expect(yCmFromLatitude(latitudeFromYCm(yCm))).toBe(yCm);
        expect(zCmFromAltitude(zCm / 100)).toBe(zCm);
      }),
      { numRuns: 5000 },
    );
  });

  it("have their corners where the world position says", () => {
    expect(positionFromGeographic({ longitude: -180, latitude: -90, altitude: 0 })).toEqual({
      cellX: 0,
      cellY: 0,
      cellZ: 0,
      x: 0,
      y: 0,
      z: 0,
    });
    expect(positionFromGeographic({ longitude: 180, latitude: 90, altitude: -0.01 })).toEqual({
      cellX: 0,
      cellY: 30_574,
      cellZ: -1,
      x: 0,
      y: offsetMetres(2_003_750_834 % 65_536),
      z: 655.35,
    });
    // 180 degrees are 20 037 508.34 m: 30574 cells and 530.70 m.
    const middle = positionFromGeographic({ longitude: 0, latitude: 0, altitude: 655.36 });
    expect(middle.cellX * 655.36 + middle.x).toBeCloseTo(20_037_508.34, 6);
    expect(middle.cellY * 655.36 + middle.y).toBeCloseTo(10_018_754.17, 6);
    expect([middle.cellZ, middle.z]).toEqual([1, 0]);
  });

  it("round the last half centimetre before ±180 onto it", () => {
    expect(xCmFromLongitude(180 - 0.01 / CM_PER_DEGREE)).toBe(0);
    expect(xCmFromLongitude(180 - 0.1 / CM_PER_DEGREE)).toBe(RING_CM - 1);
    expect(wrapXCm(-1)).toBe(RING_CM - 1);
    expect(wrapXCm(RING_CM)).toBe(0);
  });

  it.each([
    [{ longitude: NaN, latitude: 0, altitude: 0 }, "longitude must be a finite number of degrees, got NaN"],
    [{ longitude: 0, latitude: 90.1, altitude: 0 }, "latitude must be -90 to 90 degrees, got 90.1"],
    [{ longitude: 0, latitude: NaN, altitude: 0 }, "latitude must be -90 to 90 degrees, got NaN"],
    [{ longitude: 0, latitude: 0, altitude: 83_886.08 }, "altitude must be -83886.08 to 83886.07 metres, got 83886.08"],
    [{ longitude: 0, latitude: 0, altitude: NaN }, "altitude must be -83886.08 to 83886.07 metres, got NaN"],
  ])("refuse %o", (place, message) => {
    expect(() => positionFromGeographic(place)).toThrow(new RangeError(message));
  });
});
