import { t } from "@colyseus/schema";
import { BmError } from "../../config/index.ts";
import type { TierName } from "./tiers.ts";

/** A wire type: what the builders of `t` make, such as `t.uint8()` or `t.quantized({ min, max })`. */
export interface WireType {
  view(tag?: number): unknown;
}

/** A synchronised field of every entity, as the zone room or a plugin declares it. */
export interface FieldSpec {
  /** Makes the schema type anew for each room class: builders are mutable and must not be shared. */
  type: () => WireType;
  /** The farthest tier that still carries the field. */
  tier: TierName;
  /** The value of a new entity. Without one the field stays off the wire until it is set. */
  initial?: number | string | boolean;
  /** What it means, with its unit; printed in docs/PROTOCOL.md. */
  text: string;
}

/** Fields by name; their order is the order on the wire. */
export type FieldSpecs = Readonly<Record<string, FieldSpec>>;

/** Another wire type for a field that exists: what the `quantization` plugin declares. Tier and meaning stay. */
export type EncodingSpecs = Readonly<Record<string, () => WireType>>;

/** The most fields a schema class can hold: 64 indexes less one, and the wire has 6 bits for them. */
const MAX_FIELDS = 63;

const number64 = () => t.float64();
const uint16 = () => t.uint16();

/**
 * The fields that the zone room itself reads and writes, at full precision. The `quantization` plugin gives most of them
 * their wire types; without it the same world runs with 64-bit floats, which is what its saving is measured against.
 */
export const BASE_FIELDS = {
  cellX: { type: uint16, tier: "extended", initial: 0, text: "cell of 655.36 m, eastward from longitude -180" },
  cellY: { type: uint16, tier: "extended", initial: 0, text: "cell of 655.36 m, northward from latitude -90" },
  cellZ: { type: () => t.int8(), tier: "extended", initial: 0, text: "cell of 655.36 m, upward from altitude 0" },
  x: { type: number64, tier: "extended", initial: 0, text: "metres eastward within the cell" },
  y: { type: number64, tier: "extended", initial: 0, text: "metres northward within the cell" },
  z: { type: number64, tier: "extended", initial: 0, text: "metres upward within the cell" },
  kind: {
    type: () => t.string(),
    tier: "extended",
    initial: "",
    text: "what it is: `avatar`, `landmark`, or a kind that a plugin adds",
  },
  // Extended, because a tier is measured from the middle: one may stand at the wall of something wide and be far from it.
  solidRadius: {
    type: number64,
    tier: "extended",
    text: "metres; bodies cannot enter a cylinder of this radius; absent for what is not solid",
  },
  solidHeight: { type: number64, tier: "extended", text: "metres; height of that cylinder" },
  name: { type: () => t.string(), tier: "visual", initial: "", text: "what others read above it" },
  health: { type: number64, tier: "visual", initial: 100, text: "hit points" },
  maxHealth: { type: number64, tier: "visual", initial: 100, text: "hit points when unhurt" },
  yaw: { type: number64, tier: "visual", initial: 0, text: "radians counter-clockwise from east" },
  velocityX: { type: number64, tier: "visual", initial: 0, text: "metres a second on the ground, eastward" },
  velocityY: { type: number64, tier: "visual", initial: 0, text: "metres a second on the ground, northward" },
  velocityZ: { type: number64, tier: "visual", initial: 0, text: "metres a second upward" },
  mana: { type: number64, tier: "combat", initial: 100, text: "magic points" },
  level: { type: number64, tier: "combat", initial: 1, text: "experience level" },
  action: {
    type: () => t.string(),
    tier: "combat",
    initial: "",
    text: "what it is doing, for animation; empty for nothing",
  },
  experience: { type: number64, tier: "local", initial: 0, text: "experience points" },
  fractionX: { type: () => t.uint8(), tier: "local", initial: 0, text: "256ths of a centimetre beyond `x`" },
  fractionY: { type: () => t.uint8(), tier: "local", initial: 0, text: "256ths of a centimetre beyond `y`" },
  fractionZ: { type: () => t.uint8(), tier: "local", initial: 0, text: "256ths of a centimetre beyond `z`" },
  groundZ: { type: () => t.int32(), tier: "local", initial: 0, text: "centimetres; altitude of the ground under the body" },
} as const satisfies FieldSpecs;

/** What one plugin adds to entities. */
export interface FieldContribution {
  plugin: string;
  fields?: FieldSpecs | undefined;
  encodings?: EncodingSpecs | undefined;
}

/** Names that a schema instance has already, so no field may have them. */
const RESERVED = new Set([
  "constructor",
  "toJSON",
  "clone",
  "assign",
  "restore",
  "setDirty",
  "listen",
  "onChange",
  "discardAllChanges",
  "__proto__",
  "prototype",
]);

/**
 * Base fields and those of every plugin, in the order of the plugins, with encodings applied.
 * @throws BmError `BM_PLUGIN_INVALID` naming every clash, unfit name, unknown encoding and overflow at once.
 */
export function mergeFields(contributions: readonly FieldContribution[]): FieldSpecs {
  const problems: string[] = [];
  const owner = new Map<string, string>(Object.keys(BASE_FIELDS).map((name) => [name, "the zone room"]));
  const merged: Record<string, FieldSpec> = { ...BASE_FIELDS };
  for (const { plugin, fields } of contributions) {
    for (const [name, spec] of Object.entries(fields ?? {})) {
      const other = owner.get(name);
      if (other) problems.push(`plugin ${plugin}: field "${name}" belongs to ${other} already`);
      else if (!/^[a-z][A-Za-z0-9]{0,31}$/.test(name) || RESERVED.has(name))
        problems.push(`plugin ${plugin}: "${name}" is not a field name (a-z first, then letters and digits, 32 at the most)`);
      else {
        owner.set(name, `plugin ${plugin}`);
        merged[name] = spec;
      }
    }
  }
  const encoder = new Map<string, string>();
  for (const { plugin, encodings } of contributions) {
    for (const [name, type] of Object.entries(encodings ?? {})) {
      const spec = merged[name];
      const other = encoder.get(name);
      if (!spec) problems.push(`plugin ${plugin}: encoding for "${name}", which is no field`);
      else if (other) problems.push(`plugin ${plugin}: field "${name}" has its encoding from ${other} already`);
      else {
        encoder.set(name, `plugin ${plugin}`);
        merged[name] = { ...spec, type };
      }
    }
  }
  const count = Object.keys(merged).length;
  if (count > MAX_FIELDS) problems.push(`${count} fields, but a schema class holds ${MAX_FIELDS}`);
  if (problems.length > 0) {
    throw new BmError("BM_PLUGIN_INVALID", `the fields of entities do not fit together:\n  ${problems.join("\n  ")}`, {
      data: { problems },
      hint: "rename the field, or remove one of the plugins",
    });
  }
  return merged;
}
