import { RING_CM } from "../rooms/geography/fixed-point.ts";
import { axisCm, latitudeFromYCm } from "../rooms/geography/index.ts";
import { exactCosDeg } from "../rooms/movement/exact-math.ts";
import { type MovementBody, SOLID_REACH_M, type Solid } from "../rooms/movement/movement.ts";
import { byId } from "../rooms/movement/solid-index.ts";
import type { Entity } from "./entity.ts";

const NONE: readonly Solid[] = [];

/**
 * The solids around a body, in order of id: what `stepMovement` needs to agree with the server. Reads every entity in view,
 * O(n), and allocates only where there are some.
 */
export function solidsOf(entities: ReadonlyMap<string, Entity>, body: Readonly<MovementBody>): readonly Solid[] {
  let found: Solid[] | undefined;
  for (const [id, entity] of entities) {
    const { solidRadius, solidHeight } = entity;
    // Undefined where the entity is seen from too far for its size to be told.
    if (!solidRadius || !solidHeight) continue;
    const solid: Solid = {
      id,
      xCm: axisCm(entity.cellX, entity.x),
      yCm: axisCm(entity.cellY, entity.y),
      zCm: axisCm(entity.cellZ, entity.z),
      radiusCm: solidRadius * 100,
      heightCm: solidHeight * 100,
    };
    if (!isWithinReach(solid, body)) continue;
    found ??= [];
    found.push(solid);
  }
  return found && found.length > 1 ? found.sort(byId) : (found ?? NONE);
}

/** A square about the solid, generous: what is in it and does not touch changes nothing. */
function isWithinReach(solid: Solid, body: Readonly<MovementBody>): boolean {
  // Twice the reach of one step, for the body's own width and for the cosine, which is taken at the body.
  const reachCm = solid.radiusCm + 2 * SOLID_REACH_M * 100;
  const yCm = axisCm(body.cellY, body.y);
  if (Math.abs(solid.yCm - yCm) > reachCm) return false;
  let eastCm = Math.abs(solid.xCm - axisCm(body.cellX, body.x));
  if (eastCm > RING_CM / 2) eastCm = RING_CM - eastCm;
  return eastCm * Math.max(exactCosDeg(latitudeFromYCm(yCm)), 1e-6) <= reachCm;
}
