import { Protocol } from "@colyseus/core";
import { decode } from "@colyseus/schema";

/** Bytes of the value of each field of `MovementInput`, by index: three 32-bit floats and a uint16. A test holds it to the schema. */
export const INPUT_FIELD_BYTES: readonly number[] = [4, 4, 4, 2];

/** Slots that the host's redundant channel may carry: what the SDK offers by default, with room. */
const MAX_SLOTS = 16;

/** Bits of a field's first byte: what happens to it, and its index. */
const OPERATION_MASK = 0xc0;
const INDEX_MASK = 0x3f;
const DELETE = 0x40;
const DELETE_AND_ADD = 0xc0;

/**
 * What is wrong with an input frame of the stock channel, or undefined. The host hands the bytes to its general state decoder, which
 * follows references and complains on the console; only a flat list of known fields may reach it.
 *
 * A body is a sequence of `[operation | index][value]`; the reliable frame is `[code][body]`, the redundant one
 * `[code][number sequence]` and then `[number length][body]` for each slot.
 */
export function inputFrameProblem(code: number, frame: Uint8Array): string | undefined {
  if (code === Protocol.ROOM_INPUT_RELIABLE)
    return bodyIsWellFormed(frame, 1, frame.byteLength) ? undefined : "an input frame that does not decode";
  const it = { offset: 1 };
  const problem = "a redundant input frame that does not decode";
  if (!Number.isFinite(decode.number(frame as Buffer, it))) return problem;
  for (let slots = 0; it.offset < frame.byteLength; slots++) {
    const length = decode.number(frame as Buffer, it);
    const end = it.offset + length;
    if (slots >= MAX_SLOTS || !(end <= frame.byteLength) || !bodyIsWellFormed(frame, it.offset, end)) return problem;
    it.offset = end;
  }
  return it.offset === frame.byteLength ? undefined : problem;
}

function bodyIsWellFormed(frame: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const first = frame[at++] as number;
    const bytes = INPUT_FIELD_BYTES[first & INDEX_MASK];
    const operation = first & OPERATION_MASK;
    if (bytes === undefined || operation === DELETE_AND_ADD) return false;
    if (operation !== DELETE) at += bytes;
  }
  return at === end;
}
