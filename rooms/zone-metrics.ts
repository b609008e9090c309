import type { BmErrorCode } from "../config/index.ts";

/** World ticks that the frame-time window remembers: 20 s at 30 Hz. */
const WINDOW_TICKS = 600;

/** Counters of one zone, plain numbers that the frame loop can afford. Read by /metrics, `bm zone run` and `bm bots`. */
export class ZoneMetrics {
  ticks = 0;
  /** Milliseconds of the latest world tick. */
  lastTickMs = 0;
  frames = 0;
  joins = 0;
  leaves = 0;
  drops = 0;
  reconnects = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** WebSocket messages received; a batch of inputs is one. */
  messagesIn = 0;
  /** WebSocket messages sent. */
  messagesOut = 0;
  /** Steps taken from players' inputs. */
  steps = 0;
  /** Steps taken for players who sent nothing. */
  idleSteps = 0;
  readonly errors = new Map<BmErrorCode, number>();
  /** Milliseconds that the latest world ticks took on the process's one thread: both frames, messages received and sends included. */
  readonly #windowMs = new Float64Array(WINDOW_TICKS);
  /** When each of those ticks ended, milliseconds of the process. */
  readonly #windowAtMs = new Float64Array(WINDOW_TICKS);
  readonly #windowBytesOut = new Float64Array(WINDOW_TICKS);
  #windowAt = 0;

  countError(code: BmErrorCode): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  recordTick(milliseconds: number): void {
    this.ticks++;
    this.lastTickMs = milliseconds;
    this.#windowMs[this.#windowAt % WINDOW_TICKS] = milliseconds;
    this.#windowAtMs[this.#windowAt % WINDOW_TICKS] = performance.now();
    this.#windowBytesOut[this.#windowAt % WINDOW_TICKS] = this.bytesOut;
    this.#windowAt++;
  }

  /** World ticks, and payload bytes sent, a second over the last 20 s; 0 before the second tick. */
  rates(): { tickHz: number; bytesOutPerSecond: number } {
    const count = Math.min(this.#windowAt, WINDOW_TICKS);
    if (count < 2) return { tickHz: 0, bytesOutPerSecond: 0 };
    const newest = (this.#windowAt - 1) % WINDOW_TICKS;
    const oldest = (this.#windowAt - count) % WINDOW_TICKS;
    const seconds = ((this.#windowAtMs[newest] as number) - (this.#windowAtMs[oldest] as number)) / 1000;
    const bytes = (this.#windowBytesOut[newest] as number) - (this.#windowBytesOut[oldest] as number);
    return { tickHz: (count - 1) / seconds, bytesOutPerSecond: bytes / seconds };
  }

  /** Frame time of the last 20 s, milliseconds of one world tick, at each share (0.5 the median); 0 before the first tick. */
  frameTimeMs(shares: readonly number[]): number[] {
    const count = Math.min(this.#windowAt, WINDOW_TICKS);
    const sorted = this.#windowMs.slice(0, count).sort();
    return shares.map((share) => sorted[Math.min(count - 1, Math.floor(share * count))] ?? 0);
  }
}
