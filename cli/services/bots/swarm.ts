import { Bot, type BotWitness, STEP_SECONDS } from "./bot.ts";
import { closeText } from "./close-codes.ts";
import { captureSdkConsole, type SdkConsole } from "./sdk-console.ts";
import { fetchMetrics, type MetricsSample } from "./server-metrics.ts";
import type { SwarmOptions, SwarmResult } from "./swarm-types.ts";
import { Tally } from "./tally.ts";

const STEP_MS = STEP_SECONDS * 1000;
/** How often the loop looks for bots whose step is due. Source: a quarter of a step, so that bots spread over it. */
const LOOP_MS = 4;
/** Steps that a bot makes at once after a hiccup; the rest are left out. Source: below what the server saves up (15). */
const MAX_CATCH_UP_STEPS = 5;
/** Joins that wait for their answer; at a server that is busy the ramp waits. */
const MAX_JOINS_IN_FLIGHT = 64;
const SECOND_MS = 1000;
const READING_EVERY_MS = 5000;
/** Round trips that are remembered. */
const MAX_RTTS = 65_536;
/** Leaving takes a round trip; a server that does not answer is not waited for. */
const LEAVE_TIMEOUT_MS = 3000;
/** Steps of bots are spread over a step by the golden ratio: evenly, however many there are. */
const GOLDEN = 0.618_033_988_75;

/** Runs bots from the first join to the last leave. */
export function runSwarm(options: SwarmOptions): Promise<SwarmResult> {
  return new Swarm(options).run();
}

/** Bots, and the one timer that drives them all. */
class Swarm {
  readonly #options: SwarmOptions;
  readonly #bots: readonly Bot[];
  readonly #sdk: SdkConsole = captureSdkConsole();
  readonly #refused = new Tally();
  readonly #dropped = new Tally();
  readonly #errors = new Tally();
  #reconnected = 0;

  /** Bots that were told to join, and joins that ended one way or the other. */
  #asked = 0;
  #settled = 0;
  #startMs = 0;
  /** When the last join ended; from then on is measured. */
  #allSettledMs: number | undefined;
  #cpuAtStart = process.cpuUsage();
  #stepsAtStart = 0;
  #skippedSteps = 0;

  #nextSecondMs = 0;
  #nextReadingMs = Number.POSITIVE_INFINITY;
  #reading: Promise<void> | undefined;
  readonly #during: MetricsSample[] = [];
  readonly #rttsMs: number[] = [];
  #rttAt = 0;

  constructor(options: SwarmOptions) {
    this.#options = options;
    const witness: BotWitness = {
      refused: (code, message) => this.#refused.add(code, message),
      dropped: (closeCode, reason) => this.#dropped.add(String(closeCode), reason || (closeText(closeCode) ?? "closed")),
      reconnected: () => void this.#reconnected++,
      answeredError: (code, message) => this.#errors.add(code, message),
      fault: (error) => this.#sdk.add(error),
    };
    this.#bots = options.homes.map((home, index) => new Bot(index, home, options.seed, witness));
  }

