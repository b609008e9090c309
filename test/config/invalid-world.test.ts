import path from "node:path";
import { describe, expect, it } from "vitest";
import { BmError } from "../../config/bm-error.ts";
import { defineWorld } from "../../config/define-world.ts";
import type { WorldInput } from "../../config/world-types.ts";

/** What is said of zones that were read from a folder. */
function said(directory: string, zones: unknown[], rest: object = {}): BmError {
  try {
    defineWorld({ ...rest, zones: { directory, zones } } as unknown as WorldInput);
  } catch (error) {
    expect(error).toBeInstanceOf(BmError);
    return error as BmError;
  }
  throw new Error("expected a BmError, nothing was thrown");
}

const HERE = path.resolve("config/zones");
const AMERICAS = { name: "americas", west: -180, east: -60 };
const REST = { name: "rest", west: -60, east: 180 };

describe("problems of zones in a folder", () => {
  it("name the file, relative to the working directory where it lies below that", () => {
    const americas = { ...AMERICAS, west: "x", tiers: { combat: { hz: 7 } }, "odd key": 1 };
    const { message, hint, data } = said(HERE, [americas, REST]);
    expect(message.split("\n")).toEqual([
      expect.stringMatching(/^config\/zones\/americas\.json: west: is not a finite number, got "x", expected /),
      expect.stringMatching(/^config\/zones\/americas\.json: \["odd key"\]: is not a known key, got 1, /),
      "config/zones/americas.json: tiers.combat.hz: does not divide frameHz, got 7, expected a divisor of 60",
    ]);
    expect(hint).toBe("Correct the 3 problems in the files named.");
    expect(data?.problems).toMatchObject([{ path: "config/zones/americas.json: west" }, {}, {}]);
    const elsewhere = path.resolve("/elsewhere");
    expect(said(elsewhere, [{ ...AMERICAS, capacity: 0 }, REST]).message).toMatch(`${path.join(elsewhere, "americas.json")}: capacity: `);
  });

  it("name the files on both sides of a gap and those of an overlap, and the commands that make neither", () => {
    const gap = said(HERE, [AMERICAS, { ...REST, west: -55 }]);
    expect(gap.message).toBe(
      "config/zones: no zone covers -60..-55 (5 degrees): config/zones/americas.json, config/zones/rest.json, got no zone, expected exactly one zone for every longitude",
    );
    expect(gap.hint).toMatch(/bm zone create NAME --longitude=WEST\.\.EAST --split, or: bm zone remove NAME --into NEIGHBOUR$/);
    expect(gap.data?.problems).toEqual([expect.not.objectContaining({ zones: expect.anything() })]);
    expect(said(HERE, [AMERICAS, { ...REST, west: -65 }]).message).toMatch(
      /^config\/zones: americas and rest both cover -65\.\.-60 \(5 degrees\): config\/zones\/americas\.json, config\/zones\/rest\.json, got 2 zones, /,
    );
  });

  it("stay as they are for what is no zone", () => {
    expect(said(HERE, [AMERICAS, REST], { tickHz: 7 }).message).toMatch(/^tickHz: /);
  });
});
