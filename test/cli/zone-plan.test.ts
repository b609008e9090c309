import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shared, without } from "../../cli/services/zone/arcs.ts";
import { holdersOf, planCreate } from "../../cli/services/zone/create.ts";
import { remainderHint } from "../../cli/services/zone/remainder-hint.ts";
import { heirsOf, planRemove } from "../../cli/services/zone/remove.ts";
import { containsLongitude, defineWorld, type LongitudeRange, type ZoneInput, zoneEdges } from "../../config/index.ts";

/** Quarter degrees, so that no zone is too narrow and sums are exact. */
const degree = fc.integer({ min: -720, max: 719 }).map((quarter) => quarter / 4);
const range = fc.tuple(degree, degree).map(([west, east]) => zoneEdges(west, east));
const ringOfZones = fc
  .uniqueArray(degree, { minLength: 1, maxLength: 12 })
  .map((borders) => borders.toSorted((a, b) => a - b))
  .map((borders) =>
    borders.map((west, index): ZoneInput => ({ name: `z${index}`, ...zoneEdges(west, borders[(index + 1) % borders.length] ?? west) })),
  );
/** Middles of quarter degrees, each of which is in exactly one piece. */
const places = Array.from({ length: 1440 }, (_, index) => -180 + index / 4 + 0.125);
const inAny = (pieces: readonly LongitudeRange[], place: number) =>
  pieces.filter(({ west, east }) => containsLongitude(west, east, place)).length;

