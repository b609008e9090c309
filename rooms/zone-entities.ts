import type { MapSchema } from "@colyseus/schema";
import { BmError, showValue } from "../config/index.ts";
import { axisCm, positionFromGeographic } from "./geography/index.ts";
import { longitudeShrink } from "./movement/exact-math.ts";
import { MAX_SOLID_RADIUS_M, SolidIndex } from "./movement/solid-index.ts";
import type { PluginHost } from "./plugin-host.ts";
import type { EntityState, StateTypes } from "./state/state-types.ts";

/** What a new entity is. */
export interface SpawnRequest {
  /** What it is, 1 to 32 characters: `avatar`, `landmark`, or a plugin's own. */
  kind: string;
  /** Degrees and metres. */
  position: { longitude: number; latitude: number; altitude: number };
  /** What others read; "Guest" and the id where there is none and the entity is an avatar. */
  name?: string | undefined;
  /** An upright cylinder that bodies cannot enter. */
  solid?: { radiusM: number; heightM: number } | undefined;
}

/** Everything with a position in one zone. The only way in which entities come and go. */
export class ZoneEntities {
  readonly #entities: MapSchema<EntityState>;
  readonly #types: StateTypes;
  readonly #nextId: () => string;
  readonly #host: PluginHost;
  readonly solids = new SolidIndex();

  constructor(entities: MapSchema<EntityState>, types: StateTypes, nextId: () => string, host: PluginHost) {
    this.#entities = entities;
    this.#types = types;
    this.#nextId = nextId;
    this.#host = host;
  }

  get size(): number {
    return this.#entities.size;
  }

  get(id: string): EntityState | undefined {
    return this.#entities.get(id);
  }

  /** Every entity with its id, in the order in which they came. */
  entries(): IterableIterator<[string, EntityState]> {
    return this.#entities.entries() as IterableIterator<[string, EntityState]>;
  }

  /**
   * Adds an entity under a new id. O(1).
   * @throws BmError `BM_ENTITY_INVALID` for a position or size that is not finite or out of range.
   */
  spawn(request: SpawnRequest): { id: string; entity: EntityState } {
    checkRequest(request);
    const { kind, position, solid } = request;
    const id = this.#nextId();
    const entity = new this.#types.Entity();
    const fields = entity as unknown as Record<string, unknown>;
    for (const [field, { initial }] of Object.entries(this.#types.fields)) if (initial !== undefined) fields[field] = initial;
    Object.assign(entity, positionFromGeographic(position));
    entity.kind = kind;
    entity.name = request.name ?? (kind === "avatar" ? `Guest ${id}` : "");
    entity.groundZ = axisCm(entity.cellZ, entity.z);
    if (solid) {
      entity.solidRadius = solid.radiusM;
      entity.solidHeight = solid.heightM;
    }
    this.#entities.set(id, entity);
    if (entity.solidRadius !== undefined && entity.solidHeight !== undefined) {
      this.#insertSolid(id, entity, entity.solidRadius, entity.solidHeight, position.latitude);
    }
    this.#host.spawn(id, entity);
    return { id, entity };
  }

  /** Removes an entity; false where there is none of that id. O(1). */
  despawn(id: string): boolean {
    const entity = this.#entities.get(id);
    if (!entity) return false;
    this.#host.despawn(id, entity);
    this.solids.remove(id);
    this.#entities.delete(id);
    return true;
  }

  /** The solid is what the wire says it is, not what was asked for: a predicting client has only the wire. */
  #insertSolid(id: string, entity: EntityState, radiusM: number, heightM: number, latitudeDeg: number): void {
    this.solids.insert(
      {
        id,
        xCm: axisCm(entity.cellX, entity.x),
        yCm: axisCm(entity.cellY, entity.y),
        zCm: axisCm(entity.cellZ, entity.z),
        radiusCm: radiusM * 100,
        heightCm: heightM * 100,
      },
      1 / longitudeShrink(latitudeDeg),
    );
  }
}

function checkRequest({ kind, position, solid }: SpawnRequest): void {
  const { longitude, latitude, altitude } = position;
  const problem =
    (kind.length < 1 || kind.length > 32 ? `kind: got ${showValue(kind)}, expected 1 to 32 characters` : undefined) ??
    (Number.isFinite(longitude) ? undefined : `longitude: got ${longitude}, expected finite degrees`) ??
    (latitude >= -90 && latitude <= 90 ? undefined : `latitude: got ${latitude}, expected -90..90`) ??
    (altitude >= -80_000 && altitude <= 80_000 ? undefined : `altitude: got ${altitude}, expected -80000..80000 metres`) ??
    (!solid || (solid.radiusM > 0 && solid.radiusM <= MAX_SOLID_RADIUS_M)
      ? undefined
      : `solid.radiusM: got ${solid?.radiusM}, expected 0..${MAX_SOLID_RADIUS_M}`) ??
    (!solid || (solid.heightM > 0 && solid.heightM <= 2000) ? undefined : `solid.heightM: got ${solid?.heightM}, expected 0..2000`);
  if (problem) throw new BmError("BM_ENTITY_INVALID", problem);
}
