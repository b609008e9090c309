import { t } from "@colyseus/schema";
import { expect, test } from "vitest";
import type { EntityState, FieldSpecs } from "../../../rooms/index.ts";
import { Random } from "./testing/random.ts";
import { pictureDifference, StockWorld } from "./testing/wire-stock.ts";
import { failOnComplaints, positionAt, quantizedFields, type Values, WireWorld } from "./testing/wire-world.ts";

failOnComplaints();

/** Every tier at the rate of the world tick, and no budget: then who sees what is the same as with views. */
const RATE = { hz: 30 };
/** Radii of which only one counts: a pair is in that tier or out of range. */
const RADII = {
  combat: { combat: 900, visual: 900.001, extended: 900.002 },
  visual: { combat: 0.001, visual: 900, extended: 900.001 },
  extended: { combat: 0.001, visual: 0.002, extended: 900 },
} as const;
/** Radii as they are by default, so that pairs change tiers. */
const ALL = { combat: 50, visual: 300, extended: 1000 };

const FIELDS: FieldSpecs = quantizedFields({
  banner: { type: () => t.string(), tier: "extended", text: "may be absent" },
  score: { type: () => t.number(), tier: "visual", text: "of any length" },
  armour: { type: () => t.quantized({ min: 0, max: 1, bits: 8 }), tier: "combat", text: "may be absent" },
  secret: { type: () => t.string(), tier: "local", text: "may be absent" },
});
const ORC_FIELDS = ["rage", "oath"];
const NAMES = [...Object.keys(FIELDS), ...ORC_FIELDS];

/** Values by field; undefined clears. */
const VALUES: Record<string, (random: Random) => unknown> = {
  banner: (random) => random.pick([undefined, "", "red", "b".repeat(random.whole(28, 40))]),
  score: (random) => random.pick([undefined, 0, -1, 128, 70_000, 0.5, 1e12]),
  armour: (random) => random.pick([undefined, random.unit()]),
  secret: (random) => random.pick([undefined, "s"]),
  name: (random) => `n${random.whole(0, 9)}`,
  health: (random) => random.whole(0, 100),
  mana: (random) => random.whole(0, 3),
  yaw: (random) => random.between(-7, 7),
  solidRadius: (random) => random.pick([undefined, 1, 2.5]),
  velocityX: (random) => random.between(-3, 3),
  experience: (random) => random.whole(0, 1e6),
  rage: (random) => random.whole(0, 3),
  oath: (random) => random.pick([undefined, "blood"]),
};

type Extendable = { extend(fields: Values, name: string): new () => EntityState };

/** Runs one world on both sides; says in what the pictures of a client differ first. */
function run(seed: number, radii: { combat: number; visual: number; extended: number }): string | undefined {
  const random = new Random(seed);
  const world = new WireWorld({
    fields: FIELDS,
    tiers: {
      combat: { ...RATE, radiusM: radii.combat },
      visual: { ...RATE, radiusM: radii.visual },
      extended: { ...RATE, radiusM: radii.extended },
    },
    kinds: ({ Entity }) => ({
      // Untagged fields only: with tagged ones the host's `extend` lists them for the base class, too, and its views throw at the next base entity.
      Orc: (Entity as unknown as Extendable).extend({ rage: t.uint8(), oath: t.string() }, "Orc"),
    }),
  });
  const stock = new StockWorld(world);
  const both = new Map<string, [Values, Values]>();
  const spawn = (id: string) => {
    const kind = random.chance(0.3) ? "Orc" : undefined;
    const values = { ...positionAt(random.between(-700, 700), random.between(-700, 700), random.between(0, 50)), kind: kind ?? "plain" };
    both.set(id, [world.spawn(id, values, kind), stock.spawn(id, values, kind)]);
  };
  const set = (id: string, values: Values) => {
    for (const entity of both.get(id) as [Values, Values])
      for (const [name, value] of Object.entries(values)) if (name in entity) entity[name] = value;
  };
  for (let i = 0; i < 25; i++) spawn(`e${i}`);
  for (let i = 0; i < 3; i++) spawn(`me${i}`);
  // Each side decides by itself who is in which tier: the host's is told what ours decided, for the wire is what is compared.
  const look = (i: number) => {
    for (const id of both.keys()) if (id !== `me${i}`) stock.see(stock.client(i), id, world.clients[i]?.pair(id).tier ?? 4);
  };
  for (let i = 0; i < 3; i++) {
    world.join(`me${i}`);
    const client = stock.join(`me${i}`);
    look(i);
    stock.fullState(client);
  }
  // What the views noted for the full states is still noted: it goes now, with the values that those had.
  stock.patch();
  for (let tick = 0; tick < 40; tick++) {
    for (const id of [...both.keys()]) {
      if (random.chance(0.3)) set(id, positionAt(random.between(-700, 700), random.between(-700, 700)) as Values);
      if (random.chance(0.5)) {
        const name = random.pick(Object.keys(VALUES));
        set(id, { [name]: VALUES[name]?.(random) });
      }
      if (id.startsWith("e") && random.chance(0.03)) {
        world.despawn(id);
        stock.despawn(id);
        both.delete(id);
      }
    }
    if (random.chance(0.4)) spawn(`n${tick}`);
    world.frames(tick === 0 ? 1 : 2);
    for (const i of world.clients.keys()) look(i);
    stock.patch();
    for (const [i, client] of world.clients.entries()) {
      const difference = pictureDifference(client, stock.client(i), NAMES);
      if (difference) return `tick ${tick}, viewer ${i}: ${difference}`;
    }
  }
  return undefined;
}

test.each(Object.entries(RADII))(
  "with nothing but the %s tier, every client has after every tick what it has from the host's own serializer",
  (_, radii) => {
    for (let seed = 1; seed <= 15; seed++) expect(run(seed, radii), `seed ${seed}`).toBeUndefined();
  },
);

test("with all tiers at the rate of the tick, too: fields of a nearer tier keep their last values when it is left", () => {
  for (let seed = 100; seed < 120; seed++) expect(run(seed, ALL), `seed ${seed}`).toBeUndefined();
});
