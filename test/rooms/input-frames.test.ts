import { Protocol } from "@colyseus/core";
import { InputEncoder } from "@colyseus/schema/input";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_BATCH_FRAMES, MovementInput, packInputBatch, unpackInputBatch } from "../../rooms/index.ts";
import { INPUT_FIELD_BYTES, inputFrameProblem } from "../../rooms/input/input-frame.ts";

const frame = (code: number, body: Uint8Array): Uint8Array => Uint8Array.from([code, ...body]);

describe("what the SDK sends for inputs passes the check", () => {
  test.each([
    ["reliable", Protocol.ROOM_INPUT_RELIABLE],
    ["unreliable", Protocol.ROOM_INPUT_UNRELIABLE],
  ] as const)("%s, whatever fields change (property)", (mode, code) => {
    const value = fc.oneof(fc.double(), fc.constant(undefined));
    fc.assert(
      fc.property(
        fc.array(fc.record({ moveEast: value, moveNorth: value, yaw: value, buttons: fc.nat({ max: 65_535 }) }, { requiredKeys: [] }), {
          maxLength: 8,
        }),
        (steps) => {
          const encoder = new InputEncoder(new MovementInput(), { mode });
          for (const step of steps) {
            for (const [name, each] of Object.entries(step))
              if (each !== undefined) (encoder.instance as unknown as Record<string, unknown>)[name] = each;
            expect(inputFrameProblem(code, frame(code, encoder.encode()))).toBeUndefined();
          }
        },
      ),
    );
  });

  test("the table of field widths is the schema's", () => {
    const bytes: Record<string, number> = { float32: 4, uint16: 2 };
    const metadata = (MovementInput as unknown as Record<symbol, Record<number, { type: string }>>)[Symbol.metadata];
    expect(INPUT_FIELD_BYTES.map((_, i) => bytes[metadata?.[i]?.type ?? ""])).toEqual([...INPUT_FIELD_BYTES]);
    expect(metadata?.[INPUT_FIELD_BYTES.length]).toBeUndefined();
  });
});

test.each<[string, number[]]>([
  ["a field that there is not", [Protocol.ROOM_INPUT_RELIABLE, 132, 0, 0]],
  ["a value that is cut off", [Protocol.ROOM_INPUT_RELIABLE, 128, 0, 0]],
  ["a change of structure", [Protocol.ROOM_INPUT_RELIABLE, 255, 0]],
  ["an operation of collections", [Protocol.ROOM_INPUT_RELIABLE, 0xc0, 0, 0, 0, 0]],
  ["a slot past the end", [Protocol.ROOM_INPUT_UNRELIABLE, 1, 9, 128]],
  ["a slot of a broken body", [Protocol.ROOM_INPUT_UNRELIABLE, 1, 2, 128, 0]],
  ["more slots than there can be", [Protocol.ROOM_INPUT_UNRELIABLE, 1, ...new Array<number>(17).fill(0)]],
  ["nothing where the sequence belongs", [Protocol.ROOM_INPUT_UNRELIABLE]],
])("refuses %s", (_, bytes) => {
  expect(inputFrameProblem(bytes[0] as number, Uint8Array.from(bytes))).toMatch(/does not decode/);
});

describe("batches", () => {
  const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 255 }), { minLength: 1, maxLength: MAX_BATCH_FRAMES });

  test("come apart as they were put together (property)", () => {
    fc.assert(
      fc.property(frames, (all) => {
        expect(unpackInputBatch(packInputBatch(all))).toEqual(all);
      }),
    );
  });

  test.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["an empty frame", Uint8Array.from([0])],
    ["a length past the end", Uint8Array.from([2, 1])],
    ["more frames than a batch holds", packInputBatch(new Array<Uint8Array>(MAX_BATCH_FRAMES + 1).fill(Uint8Array.from([1])))],
  ])("%s is none", (_, bytes) => {
    expect(unpackInputBatch(bytes)).toBeUndefined();
  });

  test("any bytes either come apart whole or not at all (property)", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const all = unpackInputBatch(bytes);
        if (all) expect(packInputBatch(all)).toEqual(bytes);
      }),
    );
  });
});
