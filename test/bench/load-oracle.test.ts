import { describe, expect, test } from "vitest";
import { judge, type Witness } from "../../cli/services/bench/load/oracle.ts";
import { Picture, type SeenEntity, Texts } from "../../cli/services/bench/load/picture.ts";
import { DEFAULT_TIERS } from "../../config/index.ts";
import { positionFromGeographic } from "../../rooms/index.ts";

type Row = Record<string, unknown>;

const PLACE = { longitude: 2.35, latitude: 48.85, altitude: 0 };

/** One body, so many metres north of the first one. */
function body(northM: number): Row {
  const position = positionFromGeographic({ ...PLACE, latitude: PLACE.latitude + northM / 111_319.490_793 });
  const visual = { name: `at ${northM}`, health: 100, maxHealth: 100, yaw: 1 + northM / 1000, velocityX: 0, velocityY: 0, velocityZ: 0 };
  return { ...position, kind: "avatar", ...visual, mana: 100, level: 3, action: "" };
}

/** A at 0 m, B at 20 m (combat), C at 200 m (visual), D at 900 m (extended), E at 1030 m (in the hysteresis of A), F at 3000 m. */
const BODIES: Readonly<Record<string, Row>> = { 1: body(0), 2: body(20), 3: body(200), 4: body(900), 5: body(1030), 6: body(3000) };
const DISTANCES: Readonly<Record<string, number>> = { 1: 0, 2: 20, 3: 200, 4: 900, 5: 1030, 6: 3000 };

/** What each sees when everything is right. */
function pictures(): Record<string, Record<string, Row>> {
  const seenBy = (viewer: string) =>
    Object.keys(BODIES).filter((id) => Math.abs((DISTANCES[id] as number) - (DISTANCES[viewer] as number)) < 1000);
  return Object.fromEntries(
    Object.keys(BODIES).map((viewer) => [viewer, Object.fromEntries(seenBy(viewer).map((id) => [id, { ...BODIES[id] }]))]),
  );
}

/** Puts something into what a client has. */
const put = (id: string, row: Row) => (seen: Record<string, Row>) => void Object.assign(seen, { [id]: row });
const take = (id: string) => (seen: Record<string, Row>) => void delete seen[id];

/** What the oracle says when `doctor` has changed what the first client has. */
function faultsAfter(doctor: (seen: Record<string, Row>) => void, change: Partial<Witness> = {}): string[] {
  const all = pictures();
  doctor(all[1] as Record<string, Row>);
  const texts = new Texts();
  const witnesses = Object.entries(all).map(([entityId, seen]): Witness => {
    const entries = Object.entries(seen) as [string, SeenEntity][];
    const picture = Picture.of(entries, entries.length, texts);
    return { entityId, movedAsSteered: true, complained: false, picture, ...(entityId === "1" ? change : {}) };
  });
  return judge(witnesses, DEFAULT_TIERS).map(({ client, kind, text }) => {
    expect(text).toMatch(/\S/);
    return `${client} ${kind}`;
  });
}

describe("the oracle", () => {
  test("finds nothing wrong with what is right", () => {
    expect(faultsAfter(() => {})).toEqual([]);
  });

  test("misses an entity within reach", () => {
    for (const id of ["2", "3", "4"]) expect(faultsAfter(take(id)), id).toEqual(["0 MISSING"]);
  });

  test("leaves what is between the radius and its hysteresis to the server", () => {
    expect(faultsAfter(take("5"))).toEqual([]);
    expect(faultsAfter(put("5", { ...BODIES[5] }))).toEqual([]);
  });

  test("finds an entity beyond reach, and one that is nobody's", () => {
    expect(faultsAfter(put("6", { ...BODIES[6] }))).toEqual(["0 EXTRA"]);
    expect(faultsAfter(put("77", { ...BODIES[2] }))).toEqual(["0 EXTRA"]);
  });

  test("finds a position that is a centimetre off, in every tier and in the hysteresis", () => {
    for (const id of ["2", "3", "4"]) {
      expect(faultsAfter(put(id, { ...BODIES[id], y: (BODIES[id]?.y as number) + 0.01 })), id).toEqual(["0 POSITION"]);
    }
    expect(faultsAfter(put("5", { ...BODIES[5], cellZ: 1 }))).toEqual(["0 POSITION"]);
  });

  test("finds a stale field of the tier, and leaves those of nearer tiers alone", () => {
    const stale = (id: string, field: string, value: unknown) => faultsAfter(put(id, { ...BODIES[id], [field]: value }));
    for (const [field, value] of [
      ["level", 2],
      ["action", "waves"],
      ["yaw", 0],
      ["kind", "statue"],
    ] as const)
      expect(stale("2", field, value), field).toEqual(["0 STALE"]);
    for (const [field, value] of [
      ["name", "Eve"],
      ["health", 99],
      ["velocityX", 2],
      ["yaw", undefined],
    ] as const)
      expect(stale("3", field, value), field).toEqual(["0 STALE"]);
    expect(stale("3", "level", 2)).toEqual([]);
    expect(stale("4", "kind", "statue")).toEqual(["0 STALE"]);
    for (const field of ["name", "yaw", "health", "level"]) expect(stale("4", field, undefined), field).toEqual([]);
  });

  test("wants a welcome, a body, movement and a decoder that is content", () => {
    expect(faultsAfter(() => {}, { movedAsSteered: false })).toEqual(["0 NOT_MOVED"]);
    expect(faultsAfter(() => {}, { complained: true })).toEqual(["0 NOT_DECODED"]);
    // Nobody knows what the others should have of a body that its own client does not see.
    expect(faultsAfter(take("1"))).toContain("0 NO_BODY");
    expect(faultsAfter(() => {}, { picture: undefined })).toContain("0 NO_BODY");
    expect(faultsAfter(() => {}, { entityId: "", picture: undefined })).toContain("0 NOT_WELCOMED");
  });
});
