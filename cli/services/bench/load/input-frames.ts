import { Protocol } from "@colyseus/sdk";
import { INPUT_BATCH_MESSAGE } from "../../../../rooms/input/input-batch.ts";
import type { MovementCommand } from "../../../../rooms/movement/movement.ts";

/** Longest frame: code, and an index and a value for each of three floats and a uint16. */
export const MAX_INPUT_FRAME_BYTES = 1 + 3 * 5 + 3;

/** First byte of a field that is written: its index, and "add". Source: `OPERATION` of @colyseus/schema. */
const ADD = 0x80;

/**
 * Writes the frames of the SDK's input handle, byte for byte: a code, and the fields that changed since the last one. By hand, for
 * the SDK's encoder keeps tens of kilobytes for each client; a test holds it to the SDK's.
 */
export class InputFrames {
  #moveEast: number | undefined;
  #moveNorth: number | undefined;
  #yaw: number | undefined;
  #buttons: number | undefined;

  /** Writes the frame of one input. @returns where it ends; one byte after `at` when nothing changed. */
  write(command: Readonly<MovementCommand>, out: Buffer, at: number): number {
    const { moveEast, moveNorth, yaw, buttons } = command;
    let end = out.writeUInt8(Protocol.ROOM_INPUT_RELIABLE, at);
    if (moveEast !== this.#moveEast) end = writeFloatField(out, end, 0, moveEast);
    if (moveNorth !== this.#moveNorth) end = writeFloatField(out, end, 1, moveNorth);
    if (yaw !== this.#yaw) end = writeFloatField(out, end, 2, yaw);
    if (buttons !== this.#buttons) end = out.writeUInt16LE(buttons, out.writeUInt8(ADD | 3, end));
    this.#moveEast = moveEast;
    this.#moveNorth = moveNorth;
    this.#yaw = yaw;
    this.#buttons = buttons;
    return end;
  }
}

function writeFloatField(out: Buffer, at: number, index: number, value: number): number {
  return out.writeFloatLE(value, out.writeUInt8(ADD | index, at));
}

/** Code and type of a batch message; the frames follow. Source: `Room.sendBytes` of the SDK: a short text is 0xa0 | length and its bytes. */
export const BATCH_HEAD: Buffer = Buffer.concat([
  Buffer.from([Protocol.ROOM_DATA_BYTES, 0xa0 | INPUT_BATCH_MESSAGE.length]),
  Buffer.from(INPUT_BATCH_MESSAGE, "latin1"),
]);
