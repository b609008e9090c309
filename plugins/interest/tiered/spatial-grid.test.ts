import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  eastwardCm,
  METRES_PER_DEGREE,
  nearDistanceSquaredM2,
  RING_CM,
  wrapXCm,
  xCmFromLongitude,
  yCmFromLatitude,
} from "../../../rooms/geography/index.ts";
import { MAX_QUERY_RADIUS_M, SpatialGrid } from "./spatial-grid.ts";

type Place = readonly [xCm: number, yCm: number, zCm: number];

const NORTH_Y = yCmFromLatitude(90);
const EQUATOR_Y = yCmFromLatitude(0);

/** A place some true metres east and north of another, whole centimetres; short of the poles, which it does not cross. */
function beside([xCm, yCm, zCm]: Place, eastM: number, northM: number, upM = 0): Place {
  const y = Math.min(NORTH_Y, Math.max(0, Math.round(yCm + northM * 100)));
  const scale = Math.max(1e-9, Math.cos((((yCm + y) / 2 / METRES_PER_DEGREE / 100 - 90) * Math.PI) / 180));
  const eastCm = Math.max(-RING_CM / 2, Math.min(RING_CM / 2, (eastM * 100) / scale));
  return [wrapXCm(Math.round(xCm + eastCm)), y, Math.round(zCm + upM * 100)];
}

/** Every slot and its place, and nothing else: what the grid is held to. */
class Oracle {
  readonly places = new Map<number, Place>();

  /** Compares all that a query brings with a look at every slot. */
  expectQuery(grid: SpatialGrid, [xCm, yCm, zCm]: Place, radiusM: number, except: number): number {
    const count = grid.query(xCm, yCm, zCm, radiusM, except);
    const got = new Map<number, number>();
    // Plain comparisons: `expect` itself would take most of the time.
    for (let i = 0; i < count; i++) got.set(grid.found[i] as number, grid.foundM2[i] as number);
    expect(got.size, "a slot found twice").toBe(count);
    expect(got.has(except)).toBe(false);
    let expected = 0;
    for (const [slot, place] of this.places) {
      if (slot === except) continue;
      const m2 = nearDistanceSquaredM2(xCm, yCm, zCm, ...place);
      const isExact = place[0] === xCm;
      // A double knows the latitude at a pole, and so the cosine, to 1.5e-15 in all, for both functions; x there may be half a ring away.
      const noise = 2 * Math.sqrt(m2) * (Math.abs(eastwardCm(xCm, place[0])) / 100) * 1.5e-15;
      if (m2 < radiusM * radiusM) expected++;
      // At the edge the two may round differently, but not due north, where both are exact.
      if (!isExact && Math.abs(m2 - radiusM * radiusM) <= 1e-9 * radiusM * radiusM + noise) {
        if (got.has(slot) !== m2 < radiusM * radiusM) expected += got.has(slot) ? 1 : -1;
        continue;
      }
      if (got.has(slot) !== m2 < radiusM * radiusM) {
        expect.fail(`slot ${slot} at ${place}, ${Math.sqrt(m2)} m from ${[xCm, yCm, zCm]}, radius ${radiusM}: found is ${got.has(slot)}`);
      }
      const m2Got = got.get(slot);
      if (m2Got === undefined) continue;
      const allowed = isExact ? 0 : m2 * 1e-12 + noise + 1e-15;
      if (!(Math.abs(m2Got - m2) <= allowed)) expect.fail(`slot ${slot} at ${place} from ${[xCm, yCm, zCm]}: ${m2Got} m², expected ${m2}`);
    }
    expect(count).toBe(expected);
    return count;
  }

  /** The grid says of every slot what was put into it. */
  expectSame(grid: SpatialGrid, slots: number): void {
    expect(grid.size).toBe(this.places.size);
    for (let slot = 0; slot < slots; slot++) {
      const place = this.places.get(slot);
      const is = [grid.has(slot), grid.xCm[slot], grid.yCm[slot], grid.zCm[slot]];
      if (place) expect(is).toEqual([true, ...place]);
      else if (is[0] || !(slot >= grid.xCm.length || Number.isNaN(is[1]))) expect.fail(`slot ${slot} should be empty`);
    }
  }
}

