import fc from "fast-check";
import { expect, test } from "vitest";
import { RING_CM } from "../../rooms/geography/index.ts";
import type { Solid } from "../../rooms/movement/movement.ts";
import { byId, SolidIndex } from "../../rooms/movement/solid-index.ts";

const solid = (id: string, xCm: number, yCm: number, radiusCm: number): Solid => ({ id, xCm, yCm, zCm: 0, radiusCm, heightCm: 100 });

/** Slow and obvious: every solid is measured, the short way round the ring. */
function bruteForce(solids: readonly Solid[], xCm: number, yCm: number, reachXCm: number, reachYCm: number, stretch: number): string[] {
  return solids
    .filter((each) => {
      let dx = Math.abs(each.xCm - xCm);
      if (dx > RING_CM / 2) dx = RING_CM - dx;
      return dx <= reachXCm + each.radiusCm * stretch && Math.abs(each.yCm - yCm) <= reachYCm + each.radiusCm;
    })
    .map(({ id }) => id);
}

test("finds every solid that the brute force finds, in order of id, over the seam too (property)", () => {
  const x = fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: RING_CM - 60_000, max: RING_CM - 1 }));
  const y = fc.integer({ min: 900_000, max: 960_000 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(x, y, fc.integer({ min: 30, max: 20_000 })), { maxLength: 40 }),
      fc.array(fc.nat({ max: 39 }), { maxLength: 10 }),
      x,
      y,
      fc.integer({ min: 1, max: 8000 }),
      fc.double({ min: 1, max: 10, noNaN: true }),
      (places, removed, xCm, yCm, reachCm, stretch) => {
        const index = new SolidIndex();
        const all = places.map(([px, py, radius], i) => solid(String(i * 7 + 1), px, py, radius));
        for (const each of all) index.insert(each, stretch);
        const gone = new Set(removed.map((i) => all[i]?.id));
        for (const id of gone) if (id) index.remove(id);
        const left = all.filter(({ id }) => !gone.has(id));
        expect(index.size).toBe(left.length);
        const found = index.near(xCm, yCm, reachCm * stretch, reachCm);
        expect(found).toEqual([...new Set(found)].sort(byId));
        expect(left).toEqual(expect.arrayContaining([...found]));
        for (const id of bruteForce(left, xCm, yCm, reachCm * stretch, reachCm, stretch))
          expect(found.map((each) => each.id)).toContain(id);
      },
    ),
    { numRuns: 300 },
  );
});

test("the version rises with every change, and only then", () => {
  const index = new SolidIndex();
  index.insert(solid("1", 0, 0, 100), 1);
  const { version } = index;
  index.near(0, 0, 100, 100);
  index.remove("2");
  expect(index.version).toBe(version);
  index.remove("1");
  expect(index.version).toBeGreaterThan(version);
  expect(index.near(0, 0, 100, 100)).toEqual([]);
});

test("ids are decimal numbers, so 9 comes before 10", () => {
  expect([{ id: "10" }, { id: "9" }, { id: "100" }, { id: "1" }].sort(byId).map(({ id }) => id)).toEqual(["1", "9", "10", "100"]);
});
