import { ArraySchema, schema, t } from "@colyseus/schema";
import { describe, expect, test } from "vitest";
import { BmError } from "../../../config/index.ts";
import { type EntityState, type FieldSpecs, mergeFields, type WireType } from "../../../rooms/index.ts";
import { type ItemState, itemOf, nestedFields } from "./testing/wire-nested.ts";
import { failOnComplaints, plain, positionAt, quantizedFields, type Values, WireWorld } from "./testing/wire-world.ts";

failOnComplaints();

/** Positions as they are without the quantization plugin: floats, which may be anything. */
const FLOATS = mergeFields([]);

const NOWHERE: [string, Values][] = [
  ["cellX is NaN", { cellX: Number.NaN }],
  ["cellX is infinite", { cellX: Number.POSITIVE_INFINITY }],
  ["cellX is beyond the ring", { cellX: 65_000 }],
  ["cellY is NaN", { cellY: Number.NaN }],
  ["cellY is north of the pole", { cellY: 40_000 }],
  ["cellZ is NaN", { cellZ: Number.NaN }],
];
const NOWHERE_IN_FLOATS: [string, Values][] = [
  ["x is NaN", { x: Number.NaN }],
  ["y is infinite", { y: Number.POSITIVE_INFINITY }],
  ["z is -Infinity", { z: Number.NEGATIVE_INFINITY }],
];

describe.each([
  ["with quantized fields", quantizedFields(), NOWHERE],
  ["with floats", FLOATS, [...NOWHERE, ...NOWHERE_IN_FLOATS]],
] as const)("a position that is none, %s", (_, fields, places) => {
  test.each(places)("%s: nobody sees the entity, it is told of once each time, and it comes back", (__, nowhere) => {
    const told: string[] = [];
    const world = new WireWorld({ fields, onInvalidPosition: (id) => told.push(id) });
    world.spawn("me", positionAt(0));
    const it = world.spawn("it", positionAt(5));
    const near = world.spawn("near", positionAt(6));
    const client = world.join("me");
    world.settle();
    for (let times = 1; times <= 3; times++) {
      Object.assign(it, nowhere);
      world.settle();
      // Changes of what is nowhere: neither told again nor sent.
      for (let i = 0; i < 5; i++) {
        Object.assign(it, nowhere, { mana: i });
        near.mana = i;
        world.frames(2);
      }
      world.settle();
      expect(told).toEqual(Array(times).fill("it"));
      expect(client.ids.sort()).toEqual(["me", "near"]);
      expect(client.entity("near")?.mana).toBe(4);
      Object.assign(it, positionAt(5, times));
      world.settle();
      expect(client.ids.sort()).toEqual(["it", "me", "near"]);
      expect(client.entity("it")?.mana).toBe(4);
    }
  });

  test("of the own body: the client keeps the surroundings of where it last was, and gets on", () => {
    const told: string[] = [];
    const world = new WireWorld({ fields, onInvalidPosition: (id) => told.push(id) });
    const me = world.spawn("me", positionAt(0));
    const it = world.spawn("it", positionAt(5));
    const client = world.join("me");
    world.settle();
    me.cellX = Number.NaN;
    world.settle();
    it.mana = 9;
    world.settle();
    expect(client.entity("it")?.mana).toBe(9);
    expect(told).toEqual(["me"]);
    Object.assign(me, positionAt(3000));
    world.settle();
    expect(client.ids).toEqual(["me"]);
  });

  test("from the beginning: a client that joins so sees itself, and what is around once it is somewhere", () => {
    const world = new WireWorld({ fields });
    const me = world.spawn("me", { ...positionAt(0), cellX: Number.NaN });
    world.spawn("it", positionAt(5));
    const client = world.join("me");
    world.settle();
    expect(client.ids).toEqual(["me"]);
    Object.assign(me, positionAt(0));
    world.settle();
    expect(client.ids.sort()).toEqual(["it", "me"]);
  });

  test("values that are no numbers in other fields arrive as the wire has them, and harm no other", () => {
    const world = new WireWorld({ fields });
    world.spawn("me", positionAt(0));
    const it = world.spawn("it", positionAt(5));
    const client = world.join("me");
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1e300]) {
      Object.assign(it, { health: bad, yaw: bad, velocityX: bad, solidRadius: bad, action: `after ${bad}`, level: 3 });
      world.settle();
      expect(client.entity("it")).toMatchObject({ action: `after ${bad}`, level: 3 });
      expect(typeof client.entity("it")?.health).toBe("number");
    }
    it.health = 50;
    world.settle();
    expect(client.entity("it")?.health).toBe(50);
  });
});