  async run(): Promise<SwarmResult> {
    try {
      // Read before anybody joins: what memory is measured against.
      const before = await fetchMetrics(this.#options.url);
      await this.#wander();
      return await this.#finish(before);
    } finally {
      this.#sdk.restore();
    }
  }

  /** Resolves when the time is up, when it is stopped, or when nobody is left. */
  #wander(): Promise<void> {
    this.#startMs = performance.now();
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const nowMs = performance.now();
        this.#joinDue(nowMs);
        this.#stepDue(nowMs);
        this.#noteSettled(nowMs);
        if (nowMs >= this.#nextReadingMs) {
          this.#nextReadingMs = nowMs + READING_EVERY_MS;
          void this.#readServer();
        }
        if (nowMs >= this.#nextSecondMs) {
          this.#nextSecondMs = nowMs + SECOND_MS;
          this.#everySecond(nowMs);
        }
        if (!this.#isOver(nowMs)) return;
        clearInterval(timer);
        resolve();
      }, LOOP_MS);
    });
  }

  #isOver(nowMs: number): boolean {
    if (this.#options.stop.aborted) return true;
    if (this.#allSettledMs === undefined) return false;
    const { seconds } = this.#options;
    return (seconds > 0 && nowMs - this.#allSettledMs >= seconds * SECOND_MS) || !this.#bots.some((bot) => bot.joined && !bot.gone);
  }

  #joinDue(nowMs: number): void {
    const { url, rampPerSecond } = this.#options;
    const due = Math.min(this.#bots.length, 1 + Math.floor(((nowMs - this.#startMs) / SECOND_MS) * rampPerSecond));
    while (this.#asked < due && this.#asked - this.#settled < MAX_JOINS_IN_FLIGHT) {
      const bot = this.#bots[this.#asked] as Bot;
      bot.nextStepMs = nowMs + ((this.#asked * GOLDEN) % 1) * STEP_MS;
      this.#asked++;
      void bot.join(url).finally(() => this.#settled++);
    }
  }

  #stepDue(nowMs: number): void {
    for (let i = 0; i < this.#asked; i++) {
      const bot = this.#bots[i] as Bot;
      const behind = Math.floor((nowMs - bot.nextStepMs) / STEP_MS) - MAX_CATCH_UP_STEPS;
      if (behind > 0) {
        bot.nextStepMs += behind * STEP_MS;
        if (bot.up) this.#skippedSteps += behind;
      }
      for (; bot.nextStepMs <= nowMs; bot.nextStepMs += STEP_MS) bot.step();
    }
  }

  #noteSettled(nowMs: number): void {
    if (this.#allSettledMs !== undefined || this.#settled < this.#bots.length) return;
    this.#allSettledMs = nowMs;
    this.#cpuAtStart = process.cpuUsage();
    this.#stepsAtStart = stepsOf(this.#bots);
    this.#skippedSteps = 0;
    this.#nextReadingMs = nowMs;
  }

  #everySecond(nowMs: number): void {
    for (const bot of this.#bots) {
      bot.lookAround();
      const { rttMs } = bot;
      if (rttMs > 0) this.#rttsMs[this.#rttAt++ % MAX_RTTS] = rttMs;
    }
    const tickHz = [...(this.#during.at(-1)?.zones.values() ?? [])].map((zone) => zone.tickHz);
    this.#options.onProgress({
      count: this.#bots.length,
      joined: this.#bots.filter((bot) => bot.joined).length,
      refused: this.#refused.total,
      confirmed: this.#bots.filter((bot) => bot.confirmed).length,
      dropped: this.#dropped.total,
      seconds: this.#wanderedSeconds(nowMs),
      tickHz: tickHz.length === 0 ? undefined : Math.min(...tickHz),
    });
  }

  /** One reading at a time; whoever asks meanwhile waits for that one. */
  #readServer(): Promise<void> {
    this.#reading ??= fetchMetrics(this.#options.url).then((sample) => {
      // The first reading opens the window; of the later ones only the latest matters.
      if (sample) this.#during.splice(1, 1, sample);
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #finish(before: MetricsSample | undefined): Promise<SwarmResult> {
    const nowMs = performance.now();
    const seconds = this.#wanderedSeconds(nowMs);
    const cpu = process.cpuUsage(this.#cpuAtStart);
    const steps = stepsOf(this.#bots) - this.#stepsAtStart;
    const joined = this.#bots.filter((bot) => bot.joined).length;
    this.#everySecond(nowMs);
    await this.#reading;
    await this.#readServer();
    await this.#leave();
    return {
      bots: this.#bots,
      refused: this.#refused.list(),
      dropped: this.#dropped.list(),
      errors: this.#errors.list(),
      reconnected: this.#reconnected,
      decoderWarnings: this.#sdk.warnings,
      decoderWarningSamples: this.#sdk.samples,
      before,
      during: this.#during,
      rttsMs: this.#rttsMs,
      seconds,
      cpuShare: seconds === 0 ? 0 : (cpu.user + cpu.system) / 1e6 / seconds,
      inputsPerSecondPerBot: seconds === 0 || joined === 0 ? 0 : steps / seconds / joined,
      skippedSteps: this.#skippedSteps,
    };
  }

  async #leave(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_TIMEOUT_MS);
    });
    await Promise.race([Promise.all(this.#bots.map((bot) => bot.leave())), late]);
    clearTimeout(timer);
  }

  #wanderedSeconds(nowMs: number): number {
    return this.#allSettledMs === undefined ? 0 : (nowMs - this.#allSettledMs) / SECOND_MS;
  }
}

function stepsOf(bots: readonly Bot[]): number {
  let steps = 0;
  for (const bot of bots) steps += bot.steps.walk + bot.steps.stop + bot.steps.gather;
  return steps;
}
