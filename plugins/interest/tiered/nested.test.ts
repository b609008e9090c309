import { ArraySchema, Callbacks, MapSchema } from "@colyseus/schema";
import { describe, expect, test } from "vitest";
import { TIER_NAMES, type TierName } from "../../../rooms/index.ts";
import { type ItemState, itemOf, nestedFields, nestedName, SHAPES } from "./testing/wire-nested.ts";
import { NestedRun, nestedDifference } from "./testing/wire-nested-run.ts";
import { failOnComplaints, plain, positionAt, quantizedFields, type Values, type WireClient, WireWorld } from "./testing/wire-world.ts";

failOnComplaints();

/** Metres at which an entity is in a tier; at none it is the viewer's own. */
const METRES: Record<TierName, number> = { local: 0, combat: 10, visual: 100, extended: 500 };
const TIER_NUMBER: Record<TierName, number> = { local: 0, combat: 1, visual: 2, extended: 3 };

const everything = (): Values =>
  Object.fromEntries(
    TIER_NAMES.flatMap((tier) => [
      [nestedName(tier, "bag"), new MapSchema<number>({ a: 1, b: 2, c: 3 } as never)],
      [nestedName(tier, "list"), new ArraySchema<number>(30, 10, 20)],
      [nestedName(tier, "items"), new ArraySchema<ItemState>(itemOf("x", 3, [1, 2]), itemOf("y", 1), itemOf("z", 2, [5]))],
      [nestedName(tier, "child"), itemOf("only", 7, [8, 9])],
    ]),
  );

/** A viewer and one entity with everything below it, which is its own when it is asked for at the local tier. */
function worldAt(tier: TierName): { world: WireWorld; client: WireClient; entity: Values; id: string } {
  const world = new WireWorld({ fields: quantizedFields(nestedFields()) });
  const own = world.spawn("me", { ...positionAt(0), ...everything() });
  const other = world.spawn("other", { ...positionAt(METRES[tier] || 10), ...everything() });
  const client = world.join("me");
  world.settle();
  return tier === "local" ? { world, client, entity: own, id: "me" } : { world, client, entity: other, id: "other" };
}

let fresh = 1000;
const item = (): ItemState => itemOf(`new ${fresh++}`, fresh % 256, [fresh++, fresh++]);

/** What a plugin does to a list. Beyond its end the host's own lists do not go. */
const LIST_STEPS: Record<string, <T>(list: ArraySchema<T>, value: () => T, keyOf: (value: T) => number) => unknown> = {
  push: (list, value) => list.push(value()),
  "push of two": (list, value) => list.push(value(), value()),
  shift: (list) => list.shift(),
  unshift: (list, value) => list.unshift(value()),
  "splice out": (list) => list.length > 2 && list.splice(1, 2),
  "splice in": (list, value) => list.length > 0 && list.splice(1, 0, value()),
  "splice one for another": (list, value) => list.length > 0 && list.splice(0, 1, value()),
  reverse: (list) => list.reverse(),
  sort: (list, _, keyOf) => list.sort((a, b) => keyOf(a) - keyOf(b)),
  pop: (list) => list.pop(),
  clear: (list) => list.clear(),
  "push to what was cleared": (list, value) => list.push(value(), value(), value()),
  "one set": (list, value) => {
    if (list.length > 1) list[1] = value();
  },
};

const STEPS: [string, (entity: Values, tier: TierName) => unknown][] = [
  ...Object.entries(LIST_STEPS).map(
    ([name, step]) =>
      [
        name,
        (entity: Values, tier: TierName) => {
          step(
            entity[nestedName(tier, "list")] as ArraySchema<number>,
            () => fresh++,
            (n) => n,
          );
          step(entity[nestedName(tier, "items")] as ArraySchema<ItemState>, item, ({ count }) => count ?? 0);
          step(
            (entity[nestedName(tier, "child")] as ItemState).marks,
            () => fresh++,
            (n) => n,
          );
        },
      ] as [string, (entity: Values, tier: TierName) => unknown],
  ),
  ["an entry set anew", (entity, tier) => (entity[nestedName(tier, "bag")] as MapSchema<number>).set("a", fresh++)],
  ["an entry removed", (entity, tier) => (entity[nestedName(tier, "bag")] as MapSchema<number>).delete("b")],
  ["the entry put back", (entity, tier) => (entity[nestedName(tier, "bag")] as MapSchema<number>).set("b", fresh++)],
  ["a map cleared", (entity, tier) => (entity[nestedName(tier, "bag")] as MapSchema<number>).clear()],
  ["an entry in the cleared map", (entity, tier) => (entity[nestedName(tier, "bag")] as MapSchema<number>).set("d", fresh++)],
  ["a text below", (entity, tier) => Object.assign(entity[nestedName(tier, "child")] as object, { label: "other" })],
  ["a text below cleared", (entity, tier) => Object.assign(entity[nestedName(tier, "child")] as object, { label: undefined })],
  ["a list below replaced", (entity, tier) => Object.assign(entity[nestedName(tier, "child")] as object, { marks: new ArraySchema(4) })],
  ["everything replaced", (entity) => Object.assign(entity, everything())],
  ["everything cleared", (entity, tier) => SHAPES.map((shape) => (entity[nestedName(tier, shape)] = undefined))],
  ["everything set again", (entity) => Object.assign(entity, everything())],
];

