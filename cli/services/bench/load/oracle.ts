import type { Tiers } from "../../../../config/index.ts";
import { axisCm, nearDistanceSquaredM2 } from "../../../../rooms/geography/index.ts";
import { FIELD_NAMES, FIELDS_IN, type Picture, POSITION_COLUMNS } from "./picture.ts";

/** What is known of one client when it has stood still for long enough. */
export interface Witness {
  /** Empty for one that was not welcomed. */
  readonly entityId: string;
  /** Its body went where it was steered. */
  readonly movedAsSteered: boolean;
  /** Its frames could not all be decoded, or the decoder was not content with them. */
  readonly complained: boolean;
  /** Undefined where nothing could be decoded. */
  readonly picture: Picture | undefined;
}

/** What may be wrong with a client, and in words. */
export const FAULTS = {
  NOT_WELCOMED: "a client got no welcome",
  NOT_DECODED: "the decoder complained of a client's frames",
  NO_BODY: "a client does not see its own body",
  NOT_MOVED: "a body did not go where it was steered",
  MISSING: "an entity within reach is missing",
  EXTRA: "an entity beyond reach is there",
  POSITION: "an entity is not where it stands",
  STALE: "a field has not its last value",
} as const;
type FaultKind = keyof typeof FAULTS;

/** One thing that is wrong with one client. */
export interface Fault {
  /** Position in the list of witnesses. */
  readonly client: number;
  readonly kind: FaultKind;
  readonly text: string;
}

/**
 * Says what each client should have, slowly and plainly, and what it has not. The truth of an entity is what its own client sees of
 * it, who is sent every field of it at the highest rate. A client without any fault received what it should. O(clients²).
 *
 * Within a radius an entity and the fields of that tier must be there and be right; beyond the radius and its hysteresis an entity must not
 * be there; in between it may, and where it is, its position must be right.
 */
export function judge(witnesses: readonly Witness[], tiers: Tiers): Fault[] {
  const faults: Fault[] = [];
  const bodies = new Map<string, Body>();
  witnesses.forEach(({ entityId, movedAsSteered, complained, picture }, client) => {
    const add = (kind: FaultKind) => faults.push({ client, kind, text: FAULTS[kind] });
    if (entityId === "") add("NOT_WELCOMED");
    else {
      if (complained) add("NOT_DECODED");
      const row = picture?.row(entityId);
      if (row === undefined) add("NO_BODY");
      else bodies.set(entityId, bodyOf(entityId, row));
      if (!movedAsSteered) add("NOT_MOVED");
    }
  });
  const all = [...bodies.values()];
  witnesses.forEach(({ entityId, picture }, client) => {
    const own = bodies.get(entityId);
    if (own !== undefined && picture !== undefined) faults.push(...compare(client, own, picture, bodies, all, tiers));
  });
  return faults;
}

interface Body {
  id: string;
  row: Float64Array;
  xCm: number;
  yCm: number;
  zCm: number;
}

function bodyOf(id: string, row: Float64Array): Body {
  const [cellX = 0, cellY = 0, cellZ = 0, x = 0, y = 0, z = 0] = POSITION_COLUMNS.map((column) => row[column]);
  return { id, row, xCm: axisCm(cellX, x), yCm: axisCm(cellY, y), zCm: axisCm(cellZ, z) };
}

function compare(
  client: number,
  own: Body,
  picture: Picture,
  bodies: ReadonlyMap<string, Body>,
  all: readonly Body[],
  tiers: Tiers,
): Fault[] {
  const faults: Fault[] = [];
  const add = (kind: FaultKind, text: string) => faults.push({ client, kind, text: `${FAULTS[kind]}: ${text}` });
  const seen = new Map(picture.ids.map((id, index) => [id, index]));
  for (const id of picture.ids) if (!bodies.has(id)) add("EXTRA", `${own.id} sees ${id}, which is nobody's`);
  for (const other of all) {
    const index = seen.get(other.id);
    const squared = other === own ? 0 : nearDistanceSquaredM2(own.xCm, own.yCm, own.zCm, other.xCm, other.yCm, other.zCm);
    const tier = tierWithin(squared, tiers);
    const pair = `${own.id} and ${other.id}, ${Math.sqrt(squared).toFixed(1)} m apart`;
    if (index === undefined) {
      if (tier !== undefined) add("MISSING", pair);
      continue;
    }
    if (squared > (tiers.extended.radiusM * (1 + tiers.hysteresis)) ** 2) {
      add("EXTRA", pair);
      continue;
    }
    const wrong = wrongColumns(picture.rowAt(index), other.row, FIELDS_IN[tier ?? "extended"]);
    if (wrong.some((column) => POSITION_COLUMNS.includes(column))) add("POSITION", pair);
    const stale = wrong.filter((column) => !POSITION_COLUMNS.includes(column)).map((column) => FIELD_NAMES[column]);
    if (stale.length > 0) add("STALE", `${stale.join(", ")} of ${pair}`);
  }
  return faults;
}

/** The nearest tier whose radius a distance is within; undefined beyond all. */
export function tierWithin(squaredM2: number, tiers: Tiers): "combat" | "visual" | "extended" | undefined {
  for (const tier of ["combat", "visual", "extended"] as const) if (squaredM2 < tiers[tier].radiusM ** 2) return tier;
  return undefined;
}

function wrongColumns(seen: Float64Array, truth: Float64Array, columns: number): number[] {
  const wrong: number[] = [];
  // Object.is would tell 0 from -0, which no one sees; NaN is what was never sent, on both sides.
  for (let i = 0; i < columns; i++) if (seen[i] !== truth[i] && !(Number.isNaN(seen[i]) && Number.isNaN(truth[i]))) wrong.push(i);
  return wrong;
}