const REGIONS: [string, Place][] = [
  ["at the equator", [xCmFromLongitude(12.34), EQUATOR_Y, 0]],
  ["at 60° north", [xCmFromLongitude(25), yCmFromLatitude(60), 0]],
  ["at 84.9° south", [xCmFromLongitude(-70), yCmFromLatitude(-84.9), 0]],
  ["at ±180", [0, yCmFromLatitude(-17), 0]],
  ["at ±180 and 84.9° north", [RING_CM - 1, yCmFromLatitude(84.9), 0]],
  ["11 km from the north pole", [xCmFromLongitude(5), yCmFromLatitude(89.9), 0]],
  ["700 m from the south pole", [3, 70_000, 0]],
  ["at the north pole", [xCmFromLongitude(77), NORTH_Y, 0]],
  ["at the south pole", [0, 0, 0]],
];

const fraction = fc.double({ min: -1, max: 1, noNaN: true });
/** Metres from 1 to 15 000, as many short as long. */
const radius = fc.oneof(
  fc.double({ min: 0, max: Math.log(MAX_QUERY_RADIUS_M), noNaN: true }).map((power) => Math.min(MAX_QUERY_RADIUS_M, Math.exp(power))),
  fc.constantFrom(1, 100, 1000, MAX_QUERY_RADIUS_M),
);
const cellM = fc.constantFrom(undefined, 64, 200, 512, 3000);
const gridOf = (side: number | undefined) => new SpatialGrid(side === undefined ? {} : { cellM: side });
/** Metres that a world is wide to either side; near the poles also where all longitudes meet. */
const extent = fc.constantFrom(3, 300, 3000, 20_000);

type Step =
  | { kind: "put"; slot: number; east: number; north: number; up: number; snap: boolean }
  | { kind: "step"; slot: number; east: number; north: number; up: number; snap: boolean }
  | { kind: "teleport"; slot: number; longitude: number; y: number }
  | { kind: "remove"; slot: number }
  | { kind: "query"; slot: number; radiusM: number };

const slotOf = fc.oneof(fc.nat(12), fc.nat(300));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("put", "step"),
      slot: slotOf,
      east: fraction,
      north: fraction,
      up: fraction,
      // Straight north or at the place itself: whole metres, and many in the same place.
      snap: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("teleport"),
      slot: slotOf,
      longitude: fc.nat(RING_CM - 1),
      y: fc.oneof(fc.nat(NORTH_Y), fc.constantFrom(0, NORTH_Y)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove"), slot: slotOf }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("query"), slot: slotOf, radiusM: radius }) },
) as fc.Arbitrary<Step>;

