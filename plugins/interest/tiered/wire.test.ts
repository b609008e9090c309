import { t } from "@colyseus/schema";
import { describe, expect, test } from "vitest";
import type { FieldSpecs } from "../../../rooms/index.ts";
import { failOnComplaints, refIdOf, skipRefIds, type Values, type WireClient, WireWorld } from "./testing/wire-world.ts";

failOnComplaints();

const offset = () => t.quantized({ min: 0, max: 655.35 });

/** A field or two of each tier: short enough to be read byte by byte. The comments below name fields by these indexes. */
const FIELDS: FieldSpecs = {
  cellX: { type: () => t.uint16(), tier: "extended", initial: 30_000, text: "0" },
  cellY: { type: () => t.uint16(), tier: "extended", initial: 15_287, text: "1, the equator" },
  cellZ: { type: () => t.int8(), tier: "extended", initial: 0, text: "2" },
  x: { type: offset, tier: "extended", initial: 0, text: "3" },
  y: { type: offset, tier: "extended", initial: 0, text: "4" },
  z: { type: offset, tier: "extended", initial: 0, text: "5" },
  hue: { type: () => t.uint8(), tier: "extended", text: "6" },
  name: { type: () => t.string(), tier: "visual", initial: "", text: "7" },
  mana: { type: () => t.uint16(), tier: "combat", initial: 258, text: "8" },
  secret: { type: () => t.uint8(), tier: "local", initial: 9, text: "9" },
};

/** Prefix of a patch, with the server's time of frame 61 and no acknowledgement. */
const EMPTY_PREFIX = [143, 37, 4, 0, 0, 0, 0, 0, 0];

/** Offsets in metres at which another is in a tier of who stands at x = 100 m. */
const X = { combat: 110, visual: 300, extended: 600 } as const;

interface Scene {
  world: WireWorld;
  client: WireClient;
  me: Values;
}

/** One viewer, alone. The refs are 0 the root, 1 the zone, 2 the map, 3 the viewer's own entity. */
function alone(): Scene {
  const world = new WireWorld({ fields: FIELDS, timed: true });
  const me = world.spawn("me", { x: 100 });
  const client = world.join("me");
  world.settle();
  return { world, client, me };
}

/** One viewer and another entity "it", in sync; `nextRef` becomes its ref id. */
function withOther(tier: keyof typeof X, nextRef = 4): Scene & { it: Values } {
  const scene = alone();
  skipRefIds(scene.world, nextRef);
  const it = scene.world.spawn("it", { x: X[tier] });
  scene.world.settle();
  expect(refIdOf(it)).toBe(nextRef);
  return { ...scene, it };
}

/** The packet of the next frame that brings one. */
function nextPacket({ world, client }: Scene): number[] {
  for (let i = 0; i < 61; i++) {
    world.frames();
    expect(client.packets.length).toBeLessThanOrEqual(1);
    if (client.packets[0]) return [...client.packets[0]];
  }
  throw new Error("no packet in 61 frames");
}

/** The bytes of the next packet behind its prefix. */
const nextBody = (scene: Scene): number[] => nextPacket(scene).slice(9);

test("a full state begins with the time and the acknowledgement, then the root, the zone, the map with its entries, and the fields", () => {
  const world = new WireWorld({ fields: FIELDS, timed: true });
  world.spawn("me", { x: 100 });
  const client = world.add("me");
  client.acknowledged = 0x1234;
  expect([...client.join()]).toEqual([
    142, // full state 14, timed 0x80
    ...[231, 3, 0, 0], // time, 999 ms
    ...[0x34, 0x12, 0, 0], // last input processed
    ...[255, 0], // root:
    ...[192, 1], // field 0 `zone`, in the place of any former: ref 1
    ...[129, 2], // field 1 `entities`: ref 2
    ...[255, 1], // zone:
    ...[128, 163, 97, 108, 108], // name "all"
    ...[129, 0, 0, 0, 0, 0, 128, 102, 192], // west -180
    ...[130, 0, 0, 0, 0, 0, 128, 102, 64], // east 180
    ...[255, 2], // map:
    ...[128, 0, 162, 109, 101, 3], // index 0, "me": ref 3
    ...[255, 3], // the own entity, with the fields of all tiers:
    ...[128, 48, 117], // cellX
    ...[129, 183, 59], // cellY
    ...[130, 0], // cellZ
    ...[131, 16, 39], // x 10000 cm
    ...[132, 0, 0], // y
    ...[133, 0, 0], // z
    ...[135, 160], // name ""; `hue`, field 6, has no value
    ...[136, 2, 1], // mana 258
    ...[137, 9], // secret
  ]);
});

