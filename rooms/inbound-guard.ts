import type { Client, ClientPrivate } from "@colyseus/core";
import { BmError, type BmErrorCode, type World } from "../config/index.ts";
import { frameKind } from "./message-frame.ts";
import { RateMeter } from "./rate-meter.ts";
import type { ZoneMetrics } from "./zone-metrics.ts";

type InboundClient = Client & ClientPrivate;

/** Seconds' worth of messages and bytes that may come at once. Source: a client that was busy for a moment. */
const BURST_SECONDS = 2;

/**
 * Input steps of a client may come at twice the frame rate, and these seconds' worth at once.
 * Source: a network or a server that stood still as long as a dropped connection is kept lets all inputs of that time through together.
 */
const INPUT_RATE_TIMES_FRAMES = 2;
const INPUT_BURST_SECONDS = 20;

/** A client is told of the same fault at most once in this time, so that answering a flood is not a second flood. */
const REPLY_EVERY_MS = 1000;

/** Malformed frames that a connection may send before it is closed. */
const MAX_MALFORMED = 16;

/** Close code of the SDK that it does not reconnect after. */
export const CLOSE_WITH_ERROR = 4002;

/** What one connection has used of its limits. */
interface Meters {
  messages: RateMeter;
  bytes: RateMeter;
  inputSteps: RateMeter;
  malformed: number;
  repliedAtMs: Map<string, number>;
}

interface InboundGuardOptions {
  limits: World["limits"];
  frameHz: number;
  metrics: ZoneMetrics;
  /** The host's own handling of a frame. */
  deliver(client: InboundClient, frame: Buffer): void;
  onError(error: BmError): void;
}

/**
 * Every frame from a client passes here before the host reads it: counted, taken apart once under guard, because the host answers
 * bytes that it cannot decode by disconnecting, or by a throw that ends the process, and held against the limits.
 */
export class InboundGuard {
  readonly #options: InboundGuardOptions;
  /** By session, not by connection: who comes back on a new one has used what it has used. */
  readonly #meters = new Map<string, Meters>();
  /** Milliseconds spent on frames since {@link takeMilliseconds} was last called. */
  #milliseconds = 0;

  constructor(options: InboundGuardOptions) {
    this.#options = options;
  }

  /** Milliseconds spent since the last call; part of the world tick that is being measured. */
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
      if (this.#isAllowed(client, frame, began)) this.#options.deliver(client, frame);
    } catch (error) {
      this.refuseFrame(client, "a frame that could not be read", error);
    } finally {
      this.#milliseconds += performance.now() - began;
    }
  }

  /**
   * Charges input steps to a client; false when the connection was closed for them. A step is never dropped by itself: inputs are
   * differences from one to the next, and all that follow would be wrong.
   */
  takeInputSteps(client: InboundClient, steps: number): boolean {
    if (this.#metersOf(client).inputSteps.use(steps, performance.now()) !== "far over") return true;
    const perSecond = this.#options.frameHz * INPUT_RATE_TIMES_FRAMES;
    return this.#close(client, limitError("BM_LIMIT_MESSAGES", "inputStepsPerSecond", perSecond));
  }

  /** Tells the client with an `error` message, at most once a second for each code, and counts every time. */
  refuse(client: Client, error: BmError): void {
    this.#options.metrics.countError(error.code);
    const { repliedAtMs } = this.#metersOf(client);
    const now = performance.now();
    if (now - (repliedAtMs.get(error.code) ?? Number.NEGATIVE_INFINITY) < REPLY_EVERY_MS) return;
    repliedAtMs.set(error.code, now);
    this.#options.onError(error);
    client.send("error", { code: error.code, message: error.message, ...(error.data ? { data: error.data } : {}) });
  }

  /** The session is over. */
  forget(client: Client): void {
    this.#meters.delete(client.sessionId);
  }

  /** Answers bytes that are not of the protocol; a connection that sends them again and again is closed. */
  refuseFrame(client: InboundClient, what: string, cause?: unknown): void {
    const error = new BmError("BM_MESSAGE_MALFORMED", `frame: got ${what}, expected a frame of the protocol`, {
      data: { field: "frame", value: what },
      cause,
    });
    if (++this.#metersOf(client).malformed > MAX_MALFORMED) this.#close(client, error);
    else this.refuse(client, error);
  }

  #metersOf({ sessionId }: Client): Meters {
    let meters = this.#meters.get(sessionId);
    if (!meters) {
      const { limits, frameHz } = this.#options;
      const now = performance.now();
      const rate = (perSecond: number, seconds: number) => new RateMeter({ perSecond, burst: perSecond * seconds }, now);
      meters = {
        messages: rate(limits.messagesPerSecond, BURST_SECONDS),
        bytes: rate(limits.bytesPerSecond, BURST_SECONDS),
        inputSteps: rate(frameHz * INPUT_RATE_TIMES_FRAMES, INPUT_BURST_SECONDS),
        malformed: 0,
        repliedAtMs: new Map(),
      };
      this.#meters.set(sessionId, meters);
    }
    return meters;
  }

  #isAllowed(client: InboundClient, frame: Buffer, nowMs: number): boolean {
    const { messagesPerSecond, bytesPerSecond, messageBytes } = this.#options.limits;
    const meters = this.#metersOf(client);
    if (meters.bytes.use(frame.byteLength, nowMs) !== "ok") {
      return this.#close(client, limitError("BM_LIMIT_BYTES", "bytesPerSecond", bytesPerSecond));
    }
    if (frame.byteLength > messageBytes) {
      const data = { field: "message", value: frame.byteLength, limit: messageBytes };
      this.refuse(client, new BmError("BM_MESSAGE_TOO_LARGE", `message: got ${frame.byteLength} bytes, limit ${messageBytes}`, { data }));
      return false;
    }
    const kind = frameKind(frame);
    if (kind === "input") return this.takeInputSteps(client, 1);
    // What a batch holds is charged by its handler.
    if (kind === "batch") return true;
    const verdict = meters.messages.use(1, nowMs);
    if (verdict === "far over") return this.#close(client, limitError("BM_LIMIT_MESSAGES", "messagesPerSecond", messagesPerSecond));
    if (typeof kind === "object") {
      this.refuseFrame(client, kind.problem);
      return false;
    }
    if (verdict === "ok" || kind === "control") return true;
    this.refuse(client, limitError("BM_LIMIT_MESSAGES", "messagesPerSecond", messagesPerSecond));
    return false;
  }

  #close(client: InboundClient, error: BmError): false {
    this.refuse(client, error);
    client.ref.removeAllListeners("message");
    client.leave(CLOSE_WITH_ERROR, error.code);
    return false;
  }
}

function limitError(code: BmErrorCode, field: string, limit: number): BmError {
  return new BmError(code, `${field}: got more than the limit of ${limit}`, { data: { field, value: `more than ${limit}`, limit } });
}
