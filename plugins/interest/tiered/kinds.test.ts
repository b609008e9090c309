import { t } from "@colyseus/schema";
import { describe, expect, test } from "vitest";
import { type EntityState, type FieldSpecs, type StateTypes, TIER_NAMES, type TierName, viewTagOf } from "../../../rooms/index.ts";
import { Random } from "./testing/random.ts";
import { failOnComplaints, positionAt, quantizedFields, refIdOf, type Values, type WireClient, WireWorld } from "./testing/wire-world.ts";

failOnComplaints();

type EntityClass = new () => EntityState;
type Extendable = { extend(fields: Values, name: string): EntityClass };

/** Metres at which an entity is in a tier. */
const METRES = { combat: 10, visual: 100, extended: 500 } as const;
const NUMBER: Record<TierName, number> = { local: 0, combat: 1, visual: 2, extended: 3 };

const tagged = (builder: { view(tag?: number): unknown }, tier: TierName): unknown => {
  const tag = viewTagOf(tier);
  return tag === undefined ? builder : builder.view(tag);
};

/** A field of each form at each tier, named by both. */
const kindFields = (prefix: string): Values =>
  Object.fromEntries(
    TIER_NAMES.flatMap((tier) => [
      [`${prefix}${tier}Byte`, tagged(t.uint8(), tier)],
      [`${prefix}${tier}Text`, tagged(t.string(), tier)],
    ]),
  );

/** Orcs extend entities, and chiefs extend orcs. */
function kinds({ Entity }: StateTypes): Record<string, EntityClass> {
  const Orc = (Entity as unknown as Extendable).extend(kindFields("orc"), "Orc");
  const Chief = (Orc as unknown as Extendable).extend(kindFields("chief"), "Chief");
  const Wisp = (Entity as unknown as Extendable).extend({ glow: t.float32() }, "Wisp");
  return { Orc, Chief, Wisp };
}

const FIELDS_OF_KIND: Record<string, string[]> = {
  plain: [],
  Orc: Object.keys(kindFields("orc")),
  Chief: [...Object.keys(kindFields("orc")), ...Object.keys(kindFields("chief"))],
  Wisp: ["glow"],
};

/** The tier in a field's name; what has none is of the extended tier. */
const tierOf = (field: string): TierName => TIER_NAMES.find((tier) => field.includes(tier)) ?? "extended";

function valuesOf(kind: string, random: Random): Values {
  return Object.fromEntries(
    (FIELDS_OF_KIND[kind] as string[]).map((field) => [field, field.endsWith("Text") ? `t${random.whole(0, 999)}` : random.whole(0, 255)]),
  );
}

/** Expects of a client's entity the fields of its kind that a tier carries, and the base fields of that tier. */
function expectFields(client: WireClient, id: string, entity: EntityState & Values, kind: string, tier: TierName, base: FieldSpecs): void {
  const got = client.entity(id);
  const fields = [
    ...(FIELDS_OF_KIND[kind] as string[]).map((field) => [field, tierOf(field)] as const),
    ...Object.entries(base).map(([field, spec]) => [field, spec.tier] as const),
  ];
  const carried = fields.filter(([, of]) => NUMBER[of] >= NUMBER[tier]);
  const expected = Object.fromEntries(carried.map(([field]) => [field, entity[field]]));
  expect(Object.fromEntries(carried.map(([field]) => [field, got?.[field]])), `${kind} ${id} at ${tier}`).toEqual(expected);
}

describe.each(["combat", "visual", "extended"] as const)("kinds of entities in one map, at the %s tier", (tier) => {
  test("enter as what they are, and have the fields of their kind that the tier carries", () => {
    const world = new WireWorld({ kinds });
    const random = new Random(7);
    world.spawn("me", positionAt(0));
    const client = world.join("me");
    const all = ["plain", "Orc", "plain", "Chief", "Wisp", "Orc", "plain"].map((kind, i) => {
      const entity = world.spawn(
        `e${i}`,
        { ...positionAt(METRES[tier], i), ...valuesOf(kind, random) },
        kind === "plain" ? undefined : kind,
      );
      return { id: `e${i}`, kind, entity };
    });
    const late = world.join("me");
    world.settle();
    for (let round = 0; round < 10; round++) {
      for (const each of [client, late])
        for (const { id, kind, entity } of all) {
          expectFields(each, id, entity, kind, tier, world.types.fields);
          const foreign = (FIELDS_OF_KIND.Chief as string[]).filter((field) => !FIELDS_OF_KIND[kind]?.includes(field));
          for (const field of foreign) expect(field in (each.entity(id) as object), `${kind}.${field}`).toBe(false);
        }
      for (const { kind, entity } of all) {
        const values = Object.entries(valuesOf(kind, random)).filter(() => random.chance(0.5));
        Object.assign(entity, Object.fromEntries(values), { mana: random.whole(0, 99), name: `n${random.whole(0, 99)}` });
      }
      world.settle();
    }
  });
});

test("the entry of a kind in the map ends with its type, that of the base class does not", () => {
  const world = new WireWorld({ kinds });
  world.spawn("me", positionAt(0));
  const orc = world.spawn("o", positionAt(500), "Orc");
  const plain = world.spawn("p", positionAt(500));
  const packet = [...world.add("me").join()];
  const at = packet.findIndex((_, i) => packet.slice(i, i + 5).join() === [128, 1, 161, 111, refIdOf(orc)].join());
  expect(packet[at + 5]).toBe(213);
  const typeId = packet[at + 6] as number;
  expect((world.encoder.context as unknown as { get(id: number): unknown }).get(typeId)).toBe(world.kinds.Orc);
  // Right behind it the next one's.
  expect(packet.slice(at + 7, at + 12)).toEqual([128, 2, 161, 112, refIdOf(plain)]);
  expect(packet[at + 12]).toBe(255);
});