describe("a crowd", () => {
  test("two in exactly one place are both there, also when the viewer stands on them", () => {
    const world = new WireWorld();
    for (const id of ["me", "a", "b"]) world.spawn(id, positionAt(0));
    const client = world.join("me");
    const [a, b] = ["a", "b"].map((id) => world.state.entities.get(id)) as [EntityState, EntityState];
    world.settle();
    Object.assign(a, { mana: 1 });
    Object.assign(b, { mana: 2 });
    world.settle();
    expect([client.entity("a")?.mana, client.entity("b")?.mana]).toEqual([1, 2]);
  });

  test("of ten thousand in one place comes within the budget, in order, and all of it in the time that its bytes take", () => {
    const budget = 50_000;
    const count = 10_000;
    const world = new WireWorld({ budgetBytesPerSecond: budget });
    world.spawn("me", positionAt(0));
    const client = world.join("me");
    world.settle();
    for (let i = 0; i < count; i++) world.spawn(`e${i}`, positionAt(5));
    let bytes = 0;
    let frames = 0;
    let largest = 0;
    while (client.ids.length < count + 1 && frames < 60 * 60) {
      const before = client.ids.length;
      world.frames();
      frames++;
      expect(client.packets.length).toBeLessThanOrEqual(1);
      for (const packet of client.packets) {
        largest = Math.max(largest, packet.length);
        bytes += packet.length;
      }
      // At equal distance in the order in which they came into the zone.
      expect(client.ids.slice(before)).toEqual(Array.from({ length: client.ids.length - before }, (_, i) => `e${before - 1 + i}`));
    }
    expect(client.ids).toHaveLength(count + 1);
    const perEntity = bytes / count;
    expect(perEntity).toBeLessThan(110);
    // A fifth of a second at the most, and one record over it.
    expect(largest).toBeLessThanOrEqual(budget / 5 + 200);
    expect(frames / 60).toBeLessThanOrEqual(bytes / budget + 1);
    // docs/REPLICATION.md, "Budget": W × n × s / B.
    expect(frames / 60).toBeLessThan((8 * count * perEntity) / budget);
  });

  test("at many distances comes near to far, though all of them came at once and in any order", () => {
    const world = new WireWorld({ budgetBytesPerSecond: 50_000 });
    world.spawn("me", positionAt(0));
    const client = world.join("me");
    world.settle();
    const count = 1500;
    for (let i = 0; i < count; i++) world.spawn(`e${(i * 787) % count}`, positionAt(60 + ((i * 787) % count) * 0.1));
    for (let i = 0; i < 600 && client.ids.length < count + 1; i++) world.frames();
    expect(client.ids).toEqual(["me", ...Array.from({ length: count }, (_, i) => `e${i}`)]);
  });

  test("that a client joins into is all in its full state", () => {
    const world = new WireWorld({ budgetBytesPerSecond: 50_000 });
    world.spawn("me", positionAt(0));
    for (let i = 0; i < 10_000; i++) world.spawn(`e${i}`, positionAt(5));
    world.frames(2);
    const client = world.add("me");
    expect(client.join().length).toBeGreaterThan(500_000);
    expect(client.ids).toHaveLength(10_001);
  });
});

const Tagged = schema({ open: t.uint8(), hidden: t.uint8().view(2) }, "TaggedChild");
const Loud = schema({ noise: t.uint8().unreliable() }, "LoudChild");
/** A wire type whose view tag is another than its tier's. */
const withTag = (tag: number): WireType => ({ _type: "uint8", view: () => t.uint8().view(tag) }) as unknown as WireType;

