import net from "node:net";
import { Protocol } from "@colyseus/sdk";
import { WebSocket } from "ws";
import { BATCH_INTERVAL_MS, MIN_BATCH_INTERVAL_MS } from "../../../../client/input-batcher.ts";
import { seededRandom } from "../../bots/draw.ts";
import type { FrameLog } from "./frame-log.ts";
import { BATCH_HEAD, InputFrames, MAX_INPUT_FRAME_BYTES } from "./input-frames.ts";
import type { Matchmaker } from "./matchmake.ts";
import type { LoadParameters } from "./options.ts";
import type { Place } from "./placement.ts";
import { errorIn, isPatchWithNews, protocolCode, refusalIn, welcomeIn } from "./server-frames.ts";
import { STEPS_PER_SECOND, Walker } from "./walker.ts";

/** What clients tell whoever keeps the count, and what they share. */
export interface CrowdContext {
  readonly port: number;
  readonly parameters: LoadParameters;
  readonly matchmaker: Matchmaker;
  readonly log: FrameLog;
  /** Something that should not happen: a connection that ended, an error that the zone answered. */
  complain(code: string, message: string): void;
  /** State came that said something. */
  news(atMs: number): void;
}

/** Largest payload that a WebSocket frame names in its second byte. Source: RFC 6455, section 5.2. */
const MAX_SHORT_PAYLOAD = 125;
/** Head of a client's frame: two bytes, and four of the mask. */
const WS_HEAD_BYTES = 6;
/** A welcome that has not come by then never will. */
const WELCOME_TIMEOUT_MS = 20_000;
const STEP_MS = 1000 / STEPS_PER_SECOND;

/**
 * One player over a real socket, as lean as can be: what arrives is kept, not read, and what it sends is written by hand. `ws` shakes
 * hands and takes arriving frames apart; frames to the server go to the socket directly and in one piece, with a mask of zeros,
 * which the standard allows and which leaves the payload as it is.
 */
export class LoadClient {
  readonly index: number;
  readonly place: Place;
  readonly walker: Walker;
  joined = false;
  entityId = "";

  readonly #context: CrowdContext;
  readonly #frames = new InputFrames();
  /** A whole WebSocket frame under construction. */
  readonly #out = Buffer.alloc(WS_HEAD_BYTES + MAX_SHORT_PAYLOAD);
  readonly #headBytes: number;
  #end: number;
  #dueMs = Number.POSITIVE_INFINITY;
  #lastBatchMs = Number.NEGATIVE_INFINITY;
  #socket: net.Socket | undefined;
  #ws: WebSocket | undefined;
  #leaving = false;
  #onWelcome: (() => void) | undefined;

  constructor(index: number, place: Place, context: CrowdContext) {
    this.index = index;
    this.place = place;
    this.#context = context;
    this.walker = new Walker(place.roamM, seededRandom(context.parameters.seed, `client ${index}`));
    this.#out[0] = 0x82;
    if (context.parameters.predict) BATCH_HEAD.copy(this.#out, WS_HEAD_BYTES);
    this.#headBytes = WS_HEAD_BYTES + (context.parameters.predict ? BATCH_HEAD.byteLength : 0);
    this.#end = this.#headBytes;
  }

  /** Resolves with the welcome. Never rejects: the context is told. */
  async join(): Promise<void> {
    const { matchmaker, parameters, complain, port } = this.#context;
    const { longitude, latitude } = this.place;
    try {
      const seat = await matchmaker.reserve({
        longitude,
        latitude,
        name: `load ${this.index + 1}`,
        ...(parameters.predict ? { predict: true } : {}),
      });
      if (!this.#leaving) await this.#connect(`ws://127.0.0.1:${port}/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`);
    } catch (error) {
      if (!this.#leaving) complain("JOIN", error instanceof Error ? error.message : String(error));
    }
  }

  /** One input step. @param nowMs milliseconds of the process. */
  step(nowMs: number): void {
    if (!this.joined) return;
    this.walker.step();
    const predicts = this.#context.parameters.predict;
    const at = predicts ? this.#end + 1 : this.#end;
    const end = this.#frames.write(this.walker.command, this.#out, at);
    this.#end = end;
    if (!predicts) {
      this.#flush(nowMs);
      return;
    }
    this.#out[at - 1] = end - at;
    const changed = end - at > 1;
    const dueMs = changed ? Math.max(nowMs, this.#lastBatchMs + MIN_BATCH_INTERVAL_MS) : nowMs + BATCH_INTERVAL_MS;
    this.#dueMs = Math.min(this.#dueMs, dueMs);
    const full = end + 1 + MAX_INPUT_FRAME_BYTES > this.#out.byteLength;
    // A timer of its own for each client would cost more than what it sends: the nearest step will do.
    if (full || this.#dueMs <= nowMs + STEP_MS / 2) this.#flush(nowMs);
  }

  /** Leaves with consent. */
  leave(): void {
    this.#leaving = true;
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(Buffer.from([Protocol.LEAVE_ROOM]));
    this.joined = false;
  }

  /** Ends the connection whatever the server says. */
  terminate(): void {
    this.#leaving = true;
    this.joined = false;
    this.#ws?.terminate();
    this.#onWelcome?.();
  }

  #flush(nowMs: number): void {
    const bytes = this.#end;
    this.#out[1] = 0x80 | (bytes - WS_HEAD_BYTES);
    // A copy: what the socket cannot write at once it keeps, and the next frame is written into the same memory.
    const frame = Buffer.allocUnsafe(bytes);
    this.#out.copy(frame, 0, 0, bytes);
    this.#socket?.write(frame);
    this.#end = this.#headBytes;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#lastBatchMs = nowMs;
  }

  #connect(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#ws?.terminate();
        reject(new Error(`no welcome within ${WELCOME_TIMEOUT_MS / 1000} s`));
      }, WELCOME_TIMEOUT_MS);
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        this.#onWelcome = undefined;
        outcome();
      };
      this.#onWelcome = () => settle(resolve);
      const ws = new WebSocket(url, {
        perMessageDeflate: false,
        skipUTF8Validation: true,
        createConnection: () => {
          this.#socket = net.connect({ port: this.#context.port, host: "127.0.0.1", noDelay: true });
          return this.#socket;
        },
      });
      this.#ws = ws;
      ws.on("message", (data: Buffer) => this.#receive(data));
      ws.on("error", (error) => settle(() => reject(error)));
      ws.on("close", (code) => {
        const wasJoined = this.joined;
        this.joined = false;
        if (wasJoined) this.#context.complain("DROPPED", `connection closed with code ${code}`);
        else settle(() => reject(new Error(`connection closed with code ${code} while joining`)));
      });
    });
  }

  #receive(frame: Buffer): void {
    const nowMs = performance.now();
    const { log, complain, news } = this.#context;
    if (this.#leaving) return;
    log.append(this.index, frame, nowMs);
    const code = protocolCode(frame);
    if (code === Protocol.ROOM_STATE_PATCH) {
      if (isPatchWithNews(frame)) news(nowMs);
    } else if (code === Protocol.JOIN_ROOM) this.#ws?.send(Buffer.from([Protocol.JOIN_ROOM]));
    else if (code === Protocol.ROOM_DATA) {
      const welcome = this.joined ? undefined : welcomeIn(frame);
      if (welcome !== undefined) {
        this.entityId = welcome;
        this.joined = true;
        this.#onWelcome?.();
      }
      const error = errorIn(frame);
      if (error !== undefined) complain(error.code, error.message);
    } else if (code === Protocol.ERROR) complain("ERROR", refusalIn(frame));
  }
}
