import { MapSchema, t } from "@colyseus/schema";
import { expect, test } from "vitest";
import { DEFAULT_TIERS } from "../../../config/index.ts";
import type { EntityState, StateTypes } from "../../../rooms/index.ts";
import { EXTENDED } from "../tier-of-distance.ts";
import { EntityTable } from "./entity-table.ts";
import { QUEUES } from "./pair-rings.ts";
import { Scanner } from "./scanner.ts";
import { failOnComplaints, positionAt, type Values, WireWorld } from "./testing/wire-world.ts";
import { Viewer } from "./viewer.ts";

failOnComplaints();

test("a client that cannot be sent to is not served, and the others get what they get in that frame and ever after", () => {
  const failures: unknown[] = [];
  const world = new WireWorld({ onFailure: (error) => failures.push(error) });
  const mover = world.spawn("mover", positionAt(5));
  for (const id of ["a", "b", "c"]) world.spawn(id, positionAt(0));
  const [first, broken, last] = [world.join("a"), world.join("b"), world.join("c")];
  world.settle();
  const { send } = broken;
  Object.assign(broken, {
    send: () => {
      throw new Error("no such socket");
    },
  });
  Object.assign(world.state.zone, { name: "renamed" });
  mover.mana = 7;
  world.frames(2);
  expect(failures).toEqual([expect.objectContaining({ message: "no such socket" })]);
  for (const client of [first, last]) {
    expect(client.entity("mover")?.mana).toBe(7);
    expect((client.decoder.state as Values).zone).toMatchObject({ name: "renamed" });
  }
  mover.mana = 8;
  world.settle();
  expect(failures).toHaveLength(1);
  expect(last.entity("mover")?.mana).toBe(8);
  // Once it is back it is told of all that it missed.
  Object.assign(broken, { send });
  broken.resync();
  expect(broken.entity("mover")?.mana).toBe(8);
  expect((broken.decoder.state as Values).zone).toMatchObject({ name: "renamed" });
});

test("a change below an entity comes in the tick of the entity's own, where records are made before it is known", () => {
  const kinds = ({ Entity }: StateTypes) => ({
    Porter: (Entity as unknown as { extend(fields: Values, name: string): new () => EntityState }).extend(
      { bag: t.map("uint8").view(2) },
      "Porter",
    ),
  });
  const world = new WireWorld({ kinds });
  for (const id of ["a", "b", "c"]) world.spawn(id, positionAt(0));
  // Enough of them that is asked for every tick that records are made ahead.
  const others = Array.from({ length: 20 }, (_, i) => world.spawn(`other${i}`, positionAt(3 + i)));
  const porter = world.spawn("porter", positionAt(4), "Porter");
  const clients = ["a", "b", "c"].map((id) => world.join(id));
  const bag = new MapSchema<number>();
  for (let tick = 0; tick < 12; tick++) {
    for (const other of others) other.mana++;
    porter.mana++;
    // The first ticks without a structure at all: the row's first is noted behind its scalars.
    if (tick === 4) porter.bag = bag;
    if (tick >= 4) bag.set(`k${tick}`, tick);
    world.frames(2);
    for (const client of clients) {
      expect(client.entity("porter")?.mana).toBe(porter.mana);
      const seen = client.entity("porter")?.bag as MapSchema<number> | undefined;
      expect([...(seen?.keys() ?? [])]).toEqual(tick >= 4 ? [...bag.keys()] : []);
    }
  }
});

test("the client of an entity that goes under it forgets it", () => {
  const world = new WireWorld();
  world.spawn("me", positionAt(0));
  world.spawn("other", positionAt(5));
  const client = world.join("me");
  world.settle();
  world.despawn("me");
  world.settle();
  expect(client.ids).toEqual(["other"]);
});

test("scans are still right when their counter has come to its end and begun anew", () => {
  const world = new WireWorld();
  const table = new EntityTable(world.encoder, world.state.entities, { onFailure: fail, onInvalidPosition: fail, onTouched: fail });
  for (let i = 0; i < 10; i++) {
    const entity = new world.types.Entity();
    Object.assign(entity, positionAt(i * 30));
    world.state.entities.set(`e${i}`, entity);
    table.add(`e${i}`, entity, 0);
  }
  const scanner = new Scanner(table, Int32Array.of(1, 2, 6, 30), DEFAULT_TIERS, 2 ** 31 - 9);
  const viewer = new Viewer({ ownEntityId: "e0", predict: false, ack: () => 0, send: () => {} }, 0);
  viewer.ownRow = table.rowOf("e0") as number;
  for (let frame = 30; frame < 900; frame += 30) {
    scanner.scan(viewer, EXTENDED, frame);
    const pairs = Array.from({ length: QUEUES }, (_, q) => viewer.rings.length(q)).reduce((sum, length) => sum + length, 0);
    expect({ frame, pairs, deletes: scanner.deletes.length }).toEqual({ frame, pairs: 9, deletes: 0 });
  }
});

function fail(what: unknown): never {
  throw new Error(`not expected: ${what}`);
}
