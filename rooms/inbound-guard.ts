import type { Client, ClientPrivate } from "@colyseus/core";
import { Protocol } from "@colyseus/core";
import { decode } from "@colyseus/schema";
import { unpack } from "msgpackr";
import { BmError, type World } from "../config/index.ts";
import { inputFrameProblem } from "./input/input-frame.ts";
import type { ZoneMetrics } from "./zone-metrics.ts";

type InboundClient = Client & ClientPrivate;

/** Bits of the first byte that say what a frame is; the rest are modifiers. */
const PROTOCOL_CODE_MASK = 0b0001_1111;

const KNOWN_CODES = new Set<number>([
  Protocol.JOIN_ROOM,
  Protocol.LEAVE_ROOM,
  Protocol.ROOM_DATA,
  Protocol.ROOM_REQUEST,
  Protocol.ROOM_DATA_BYTES,
  Protocol.ROOM_INPUT_RELIABLE,
  Protocol.ROOM_INPUT_UNRELIABLE,
  Protocol.PING,
]);

/** Above this multiple of a limit the connection is closed rather than the excess dropped. */
const CLOSE_AT_TIMES_LIMIT = 2;

/** A client is told of the same fault at most once in this time, so that answering a flood is not a second flood. */
const REPLY_EVERY_MS = 1000;

/** Malformed frames that a connection may send before it is closed. */
const MAX_MALFORMED = 16;

/** Close code of the SDK that it does not reconnect after. */
export const CLOSE_WITH_ERROR = 4002;

interface Meter {
  windowStartMs: number;
  messages: number;
  bytes: number;
  malformed: number;
  repliedAtMs: Map<string, number>;
}

interface InboundGuardOptions {
  limits: World["limits"];
  metrics: ZoneMetrics;
  /** The host's own handling of a frame. */
  deliver(client: InboundClient, frame: Buffer): void;
  onError(error: BmError): void;
}

/**
 * Every frame from a client passes here before the host reads it: counted, held against the limits, and taken apart once
 * under guard, because the host answers bytes that it cannot decode by disconnecting, or by a throw that ends the process.
 */
export class InboundGuard {
  readonly #options: InboundGuardOptions;
  readonly #meters = new WeakMap<object, Meter>();
  /** CPU milliseconds spent on frames since {@link takeMilliseconds} was last called. */
  #milliseconds = 0;

  constructor(options: InboundGuardOptions) {
    this.#options = options;
  }

  /** CPU milliseconds spent since the last call; part of the world tick that is being measured. */
  takeMilliseconds(): number {
    const spent = this.#milliseconds;
    this.#milliseconds = 0;
    return spent;
  }

  receive(client: InboundClient, frame: Buffer): void {
    const began = performance.now();
    const { metrics } = this.#options;
    metrics.messagesIn++;
    metrics.bytesIn += frame.byteLength;
    try {
      if (this.#withinLimits(client, frame, began)) this.#deliver(client, frame);
    } catch (error) {
      this.refuseFrame(client, "a frame that could not be read", error);
    } finally {
      this.#milliseconds += performance.now() - began;
    }
  }

  /** Tells the client with an `error` message, at most once a second for each code, and counts every time. */
  refuse(client: Client, error: BmError): void {
    this.#options.metrics.countError(error.code);
    const meter = this.#meterOf(client);
    const now = performance.now();
    if (now - (meter.repliedAtMs.get(error.code) ?? Number.NEGATIVE_INFINITY) < REPLY_EVERY_MS) return;
    meter.repliedAtMs.set(error.code, now);
    this.#options.onError(error);
    client.send("error", { code: error.code, message: error.message, ...(error.data ? { data: error.data } : {}) });
  }

  #meterOf(client: object): Meter {
    let meter = this.#meters.get(client);
    if (!meter) {
      meter = { windowStartMs: performance.now(), messages: 0, bytes: 0, malformed: 0, repliedAtMs: new Map() };
      this.#meters.set(client, meter);
    }
    return meter;
  }