test("without a time there is no prefix but the code", () => {
  const world = new WireWorld({ fields: FIELDS });
  const it = world.spawn("it", { x: 110 });
  world.spawn("me", { x: 100 });
  const client = world.add("me");
  expect(client.join()[0]).toBe(14);
  world.settle();
  it.mana = 3;
  world.frames(2);
  expect(client.packets.map((packet) => [...packet])).toEqual([[15, 255, 3, 136, 3, 0]]);
});

test("a patch of an acknowledgement alone is its prefix", () => {
  const { world, client } = alone();
  client.acknowledged = 0x01020304;
  world.frames();
  expect(client.packets.map((packet) => [...packet])).toEqual([[143, ...[37, 4, 0, 0], ...[4, 3, 2, 1]]]);
});

test.each([
  ["combat", 110, [248, 42], [...[135, 160], ...[136, 2, 1]]],
  ["visual", 300, [48, 117], [135, 160]],
  ["extended", 600, [96, 234], []],
] as const)("what enters at the %s tier comes with its entry in the map and the fields of that tier", (_, x, xBytes, nearer) => {
  const scene = alone();
  scene.world.spawn("it", { x });
  expect(nextBody(scene)).toEqual([
    ...[255, 2], // map:
    ...[128, 1, 162, 105, 116, 4], // index 1, "it": ref 4
    ...[255, 4], // the entity:
    ...[128, 48, 117, 129, 183, 59, 130, 0], // cells
    ...[131, ...xBytes, 132, 0, 0, 133, 0, 0], // offsets
    ...nearer, // name from visual on, mana in combat; never secret
  ]);
});

test("coming nearer brings the full record of the nearer tier without an entry in the map", () => {
  const scene = withOther("extended");
  scene.it.x = 300;
  expect(nextBody(scene)).toEqual([
    ...[255, 4], // the entity:
    ...[128, 48, 117, 129, 183, 59, 130, 0, 131, 48, 117, 132, 0, 0, 133, 0, 0], // all of the extended tier
    ...[135, 160], // name
  ]);
  scene.it.x = 110;
  expect(nextBody(scene).slice(-3)).toEqual([136, 2, 1]); // mana
});

describe("an update", () => {
  test.each(["combat", "visual", "extended"] as const)("at the %s tier is the address and the fields that changed", (tier) => {
    const scene = withOther(tier);
    Object.assign(scene.it, { y: 10 });
    expect(nextPacket(scene).slice(9)).toEqual([255, 4, 132, 232, 3]);
    Object.assign(scene.it, { name: "Al", mana: 5, secret: 6 });
    const nearer = { combat: [255, 4, 135, 162, 65, 108, 136, 5, 0], visual: [255, 4, 135, 162, 65, 108], extended: undefined }[tier];
    if (nearer) expect(nextBody(scene)).toEqual(nearer);
    else expect(() => nextBody(scene)).toThrow("no packet");
  });

  test.each([
    [4, 8],
    [127, 8],
    [128, 9],
    [255, 9],
    [256, 10],
    [65_535, 10],
    [65_536, 12],
  ])("of x and y of entity ref %i is %i bytes, address and all", (ref, bytes) => {
    const scene = withOther("extended", ref);
    Object.assign(scene.it, { x: 601, y: 10 });
    expect(nextBody(scene)).toHaveLength(bytes);
    Object.assign(scene.it, { x: 602, y: 11, hue: 3 });
    expect(nextBody(scene)).toHaveLength(bytes + 2);
  });

  test("of x, y and one byte more is 12 bytes where ref ids are below 65536", () => {
    const scene = withOther("extended", 40_000);
    Object.assign(scene.it, { x: 601, y: 10, hue: 3 });
    expect(nextBody(scene)).toEqual([
      ...[255, 205, 64, 156], // entity, ref id of 16 bits: 40000
      ...[131, 196, 234], // x 60100 cm
      ...[132, 232, 3], // y
      ...[134, 3], // hue
    ]);
  });

  test.each([
    [200, [204, 200]],
    [300, [205, 44, 1]],
    [70_000, [206, 112, 17, 1, 0]],
  ])("and an entry name ref %i by as many bytes as it takes", (ref, number) => {
    const scene = alone();
    skipRefIds(scene.world, ref);
    const it = scene.world.spawn("it", { x: 600 }) as Values;
    expect(nextBody(scene).slice(0, 10 + 2 * number.length)).toEqual(
      [255, 2, 128, 1, 162, 105, 116, ...number, 255, ...number, 128, 48].slice(0, 10 + 2 * number.length),
    );
    it.hue = 1;
    expect(nextBody(scene)).toEqual([255, ...number, 134, 1]);
  });

  test("of a field that is cleared is its delete alone, and a later full record says the same", () => {
    const scene = withOther("extended");
    scene.it.hue = 7;
    expect(nextBody(scene)).toEqual([255, 4, 134, 7]);
    scene.it.hue = undefined;
    expect(nextBody(scene)).toEqual([255, 4, 64 | 6]);
    expect(scene.client.entity("it")?.hue).toBeUndefined();
    scene.it.x = 300;
    expect(nextBody(scene)).toEqual([255, 4, 128, 48, 117, 129, 183, 59, 130, 0, 131, 48, 117, 132, 0, 0, 133, 0, 0, 70, 135, 160]);
  });
});

