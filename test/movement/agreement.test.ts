import { type Decoder, Encoder, Reflection, StateView } from "@colyseus/schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_MOVEMENT } from "../../config/index.ts";
import { QuantizationPlugin } from "../../plugins/quantization/index.ts";
import { positionFromGeographic } from "../../rooms/geography/index.ts";
import {
  buildStateTypes,
  MOVEMENT_FIELDS,
  type MovementBody,
  type MovementCommand,
  mergeFields,
  type Solid,
  stepMovement,
} from "../../rooms/index.ts";

const PARAMETERS = { ...DEFAULT_MOVEMENT, southDeg: -85, northDeg: 85 };

const command: fc.Arbitrary<MovementCommand> = fc.record({
  moveEast: fc.double({ min: -1, max: 1, noNaN: true }),
  moveNorth: fc.double({ min: -1, max: 1, noNaN: true }),
  yaw: fc.double({ min: -10, max: 10, noNaN: true }),
  buttons: fc.integer({ min: 0, max: 3 }),
});

test("a plain object, a server entity and what a client decodes agree to the bit after every step (property)", () => {
  const types = buildStateTypes(mergeFields([{ plugin: "quantization", encodings: QuantizationPlugin.encodings }]));
  fc.assert(
    fc.property(
      fc.double({ min: -180, max: 179.9, noNaN: true }),
      fc.double({ min: -85, max: 85, noNaN: true }),
      fc.integer({ min: -40, max: 300 }),
      fc.array(command, { minLength: 1, maxLength: 60 }),
      (longitude, latitude, altitude, commands) => {
        const state = new types.ZoneState();
        const entity = new types.Entity();
        for (const [name, spec] of Object.entries(types.fields)) (entity as unknown as Record<string, unknown>)[name] = spec.initial;
        Object.assign(entity, positionFromGeographic({ longitude, latitude, altitude }));
        entity.groundZ = altitude * 100;
        state.entities.set("1", entity);
        const encoder = new Encoder(state);
        const view = new StateView();
        view.add(entity, 7);
        const decoder: Decoder = Reflection.decode(Reflection.encode(encoder));
        const it = { offset: 0 };
        encoder.encodeAll(it);
        decoder.decode(encoder.encodeAllView(view, it.offset, { ...it }));
        encoder.discardChanges();
        const seen = () => (decoder.state as unknown as { entities: Map<string, MovementBody> }).entities.get("1") as MovementBody;

        const plain = Object.fromEntries(MOVEMENT_FIELDS.map((name) => [name, entity[name]])) as unknown as MovementBody;
        const solids: Solid[] = [
          {
            id: "2",
            xCm: entity.cellX * 65_536 + 300,
            yCm: entity.cellY * 65_536 + 300,
            zCm: altitude * 100,
            radiusCm: 200,
            heightCm: 500,
          },
        ];
        for (const each of commands) {
          // The server reads the command from the wire at 32 bits, the client has it at 64.
          const onTheWire = {
            ...each,
            moveEast: Math.fround(each.moveEast),
            moveNorth: Math.fround(each.moveNorth),
            yaw: Math.fround(each.yaw),
          };
          stepMovement(entity, onTheWire, 1 / 60, PARAMETERS, solids);
          stepMovement(plain, each, 1 / 60, PARAMETERS, solids);
          const shared = { offset: 0 };
          encoder.encode(shared);
          decoder.decode(encoder.encodeView(view, shared.offset, { ...shared }));
          encoder.discardChanges();
          for (const name of MOVEMENT_FIELDS) {
            expect(Object.is(plain[name], entity[name]), `${name}: ${plain[name]} planned, ${entity[name]} on the server`).toBe(true);
            expect(Object.is(entity[name], seen()[name]), `${name}: ${entity[name]} on the server, ${seen()[name]} seen`).toBe(true);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