  #withinLimits(client: InboundClient, frame: Buffer, nowMs: number): boolean {
    const { messagesPerSecond, bytesPerSecond, messageBytes } = this.#options.limits;
    const meter = this.#meterOf(client);
    if (nowMs - meter.windowStartMs >= 1000) {
      meter.windowStartMs = nowMs;
      meter.messages = 0;
      meter.bytes = 0;
    }
    meter.messages++;
    meter.bytes += frame.byteLength;
    if (meter.bytes > bytesPerSecond) {
      return this.#close(
        client,
        new BmError("BM_LIMIT_BYTES", `bytes a second: got ${meter.bytes}, limit ${bytesPerSecond}`, {
          data: { field: "bytesPerSecond", value: meter.bytes, limit: bytesPerSecond },
        }),
      );
    }
    if (frame.byteLength > messageBytes) {
      this.refuse(
        client,
        new BmError("BM_MESSAGE_TOO_LARGE", `message: got ${frame.byteLength} bytes, limit ${messageBytes}`, {
          data: { field: "message", value: frame.byteLength, limit: messageBytes },
        }),
      );
      return false;
    }
    if (meter.messages <= messagesPerSecond) return true;
    const error = new BmError("BM_LIMIT_MESSAGES", `messages a second: got ${meter.messages}, limit ${messagesPerSecond}`, {
      data: { field: "messagesPerSecond", value: meter.messages, limit: messagesPerSecond },
    });
    if (meter.messages > messagesPerSecond * CLOSE_AT_TIMES_LIMIT) return this.#close(client, error);
    this.refuse(client, error);
    // Inputs are differences from one to the next: dropping one would corrupt all that follow. Their buffer is bounded.
    const code = (frame[0] as number) & PROTOCOL_CODE_MASK;
    return (
      code === Protocol.ROOM_INPUT_RELIABLE ||
      code === Protocol.ROOM_INPUT_UNRELIABLE ||
      code === Protocol.LEAVE_ROOM ||
      code === Protocol.JOIN_ROOM
    );
  }

  #close(client: InboundClient, error: BmError): false {
    this.refuse(client, error);
    client.ref.removeAllListeners("message");
    client.leave(CLOSE_WITH_ERROR, error.code);
    return false;
  }

  #deliver(client: InboundClient, frame: Buffer): void {
    const problem = frameProblem(frame);
    if (problem === undefined) this.#options.deliver(client, frame);
    else this.refuseFrame(client, problem);
  }

  /** Answers bytes that are not of the protocol; a connection that sends them again and again is closed. */
  refuseFrame(client: InboundClient, what: string, cause?: unknown): void {
    const meter = this.#meterOf(client);
    meter.malformed++;
    const error = new BmError("BM_MESSAGE_MALFORMED", `frame: got ${what}, expected a frame of the protocol`, {
      data: { field: "frame", value: what },
      cause,
    });
    if (meter.malformed > MAX_MALFORMED) this.#close(client, error);
    else this.refuse(client, error);
  }
}

/** What keeps the host from reading a frame, found by reading it once; undefined when nothing does. */
function frameProblem(frame: Buffer): string | undefined {
  const first = frame[0];
  if (first === undefined) return "an empty frame";
  const code = first & PROTOCOL_CODE_MASK;
  // Of the modifiers, clients may use none: a stamped input belongs to rooms that rewind, and this one does not.
  if (!KNOWN_CODES.has(code) || code !== first) return `a frame of unknown code ${first}`;
  if (code === Protocol.ROOM_INPUT_RELIABLE || code === Protocol.ROOM_INPUT_UNRELIABLE) return inputFrameProblem(code, frame);
  if (code !== Protocol.ROOM_DATA && code !== Protocol.ROOM_REQUEST && code !== Protocol.ROOM_DATA_BYTES) return undefined;
  const it = { offset: 1 };
  try {
    if (code === Protocol.ROOM_REQUEST) decode.number(frame, it);
    if (it.offset >= frame.byteLength) return "a message without a type";
    if (typeIsCutOff(frame, it.offset)) return "a message whose type is cut off";
    if (decode.stringCheck(frame, it)) decode.string(frame, it);
    else decode.number(frame, it);
    if (code !== Protocol.ROOM_DATA_BYTES && it.offset < frame.byteLength) unpack(frame.subarray(it.offset));
    return undefined;
  } catch {
    return "a message whose payload does not unpack";
  }
}

/** The host reads a type past its end without a word: a text's length and a number's width are looked at first. */
function typeIsCutOff(frame: Buffer, offset: number): boolean {
  const prefix = frame[offset] as number;
  const left = frame.byteLength - offset - 1;
  if (prefix < 0x80) return false;
  if (prefix >= 0xa0 && prefix <= 0xbf) return left < (prefix & 0x1f);
  if (prefix === 0xd9) return left < 1 || left < 1 + (frame[offset + 1] as number);
  // Longer texts and floating-point numbers are no message types.
  const width = NUMBER_BYTES[prefix];
  return width === undefined ? prefix < 0xe0 : left < width;
}

/** Bytes after the prefix of each whole-number encoding of the host. */
const NUMBER_BYTES: Readonly<Record<number, number>> = { 204: 1, 205: 2, 206: 4, 207: 8, 208: 1, 209: 2, 210: 4, 211: 8 };
