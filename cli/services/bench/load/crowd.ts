import { setTimeout as delay } from "node:timers/promises";
import { Tally } from "../../bots/tally.ts";
import { FrameLog } from "./frame-log.ts";
import { type CrowdContext, LoadClient } from "./load-client.ts";
import { Matchmaker } from "./matchmake.ts";
import type { LoadParameters } from "./options.ts";
import type { Place } from "./placement.ts";
import { STEPS_PER_SECOND } from "./walker.ts";

const STEP_MS = 1000 / STEPS_PER_SECOND;
/** Clients step in this many groups, one after the other, so that their packets are spread over a step. */
const GROUPS = 8;
const GROUP_MS = STEP_MS / GROUPS;
/** How often the loop looks which groups are due. */
const LOOP_MS = 2;
/** Steps made at once after a hiccup; the rest are left out. Source: below what the server saves up (15). */
const MAX_CATCH_UP_STEPS = 5;
/** Joins under way at the most: at a server that is busy the ramp waits, rather than let seats expire. */
const MAX_JOINS_IN_FLIGHT = 24;
/** How long clients go on sending after they let go: they brake within a tenth of a second, and a batch waits as long. */
const STAND_MS = 1000;
/** Silence after which nothing more is expected: the farthest tier has its turn twice a second. */
const SILENCE_MS = 1500;
/** Least time that is waited for the farthest tier. */
const MIN_WAIT_MS = 2500;
/** A server that still sends after that says something new all the time. */
const MAX_WAIT_MS = 30_000;
/** Leaving takes a round trip. */
const LEAVE_MS = 200;

/** All clients of a run, and the one timer that drives them. */
export class Crowd {
  readonly clients: readonly LoadClient[];
  readonly log: FrameLog;
  /** What should not have happened. */
  readonly complaints = new Tally();
  /** Steps left out because this process was late. */
  skippedSteps = 0;
  /** Joins that ended one way or the other. */
  settled = 0;

  readonly #ramp: number;
  readonly #stop: AbortSignal;
  readonly #matchmaker: Matchmaker;
  #timer: NodeJS.Timeout | undefined;
  #groupsDone = 0;
  #startMs = 0;
  #newsAtMs = 0;

  constructor(options: { port: number; parameters: LoadParameters; places: readonly Place[]; maxKeptBytes: number; stop: AbortSignal }) {
    const { port, parameters, places, maxKeptBytes } = options;
    this.#stop = options.stop;
    this.#ramp = parameters.ramp;
    this.#matchmaker = new Matchmaker(port);
    this.log = new FrameLog(maxKeptBytes);
    const context: CrowdContext = {
      port,
      parameters,
      matchmaker: this.#matchmaker,
      log: this.log,
      complain: (code, message) => this.complaints.add(code, message),
      news: (atMs) => {
        this.#newsAtMs = atMs;
      },
    };
    this.clients = places.map((place, index) => new LoadClient(index, place, context));
  }

  get joined(): number {
    return this.clients.filter(({ joined }) => joined).length;
  }

  /** Joins everybody at the rate asked for, and sets them walking as they come. Resolves when every join has ended. */
  async join(): Promise<void> {
    this.#startMs = performance.now();
    this.#timer = setInterval(() => this.#stepDue(performance.now()), LOOP_MS);
    const joins: Promise<void>[] = [];
    while (joins.length < this.clients.length) {
      const due = 1 + Math.floor(((performance.now() - this.#startMs) / 1000) * this.#ramp);
      while (joins.length < Math.min(due, this.clients.length) && joins.length - this.settled < MAX_JOINS_IN_FLIGHT) {
        const client = this.clients[joins.length] as LoadClient;
        joins.push(client.join().finally(() => this.settled++));
      }
      await delay(LOOP_MS, undefined, { signal: this.#stop });
    }
    await Promise.all(joins);
  }

  /** Everybody stands still; resolves when the server has nothing more to say about it. */
  async stand(): Promise<void> {
    for (const { walker } of this.clients) walker.stand();
    await delay(STAND_MS, undefined, { signal: this.#stop });
    clearInterval(this.#timer);
    const beganMs = performance.now();
    let nowMs = beganMs;
    while (nowMs - beganMs < MIN_WAIT_MS || (nowMs - this.#newsAtMs < SILENCE_MS && nowMs - beganMs < MAX_WAIT_MS)) {
      await delay(50, undefined, { signal: this.#stop });
      nowMs = performance.now();
    }
  }

  /** Everybody leaves with consent. */
  async leave(): Promise<void> {
    for (const client of this.clients) client.leave();
    await delay(LEAVE_MS);
    this.end();
  }

  /** Ends every connection and the timer, at once. */
  end(): void {
    clearInterval(this.#timer);
    for (const client of this.clients) client.terminate();
    this.#matchmaker.close();
  }

  #stepDue(nowMs: number): void {
    const due = Math.floor((nowMs - this.#startMs) / GROUP_MS);
    const most = MAX_CATCH_UP_STEPS * GROUPS;
    if (due - this.#groupsDone > most) {
      this.skippedSteps += Math.round(((due - this.#groupsDone - most) / GROUPS) * this.clients.length);
      // Whole steps, so that no group falls behind the others.
      this.#groupsDone += Math.ceil((due - this.#groupsDone - most) / GROUPS) * GROUPS;
    }
    for (; this.#groupsDone < due; this.#groupsDone++) {
      for (let i = this.#groupsDone % GROUPS; i < this.clients.length; i += GROUPS) (this.clients[i] as LoadClient).step(nowMs);
    }
  }
}
