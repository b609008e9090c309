import { schema, t } from "@colyseus/schema";
import type { MovementCommand } from "../movement/movement.ts";

/**
 * One step's input on the stock channel. Floats rather than quantized values, so that a client's NaN arrives as NaN and can
 * be refused by name; the movement step itself reads them at 32 bits on both sides.
 */
export const MovementInput = schema(
  { moveEast: t.float32(), moveNorth: t.float32(), yaw: t.float32(), buttons: t.uint16() },
  "MovementInput",
);
export type MovementInput = InstanceType<typeof MovementInput>;

/** The command of a body whose player says nothing: no movement, the same heading. */
export const IDLE_COMMAND: MovementCommand = Object.freeze({ moveEast: 0, moveNorth: 0, yaw: Number.NaN, buttons: 0 });

/** What is wrong with an input, or undefined. The step itself copes with anything; this is for telling the sender. */
export function inputProblem(input: MovementCommand): { field: keyof MovementCommand; value: number; expected: string } | undefined {
  if (!withinAxis(input.moveEast)) return { field: "moveEast", value: input.moveEast, expected: "-1..1" };
  if (!withinAxis(input.moveNorth)) return { field: "moveNorth", value: input.moveNorth, expected: "-1..1" };
  if (!Number.isFinite(input.yaw)) return { field: "yaw", value: input.yaw, expected: "a finite number of radians" };
  return undefined;
}

/** A unit vector computed in doubles may be a bit longer than 1 at 32 bits. */
const AXIS_TOLERANCE = 1e-5;

function withinAxis(value: number): boolean {
  return value >= -1 - AXIS_TOLERANCE && value <= 1 + AXIS_TOLERANCE;
}