describe.each(TIER_NAMES)("what is below an entity in the %s tier", (tier) => {
  test("is, after every kind of change, at a viewer of that tier what it is on the server", () => {
    const { world, client, entity, id } = worldAt(tier);
    for (const [name, step] of STEPS) {
      step(entity, tier);
      world.frames(30);
      expect(nestedDifference(client, id, entity, TIER_NUMBER[tier]), name).toBeUndefined();
    }
  });

  test("is right with a viewer that gets many changes at once, each made in a tick of its own", () => {
    const { world, client, entity, id } = worldAt(tier);
    for (const [name, step] of STEPS) {
      step(entity, tier);
      world.frames(2);
      if (client.pair(id).sent === world.frame) expect(nestedDifference(client, id, entity, TIER_NUMBER[tier]), name).toBeUndefined();
    }
    world.settle();
    expect(nestedDifference(client, id, entity, TIER_NUMBER[tier])).toBeUndefined();
  });

  if (tier !== "local")
    test("is right after the entity was farther away while it changed, and came back", () => {
      const { world, client, entity, id } = worldAt(tier);
      for (const metres of [700, 3000]) {
        Object.assign(entity, positionAt(metres));
        world.settle();
        for (const [, step] of STEPS.slice(0, -3)) {
          step(entity, tier);
          world.frames(2);
        }
        Object.assign(entity, positionAt(METRES[tier]));
        world.settle();
        expect(nestedDifference(client, id, entity, TIER_NUMBER[tier])).toBeUndefined();
      }
    });

  test("is right for one that joins, and for one that comes back, between a change and the frame that would bring it", () => {
    for (const parity of [0, 1]) {
      const { world, client, entity, id } = worldAt(tier);
      world.frames(parity);
      for (const [name, step] of STEPS) {
        step(entity, tier);
        const joined = tier === "local" ? undefined : world.add(undefined);
        client.resync();
        expect(nestedDifference(client, id, entity, TIER_NUMBER[tier]), name).toBeUndefined();
        world.frames(30);
        expect(nestedDifference(client, id, entity, TIER_NUMBER[tier]), name).toBeUndefined();
        if (joined) world.replicator.removeViewer(joined.viewer);
      }
    }
  });

  test("is told of to the client's callbacks once for each thing that comes", () => {
    const { world, client, entity, id } = worldAt(tier);
    const callbacks = Callbacks.get(client.decoder as never) as unknown as {
      onAdd(of: unknown, field: string, told: (value: unknown) => void, immediate: boolean): () => void;
      onRemove(of: unknown, field: string, told: (value: unknown) => void): () => void;
    };
    const added: string[] = [];
    const removed: string[] = [];
    for (const shape of ["bag", "list", "items"] as const) {
      const field = nestedName(tier, shape);
      callbacks.onAdd(client.entity(id), field, (value) => added.push(`${shape} ${JSON.stringify(plain(value))}`), false);
      callbacks.onRemove(client.entity(id), field, (value) => removed.push(`${shape} ${JSON.stringify(plain(value))}`));
    }
    const expected: string[] = [];
    for (let i = 0; i < 12; i++) {
      const thing = item();
      (entity[nestedName(tier, "bag")] as MapSchema<number>).set(`n${i}`, i);
      (entity[nestedName(tier, "list")] as ArraySchema<number>).push(500 + i);
      (entity[nestedName(tier, "items")] as ArraySchema<ItemState>).push(thing);
      expected.push(`bag ${i}`, `list ${500 + i}`, `items ${JSON.stringify(plain(thing))}`);
      world.frames(5);
    }
    world.settle();
    expect(added.sort()).toEqual(expected.sort());
    expect(removed).toEqual([]);
  });
});

test("two changes of one list within a tick come out right, whichever they are", () => {
  const { world, client, entity, id } = worldAt("combat");
  const steps = Object.entries(LIST_STEPS);
  for (const [first, before] of steps) {
    for (const [second, after] of steps) {
      entity.combatList = new ArraySchema(30, 10, 20, 40, 5);
      entity.combatItems = new ArraySchema(itemOf("x", 3, [1]), itemOf("y", 1), itemOf("z", 2, [5]), itemOf("w", 0));
      world.frames(2);
      for (const step of [before, after]) {
        step(
          entity.combatList as ArraySchema<number>,
          () => fresh++,
          (n) => n,
        );
        step(entity.combatItems as ArraySchema<ItemState>, item, ({ count }) => count ?? 0);
      }
      world.frames(2);
      expect(nestedDifference(client, id, entity, TIER_NUMBER.combat), `${first}, ${second}`).toBeUndefined();
    }
  }
});

