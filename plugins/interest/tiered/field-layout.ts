import { getEncodeDescriptor, OPERATION, type Schema, TypeContext } from "@colyseus/schema";
import { BmError } from "../../../config/index.ts";
import { type EntityState, MOVEMENT_FIELDS, TIER_NAMES, viewTagOf } from "../../../rooms/index.ts";

/** Writes a value in the schema's own wire format. */
type ValueEncoder = (bytes: Uint8Array, value: unknown, it: { offset: number }) => void;

/** Bytes of the wire types that have a fixed size. Source: @colyseus/schema, encoding/encode.ts. */
const SIZE_OF_TYPE: Readonly<Record<string, number>> = {
  boolean: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  int64: 8,
  uint64: 8,
  bigint64: 8,
  biguint64: 8,
  float64: 8,
};

/** Wire types whose size depends on the value. */
const SIZED_BY_VALUE = new Set(["string", "number"]);

/** A field that is written as a whole number of so many bytes, low byte first. */
export const WHOLE = 1;
/** A quantized field whose steps are counted from its least value. */
const STEPS = 2;

/** A field of fixed size, of a size that depends on its value, or one that refers to a structure of its own. */
type FieldForm = "fixed" | "sized" | "reference";

/** Where the fields of one entity class are: in the schema, in a table row, and by tier. */
export interface FieldLayout {
  /** Fields, the highest index and one. */
  readonly count: number;
  readonly names: readonly string[];
  readonly forms: readonly (FieldForm | undefined)[];
  readonly encoders: readonly (ValueEncoder | undefined)[];
  /** Number of the farthest tier of each field, 0 local to 3 extended. */
  readonly tierOf: Uint8Array;
  /** How the most common fixed fields are written without a call of the library's encoder: see {@link WHOLE} and {@link STEPS}. 0 for all others. */
  readonly codeOf: Uint8Array;
  /** Of quantized fields: least value, range, steps. Three numbers a field. */
  readonly stepsOf: Float64Array;
  /** Where a fixed field begins in a row; the operation byte comes first. */
  readonly offsetOf: Uint16Array;
  /** Bytes of a fixed field in a row, operation byte included. */
  readonly sizeOf: Uint8Array;
  /** Bytes of a row. */
  readonly rowBytes: number;
  /** Indexes of the fields that each tier carries, ascending, references left out. */
  readonly ofTier: readonly Uint8Array[];
  /** Indexes of the references that each tier carries. */
  readonly referencesOfTier: readonly Uint8Array[];
  readonly hasReferences: boolean;
  /** Bits of the fields that each tier carries, by tier number: indexes below 32, and from 32 on. */
  readonly tierLow: Int32Array;
  readonly tierHigh: Int32Array;
  /** Bits of the fixed fields. */
  readonly fixedLow: number;
  readonly fixedHigh: number;
  /** Bits of the fields that a position is read from, indexes below 32. */
  readonly positionLow: number;
  /** Bits of the fields that movement writes, indexes below 32 and from 32 on. */
  readonly movementLow: number;
  readonly movementHigh: number;
  /** Indexes of the cells and offsets of the position: cellX, cellY, cellZ, x, y, z. */
  readonly positionIndexes: readonly [number, number, number, number, number, number];
}

const POSITION_FIELDS = ["cellX", "cellY", "cellZ", "x", "y", "z"] as const;

const TIER_OF_TAG = new Map(TIER_NAMES.map((name, tier) => [viewTagOf(name), tier]));

/**
 * Reads the layout of an entity class.
 * @throws BmError `BM_PLUGIN_INVALID` naming every field that cannot be spliced: of no tier, streamed, unreliable, sent only in patches or only
 * in full states, or with a structure of its own whose fields are tagged.
 */
