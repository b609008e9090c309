import { Protocol, type Room } from "@colyseus/sdk";
import { INPUT_BATCH_MESSAGE, MAX_BATCH_FRAMES, packInputBatch } from "../rooms/input/input-batch.ts";
import type { ZoneStateView } from "./entity-view.ts";

/**
 * Longest time in milliseconds that an input frame waits for others.
 * Source: the server idles a body after 15 frames (250 ms) without input; this leaves more than half of it to the network.
 */
export const BATCH_INTERVAL_MS = 100;

/**
 * Least time in milliseconds between two batches, so that a mouse that turns in every frame does not undo the batching.
 * Source: one world tick at 30 Hz; the server tells nobody sooner.
 */
export const MIN_BATCH_INTERVAL_MS = 33;

/** Longest frame that a batch can hold: its length is one byte. */
const MAX_FRAME_BYTES = 255;

/** First byte of a frame: bits 0 to 4 say what it is, bit 5 and up modify it. */
const CODE_MASK = 0b0001_1111;

/**
 * Carries the input frames of one room in batches. It stands between the SDK's input handle and the socket: the handle encodes,
 * counts, remembers and gets its acknowledgements as ever, so prediction and round-trip time are the SDK's own. Frames reach the
 * server byte for byte as they were, in order, and before anything that is sent after them.
 */
export class InputBatcher {
  readonly #room: Room<unknown, ZoneStateView>;
  readonly #send: (data: Uint8Array) => void;
  #frames: Uint8Array[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #lastBatchMs = Number.NEGATIVE_INFINITY;

  /** Takes over the connection of a room that has joined. It stays the same object when the SDK reconnects. */
  constructor(room: Room<unknown, ZoneStateView>) {
    this.#room = room;
    const { connection } = room;
    this.#send = connection.send.bind(connection);
    connection.send = (data) => this.#pass(data);
  }

  /** Sends what has been gathered, now. */
  flush(): void {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    this.clear();
    this.#lastBatchMs = performance.now();
    if (this.#room.connection.isOpen) this.#room.sendBytes(INPUT_BATCH_MESSAGE, packInputBatch(frames));
  }

  /** Forgets what has been gathered: after a drop the server counts inputs from zero, and so does the SDK. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#frames = [];
  }

  #pass(data: Uint8Array): void {
    const isInput = ((data[0] as number) & CODE_MASK) === Protocol.ROOM_INPUT_RELIABLE;
    if (!isInput || data.byteLength > MAX_FRAME_BYTES) {
      this.flush();
      this.#send(data);
      return;
    }
    // A copy: the handle writes its next frame into the same memory.
    this.#frames.push(data.slice());
    // A frame with a body says that something changed; a bare code byte repeats the last input.
    const now = performance.now();
    const changed = data.byteLength > 1;
    const dueMs = changed ? Math.max(now, this.#lastBatchMs + MIN_BATCH_INTERVAL_MS) : now + BATCH_INTERVAL_MS;
    if (dueMs <= now || this.#frames.length >= MAX_BATCH_FRAMES) this.flush();
    else this.#flushBy(dueMs, now);
  }

  #flushBy(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => this.flush(), dueMs - nowMs);
  }
}