describe("SpatialGrid", () => {
  describe.each(REGIONS)("%s", (_, centre) => {
    it("finds whom a look at everyone finds", () => {
      const body = fc.tuple(fraction, fraction, fraction);
      const bodies = fc.array(body, { minLength: 1, maxLength: 200 });
      const queries = fc.array(fc.tuple(body, radius), { minLength: 5, maxLength: 20 });
      let found = 0;
      fc.assert(
        fc.property(cellM, extent, bodies, queries, (side, metres, all, looks) => {
          const grid = gridOf(side);
          const oracle = new Oracle();
          const at = ([east, north, up]: [number, number, number]) => beside(centre, east * metres, north * metres, up * 50);
          for (const [slot, place] of all.map(at).entries()) {
            grid.insert(slot, ...place);
            oracle.places.set(slot, place);
          }
          for (const [from, radiusM] of looks) found += oracle.expectQuery(grid, at(from), radiusM, -1);
          for (const [slot, place] of [...oracle.places].slice(0, 20))
            found += oracle.expectQuery(grid, place, Math.min(metres, MAX_QUERY_RADIUS_M), slot);
        }),
        { numRuns: 60 },
      );
      expect(found).toBeGreaterThan(1000);
    });

    it("finds whoever is on any side, a little within the radius, and not a little beyond", () => {
      fc.assert(
        fc.property(
          cellM,
          radius,
          fraction,
          fraction,
          fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
          (side, radiusM, x, y, angle) => {
            const grid = gridOf(side);
            const oracle = new Oracle();
            const from = beside(centre, x * 5000, y * 5000);
            for (let slot = 0; slot < 48; slot++) {
              const m = radiusM * (slot % 2 ? 1.0001 : 0.9999);
              const bearing = angle + (slot * Math.PI) / 24;
              const place = beside(from, Math.sin(bearing) * m, Math.cos(bearing) * m);
              grid.insert(slot, ...place);
              oracle.places.set(slot, place);
            }
            oracle.expectQuery(grid, from, radiusM, -1);
          },
        ),
        { numRuns: 150 },
      );
    });

    it("stays right through long runs of coming, walking, teleports, leaving and slots used again", () => {
      fc.assert(
        fc.property(cellM, extent, fc.array(step, { minLength: 50, maxLength: 400, size: "max" }), (side, metres, steps) => {
          const grid = gridOf(side);
          const oracle = new Oracle();
          for (const now of steps) {
            const before = oracle.places.get(now.slot);
            if (now.kind === "remove") {
              grid.remove(now.slot);
              oracle.places.delete(now.slot);
            } else if (now.kind === "query") {
              oracle.expectQuery(grid, before ?? centre, now.radiusM, before ? now.slot : -1);
            } else {
              let place: Place;
              if (now.kind === "teleport") place = [now.longitude, now.y, 0];
              else if (now.kind === "put" || !before) {
                place = now.snap
                  ? beside(centre, 0, Math.round(now.north * 3) * 100)
                  : beside(centre, now.east * metres, now.north * metres, now.up * 50);
              } else place = beside(before, now.east * 20, now.snap ? 0 : now.north * 20, now.up);
              if (before) grid.move(now.slot, ...place);
              else grid.insert(now.slot, ...place);
              oracle.places.set(now.slot, place);
            }
          }
          oracle.expectSame(grid, 320);
          for (const radiusM of [1, 150, 1000, MAX_QUERY_RADIUS_M]) oracle.expectQuery(grid, centre, radiusM, -1);
          for (const [slot, place] of [...oracle.places].slice(0, 50))
            oracle.expectQuery(grid, place, Math.min(metres, MAX_QUERY_RADIUS_M), slot);
          for (const slot of oracle.places.keys()) grid.remove(slot);
          expect([grid.size, grid.usedChains]).toEqual([0, 0]);
        }),
        { numRuns: 25 },
      );
    });

    it("finds each of a crowd of 1000 in one place, once, and those two who stand in the same centimetre", () => {
      const grid = new SpatialGrid();
      const oracle = new Oracle();
      for (let slot = 0; slot < 1000; slot++) {
        const place = slot < 2 ? centre : beside(centre, (slot % 32) / 10 - 1.6, Math.floor(slot / 32) / 10 - 1.6);
        grid.insert(slot, ...place);
        oracle.places.set(slot, place);
      }
      expect(oracle.expectQuery(grid, centre, 100, 0)).toBe(999);
      expect(oracle.expectQuery(grid, centre, 100, -1)).toBe(1000);
      oracle.expectQuery(grid, centre, 1, 1);
      grid.query(...centre, 0.001, 0);
      expect(grid.foundM2[grid.found.indexOf(1)]).toBe(0);
    });
  });

  it("is strict at the radius: whole metres due north or up are as far as they are", () => {
    for (const yCm of [EQUATOR_Y, yCmFromLatitude(84.9), yCmFromLatitude(-60)]) {
      for (const m of [1, 100, 315, 1050, 14_999]) {
        const grid = new SpatialGrid();
        grid.insert(0, 5, yCm + m * 100, 0);
        grid.insert(1, 5, yCm - m * 100, 0);
        grid.insert(2, 5, yCm, m * 100);
        grid.insert(3, 5, yCm, -m * 100);
        expect(grid.query(5, yCm, 0, m, -1)).toBe(0);
        expect(grid.query(5, yCm, 0, m + 1e-6, -1)).toBe(4);
        expect([...grid.foundM2.subarray(0, 4)]).toEqual([m * m, m * m, m * m, m * m]);
      }
    }
  });

  it("counts height", () => {
    const grid = new SpatialGrid();
    grid.insert(0, 100, EQUATOR_Y, 0);
    grid.insert(1, 100 + 300, EQUATOR_Y, 400);
    expect(grid.query(100, EQUATOR_Y, 0, 5.1, 0)).toBe(1);
    expect(grid.foundM2[0]).toBeCloseTo(25, 10);
    expect(grid.query(100, EQUATOR_Y, 0, 4.9, 0)).toBe(0);
  });

  it("grows far beyond its first room, and keeps everyone", () => {
    const grid = new SpatialGrid();
    const oracle = new Oracle();
    for (let i = 0; i < 3000; i++) {
      // Not in order, and with gaps.
      const slot = ((i * 7919) % 3001) * 2;
      const place = beside([xCmFromLongitude(100), yCmFromLatitude(45), 0], ((i * 37) % 100) * 100, ((i * 61) % 97) * 100);
      grid.insert(slot, ...place);
      oracle.places.set(slot, place);
    }
    oracle.expectSame(grid, 7000);
    for (const place of [...oracle.places.values()].slice(0, 40)) oracle.expectQuery(grid, place, 1050, -1);
    expect(oracle.expectQuery(grid, [...oracle.places.values()][0] as Place, MAX_QUERY_RADIUS_M, -1)).toBeGreaterThan(2000);
  });

  it("tells apart who is on the same chain from far away", () => {
    const grid = new SpatialGrid();
    const oracle = new Oracle();
    let slot = 0;
    // A body every 256 m times all that the torus may be tall or wide; all fall on few chains.
    for (let north = -8; north <= 8; north++) {
      for (let east = -8; east <= 8; east++) {
        const place: Place = [wrapXCm(east * 128 * 25_600), EQUATOR_Y + north * 128 * 25_600, 0];
        grid.insert(slot, ...place);
        oracle.places.set(slot++, place);
      }
    }
    expect(grid.usedChains).toBeLessThan(40);
    for (const place of oracle.places.values()) expect(oracle.expectQuery(grid, place, MAX_QUERY_RADIUS_M, -1)).toBe(1);
  });

  describe("what it costs, counted", () => {
    it.each([
      ["at the equator", 0],
      ["at 60°", 60],
      ["at 84.9°", 84.9],
      ["at -84.9°", -84.9],
      ["700 m from the pole", 89.9937],
      ["at the pole", 90],
    ])("looks at little in a sparse world %s", (_, latitude) => {
      const grid = new SpatialGrid({ cellM: 256 });
      for (let slot = 0; slot < 2000; slot++) {
        grid.insert(slot, (slot * 2_654_435_761) % RING_CM, Math.round((slot / 2000) * NORTH_Y), 0);
      }
      for (const longitude of [-180, -179.9999, 0, 33, 179.9999]) {
        grid.query(xCmFromLongitude(longitude), yCmFromLatitude(latitude), 0, 315, -1);
        expect(grid.visitedCells).toBeLessThanOrEqual(30);
        expect(grid.visitedSlots).toBeLessThanOrEqual(15);
        grid.query(xCmFromLongitude(longitude), yCmFromLatitude(latitude), 0, 1050, -1);
        expect(grid.visitedCells).toBeGreaterThan(40);
        expect(grid.visitedCells).toBeLessThanOrEqual(150);
        expect(grid.visitedSlots).toBeLessThanOrEqual(60);
      }
    });

    it.each([
      ["the equator", 0],
      ["60°", 60],
      ["84.9°", 84.9],
    ])("measures few more than it finds among many, at %s", (_, latitude) => {
      const grid = new SpatialGrid({ cellM: 256 });
      const centre: Place = [xCmFromLongitude(179.95), yCmFromLatitude(latitude), 0];
      let slot = 0;
      for (let east = 0; east < 50; east++) {
        for (let north = 0; north < 50; north++) grid.insert(slot++, ...beside(centre, east * 200 - 5000, north * 200 - 5000));
      }
      const found = grid.query(...centre, 1050, -1);
      expect(found).toBeGreaterThan(80);
      expect(grid.visitedSlots).toBeLessThan(found * 1.7);
    });

    it("meets few from far away, however many there are", () => {
      const grid = new SpatialGrid({ cellM: 256 });
      for (let slot = 0; slot < 30_000; slot++) {
        grid.insert(slot, (slot * 2_654_435_761) % RING_CM, EQUATOR_Y + Math.round((slot / 30_000 - 0.5) * 1e9), 0);
      }
      let cells = 0;
      let slots = 0;
      for (let longitude = -180; longitude < 180; longitude++) {
        grid.query(xCmFromLongitude(longitude), EQUATOR_Y, 0, 1050, -1);
        cells += grid.visitedCells;
        slots += grid.visitedSlots;
      }
      // One in eight, and somewhat more for chance.
      expect(slots / cells).toBeLessThan(0.16);
    });

    it("touches no link when a body moves within its cell, and one when it leaves it", () => {
      const grid = new SpatialGrid({ cellM: 256 });
      // The first whole centimetres of a row and of a column.
      const south = 25_600 * 40_000;
      for (let slot = 0; slot < 10; slot++) grid.insert(slot, 0, south, 0);
      expect([grid.links, grid.usedChains]).toEqual([10, 1]);
      for (let cm = 0; cm < 25_600; cm += 100) grid.move(3, cm, south + cm, cm);
      expect(grid.links).toBe(10);
      grid.move(3, 0, south - 1, 0);
      expect([grid.links, grid.usedChains]).toEqual([11, 2]);
      grid.move(3, RING_CM - 1, south - 1, 0);
      expect([grid.links, grid.usedChains]).toEqual([12, 2]);
      grid.move(3, 0, south, 0);
      expect([grid.links, grid.usedChains]).toEqual([13, 1]);
    });

    it("keeps nothing of where bodies have been", () => {
      const grid = new SpatialGrid();
      const arrays = [grid.xCm, grid.yCm, grid.zCm, grid.found, grid.foundM2];
      for (let slot = 0; slot < 20; slot++) grid.insert(slot, 0, EQUATOR_Y, 0);
      let most = 0;
      for (let i = 0; i < 100_000; i++) {
        grid.move(i % 20, (i * 2_654_435_761) % RING_CM, (i * 1_234_567) % NORTH_Y, 0);
        most = Math.max(most, grid.usedChains);
      }
      expect(most).toBeGreaterThan(10);
      expect(most).toBeLessThanOrEqual(20);
      for (let slot = 0; slot < 20; slot++) grid.move(slot, 0, EQUATOR_Y, 0);
      expect(grid.usedChains).toBe(1);
      expect(grid.query(0, EQUATOR_Y, 0, 1, -1)).toBe(20);
      expect(grid.visitedSlots).toBe(20);
      expect([grid.xCm, grid.yCm, grid.zCm, grid.found, grid.foundM2].every((array, i) => array === arrays[i])).toBe(true);
      for (let slot = 0; slot < 20; slot++) grid.remove(slot);
      expect([grid.size, grid.usedChains]).toEqual([0, 0]);
    });
  });

  it("refuses what would break it", () => {
    const grid = new SpatialGrid();
    grid.insert(5, 0, EQUATOR_Y, 0);
    for (const slot of [5, -1, 1.5, Number.NaN]) expect(() => grid.insert(slot, 0, 0, 0)).toThrow(RangeError);
    for (const slot of [4, -1, 100_000]) expect(() => grid.move(slot, 0, 0, 0)).toThrow(RangeError);
    for (const slot of [4, -1, 100_000]) {
      grid.remove(slot);
      expect(grid.has(slot)).toBe(false);
    }
    for (const radiusM of [-1, Number.NaN, MAX_QUERY_RADIUS_M + 1]) expect(() => grid.query(0, 0, 0, radiusM, -1)).toThrow(RangeError);
    for (const side of [0, -5, Number.NaN, 1e6]) expect(() => new SpatialGrid({ cellM: side })).toThrow(RangeError);
    expect([grid.size, grid.has(5), grid.query(0, EQUATOR_Y, 0, 1, -1), grid.query(0, EQUATOR_Y, 0, 0, -1)]).toEqual([1, true, 1, 0]);
  });
});
