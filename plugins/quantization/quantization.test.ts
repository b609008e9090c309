import { readFileSync } from "node:fs";
import { Encoder, Reflection, StateView } from "@colyseus/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BASE_FIELDS, buildStateTypes, mergeFields, viewTagsOf } from "../../rooms/index.ts";
import { fieldRows, fieldTable } from "./field-table.ts";
import { QuantizationPlugin } from "./quantization.plugin.ts";

const fields = mergeFields([{ plugin: "quantization", encodings: QuantizationPlugin.encodings }]);

/** Sends an entity over the wire and gives back what arrives. */
function overTheWire(values: Record<string, unknown>, use = fields): { entity: Record<string, unknown>; bytes: number } {
  const types = buildStateTypes(use);
  const state = new types.ZoneState();
  const entity = new types.Entity();
  Object.assign(entity, values);
  state.entities.set("1", entity);
  const encoder = new Encoder(state);
  const decoder = Reflection.decode(Reflection.encode(encoder));
  const view = new StateView();
  view.add(entity, viewTagsOf("local"));
  const it = { offset: 0 };
  encoder.encodeAll(it);
  const bytes = encoder.encodeAllView(view, it.offset, { ...it });
  decoder.decode(bytes);
  return {
    entity: (decoder.state as unknown as { entities: Map<string, Record<string, unknown>> }).entities.get("1") ?? {},
    bytes: bytes.byteLength,
  };
}

test("docs/PROTOCOL.md has the field table of this plugin, to the letter", () => {
  const text = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
  const [, table] = /<!-- fields:begin -->\n([\s\S]*?)\n<!-- fields:end -->/.exec(text) ?? [];
  expect(table).toBe(fieldTable(fields));
});

test("positions and velocities are exact to the centimetre, and nothing stays nothing", () => {
  const rows = new Map(fieldRows(fields).map((row) => [row.name, row]));
  for (const name of ["x", "y", "z"])
    expect(rows.get(name)).toMatchObject({ range: "[0, 655.35]", step: "0.01", bits: 16, tier: "extended" });
  for (const name of ["velocityX", "velocityY", "velocityZ"])
    expect(rows.get(name)).toMatchObject({ range: "[-327.67, 327.67]", step: "0.01", bits: 16, tier: "visual" });
  expect(rows.get("yaw")).toMatchObject({ range: "[0, 6.283185)", bits: 16, tier: "visual" });
  const { Entity } = buildStateTypes(fields);
  const entity = new Entity();
  for (const metres of [0, 0.01, 327.68, 655.35]) {
    entity.x = metres;
    expect(entity.x).toBeCloseTo(metres, 9);
  }
  entity.velocityX = 0;
  expect(entity.velocityX).toBe(0);
});

test("no value that is set leaves the range of its field, NaN and infinities included (property)", () => {
  const { Entity } = buildStateTypes(fields);
  fc.assert(
    fc.property(fc.double(), (value) => {
      const entity = new Entity();
      for (const [name, min, max] of [
        ["x", 0, 655.35],
        ["velocityX", -327.67, 327.67],
        ["yaw", 0, 6.2832],
      ] as const) {
        entity[name] = value;
        expect(entity[name]).toBeGreaterThanOrEqual(min);
        expect(entity[name]).toBeLessThanOrEqual(max);
      }
    }),
  );
});

test("gives every number of the base fields a type, and names none that there is not", () => {
  const wide = fieldRows(fields).filter(({ wire }) => wire === "float64");
  expect(wide).toEqual([]);
  for (const name of Object.keys(QuantizationPlugin.encodings)) expect(BASE_FIELDS).toHaveProperty(name);
});

test("what arrives is what was set, on the grid; at half the bytes of full precision or less", () => {
  const moving = {
    cellX: 30_000,
    cellY: 20_000,
    cellZ: -1,
    x: 12.34,
    y: 655.35,
    z: 600,
    yaw: 3,
    velocityX: -1.5,
    velocityY: 2.25,
    velocityZ: 0,
  };
  const quantized = overTheWire(moving);
  for (const [name, value] of Object.entries(moving)) expect(quantized.entity[name]).toBeCloseTo(value, 4);
  expect(quantized.bytes).toBeLessThan(overTheWire(moving, BASE_FIELDS).bytes / 1.9);
});
