import { describe, expect, test } from "vitest";
import { mergeTiers, type Tiers } from "../../../../config/index.ts";
import { positionFromGeographic, splitCm } from "../../../../rooms/index.ts";
import { COMBAT, EXTENDED, LOCAL, VISUAL } from "../../tier-of-distance.ts";
import { type ModelField, type ModelSource, type ModelViewer, ReplicationModel } from "./model.ts";

/** Fields of made-up sizes: 12 bytes of position, and in each tier one that can be told from the others by its size. */
const field = (name: string, tier: number, bytes: number): ModelField => ({ name, tier, wire: (value) => ({ bytes, value }) });
const FIELDS = [
  ...["cellX", "cellY", "cellZ", "x", "y", "z"].map((name) => field(name, EXTENDED, 2)),
  field("name", VISUAL, 10),
  field("mana", COMBAT, 20),
  field("experience", LOCAL, 40),
  field("banner", EXTENDED, 5),
];
/** Bytes of whole records with a ref id of one byte: header, then an operation byte and a value for each field. */
const POSITION_BYTES = 6 * (1 + 2);
const EXTENDED_RECORD = 2 + POSITION_BYTES;
const VISUAL_RECORD = EXTENDED_RECORD + 11;
const COMBAT_RECORD = VISUAL_RECORD + 21;
/** Bytes of the entry of an id of two characters, and of the switch to the map. */
const ENTRY = 1 + 1 + 3 + 1;
const MAP = 2;
const DELETE = 2;
const PREFIX = 9;

class Stage {
  readonly model: ReplicationModel;
  #frame = -1;
  #refId = 2;

  constructor({ budget = Number.POSITIVE_INFINITY, tiers = {} }: { budget?: number; tiers?: Parameters<typeof mergeTiers>[0] } = {}) {
    const options = { tiers: mergeTiers(tiers) satisfies Tiers, frameHz: 60, tickHz: 30, budgetBytesPerSecond: budget, mapRefId: 1 };
    this.model = new ReplicationModel(options);
  }

  spawn(id: string, eastM: number): void {
    const refId = this.#refId++;
    const values = { ...at(eastM), name: id, mana: 1, experience: 0 };
    this.model.spawned({ id, refId, index: refId - 2, typeIdBytes: 0, fields: FIELDS, values });
  }

  move(id: string, eastM: number, byOwnInput = false): void {
    for (const name of ["cellX", "x"] as const) this.model.changed(id, name, at(eastM)[name], byOwnInput);
  }

  /** A viewer whose own entity is at the middle; the full state is given to it. */
  join(source: Partial<ModelSource> = {}, id = "me"): ModelViewer {
    this.spawn(id, 0);
    const viewer = this.model.addViewer({ ownEntityId: id, predict: false, ack: () => 0, ...source });
    this.model.fullState(viewer);
    return viewer;
  }

