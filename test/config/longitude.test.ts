import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BmError } from "../../config/bm-error.ts";
import { DEFAULT_LIMITS, DEFAULT_TIERS } from "../../config/defaults.ts";
import {
  containsLongitude,
  formatLongitudeRange,
  MIN_ZONE_WIDTH_DEG,
  normalizedEdges,
  normalizeLongitudeDeg,
  parseLongitudeRange,
  widthDeg,
  zoneEdges,
} from "../../config/longitude.ts";

/** A double as the fraction that it exactly is. The denominator is a power of two. */
function fractionOf(x: number): { top: bigint; bottom: bigint } {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const raw = bits.getBigUint64(0);
  const field = Number((raw >> 52n) & 0x7ffn);
  const mantissa = (raw & 0xfffffffffffffn) | (field === 0 ? 0n : 1n << 52n);
  const exponent = BigInt(Math.max(field, 1) - 1075);
  const sign = raw >> 63n === 1n ? -1n : 1n;
  return exponent >= 0n ? { top: sign * (mantissa << exponent), bottom: 1n } : { top: sign * mantissa, bottom: 1n << -exponent };
}

/** The oracle: whole turns taken off an exact fraction, in integers. */
function normalizedExactly(x: number): { top: bigint; bottom: bigint } {
  const { top, bottom } = fractionOf(x);
  const turn = 360n * bottom;
  const fromWest = (((top + 180n * bottom) % turn) + turn) % turn;
  return { top: fromWest - 180n * bottom, bottom };
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const near = fc.tuple(fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(0, 1, -1)).map(([n, step]) => {
  const edge = n * 90;
  return step === 0 ? edge : edge * (1 + step * Number.EPSILON);
});
const anyLongitude = fc.oneof(finite, fc.double({ min: -720, max: 720, noNaN: true }), near);

describe("normalizeLongitudeDeg", () => {
  it("is exact for every finite double", () => {
    fc.assert(
      fc.property(anyLongitude, (deg) => {
        const got = normalizeLongitudeDeg(deg);
        const expected = normalizedExactly(deg);
        const is = fractionOf(got);
        expect(is.top * expected.bottom).toBe(expected.top * is.bottom);
        expect(got >= -180 && got < 180).toBe(true);
        expect(Object.is(got, -0)).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    [180, -180],
    [-180, -180],
    [-0, 0],
    [360, 0],
    [-360, 0],
    [540, -180],
    [-540, -180],
    [181, -179],
    [-181, 179],
    [179.999_999_999_999_97, 179.999_999_999_999_97],
    [-180.000_000_000_000_03, 179.999_999_999_999_97],
    [5e-324, 5e-324],
    [-5e-324, -5e-324],
    [1e300, Number(normalizedExactly(1e300).top)],
    [-Number.MAX_VALUE, Number(normalizedExactly(-Number.MAX_VALUE).top)],
  ])("%d is %d", (deg, expected) => {
    expect(Object.is(normalizeLongitudeDeg(deg), expected)).toBe(true);
  });

  it.each([NaN, Infinity, -Infinity])("refuses %d", (deg) => {
    expect(() => normalizeLongitudeDeg(deg)).toThrow(new RangeError(`longitude must be a finite number of degrees, got ${deg}`));
  });
});

describe("widthDeg and containsLongitude", () => {
  const units = fc.integer({ min: -1440, max: 1440 }); // quarter degrees, twice around

  it("agree with a walk around the ring", () => {
    fc.assert(
      fc.property(units, units, units, (west, east, at) => {
        const same = (a: number, b: number) => (((a - b) % 1440) + 1440) % 1440 === 0;
        let steps = 0;
        let met = false;
        do {
          met ||= same(west + steps, at);
          steps++;
        } while (!same(west + steps, east));
        expect(widthDeg(west / 4, east / 4)).toBe(steps / 4);
        expect(containsLongitude(west / 4, east / 4, at / 4)).toBe(met);
      }),
      { numRuns: 500 },
    );
  });

  it("put every longitude in exactly one of two halves, for any ends", () => {
    fc.assert(
      fc.property(anyLongitude, anyLongitude, anyLongitude, (a, b, at) => {
        fc.pre(normalizeLongitudeDeg(a) !== normalizeLongitudeDeg(b));
        expect(containsLongitude(a, b, at)).toBe(!containsLongitude(b, a, at));
        expect(containsLongitude(a, b, a)).toBe(true);
        expect(containsLongitude(a, b, b)).toBe(false);
        const width = widthDeg(a, b);
        expect(width > 0 && width <= 360).toBe(true);
      }),
    );
  });

  it.each([
    [-60, 60, 120],
    [170, -170, 20],
    [-180, 180, 360],
    [5, 5, 360],
    [180, -180, 360],
    [60, 180, 120],
    [0, -5e-324, 360],
  ])("%d..%d is %d wide", (west, east, deg) => {
    expect(widthDeg(west, east)).toBe(deg);
  });
});

describe("parseLongitudeRange", () => {
  it.each([
    ["-60..60", -60, 60],
    ["170..-170", 170, -170],
    ["-180..180", -180, 180],
    ["60..180", 60, 180],
    ["60..-180", 60, 180],
    ["180..-60", -180, -60],
    ["-0..0.25", 0, 0.25],
    ["0.1..0.35", 0.1, 0.35],
    [" +1.5..2e1 ", 1.5, 20],
    ["10..9.75", 10, 9.75],
    ["20..-0", 20, 0],
  ])("reads %s", (text, west, east) => {
    const range = parseLongitudeRange(text);
    expect(range).toStrictEqual({ west, east });
  });

  it.each([
    ["10..10", '"10..10" is an empty longitude range, expected at least 0.25 degrees (the whole ring is -180..180)'],
    ["180..-180", '"180..-180" is an empty longitude range, expected at least 0.25 degrees (the whole ring is -180..180)'],
    ["180..180", '"180..180" is an empty longitude range, expected at least 0.25 degrees (the whole ring is -180..180)'],
    ["10..10.2", '"10..10.2" is 0.2 degrees wide, expected at least 0.25 degrees'],
    ["179.9..-179.9", '"179.9..-179.9" is 0.2 degrees wide, expected at least 0.25 degrees'],
    ["-181..0", '"-181..0" has its west end out of range, expected degrees from -180 to 180'],
    ["0..180.5", '"0..180.5" has its east end out of range, expected degrees from -180 to 180'],
    ["0..1e999", '"0..1e999" has its east end out of range, expected degrees from -180 to 180'],
    ...[
      "",
      "..",
      "10",
      "NaN..5",
      "-Infinity..5",
      "0x10..0x20",
      "1...5",
      "1.5.5",
      "1,2..3",
      "1..2..3",
      "a..b",
      "1 ..2",
      "1._5..2",
      "10..20°",
      "１..２",
    ].map((text) => [text, `${JSON.stringify(text)} is not a longitude range, expected WEST..EAST in decimal degrees`]),
  ] as [string, string][])("refuses %j", (text, message) => {
    const refusal = () => parseLongitudeRange(text);
    expect(refusal).toThrow(BmError);
    expect(refusal).toThrow(
      expect.objectContaining({ code: "BM_ZONE_RANGE", message, hint: expect.stringContaining("--longitude=-60..60") }),
    );
  });

  it("reads back what was formatted, to the bit", () => {
    const deg = fc.double({ min: -180, max: 180, noNaN: true });
    fc.assert(
      fc.property(deg, deg, (west, east) => {
        const edges = zoneEdges(west, east);
        fc.pre(edges.west !== edges.east && widthDeg(west, east) >= MIN_ZONE_WIDTH_DEG);
        expect(parseLongitudeRange(formatLongitudeRange(edges.west, edges.east))).toStrictEqual(edges);
      }),
    );
    expect(formatLongitudeRange(-0, 1e-7)).toBe("0..1e-7");
  });
});

describe("edges", () => {
  it("are printed in [-180, 180) and written as zones are", () => {
    expect(normalizedEdges({ west: 60, east: 180 })).toStrictEqual({ west: 60, east: -180 });
    expect(zoneEdges(180, -180)).toStrictEqual({ west: -180, east: 180 });
    expect(zoneEdges(7, 7)).toStrictEqual({ west: -180, east: 180 });
  });

  it("leave the narrowest zone wider than the farthest tier, where players may stand", () => {
    const narrowestM = MIN_ZONE_WIDTH_DEG * 111_319.490_793 * Math.cos((DEFAULT_LIMITS.latitudeDeg.max * Math.PI) / 180);
    expect(narrowestM).toBeGreaterThan(DEFAULT_TIERS.extended.radiusM);
  });
});
