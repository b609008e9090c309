import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZoneRing } from "../../rooms/geography/index.ts";

/** Cuts of the ring in quarter degrees, made into zones in any order. */
const rings = fc.uniqueArray(fc.integer({ min: -720, max: 719 }), { minLength: 1, maxLength: 30 }).chain((cuts) => {
  const sorted = cuts.toSorted((a, b) => a - b).map((cut) => cut / 4);
  const zones = sorted.map((west, i) => {
    const east = sorted[(i + 1) % sorted.length] as number;
    return { name: `zone-${i}`, west, east: east === -180 ? 180 : east };
  });
  return fc.record({ zones: fc.constant(zones), shuffled: fc.shuffledSubarray(zones, { minLength: zones.length }) });
});

/** Walks eastward from the western end, quarter degree by quarter degree, until it meets the eastern one. */
function owns(zone: { west: number; east: number }, longitude: number): boolean {
  let at = zone.west;
  do {
    const next = at + 0.25 >= 180 ? -180 : at + 0.25;
    if (longitude >= at && longitude < (next === -180 ? 180 : next)) return true;
    at = next;
  } while (at !== (zone.east === 180 ? -180 : zone.east));
  return false;
}

describe("ZoneRing", () => {
  it("finds the zone that a walk around the ring finds", () => {
    const longitude = fc.oneof(
      fc.double({ min: -180, max: 180, maxExcluded: true, noNaN: true }),
      fc.integer({ min: -720, max: 719 }).map((n) => n / 4),
    );
    fc.assert(
      fc.property(rings, fc.array(longitude, { minLength: 1, maxLength: 5 }), ({ zones, shuffled }, longitudes) => {
        const ring = new ZoneRing(shuffled);
        expect(ring.all).toEqual(zones);
        for (const deg of longitudes) expect([ring.zoneAt(deg)]).toEqual(zones.filter((zone) => owns(zone, deg)));
      }),
      { numRuns: 300 },
    );
  });

  it("knows the neighbours, around the ring", () => {
    fc.assert(
      fc.property(rings, ({ zones, shuffled }) => {
        const ring = new ZoneRing(shuffled);
        for (const zone of zones) {
          const { west, east } = ring.neighboursOf(zone.name);
          expect(west.east === 180 ? -180 : west.east).toBe(zone.west);
          expect(east.west).toBe(zone.east === 180 ? -180 : zone.east);
          expect(ring.byName(zone.name)).toBe(zone);
        }
      }),
      { numRuns: 200 },
    );
  });

  const three = [
    { name: "asia", west: 60, east: 180 },
    { name: "americas", west: -180, east: -60 },
    { name: "atlantic", west: -60, east: 60 },
  ];

  it.each([
    [-180, "americas"],
    [180, "americas"],
    [540, "americas"],
    [-60, "atlantic"],
    [-60.000_000_000_001, "americas"],
    [60, "asia"],
    [179.999_999_999_999, "asia"],
    [-0, "atlantic"],
    [360_000_061, "asia"],
  ])("%d belongs to %s", (longitude, name) => {
    expect(new ZoneRing(three).zoneAt(longitude).name).toBe(name);
  });

  it("may have one zone, or two that are neighbours on both sides, or one over ±180", () => {
    const alone = { name: "all", west: -180, east: 180 };
    const ring = new ZoneRing([alone]);
    expect(ring.zoneAt(17)).toBe(alone);
    expect(ring.neighboursOf("all")).toEqual({ west: alone, east: alone });
    const [pacific, rest] = [
      { name: "pacific", west: 150, east: -150 },
      { name: "rest", west: -150, east: 150 },
    ];
    const two = new ZoneRing([pacific, rest]);
    expect([180, -180, 150, -150.25, -150, 149.75].map((deg) => two.zoneAt(deg).name)).toEqual([
      "pacific",
      "pacific",
      "pacific",
      "pacific",
      "rest",
      "rest",
    ]);
    expect(two.neighboursOf("rest")).toEqual({ west: pacific, east: pacific });
  });

  it("refuses what is no ring, and names the place", () => {
    const ring =
      (...zones: [string, number, number][]) =>
      () =>
        new ZoneRing(zones.map(([name, west, east]) => ({ name, west, east })));
    expect(ring()).toThrow("a ring needs at least one zone, got none");
    expect(ring(["a", -180, 0], ["a", 0, 180])).toThrow("two zones are named a");
    expect(ring(["a", -180, 0], ["b", 5, 180])).toThrow("zone b starts at 5, expected 0, where zone a (from -180) ends");
    expect(ring(["a", -180, 0], ["b", 0, 175])).toThrow("zone a starts at -180, expected 175, where zone b (from 0) ends");
    expect(ring(["a", -180, 180], ["b", -180, 180])).toThrow("zone b starts at -180, expected 180, where zone a (from -180) ends");
    expect(ring(["a", 0, 10])).toThrow("zone a starts at 0, expected 10");
  });

  it("refuses a longitude and a name that are nowhere", () => {
    const ring = new ZoneRing(three);
    expect(() => ring.zoneAt(NaN)).toThrow("longitude must be a finite number of degrees, got NaN");
    expect(() => ring.neighboursOf("atlantis")).toThrow("no zone is named atlantis, expected one of americas, atlantic, asia");
    expect(ring.byName("atlantis")).toBeUndefined();
  });
});