test("what is out of sight is deleted from the map by its index, and comes back as new under the same one", () => {
  const scene = withOther("extended");
  scene.it.cellX = 30_005;
  expect(nextBody(scene)).toEqual([...[255, 2], ...[64, 1]]);
  expect(scene.client.ids).toEqual(["me"]);
  scene.it.cellX = 30_000;
  expect(nextBody(scene).slice(0, 8)).toEqual([255, 2, 128, 1, 162, 105, 116, 4]);
});

test("one goes and another comes in the same packet: the delete is first", () => {
  const scene = withOther("extended");
  scene.world.despawn("it");
  scene.world.spawn("at", { x: 600 });
  expect(nextBody(scene).slice(0, 10)).toEqual([...[255, 2], ...[64, 1], ...[128, 2, 162, 97, 116, 5]]);
});

test("the own body comes with what changed of it, the local tier included, behind everything else", () => {
  const scene = withOther("combat");
  scene.me.secret = 1;
  expect(nextBody(scene)).toEqual([255, 3, 137, 1]);
  scene.world.frames(scene.world.frame % 2 === 0 ? 1 : 2);
  scene.it.mana = 4;
  scene.me.secret = 2;
  scene.client.acknowledged = 5;
  const packet = nextPacket(scene);
  expect(packet.slice(5)).toEqual([...[5, 0, 0, 0], ...[255, 4, 136, 4, 0], ...[255, 3, 137, 2]]);
});

test("what all have comes to all with the next frame, by name of its structure", () => {
  const { world, client, me } = alone();
  const onlooker = world.join(undefined);
  world.frames(60);
  world.state.zone.name = "new";
  world.frames(2);
  // Taken in with the tick, sent with the frame after.
  const packets = [client, onlooker].map((each) => each.packets.length);
  expect(packets.every((count) => count <= 1)).toBe(true);
  world.frames(1);
  for (const { decoder } of [client, onlooker]) expect((decoder.state as { zone: { name: string } }).zone.name).toBe("new");
  me.secret = 4;
  world.state.zone.name = "z";
  expect(nextBody({ world, client, me })).toEqual([...[255, 1], ...[128, 161, 122], ...[255, 3, 137, 4]]);
});

test("the records of two entities that lie next to each other go as one run for every viewer that gets both", () => {
  const world = new WireWorld({ fields: FIELDS });
  const [a, b] = [world.spawn("a", { x: 110 }), world.spawn("b", { x: 111 })];
  // Off the sight of each other's bodies: what is copied is a and b only.
  for (const id of ["p", "q", "r"]) world.spawn(id, { x: 100 });
  for (const id of ["p", "q", "r"]) world.join(id);
  world.frames(62);
  const before = { ...world.replicator.stats };
  a.mana = b.mana = 1;
  world.frames(2);
  const { stats } = world.replicator;
  expect(stats.packets - before.packets).toBe(3);
  expect(stats.records - before.records).toBe(6);
  expect(stats.runs - before.runs).toBe(3);
  expect(stats.recordBytes - before.recordBytes).toBe(6 * 5);
  for (const { packets } of world.clients) if (packets[0]) expect([...packets[0]]).toEqual([15, 255, 3, 136, 1, 0, 255, 4, 136, 1, 0]);
});

test("a viewer gets one packet a frame at most, and none in a frame that brings it nothing", () => {
  const { world, client, me } = alone();
  const it = world.spawn("it", { x: 110 });
  world.settle();
  for (let i = 0; i < 120; i++) {
    world.frames();
    expect(client.packets).toEqual([]);
  }
  for (let i = 0; i < 60; i++) {
    it.mana = i;
    me.secret = i;
    world.state.zone.name = `zone ${i}`;
    client.acknowledged++;
    world.frames();
    expect(client.packets).toHaveLength(1);
    expect(client.packets[0]?.length).toBeGreaterThan(EMPTY_PREFIX.length);
  }
});
