import { createHash } from "node:crypto";
import { Encoder, type MapSchema, type Schema, schema, t } from "@colyseus/schema";
import type { MovementBody } from "../movement/movement.ts";
import type { FieldSpecs } from "./fields.ts";
import { viewTagOf } from "./tiers.ts";

// A crowd's full state passes the host's 16 KB; its buffer would grow by itself, but with advice on the console each time.
Encoder.BUFFER_SIZE = 256 * 1024;

/** An entity as the zone room sees it: the base fields. Plugins see their own fields too, by their own types. */
export interface EntityState extends Schema, MovementBody {
  kind: string;
  name: string;
  health: number;
  maxHealth: number;
  mana: number;
  level: number;
  action: string;
  /** Metres; undefined for what is not solid. */
  solidRadius: number | undefined;
  solidHeight: number | undefined;
  experience: number;
}

/** `room.state` on the server. */
export interface ZoneState extends Schema {
  zone: Schema & { name: string; west: number; east: number };
  entities: MapSchema<EntityState>;
}

/** The schema classes of one world. Made anew for each set of plugins, and kept apart from those of other worlds. */
export interface StateTypes {
  Entity: new () => EntityState;
  ZoneState: new () => ZoneState;
  fields: FieldSpecs;
  /** Changes whenever a client of another layout could misread this one; sent with `zone:welcome`. */
  protocol: string;
}

/** Version of everything about the wire that the layout does not show: messages, input, meaning of fields. */
export const PROTOCOL_VERSION = 1;

/** Builds the schema classes for a set of fields. The tier of each field becomes its view tag. */
export function buildStateTypes(fields: FieldSpecs): StateTypes {
  const definition: Record<string, unknown> = {};
  const layout: unknown[] = [];
  for (const [name, spec] of Object.entries(fields)) {
    const builder = spec.type();
    const tag = viewTagOf(spec.tier);
    layout.push([name, describeType(builder), spec.tier]);
    definition[name] = tag === undefined ? builder : builder.view(tag);
  }
  const Entity = schema(definition as never, "Entity") as unknown as new () => EntityState;
  const ZoneInfo = schema({ name: t.string(), west: t.float64(), east: t.float64() }, "ZoneInfo");
  // The map itself is tagged: an untagged one is broadcast whole to everybody, whatever the views say.
  const ZoneState = schema({ zone: ZoneInfo, entities: t.map(Entity as never).view() }, "ZoneState") as unknown as new () => ZoneState;
  const hash = createHash("sha256").update(JSON.stringify(layout)).digest("hex").slice(0, 12);
  return { Entity, ZoneState, fields, protocol: `${PROTOCOL_VERSION}.${hash}` };
}

/** The wire type behind a builder: a name such as `uint16`, or `{ quantized: … }` with its range. */
export function describeType(builder: unknown): unknown {
  return (builder as { _type: unknown })._type;
}
