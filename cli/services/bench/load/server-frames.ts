import { Decoder, decode, Reflection, type Schema } from "@colyseus/schema";
import { unpack } from "msgpackr";

/** Bits of the first byte that say what a frame is. Source: `Protocol` of the SDK. */
const CODE_MASK = 0b0001_1111;
/** The frame carries the server's time and the acknowledged input before its body. */
const TIMED = 0x80;
/** `[code][u32 time][u32 input]`. */
const TIMED_BYTES = 9;

export function protocolCode(frame: Buffer): number {
  return (frame[0] as number) & CODE_MASK;
}

/** A frame of state, taken apart. */
export interface StateFrame {
  /** Where the body begins. */
  offset: number;
  /** The last input that the state holds; undefined where the frame does not say. */
  ack: number | undefined;
}

export function stateFrame(frame: Buffer): StateFrame {
  if (((frame[0] as number) & TIMED) === 0) return { offset: 1, ack: undefined };
  return { offset: TIMED_BYTES, ack: frame.readUInt32LE(5) };
}

/** Whether a patch says more than the time. */
export function isPatchWithNews(frame: Buffer): boolean {
  return frame.byteLength > (((frame[0] as number) & TIMED) === 0 ? 1 : TIMED_BYTES);
}

/** The entity id that a message welcomes to; undefined for any other message. */
export function welcomeIn(frame: Buffer): string | undefined {
  const message = messageIn(frame, "zone:welcome") as { entityId: string } | undefined;
  return message?.entityId;
}

/** The coded error that a message holds; undefined for any other message. */
export function errorIn(frame: Buffer): { code: string; message: string } | undefined {
  const message = messageIn(frame, "error") as { code?: unknown; message?: unknown } | undefined;
  return message && { code: String(message.code), message: String(message.message) };
}

/** What a frame of code `ERROR` says, in words. */
export function refusalIn(frame: Buffer): string {
  const it = { offset: 1 };
  const code = decode.number(frame, it);
  return `${code} ${decode.string(frame, it)}`;
}

function messageIn(frame: Buffer, type: string): unknown {
  const it = { offset: 1 };
  if (!decode.stringCheck(frame, it) || decode.string(frame, it) !== type) return undefined;
  return it.offset < frame.byteLength ? unpack(frame.subarray(it.offset)) : undefined;
}

/**
 * Makes the stock decoder of each client from its own handshake. Handshakes that are the same share their classes, as they would in
 * one program: making classes anew for thousands of clients would take longer than the decoding.
 */
export class DecoderFactory {
  #reflection: Buffer | undefined;
  #prototype: Decoder<Schema> | undefined;

  /** @param frame the first frame of a client, `JOIN_ROOM`. */
  decoderOf(frame: Buffer): Decoder<Schema> {
    const it = { offset: 1 };
    for (let i = 0; i < 2; i++) {
      // The token to reconnect with, and the name of the serializer.
      const length = frame[it.offset++] as number;
      it.offset += length;
    }
    const length = decode.number(frame, it);
    const reflection = frame.subarray(it.offset, it.offset + length);
    if (this.#prototype === undefined || this.#reflection?.equals(reflection) !== true) {
      this.#reflection = reflection;
      this.#prototype = Reflection.decode(reflection, { offset: 0 });
    }
    const { state, context } = this.#prototype;
    return new Decoder(new (state.constructor as new () => Schema)(), context);
  }
}