describe("arcs", () => {
  it("what is shared and what is left make up the zone, place by place", () => {
    fc.assert(
      fc.property(range, range, (zone, taken) => {
        const both = shared(zone, taken);
        const left = without(zone, taken);
        for (const place of places) {
          const inZone = containsLongitude(zone.west, zone.east, place);
          const inTaken = containsLongitude(taken.west, taken.east, place);
          expect([inAny(both, place), inAny(left, place)]).toEqual([Number(inZone && inTaken), Number(inZone && !inTaken)]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("leaves one piece of the whole ring, and two of a zone that is cut", () => {
    expect(without({ west: -180, east: 180 }, { west: 10, east: 20 })).toEqual([{ west: 20, east: 10 }]);
    expect(without({ west: 170, east: -170 }, { west: 175, east: 180 })).toEqual([
      { west: 170, east: 175 },
      { west: -180, east: -170 },
    ]);
    expect(without({ west: 0, east: 10 }, { west: 2, east: 3 })).toEqual([
      { west: 0, east: 2 },
      { west: 3, east: 10 },
    ]);
  });
});

describe("planCreate", () => {
  it("makes a valid world in which only the taken degrees changed hands, or refuses with BM_ZONE_REMAINDER", () => {
    let made = 0;
    fc.assert(
      fc.property(ringOfZones, range, (zones, wanted) => {
        let after: ZoneInput[];
        try {
          after = planCreate(zones, { name: "fresh", ...wanted }).after;
        } catch (error) {
          expect(error).toMatchObject({ code: "BM_ZONE_REMAINDER" });
          // Only ever because some zone would be gone: quarters cannot leave less than a quarter.
          expect(zones.some((zone) => shared(zone, wanted).length > 0 && without(zone, wanted).length === 0)).toBe(true);
          return;
        }
        made++;
        const world = defineWorld({ zones: after });
        const ownerOf = (list: readonly ZoneInput[], place: number) =>
          list.find(({ west, east }) => containsLongitude(west, east, place))?.name;
        for (const place of places) {
          const now = ownerOf(world.zones as unknown as ZoneInput[], place);
          const before = ownerOf(zones, place);
          if (containsLongitude(wanted.west, wanted.east, place)) expect(now).toBe("fresh");
          else expect([before, `${before}-east`]).toContain(now);
        }
      }),
      { numRuns: 200 },
    );
    expect(made).toBeGreaterThan(20);
  });

  it("numbers the eastern part when its name is taken, by another zone or by the new one", () => {
    const zones = [
      { name: "a", west: -180, east: 0 },
      { name: "a-east", west: 0, east: 180 },
    ];
    expect(planCreate(zones, { name: "b", west: -100, east: -90 }).after.map(({ name }) => name)).toEqual(["a", "a-east", "b", "a-east-2"]);
    const alone = [
      { name: "c", west: -90, east: 90 },
      { name: "d", west: 90, east: -90 },
    ];
    expect(planCreate(alone, { name: "c-east", west: 0, east: 10 }).after.map(({ name }) => name)).toEqual([
      "c",
      "d",
      "c-east",
      "c-east-2",
    ]);
  });

  it("cuts the name of the eastern part to what a name may hold", () => {
    const name = `${"a".repeat(26)}-bcdef`;
    const zones = [
      { name, west: -90, east: 90 },
      { name: "d", west: 90, east: -90 },
    ];
    const east = planCreate(zones, { name: "b", west: 0, east: 10 }).after.at(-1);
    expect(east).toEqual({ name: `${"a".repeat(26)}-east`, west: 10, east: 90 });
  });

  it("writes only the edges of a zone that shrinks, so that the rest of its file stays", () => {
    const zones = [
      { name: "a", west: -180, east: 0, capacity: 3 },
      { name: "b", west: 0, east: 180 },
    ];
    expect(planCreate(zones, { name: "c", west: -10, east: 10, capacity: 1 }).files).toEqual([
      { write: { name: "c", west: -10, east: 10, capacity: 1 } },
      { write: { name: "a", west: -180, east: -10 } },
      { write: { name: "b", west: 10, east: 180 } },
    ]);
  });

  it("tells who holds what, in two ranges where it is two", () => {
    const zones = [{ name: "a", west: -180, east: 180 }];
    expect(holdersOf(zones, { west: 0, east: 10 })).toEqual([{ zone: "a", ranges: [{ west: 0, east: 10 }] }]);
    const two = [
      { name: "a", west: 10, east: 0 },
      { name: "b", west: 0, east: 10 },
    ];
    expect(holdersOf(two, { west: 5, east: 2 })).toEqual([
      { zone: "a", ranges: [{ west: 10, east: 0 }] },
      {
        zone: "b",
        ranges: [
          { west: 0, east: 2 },
          { west: 5, east: 10 },
        ],
      },
    ]);
  });
});

describe("the hint for a range that would swallow zones", () => {
  const hintFor = (zones: ZoneInput[], swallowed: string[]) => remainderHint({ name: "new", zones, swallowed, fits: () => true });
  const three = [
    { name: "a", west: -180, east: -60 },
    { name: "b", west: -60, east: 60 },
    { name: "c", west: 60, east: 180 },
  ];

  it("lists removals that can be typed as they stand, after which the zone can be created", () => {
    const hint = hintFor(three, ["a", "b"]);
    expect(hint).toMatch(/, or remove these zones first: bm zone remove a --into c, then: bm zone remove b --into c$/);
    const alone = planRemove(planRemove(three, "a", "c").after, "b", "c").after;
    expect(planCreate(alone, { name: "new", west: -180, east: 60 }).after.map(({ name }) => name)).toEqual(["c", "new"]);
  });

  it("gives a zone of which a sliver would be left to the neighbour on that side, for the other would keep the sliver", () => {
    const wanted = { name: "new", west: 60, east: 179.9999 };
    expect(() => planCreate(three, wanted)).toThrow(
      expect.objectContaining({
        message: "60..179.9999 would leave less than 0.25 degrees of c (60..180)",
        hint: expect.stringMatching(/, or remove the zone first: bm zone remove c --into a$/),
      }),
    );
    expect(planCreate(planRemove(three, "c", "a").after, wanted).after).toHaveLength(3);
    // A sliver on both sides: no neighbour helps.
    expect(() => planCreate(three, { name: "new", west: 60.1, east: 179.9 })).toThrow(
      expect.objectContaining({ hint: "Choose a range that leaves each zone 0.25 degrees or more." }),
    );
  });

  it("makes one zone of all and renames it when none would be left", () => {
    expect(hintFor(three, ["a", "b", "c"])).toMatch(
      /: bm zone remove b --into a, then: bm zone remove c --into a, then rename the file a\.json to new\.json$/,
    );
    expect(hintFor([{ name: "all", west: -180, east: 180 }], ["all"])).toMatch(/, or rename the file all\.json to new\.json$/);
  });

  it("is one line for any number of zones", () => {
    const zones = Array.from({ length: 100 }, (_, index) => ({
      name: `z${index}`,
      west: -180 + index * 3.6,
      east: -180 + (index + 1) * 3.6,
    }));
    const hint = hintFor(
      zones,
      zones.slice(1).map(({ name }) => name),
    );
    expect(hint).toMatch(/, then: and so on$/);
    expect(hint.length).toBeLessThan(500);
  });
});

describe("planRemove", () => {
  it("makes a valid world in which the heir alone has more", () => {
    fc.assert(
      fc.property(ringOfZones, fc.nat(), fc.nat(), (zones, which, whose) => {
        fc.pre(zones.length > 1);
        const name = zones[which % zones.length]?.name ?? "";
        const heirs = heirsOf(zones, name);
        const into = heirs[whose % heirs.length] ?? "";
        const { after } = planRemove(zones, name, into);
        defineWorld({ zones: after });
        expect(after.map((zone) => zone.name)).toEqual(zones.map((zone) => zone.name).filter((other) => other !== name));
        for (const zone of after.filter((other) => other.name !== into))
          expect(zone).toEqual(zones.find((other) => other.name === zone.name));
      }),
    );
  });
});
