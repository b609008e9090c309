import { describeType, type FieldSpecs } from "../../rooms/index.ts";

const BITS_OF_TYPE: Readonly<Record<string, number>> = {
  boolean: 8,
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  float32: 32,
  float64: 64,
};

interface Quantized {
  min: number;
  max: number;
  bits: number;
  wrap: boolean;
  span: number;
}

/** One row of the field table of docs/PROTOCOL.md. */
export interface FieldRow {
  index: number;
  name: string;
  wire: string;
  /** The least and the greatest value, as text; empty where the type has no limits of interest. */
  range: string;
  /** The difference of two neighbouring values, as text. */
  step: string;
  /** Bits of the value on the wire, or undefined for text. */
  bits: number | undefined;
  tier: string;
  text: string;
}

/** Every field of an entity as the wire has it, in order. */
export function fieldRows(fields: FieldSpecs): FieldRow[] {
  return Object.entries(fields).map(([name, spec], index) => {
    const type = describeType(spec.type());
    const common = { index, name, tier: spec.tier, text: spec.text };
    if (typeof type === "string") {
      const bits = BITS_OF_TYPE[type];
      return { ...common, wire: type, range: integerRange(type), step: /^u?int/.test(type) ? "1" : "", bits };
    }
    const { min, max, bits, wrap, span } = (type as { quantized: Quantized }).quantized;
    const close = wrap ? ")" : "]";
    return { ...common, wire: "quantized", range: `[${short(min)}, ${short(max)}${close}`, step: short((max - min) / span), bits };
  });
}

/** The field table in Markdown; docs/PROTOCOL.md holds exactly this between its markers. */
export function fieldTable(fields: FieldSpecs): string {
  const head =
    "| # | field | wire type | range | step | bits | farthest tier | meaning |\n| --- | --- | --- | --- | --- | --- | --- | --- |";
  const rows = fieldRows(fields).map(
    (row) =>
      `| ${row.index} | \`${row.name}\` | ${row.wire} | ${row.range} | ${row.step} | ${row.bits ?? "length + text"} | ${row.tier} | ${row.text} |`,
  );
  return [head, ...rows].join("\n");
}

function integerRange(type: string): string {
  const match = /^(u?)int(\d+)$/.exec(type);
  if (!match) return "";
  const bits = Number(match[2]);
  return match[1] ? `[0, ${2 ** bits - 1}]` : `[${-(2 ** (bits - 1))}, ${2 ** (bits - 1) - 1}]`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(7)));
}
