import { distanceM, type FixedPosition, type GeographicPosition, geographicFromPosition } from "../rooms/geography/index.ts";
import type { MovementBody } from "../rooms/movement/movement.ts";

/**
 * An entity as this client has it: a live object that the SDK decodes into. Fields beyond the tier in which the entity is seen
 * keep their last value, and are undefined until they have come once.
 *
 * Fields of plugins are there too; give them types by declaration merging:
 * `declare module "bluemarble/client" { interface Entity { readonly guild?: string } }`.
 */
export interface Entity extends Readonly<FixedPosition>, Readonly<Partial<Omit<MovementBody, keyof FixedPosition>>> {
  /** What it is: `avatar`, `landmark`, or a kind that a plugin adds. */
  readonly kind: string;
  /** What others read above it. Visual tier. */
  readonly name?: string;
  /** Hit points. Visual tier. */
  readonly health?: number;
  readonly maxHealth?: number;
  /** Magic points. Combat tier. */
  readonly mana?: number;
  readonly level?: number;
  /** What it is doing, for animation; empty for nothing. Combat tier. */
  readonly action?: string;
  /** Metres; bodies cannot enter a cylinder of this radius. 0 for not solid. */
  readonly solidRadius?: number | undefined;
  /** Metres; height of that cylinder. */
  readonly solidHeight?: number | undefined;
  /** Experience points; one's own alone. */
  readonly experience?: number;
}

/** One's own entity: every field of movement is there from the first state on. */
export type OwnEntity = Entity & Readonly<MovementBody>;

/** Where an entity stands: degrees (longitude in [-180, 180)) and metres of altitude, to the centimetre. */
export function positionOf(entity: Readonly<FixedPosition>): GeographicPosition {
  return geographicFromPosition(entity);
}

/** True distance in metres between two entities, height included, over ±180 and at any range. */
export function distanceBetween(a: Readonly<FixedPosition>, b: Readonly<FixedPosition>): number {
  return distanceM(geographicFromPosition(a), geographicFromPosition(b));
}
