/** What a client may do: so many a second for good, and a burst on top. */
export interface Rate {
  perSecond: number;
  /** Held back when nothing is used, and owed at the most before the connection is closed. */
  burst: number;
}

/** How a use stands to its rate: within it, over it, or so far over that the sender must go. */
export type RateVerdict = "ok" | "over" | "far over";

/**
 * A token bucket that may be overdrawn: who exceeds a rate is refused until it has filled again, who goes on all the same is told
 * apart from who had a hiccup. Time is passed in. O(1).
 */
export class RateMeter {
  readonly #rate: Rate;
  #tokens: number;
  #lastMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#lastMs = nowMs;
  }

  use(amount: number, nowMs: number): RateVerdict {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#lastMs) / 1000) * perSecond);
    this.#lastMs = nowMs;
    this.#tokens = Math.max(-burst - 1, this.#tokens - amount);
    if (this.#tokens >= 0) return "ok";
    return this.#tokens < -burst ? "far over" : "over";
  }
}