test("a kind with more fields that is first seen when others have rows leaves those as they are", () => {
  const world = new WireWorld({ kinds });
  world.spawn("me", positionAt(0));
  const client = world.join("me");
  const random = new Random(3);
  const before = Array.from({ length: 40 }, (_, i) =>
    world.spawn(`e${i}`, { ...positionAt([10, 100, 500][i % 3] as number, i), level: i, name: `n${i}` }),
  );
  const late = world.add("me");
  world.frames(31);
  const check = () => {
    for (const [i, entity] of before.entries())
      for (const each of [client, late])
        expectFields(each, `e${i}`, entity, "plain", (["combat", "visual", "extended"] as const)[i % 3] as TierName, world.types.fields);
  };
  // Changes that some viewers have and some wait for, while the rows get wider, twice.
  for (const kind of ["Orc", "Chief"]) {
    for (const entity of before)
      Object.assign(entity, { level: random.whole(0, 99), yaw: random.unit(), solidRadius: random.pick([undefined, 2]) });
    world.frames(3);
    for (const entity of before) Object.assign(entity, { health: random.whole(0, 99) });
    world.frames(2);
    world.spawn(`first ${kind}`, { ...positionAt(20), ...valuesOf(kind, random) }, kind);
    if (kind === "Orc") late.join();
    else late.resync();
    world.settle();
    check();
  }
  // And more than the table has room for at first.
  for (let i = 0; i < 600; i++) world.spawn(`more${i}`, { ...positionAt(100, i % 50), ...valuesOf("Chief", random) }, "Chief");
  world.settle();
  check();
  expect(client.ids).toHaveLength(1 + 40 + 2 + 600);
});

/** As many fields of a byte as a class has room for beside the base fields, at every tier in turn. */
function manyFields(count: number): FieldSpecs {
  const room = count - Object.keys(quantizedFields()).length;
  const fields: Record<string, FieldSpecs[string]> = {};
  for (let i = 0; i < room; i++)
    fields[`f${i}`] = { type: i % 5 === 4 ? () => t.string() : () => t.uint8(), tier: TIER_NAMES[i % 4] as TierName, text: "one of many" };
  return quantizedFields(fields);
}

describe.each([33, 40, 63])("a class of %i fields", (count) => {
  const fields = manyFields(count);

  test("has each of them, alone and with others, set and cleared, at each tier", () => {
    expect(Object.keys(fields)).toHaveLength(count);
    const world = new WireWorld({ fields });
    const random = new Random(count);
    const me = world.spawn("me", positionAt(0));
    const client = world.join("me");
    const others = (["combat", "visual", "extended"] as const).map((tier) => ({
      tier,
      id: tier as string,
      entity: world.spawn(tier, positionAt(METRES[tier])),
    }));
    const all = [...others, { tier: "local" as TierName, id: "me", entity: me }];
    world.settle();
    const names = Object.keys(fields).filter((name) => /^f\d/.test(name));
    const value = (name: string): unknown =>
      random.chance(0.2) ? undefined : Number(name.slice(1)) % 5 === 4 ? `t${random.whole(0, 99)}` : random.whole(0, 255);
    for (const name of names) {
      for (const { entity } of all) entity[name] = value(name);
      world.frames(30);
      for (const { tier, id, entity } of all) expectFields(client, id, entity, "plain", tier as TierName, fields);
    }
    for (let round = 0; round < 20; round++) {
      for (const { entity } of all) for (const name of names) if (random.chance(0.5)) entity[name] = value(name);
      world.frames(30);
      for (const { tier, id, entity } of all) expectFields(client, id, entity, "plain", tier as TierName, fields);
      if (round % 5 === 0) client.resync();
    }
  });

  test("touched from outside in a field beyond the 32nd is told to a client that predicts, at once", () => {
    const world = new WireWorld({ fields });
    const me = world.spawn("me", positionAt(0));
    const client = world.add("me", true);
    client.predicted = new Float64Array(12);
    client.join();
    world.settle();
    const last = Object.keys(fields).at(-1) as string;
    // A packet now: the next one would else be due anyway, for the last is long ago.
    me.mana = 5;
    world.frames(world.frame % 2 === 0 ? 2 : 1);
    expect(client.entity("me")?.mana).toBe(5);
    me[last] = Number(last.slice(1)) % 5 === 4 ? "hit" : 77;
    world.frames(2);
    expect(client.entity("me")?.[last]).toBe(me[last]);
  });
});

test("a kind fills a class up to 63 fields, its highest index included", () => {
  const room = 63 - Object.keys(quantizedFields()).length;
  const world = new WireWorld({
    kinds: ({ Entity }) => ({
      Full: (Entity as unknown as Extendable).extend(
        Object.fromEntries(Array.from({ length: room }, (_, i) => [`f${i}`, tagged(t.uint16(), i === room - 1 ? "extended" : "visual")])),
        "Full",
      ),
    }),
  });
  world.spawn("me", positionAt(0));
  const client = world.join("me");
  const full = world.spawn("full", { ...positionAt(500), [`f${room - 1}`]: 60_000 }, "Full");
  world.settle();
  expect(client.entity("full")?.[`f${room - 1}`]).toBe(60_000);
  full[`f${room - 1}`] = 1;
  world.frames(30);
  expect(client.entity("full")?.[`f${room - 1}`]).toBe(1);
  full[`f${room - 1}`] = undefined;
  world.frames(30);
  expect(client.entity("full")?.[`f${room - 1}`]).toBeUndefined();
});