export function readFieldLayout(entity: EntityState): FieldLayout {
  const descriptor = getEncodeDescriptor(entity);
  const { names, types, tags, metadata } = descriptor;
  const count = names.length;
  const problems: string[] = [];
  const forms: (FieldForm | undefined)[] = [];
  const tierOf = new Uint8Array(count).fill(255);
  const codeOf = new Uint8Array(count);
  const stepsOf = new Float64Array(count * 3);
  const offsetOf = new Uint16Array(count);
  const sizeOf = new Uint8Array(count);
  let rowBytes = 0;
  for (let i = 0; i < count; i++) {
    const name = names[i];
    if (name === undefined) continue;
    const tier = TIER_OF_TAG.get(tags[i]);
    if (tier === undefined) problems.push(`field "${name}" has view tag ${tags[i]}, which is no tier's`);
    else tierOf[i] = tier;
    const { unreliable, patchOnly, fullStateOnly, stream, deprecated } = metadata[i];
    const modifier = Object.entries({ unreliable, patchOnly, fullStateOnly, stream, deprecated }).find(([, on]) => on)?.[0];
    if (modifier) problems.push(`field "${name}" is ${modifier}, which cannot be sent by tier`);
    const form = formOf(types[i]);
    forms[i] = form;
    if (form === "fixed") {
      const size = 1 + (fixedSize(types[i]) as number);
      offsetOf[i] = rowBytes;
      sizeOf[i] = size;
      rowBytes += size;
      codeOf[i] = codeFor(types[i]);
      const { quantized } = types[i] as { quantized?: { min: number; range: number; span: number } };
      if (quantized) stepsOf.set([quantized.min, quantized.range, quantized.span], i * 3);
    } else if (form === "reference") problems.push(...nestedProblems(name, types[i]));
  }
  if (problems.length > 0) {
    throw new BmError(
      "BM_PLUGIN_INVALID",
      `entities of class ${entity.constructor.name} cannot be replicated by tier:\n  ${problems.join("\n  ")}`,
      {
        data: { problems },
        hint: "declare the field's tier and nothing else about how it is sent",
      },
    );
  }
  const within = (tier: number, wanted: (form: FieldForm | undefined) => boolean) =>
    Uint8Array.from([...names.keys()].filter((i) => names[i] !== undefined && (tierOf[i] as number) >= tier && wanted(forms[i])));
  const indexOf = (name: string) => names.indexOf(name);
  const fixed = maskOf([...forms.keys()].filter((i) => forms[i] === "fixed"));
  const movement = maskOf(MOVEMENT_FIELDS.map(indexOf));
  const positionIndexes = POSITION_FIELDS.map(indexOf) as unknown as FieldLayout["positionIndexes"];
  return {
    count,
    names,
    forms,
    encoders: descriptor.encoders as (ValueEncoder | undefined)[],
    tierOf,
    codeOf,
    stepsOf,
    offsetOf,
    sizeOf,
    rowBytes,
    ofTier: TIER_NAMES.map((_, tier) => within(tier, (form) => form !== "reference")),
    referencesOfTier: TIER_NAMES.map((_, tier) => within(tier, (form) => form === "reference")),
    hasReferences: forms.includes("reference"),
    tierLow: Int32Array.from(TIER_NAMES, (_, tier) => maskOf([...within(tier, () => true)]).low),
    tierHigh: Int32Array.from(TIER_NAMES, (_, tier) => maskOf([...within(tier, () => true)]).high),
    fixedLow: fixed.low,
    fixedHigh: fixed.high,
    positionLow: maskOf(positionIndexes).low,
    movementLow: movement.low,
    movementHigh: movement.high,
    positionIndexes,
  };
}

/** The operation bytes of a scalar field: set, and cleared. */
export const SET = OPERATION.ADD;
export const CLEARED = OPERATION.DELETE;

function maskOf(indexes: readonly number[]): { low: number; high: number } {
  let low = 0;
  let high = 0;
  for (const index of indexes) {
    if (index < 0) continue;
    if (index < 32) low |= 1 << index;
    else high |= 1 << (index - 32);
  }
  return { low, high };
}

function fixedSize(type: unknown): number | undefined {
  if (typeof type === "string") return SIZE_OF_TYPE[type];
  const quantized = (type as { quantized?: { bits: number } }).quantized;
  return quantized ? quantized.bits / 8 : undefined;
}

/** Whole numbers of up to 32 bits, and bounded quantized values; an angle is reduced by the library. */
function codeFor(type: unknown): number {
  if (typeof type === "string") return /^u?int(8|16|32)$/.test(type) ? WHOLE : 0;
  const { quantized } = type as { quantized?: { wrap: boolean } };
  return quantized && !quantized.wrap ? STEPS : 0;
}

function formOf(type: unknown): FieldForm {
  if (fixedSize(type) !== undefined) return "fixed";
  return typeof type === "string" && SIZED_BY_VALUE.has(type) ? "sized" : "reference";
}

/** What is wrong with the classes below a reference: tags of their own would need a tier of their own. */
function nestedProblems(field: string, type: unknown): string[] {
  const child = typeof type === "function" ? type : Object.values(type as object)[0];
  if (typeof child !== "function") return [];
  const context = TypeContext.cache(child as typeof Schema);
  const problems: string[] = [];
  for (const klass of context.schemas.keys()) {
    const descriptor = getEncodeDescriptor(new (klass as unknown as new () => Schema)());
    const named = `field "${field}": class ${klass.name}`;
    if (descriptor.hasAnyView) problems.push(`${named} has view tags of its own`);
    if (descriptor.hasAnyStream || descriptor.hasAnyUnreliable || descriptor.hasAnyFullStateOnly)
      problems.push(`${named} has fields that are streamed, unreliable or only in full states`);
  }
  return problems;
}