test.each<[string, () => unknown, string]>([
  ["with a view tag that is no tier's", () => withTag(16), "16"],
  ["with the tags of two tiers", () => withTag(3), "3"],
  ["that is unreliable", () => t.uint8().unreliable(), "unreliable"],
  ["that is in patches only", () => t.uint8().patchOnly(), "patchOnly"],
  ["that is in full states only", () => t.uint8().fullStateOnly(), "fullStateOnly"],
  ["that is streamed", () => t.map(Tagged).stream(), "stream"],
  ["that is a stream", () => t.stream(Tagged), "stream"],
  ["with a child class that has view tags", () => t.ref(Tagged), "TaggedChild"],
  ["with a list of a class that has view tags", () => t.array(Tagged), "TaggedChild"],
  ["with a class that has unreliable fields", () => t.map(Loud), "LoudChild"],
])("a field %s is refused with its name before anything is sent", (_, type, reason) => {
  const fields: FieldSpecs = quantizedFields({ oddOne: { type: type as () => WireType, tier: "visual", text: "odd" } });
  let thrown: unknown;
  try {
    new WireWorld({ fields });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(BmError);
  expect((thrown as BmError).code).toBe("BM_PLUGIN_INVALID");
  expect((thrown as BmError).message).toContain('"oddOne"');
  expect((thrown as BmError).message).toContain(reason);
});

describe("what is very long", () => {
  const fields = quantizedFields({
    ...nestedFields(),
    essay: { type: () => t.string(), tier: "extended", text: "long" },
  });

  /** An entity in sight and one that comes after it in every packet. */
  function scene() {
    const world = new WireWorld({ fields });
    world.spawn("me", positionAt(0));
    const it = world.spawn("it", positionAt(5));
    const next = world.spawn("next", positionAt(6));
    const client = world.join("me");
    world.settle();
    const expectRight = (label: string) => {
      next.mana = (next.mana + 1) % 1000;
      world.settle();
      expect(client.entity("next")?.mana, label).toBe(next.mana);
      // Not by toEqual: its difference of a megabyte takes minutes to print.
      for (const field of ["essay", "combatList", "extendedItems"])
        expect(JSON.stringify(plain(client.entity("it")?.[field])) === JSON.stringify(plain(it[field])), `${label}: ${field}`).toBe(true);
    };
    return { world, client, it, expectRight };
  }

  test.each([10_000, 70_000, 250_000])("a text of %i bytes arrives, in an update, in a full record and in a full state", (length) => {
    const { world, client, it, expectRight } = scene();
    it.essay = "e".repeat(length);
    expectRight("update");
    Object.assign(it, positionAt(500));
    world.settle();
    Object.assign(it, positionAt(5));
    expectRight("full record");
    client.resync();
    expectRight("full state");
  });

  test("a text of 300,000 bytes does not harm the stream", () => {
    const { it, expectRight } = scene();
    it.essay = "e".repeat(300_000);
    expectRight("update");
  });

  test("a list of 40,000 numbers arrives by and by, and in full", () => {
    const { world, client, it, expectRight } = scene();
    const list = new ArraySchema<number>();
    it.combatList = list;
    world.frames(2);
    for (let i = 0; i < 40; i++) {
      list.push(...Array.from({ length: 1000 }, (_, j) => i * 1000 + j));
      world.frames(2);
    }
    expectRight("update");
    client.resync();
    expectRight("full state");
  });

  test("a list of 100,000 numbers that is set at once arrives", () => {
    const { it, expectRight } = scene();
    const list = new ArraySchema<number>();
    for (let i = 0; i < 100; i++) list.push(...Array.from({ length: 1000 }, (_, j) => i * 1000 + j));
    it.combatList = list;
    expectRight("update");
  });

  test("items of more than a megabyte do not harm the full state of who joins", () => {
    const { world, client, it, expectRight } = scene();
    const items = new ArraySchema<ItemState>();
    it.extendedItems = items;
    for (let i = 0; i < 30; i++) {
      items.push(itemOf("y".repeat(50_000), i));
      world.frames(2);
    }
    expectRight("updates");
    client.resync();
    expectRight("full state");
  });
});
