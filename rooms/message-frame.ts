import { isUtf8 } from "node:buffer";
import { Protocol } from "@colyseus/core";
import { decode } from "@colyseus/schema";
import { unpack } from "msgpackr";
import { INPUT_BATCH_MESSAGE } from "./input/input-batch.ts";
import { inputFrameProblem } from "./input/input-frame.ts";

/** Bits of the first byte that say what a frame is; the rest are modifiers. */
const PROTOCOL_CODE_MASK = 0b0001_1111;

const CONTROL_CODES = new Set<number>([Protocol.JOIN_ROOM, Protocol.LEAVE_ROOM, Protocol.PING]);
const INPUT_CODES = new Set<number>([Protocol.ROOM_INPUT_RELIABLE, Protocol.ROOM_INPUT_UNRELIABLE]);
const MESSAGE_CODES = new Set<number>([Protocol.ROOM_DATA, Protocol.ROOM_REQUEST, Protocol.ROOM_DATA_BYTES]);

/** What a frame is, as far as limits care; or why the host cannot read it. */
export type FrameKind = "control" | "input" | "batch" | "message" | { problem: string };

/** Reads a frame once, without acting on it, so that the host never meets one that it cannot read. O(bytes). */
export function frameKind(frame: Buffer): FrameKind {
  const first = frame[0];
  if (first === undefined) return { problem: "an empty frame" };
  const code = first & PROTOCOL_CODE_MASK;
  // Of the modifiers, clients may use none: a stamped input belongs to rooms that rewind, and this one does not.
  if (code === first) {
    if (CONTROL_CODES.has(code)) return "control";
    if (INPUT_CODES.has(code)) {
      const problem = inputFrameProblem(code, frame);
      return problem === undefined ? "input" : { problem };
    }
    if (MESSAGE_CODES.has(code)) return messageKind(code, frame);
  }
  return { problem: `a frame of unknown code ${first}` };
}

function messageKind(code: number, frame: Buffer): FrameKind {
  const it = { offset: 1 };
  try {
    if (code === Protocol.ROOM_REQUEST) decode.number(frame, it);
    if (it.offset >= frame.byteLength) return { problem: "a message without a type" };
    if (!typeIsWhole(frame, it.offset)) return { problem: "a message whose type is cut off or no text" };
    const type = decode.stringCheck(frame, it) ? decode.string(frame, it) : decode.number(frame, it);
    if (code === Protocol.ROOM_DATA_BYTES) return type === INPUT_BATCH_MESSAGE ? "batch" : "message";
    if (it.offset < frame.byteLength) unpack(frame.subarray(it.offset));
    return "message";
  } catch {
    return { problem: "a message whose payload does not unpack" };
  }
}

/** Bytes after the prefix of each whole-number encoding of the host. */
const NUMBER_BYTES: Readonly<Record<number, number>> = { 204: 1, 205: 2, 206: 4, 207: 8, 208: 1, 209: 2, 210: 4, 211: 8 };

/**
 * The host reads a type past its end without a word, and complains on the console of bytes that are no UTF-8: a text's length and
 * bytes, and a number's width, are looked at first. Longer texts and floating-point numbers are no message types.
 */
function typeIsWhole(frame: Buffer, offset: number): boolean {
  const prefix = frame[offset] as number;
  if (prefix < 0x80 || prefix >= 0xe0) return true;
  const isShortText = prefix >= 0xa0 && prefix <= 0xbf;
  if (isShortText || prefix === 0xd9) {
    const start = offset + (isShortText ? 1 : 2);
    const end = start + (isShortText ? prefix & 0x1f : (frame[offset + 1] ?? Number.POSITIVE_INFINITY));
    return end <= frame.byteLength && isUtf8(frame.subarray(start, end));
  }
  const width = NUMBER_BYTES[prefix];
  return width !== undefined && offset + width < frame.byteLength;
}
