import fc from "fast-check";
import { expect, test } from "vitest";
import { KNOWN, LACKS_FIELDS, PairRings, QUEUES, ROW_MASK } from "./pair-rings.ts";

/** A queue as plainly as can be: pairs in order. */
type Plain = { entry: number; sent: number }[];

const queue = fc.integer({ min: 0, max: QUEUES - 1 });
const flags = fc.constantFrom(0, KNOWN, LACKS_FIELDS, KNOWN | LACKS_FIELDS);
const share = fc.double({ min: 0, max: 0.999, noNaN: true });

/** Something that a scan or a frame does to the queues of a viewer; places are shares of the length, for lengths are not known here. */
const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("insert" as const), queue, flags, back: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("insertMany" as const), queue, flags, count: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("serve" as const), queue, count: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("removeAt" as const), queue, share }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("keepSome" as const), queue, every: fc.integer({ min: 2, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("truncate" as const), queue, share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clear" as const) }) },
);

/** Puts a pair behind all that have the same or an older `sent`: docs/REPLICATION.md, "Queues". */
function insertPlain(plain: Plain, entry: number, sent: number): void {
  const newer = plain.findIndex((pair) => pair.sent > sent);
  plain.splice(newer < 0 ? plain.length : newer, 0, { entry, sent });
}

function contentOf(rings: PairRings, q: number): Plain {
  return Array.from({ length: rings.length(q) }, (_, place) => ({ entry: rings.entryAt(q, place), sent: rings.sentAt(q, place) }));
}

test("five queues in one memory hold, whatever is done to them, what five plain sorted lists hold", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const rings = new PairRings();
      const plain: Plain[] = Array.from({ length: QUEUES }, () => []);
      let row = 0;
      for (const [frame, op] of operations.entries()) {
        if (op.do === "clear") {
          rings.clear();
          for (const list of plain) list.length = 0;
        } else {
          const q = op.queue;
          const list = plain[q] as Plain;
          const at = "share" in op ? Math.floor(op.share * list.length) : 0;
          if (op.do === "insert") {
            rings.insert(q, ++row | op.flags, frame - op.back);
            insertPlain(list, row | op.flags, frame - op.back);
          } else if (op.do === "insertMany") {
            for (let i = 0; i < op.count; i++) {
              const sent = frame - ((i * 7) % 5);
              rings.insert(q, ++row | op.flags, sent);
              insertPlain(list, row | op.flags, sent);
            }
          } else if (op.do === "serve") {
            for (let i = 0; i < Math.min(op.count, list.length); i++) {
              const { entry } = list.shift() as Plain[number];
              // `sent` of those that are served is the frame: never older than any that is there.
              const sent = Math.max(frame, list.at(-1)?.sent ?? frame);
              rings.rotate(q, (entry & ROW_MASK) | KNOWN, sent);
              list.push({ entry: (entry & ROW_MASK) | KNOWN, sent });
            }
          } else if (op.do === "removeAt" && list.length > 0) {
            rings.removeAt(q, at);
            list.splice(at, 1);
          } else if (op.do === "keepSome") {
            // As a scan does: those that stay move up, the rest is cut off.
            let kept = 0;
            for (const [place, pair] of list.entries()) if (place % op.every !== 0) rings.setAt(q, kept++, pair.entry, pair.sent);
            rings.truncate(q, kept);
            plain[q] = list.filter((_, place) => place % op.every !== 0);
          } else if (op.do === "truncate") {
            rings.truncate(q, at);
            list.length = at;
          }
        }
        for (const [q, list] of plain.entries()) {
          expect(contentOf(rings, q)).toEqual(list);
          if (list[0]) expect(rings.oldest(q)).toBe(list[0].sent);
        }
        expect(rings.pairs).toBe(plain.flat().length);
      }
      for (const [q, list] of plain.entries()) {
        for (const [place, { entry }] of list.entries()) expect(rings.placeOf(q, entry & ROW_MASK)).toBe(place);
        expect(rings.placeOf(q, ++row)).toBe(-1);
      }
    }),
    { numRuns: 150 },
  );
});

test("a queue that grows takes nothing from its neighbours, whichever it is and wherever its ring has turned to", () => {
  for (let grown = 0; grown < QUEUES; grown++) {
    const rings = new PairRings();
    const entries = [11, 12, 13];
    for (let q = 0; q < QUEUES; q++) for (const entry of entries) rings.insert(q, entry + q * 100, entry);
    for (let q = 0; q < QUEUES; q++) rings.rotate(q, rings.entryAt(q, 0), 99);
    for (let i = 0; i < 1000; i++) rings.insert(grown, 5000 + i, 100);
    for (let q = 0; q < QUEUES; q++) {
      const expected = [12, 13, 11].map((entry) => entry + q * 100);
      expect(
        contentOf(rings, q)
          .slice(0, 3)
          .map(({ entry }) => entry),
      ).toEqual(expected);
      expect(rings.length(q)).toBe(q === grown ? 1003 : 3);
    }
    expect(
      contentOf(rings, grown)
        .slice(3)
        .map(({ entry }) => entry),
    ).toEqual(Array.from({ length: 1000 }, (_, i) => 5000 + i));
  }
});