test("a value that comes before one that equals it comes", () => {
  const { world, client, entity, id } = worldAt("combat");
  (entity.combatList as ArraySchema<number>).unshift(30);
  world.frames(2);
  expect(nestedDifference(client, id, entity, TIER_NUMBER.combat)).toBeUndefined();
});

test("a list that is taken out of a field and put back within one update of a far viewer is there once", () => {
  const { world, client, entity, id } = worldAt("extended");
  for (const field of ["extendedList", "extendedItems"]) {
    const former = entity[field];
    entity[field] = field === "extendedList" ? new ArraySchema(1, 2) : new ArraySchema(item());
    world.frames(2);
    entity[field] = former;
    world.frames(2);
    (former as ArraySchema<unknown>).reverse();
    world.settle();
    expect(nestedDifference(client, id, entity, TIER_NUMBER.extended)).toBeUndefined();
  }
});

// The schema remembers every structure that an item ever hung on, the latest first, whichever holds it now.
test("an item that is lent to another entity and comes back is kept up to date at who has the first", () => {
  const world = new WireWorld({ fields: quantizedFields(nestedFields()) });
  const lender = world.spawn("lender", { ...positionAt(10), combatItems: new ArraySchema(itemOf("sword", 1)) });
  const borrower = world.spawn("borrower", { ...positionAt(4000), combatItems: new ArraySchema() });
  world.spawn("me", positionAt(0));
  const client = world.join("me");
  world.settle();
  const sword = (lender.combatItems as ArraySchema<ItemState>).pop() as ItemState;
  (borrower.combatItems as ArraySchema<ItemState>).push(sword);
  world.settle();
  (borrower.combatItems as ArraySchema<ItemState>).pop();
  (lender.combatItems as ArraySchema<ItemState>).push(sword);
  world.settle();
  sword.count = 2;
  world.settle();
  expect(plain(client.entity("lender")?.combatItems)).toEqual([{ label: "sword", count: 2, marks: [] }]);
});

test("an item that moves from one list to another between two updates keeps what is below it", () => {
  const { world, client, entity, id } = worldAt("extended");
  const moved = (entity.extendedItems as ArraySchema<ItemState>).shift() as ItemState;
  world.frames(4);
  moved.marks.push(77);
  (entity.visualItems as ArraySchema<ItemState>).push(moved);
  world.frames(4);
  (entity.visualItems as ArraySchema<ItemState>).pop();
  world.frames(2);
  (entity.extendedItems as ArraySchema<ItemState>).push(moved);
  world.settle();
  expect(nestedDifference(client, id, entity, TIER_NUMBER.extended)).toBeUndefined();
});

test("a far viewer has everything after more changes between two updates than are kept", () => {
  const { world, client, entity, id } = worldAt("extended");
  const items = entity.extendedItems as ArraySchema<ItemState>;
  items.push(...Array.from({ length: 60 }, item));
  world.settle();
  for (let tick = 0; tick < 40; tick++) {
    for (const each of items) each.marks.push(tick);
    world.frames(2);
    if (client.pair(id).sent === world.frame) expect(nestedDifference(client, id, entity, TIER_NUMBER.extended)).toBeUndefined();
  }
  world.settle();
  expect(nestedDifference(client, id, entity, TIER_NUMBER.extended)).toBeUndefined();
});

test("a change below the own body comes although the frame's packet went out before it was taken in", () => {
  const world = new WireWorld({ fields: quantizedFields(nestedFields()) });
  const own = world.spawn("me", { ...positionAt(0), localList: new ArraySchema(1) });
  const other = world.spawn("other", positionAt(5));
  const [client] = [world.join("me"), world.join("other")];
  world.frames(61);
  // Not a tick: both get a packet, the first for its acknowledgement, the second for what changed of it.
  expect(world.frame % 2).toBe(0);
  (own.localList as ArraySchema<number>).push(2);
  client.acknowledged++;
  other.mana = 5;
  world.frames();
  world.settle();
  expect(plain(client.entity("me")?.localList)).toEqual([1, 2]);
});

/** Seeds in one test. */
const RUNS = 40;

test.each([1, 2, 3, 4, 5])("in short lives %i × 40 of entities full of collections, every client has what its tiers carry", (batch) => {
  let compared = 0;
  for (let seed = batch * RUNS; seed < (batch + 1) * RUNS; seed++) {
    // Every fourth is so tight that updates wait for many periods.
    const run = new NestedRun(seed, seed % 4 === 0 ? 20_000 : Number.POSITIVE_INFINITY);
    const difference = run.run(40);
    if (difference) expect.fail(`seed ${seed}: ${difference}\n${run.history.join("\n")}`);
    compared += run.compared;
  }
  expect(compared).toBeGreaterThan(RUNS * 100);
});
