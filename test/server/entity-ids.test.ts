import { LocalPresence, type Presence } from "@colyseus/core";
import { describe, expect, test } from "vitest";
import { openEntityIds } from "../../server/entity-ids.ts";
import { until } from "../support/until.ts";

describe("entity ids", () => {
  test("go on over the end of a block, fetched while half of the last is there", async () => {
    const ids = await openEntityIds(new LocalPresence(), { shared: false, blockSize: 8 });
    const given: string[] = [];
    for (let i = 0; i < 100; i++) {
      given.push(ids.next());
      // Lets the next block arrive, as frames do.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(given).toEqual(Array.from({ length: 100 }, (_, i) => String(i + 1)));
  });

  test("are refused, not repeated, when the blocks are used up and presence gives no more", async () => {
    let blocks = 0;
    const presence = { incr: () => (++blocks === 1 ? Promise.resolve(1) : Promise.reject(new Error("gone"))) } as unknown as Presence;
    const ids = await openEntityIds(presence, { shared: false, blockSize: 4 });
    expect([1, 2, 3, 4].map(() => ids.next())).toEqual(["1", "2", "3", "4"]);
    await until("the tries to fail", () => blocks >= 2);
    expect(() => ids.next()).toThrow(/no entity ids left/);
  });

  test("of processes that share a presence never meet, even when it forgets its count", async () => {
    const presence = new LocalPresence();
    const [one, two] = [await openEntityIds(presence, { shared: true }), await openEntityIds(presence, { shared: true })];
    const second = Math.floor(Date.now() / 1000);
    await until("the next second", () => Math.floor(Date.now() / 1000) > second);
    const three = await openEntityIds(new LocalPresence(), { shared: true });
    const given = [one, two, three].flatMap((ids) => Array.from({ length: 1000 }, () => ids.next()));
    expect(new Set(given).size).toBe(3000);
    for (const id of given) expect(Number.isSafeInteger(Number(id))).toBe(true);
  });
});