  /** Runs frames up to one; returns the packet lengths of a viewer by frame. */
  until(frame: number, viewer: ModelViewer): Record<number, number> {
    const packets: Record<number, number> = {};
    while (this.#frame < frame) {
      this.model.frame(++this.#frame, true);
      if (viewer.packetBytes !== undefined) packets[this.#frame] = viewer.packetBytes;
    }
    return packets;
  }
}

function at(eastM: number) {
  const start = positionFromGeographic({ longitude: 10, latitude: 0, altitude: 0 });
  const { cell, offsetM } = splitCm(start.cellX * 65_536 + Math.round(start.x * 100) + Math.round(eastM * 100));
  return { ...start, cellX: cell, x: offsetM };
}

const fieldsSeen = (viewer: ModelViewer, id: string) => [...(viewer.picture.get(id)?.keys() ?? [])].slice(6);

describe("who is seen", () => {
  test("a full state has everything in range, each with the fields of its tier, and nothing beyond", () => {
    const stage = new Stage();
    for (const [id, eastM] of Object.entries({ e1: 49, e2: 51, e3: 299, e4: 301, e5: 990, e6: 1010 })) stage.spawn(id, eastM);
    const viewer = stage.join();
    expect([...viewer.picture.keys()].sort()).toEqual(["e1", "e2", "e3", "e4", "e5", "me"]);
    expect(fieldsSeen(viewer, "me")).toEqual(["name", "mana", "experience"]);
    expect(fieldsSeen(viewer, "e1")).toEqual(["name", "mana"]);
    for (const id of ["e2", "e3"]) expect(fieldsSeen(viewer, id)).toEqual(["name"]);
    for (const id of ["e4", "e5"]) expect(fieldsSeen(viewer, id)).toEqual([]);
  });

  test("one who comes to 990 m enters when the extended tier is due, every 30 frames, with one entry and one record", () => {
    const stage = new Stage();
    stage.spawn("e1", 1100);
    const viewer = stage.join();
    stage.until(3, viewer);
    stage.move("e1", 990);
    expect(stage.until(29, viewer)).toEqual({});
    expect(stage.until(30, viewer)).toEqual({ 30: PREFIX + MAP + ENTRY + EXTENDED_RECORD });
    expect(viewer.picture.get("e1")?.get("x")).toBe(at(990).x);
  });

  test("coming nearer brings a full record at the next look, every 6 frames as far as 300 m", () => {
    const stage = new Stage();
    stage.spawn("e1", 900);
    const viewer = stage.join();
    stage.until(31, viewer);
    stage.move("e1", 299);
    expect(stage.until(40, viewer)).toEqual({ 36: PREFIX + VISUAL_RECORD });
    stage.move("e1", 10);
    expect(stage.until(47, viewer)).toEqual({ 42: PREFIX + COMBAT_RECORD });
  });

  test("going away leaves the last values of the nearer tier, and a changed one does not come", () => {
    const stage = new Stage();
    stage.spawn("e1", 10);
    const viewer = stage.join();
    stage.until(1, viewer);
    stage.move("e1", 100);
    // Combat is due in frame 2 and still is its tier; the look is in frame 6.
    expect(stage.until(5, viewer)).toEqual({ 2: PREFIX + 2 + 2 * 3 });
    stage.model.changed("e1", "mana", 7);
    expect(stage.until(12, viewer)).toEqual({});
    expect(viewer.picture.get("e1")?.get("mana")).toBe(1);
    stage.model.changed("e1", "name", "new");
    expect(stage.until(18, viewer)).toEqual({ 18: PREFIX + 2 + 11 });
    stage.move("e1", 51);
    stage.until(24, viewer);
    expect(viewer.picture.get("e1")?.get("mana")).toBe(1);
    stage.move("e1", 49);
    stage.until(30, viewer);
    expect(viewer.picture.get("e1")?.get("mana")).toBe(7);
  });

  test("hysteresis: on the line nothing flickers", () => {
    const stage = new Stage();
    stage.spawn("e1", 990);
    const viewer = stage.join();
    stage.until(0, viewer);
    stage.move("e1", 1049);
    stage.until(30, viewer);
    expect(viewer.picture.has("e1")).toBe(true);
    stage.move("e1", 1051);
    expect(stage.until(59, viewer)).toEqual({});
    expect(stage.until(60, viewer)).toEqual({ 60: PREFIX + MAP + DELETE });
    stage.move("e1", 1049);
    expect(stage.until(120, viewer)).toEqual({});
  });

  test("out of range is found by the look as far as the tier it had; nowhere is out of range of all", () => {
    const stage = new Stage();
    stage.spawn("e1", 200);
    stage.spawn("e2", 20);
    const viewer = stage.join();
    stage.until(30, viewer);
    stage.move("e1", 5000);
    stage.model.changed("e2", "cellX", Number.NaN);
    // The one in the combat tier has its update in frame 32, with the place that is none.
    expect(stage.until(40, viewer)).toEqual({ 32: PREFIX + 2 + 3, 36: PREFIX + MAP + 2 * DELETE });
    expect([...viewer.picture.keys()]).toEqual(["me"]);
  });

  test("removed from the zone: gone when its tier is due", () => {
    const stage = new Stage();
    stage.spawn("e1", 20);
    stage.spawn("e2", 200);
    stage.spawn("e3", 900);
    const viewer = stage.join();
    stage.until(0, viewer);
    for (const id of ["e1", "e2", "e3"]) stage.model.despawned(id);
    const one = PREFIX + MAP + DELETE;
    expect(stage.until(60, viewer)).toEqual({ 2: one, 6: one, 30: one });
  });

  test("viewers take turns, two frames each, thirty of them", () => {
    const stage = new Stage();
    const viewers = Array.from({ length: 31 }, (_, i) => stage.join({}, `v${i}`));
    expect(viewers.map(({ phase }) => phase)).toEqual([...Array.from({ length: 30 }, (_, turn) => 2 * turn), 0]);
    stage.spawn("e1", 900);
    const [, second] = viewers as [ModelViewer, ModelViewer];
    stage.until(27, second);
    expect(second.picture.has("e1")).toBe(false);
    stage.until(28, second);
    expect(second.picture.has("e1")).toBe(true);
  });
});

describe("what is written", () => {
  test("changes within the smallest window of 1, 2, 4, … 256 periods, beyond them the full record, and nothing for nothing", () => {
    const stage = new Stage({ budget: 6000 });
    stage.spawn("e1", 20);
    const viewer = stage.join();
    stage.until(100, viewer);
    stage.model.changed("e1", "banner", 2);
    expect(stage.until(102, viewer)).toEqual({ 102: PREFIX + 2 + 6 });
    viewer.bucket = Number.NEGATIVE_INFINITY;
    stage.model.changed("e1", "banner", 3);
    stage.until(107, viewer);
    viewer.bucket = 1000;
    // Six frames are covered by eight: from frame 101 on, so the banner alone.
    expect(stage.until(108, viewer)).toEqual({ 108: PREFIX + 2 + 6 });
    stage.until(109, viewer);
    stage.model.changed("e1", "name", "m");
    stage.until(110, viewer);
    viewer.bucket = Number.NEGATIVE_INFINITY;
    stage.model.changed("e1", "banner", 4);
    stage.until(115, viewer);
    viewer.bucket = 1000;
    // Sent in 110, now 116: the window begins with frame 109, and the name was changed in 110, which was sent.
    expect(stage.until(116, viewer)).toEqual({ 116: PREFIX + 2 + 6 + 11 });
    viewer.bucket = Number.NEGATIVE_INFINITY;
    stage.model.changed("e1", "banner", 5);
    stage.until(147, viewer);
    viewer.bucket = 1000;
    expect(stage.until(148, viewer)).toEqual({ 148: PREFIX + 2 + 6 });
    viewer.bucket = Number.NEGATIVE_INFINITY;
    stage.model.changed("e1", "banner", 6);
    // 512 frames are 256 periods; 514 are more.
    stage.until(148 + 513, viewer);
    viewer.bucket = 1000;
    expect(stage.until(148 + 514, viewer)).toEqual({ [148 + 514]: PREFIX + COMBAT_RECORD + 6 });
  });

  test("a cleared field costs its operation byte, one never set nothing", () => {
    const stage = new Stage();
    stage.spawn("e1", 20);
    const viewer = stage.join();
    stage.until(40, viewer);
    stage.model.changed("e1", "banner", "red");
    expect(stage.until(42, viewer)).toEqual({ 42: PREFIX + 2 + 6 });
    stage.until(45, viewer);
    stage.model.changed("e1", "banner", undefined);
    expect(stage.until(46, viewer)).toEqual({ 46: PREFIX + 2 + 1 });
    expect(viewer.picture.get("e1")?.get("banner")).toBeUndefined();
  });
});

describe("the budget", () => {
  /** A viewer of five that stand in five queues, each with one update outstanding. */
  const crowded = (budget: number) => {
    const stage = new Stage({ budget });
    for (const [id, eastM] of Object.entries({ x4: 900, x3: 200, x2: 40, x1: 20, x0: 10 })) stage.spawn(id, eastM);
    const viewer = stage.join();
    return { stage, viewer };
  };

  test("the bucket begins full with a fifth of a second's worth, fills by the frame, and is charged what was sent", () => {
    const { stage, viewer } = crowded(6000);
    expect(viewer.bucket).toBe(1200);
    const packets = stage.until(0, viewer);
    expect(viewer.bucket).toBe(1200 - (packets[0] as number));
    stage.until(1, viewer);
    expect(viewer.bucket).toBe(1200 - (packets[0] as number) + 100);
    stage.until(29, viewer);
    expect(viewer.bucket).toBe(1200);
  });

  test("the most urgent comes first: frames waited times 8, 4, 3, 2, 1", () => {
    const { stage, viewer } = crowded(600);
    stage.until(59, viewer);
    viewer.bucket = Number.NEGATIVE_INFINITY;
    // A change of one each, while nothing can be sent; frame 60 has all tiers due.
    for (const id of ["x0", "x1", "x2", "x3", "x4"]) stage.model.changed(id, "banner", id);
    stage.until(60, viewer);
    const order: string[] = [];
    for (let frame = 62; order.length < 5 && frame < 80; frame += 2) {
      stage.until(frame - 1, viewer);
      // Enough for one record, which may overdraw it.
      viewer.bucket = 1;
      stage.until(frame, viewer);
      for (const id of viewer.picture.keys()) if (viewer.picture.get(id)?.get("banner") && !order.includes(id)) order.push(id);
    }
    // Sent last: combat in frame 58, visual in 54, extended in 30. In frame 62 that is 4×8, 4×4, 4×3, 8×2 and 32×1.
    // 62: x0 and x4 have 32: the lower queue. 64: x4 34, x1 24. 66: x1 32, x0 again 32. ...
    expect(order.slice(0, 2)).toEqual(["x0", "x4"]);
    expect(order.indexOf("x1")).toBeLessThan(order.indexOf("x2"));
    expect(order.length).toBe(5);
  });

  test("deletes and the own body go out whatever the bucket holds, the rest does not", () => {
    const { stage, viewer } = crowded(600);
    stage.until(1, viewer);
    viewer.bucket = -1000;
    stage.model.despawned("x0");
    stage.model.changed("x1", "mana", 9);
    stage.model.changed("me", "experience", 9);
    expect(stage.until(3, viewer)).toEqual({ 2: PREFIX + MAP + DELETE + 2 + 41 });
    expect(viewer.bucket).toBe(-1000 + 10 - (PREFIX + MAP + DELETE + 2 + 41) + 10);
  });

  test("no pair waits longer than 8 × n × s / B seconds beyond its period", () => {
    const n = 40;
    const budget = 1200;
    const stage = new Stage({ budget });
    const radii = [5, 20, 40, 200, 900];
    for (let i = 0; i < n; i++) stage.spawn(`${i + 10}`, (radii[i % 5] as number) + i / 100);
    const viewer = stage.join();
    const longest = [0, 0, 0, 0, 0];
    for (let frame = 0; frame < 2400; frame++) {
      for (let i = 0; i < n; i++) stage.model.changed(`${i + 10}`, "banner", frame);
      // In the first round whole records are written: all fields are new.
      if (frame >= 600) for (const { sent, queue } of viewer.pairs) longest[queue] = Math.max(longest[queue] as number, frame - sent);
      stage.until(frame, viewer);
    }
    // Who waits for more than 16 periods gets a whole record. The 9 bytes before every packet, 30 a second, are of the budget too.
    const bytes = COMBAT_RECORD + 6;
    const bound = (period: number) => period + ((8 * n * bytes) / (budget - 30 * PREFIX)) * 60;
    for (const [queue, period] of [2, 2, 2, 6, 30].entries()) expect(longest[queue]).toBeLessThanOrEqual(bound(period));
    // The budget does not reach for all, and waits are as one over the weights.
    expect(longest[4]).toBeGreaterThan(60);
    expect(longest[0]).toBeLessThan((longest[4] as number) / 4);
  });
});

describe("the own body", () => {
  test("of a plain client: with every frame that changed it, or that acknowledges", () => {
    const stage = new Stage();
    let ack = 0;
    const viewer = stage.join({ ack: () => ack });
    stage.until(3, viewer);
    expect(stage.until(4, viewer)).toEqual({});
    stage.model.changed("me", "experience", 5);
    expect(stage.until(6, viewer)).toEqual({ 5: PREFIX + 2 + 41 });
    ack = 1;
    expect(stage.until(8, viewer)).toEqual({ 7: PREFIX });
  });

  test("of a predicting client: every 100 ms, or with what goes out anyway, or at once when touched", () => {
    const stage = new Stage();
    stage.spawn("e1", 10);
    const source = { predict: true, ack: () => ack };
    let ack = 0;
    const viewer = stage.join(source);
    const input = (eastM: number) => {
      ack++;
      stage.move("me", eastM, true);
    };
    stage.until(20, viewer);
    const sent: number[] = [];
    for (let frame = 21; frame < 42; frame++) {
      input(frame / 10);
      if (Object.keys(stage.until(frame, viewer)).length > 0) sent.push(frame);
    }
    expect(sent).toEqual([21, 27, 33, 39]);
    stage.model.changed("e1", "mana", 3);
    input(9);
    expect(stage.until(42, viewer)).toEqual({ 42: PREFIX + 2 + 21 + 2 + 6 });
    input(10);
    expect(stage.until(43, viewer)).toEqual({});
    stage.model.changed("me", "name", "hit");
    expect(stage.until(44, viewer)).toEqual({ 44: PREFIX + 2 + 6 + 11 });
    stage.move("me", 11);
    expect(stage.until(45, viewer)).toEqual({ 45: PREFIX + 2 + 6 });
  });
});
