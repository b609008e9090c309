import type { Tiers } from "../../../config/index.ts";

/**
 * What replication gives up under load, least missed first; each step includes those before it: nothing, the own body above the world
 * tick rate, half the rate of the extended tier, half the rate of the visual tier, a part of the extended radius. A level is an index
 * into this list, 0 to 4.
 */
export const LOAD_STEPS = ["full", "local", "extended", "visual", "radius"] as const;

export type LoadStep = (typeof LOAD_STEPS)[number];

const LOCAL_LEVEL = LOAD_STEPS.indexOf("local");
const EXTENDED_LEVEL = LOAD_STEPS.indexOf("extended");
const VISUAL_LEVEL = LOAD_STEPS.indexOf("visual");
const RADIUS_LEVEL = LOAD_STEPS.indexOf("radius");
const MAX_LEVEL = LOAD_STEPS.length - 1;

/** Share of the extended radius that the last step leaves. Source: 0.7² is half of the ground, and so half of a crowd. */
const SHRUNK_RADIUS_SHARE = 0.7;

/** Least extended radius of the last step, in visual radii: the tier keeps a ring. Source: twice the default hysteresis. */
const MIN_RADIUS_OVER_VISUAL = 1.1;

/** Share of a tick's time above which a tick is long. Source: ours; the rest is for what runs between ticks and is not measured. */
const DEFAULT_RAISE_SHARE = 0.85;

/** Share of a tick's time up to which a tick is short. Source: ours; a step back may cost a third of a tick and still not be late. */
const DEFAULT_LOWER_SHARE = 0.5;

/** Milliseconds of lateness before a step. Source: the longest default period, so that a step has shown its effect. */
const DEFAULT_RAISE_AFTER_MS = 1000;

/** Milliseconds of calm before a step back. Source: ours, five times the way up: lateness hurts all, a step that lasts few. */
const DEFAULT_LOWER_AFTER_MS = 5000;

/** Late when more than this share of the window's ticks is long. Source: the 75th percentile; work on every third tick counts. */
const LATE_TICK_SHARE = 0.25;

/** Calm when at most this share of the window's ticks is not short. Source: the 90th percentile; one pause in ten ticks is allowed. */
const RESTLESS_TICK_SHARE = 0.1;

/** Late when the window has less than this share of its ticks. Source: ours; timers alone are off by some percent. */
const MIN_TICK_RATE_SHARE = 0.9;

/** Ticks that a window has at least, however slow they come. Source: the fewest of which a tenth can be told. */
const MIN_WINDOW_TICKS = 10;

/** Most of a gap, in ticks, that counts as calm: one who sleeps says nothing of the load. Source: a tick and its jitter. */
const MAX_CALM_GAP_TICKS = 2;

/** Milliseconds between two ticks beyond which the process slept, however often. Source: ours; three pings of a connection. */
const SLEEP_MS = 10_000;

/** Milliseconds without a relapse after which relapses are forgotten, and the longest calm that they ask for. Source: ours. */
const RELAPSE_MEMORY_MS = 60_000;

/** Bits of a tick in the window. */
const LONG = 1;
const NOT_SHORT = 2;

/** What replication runs at. Rates in Hz, of which `frameHz` is a whole multiple; radius in true metres. */
export interface Rates {
  local: number;
  combat: number;
  visual: number;
  extended: number;
  extendedRadiusM: number;
}

/**
 * What replication runs at on a level. Halving a rate doubles its period in frames, so 1 Hz becomes 0.5 Hz.
 *
 * @param level - 0 to 4, an index into {@link LOAD_STEPS}.
 * @param tiers - of the zone; every rate a divisor of `frameHz`.
 * @param frameHz - frames a second.
 * @param tickHz - world ticks a second, a divisor of `frameHz`. A local rate that is no higher stays as it is on every level.
 */
export function ratesOf(level: number, tiers: Tiers, frameHz: number, tickHz: number): Rates {
  const { local, combat, visual, extended } = tiers;
  const halved = (hz: number) => frameHz / (2 * (frameHz / hz));
  const shrunkM = Math.max(extended.radiusM * SHRUNK_RADIUS_SHARE, visual.radiusM * MIN_RADIUS_OVER_VISUAL);
  return {
    local: level >= LOCAL_LEVEL ? Math.min(local.hz, tickHz) : local.hz,
    combat: combat.hz,
    visual: level >= VISUAL_LEVEL ? halved(visual.hz) : visual.hz,
    extended: level >= EXTENDED_LEVEL ? halved(extended.hz) : extended.hz,
    // Tiers may lie so close that the bound is beyond the radius itself; a step under load never adds.
    extendedRadiusM: level >= RADIUS_LEVEL ? Math.min(extended.radiusM, shrunkM) : extended.radiusM,
  };
}

export interface GovernorOptions {
  /** World ticks a second, 1 to 240. */
  tickHz: number;
  /** Share of a tick's time above which a tick is long; above `lowerShare`, up to 10. @defaultValue 0.85 */
  raiseShare?: number | undefined;
  /** Share of a tick's time up to which a tick is short, above 0. @defaultValue 0.5 */
  lowerShare?: number | undefined;
  /** Milliseconds that ticks must be late for before each step, 1 to 60 000. @defaultValue 1000 */
  raiseAfterMs?: number | undefined;
  /** Milliseconds of calm before each step back, 1 to 60 000; doubled by each relapse, up to 60 000. @defaultValue 5000 */
  lowerAfterMs?: number | undefined;
}

/** A step taken: the level come to and its name. `raised` when replication gave way, false when it came back. */
export interface GovernorChange {
  level: number;
  step: LoadStep;
  raised: boolean;
}

/**
 * Decides from the world ticks of a zone how far replication gives way; simulation never does. Pure: the time is passed in.
 *
 * Ticks are judged together, over a window of the latest `raiseAfterMs` and at least 10 ticks. It is **late** when more than a quarter
 * of them is long, or when fewer than 90 % of them came; **calm** when nine of ten are short and they come in time. The longest gap
 * between two ticks is taken out of the window: one pause, such as a garbage collection, is no load; two in a window are. A full window
 * that is late raises the level. Every change empties the window, so that the next is judged by the new level alone; so does a sleep, a
 * gap of more than 10 s.
 *
 * Calm that lasts lowers the level. A raise within twice `lowerAfterMs` of that is a relapse and doubles the calm that is asked for. The
 * doubling ends when a minute has passed since the last relapse and a lower after it has outlasted a relapse: waiting alone proves nothing.
 */
export class Governor {
  readonly #tickMs: number;
  readonly #longMs: number;
  readonly #shortMs: number;
  readonly #raiseAfterMs: number;
  readonly #lowerAfterMs: number;

  #level = 0;
  #raises = 0;
  #lowers = 0;

  /** When each tick ended, by its number modulo the length; the window are those after `#first` up to `#last`. */
  readonly #atMs: Float64Array;
  /** Bits of each of those ticks. */
  readonly #marks: Uint8Array;
  /** The tick that the window's first gap begins with. */
  #first = 0;
  /** The newest tick, -1 before any. */
  #last = -1;
  #longTicks = 0;
  #notShortTicks = 0;

  /** Ticks of the window whose gap before them is longer than every later one, oldest first: the first of them has the longest. */
  readonly #peaks: Float64Array;
  #peaksBegin = 0;
  #peaksEnd = 0;

  /** Since when it is calm, milliseconds, later by the time that the process slept. */
  #calmSinceMs = 0;
  #calmNeededMs: number;
  /** The latest lower that has not relapsed, milliseconds. */
  #lowerAtMs = Number.NEGATIVE_INFINITY;
  #relapseAtMs = Number.NEGATIVE_INFINITY;

  /** @throws RangeError when an option is out of its range. */
  constructor(options: GovernorOptions) {
    const { tickHz } = options;
    const raiseShare = options.raiseShare ?? DEFAULT_RAISE_SHARE;
    const lowerShare = options.lowerShare ?? DEFAULT_LOWER_SHARE;
    const raiseAfterMs = options.raiseAfterMs ?? DEFAULT_RAISE_AFTER_MS;
    const lowerAfterMs = options.lowerAfterMs ?? DEFAULT_LOWER_AFTER_MS;
    if (!(tickHz >= 1 && tickHz <= 240)) throw new RangeError(`tickHz is ${tickHz}, expected 1 to 240`);
    if (!(lowerShare > 0)) throw new RangeError(`lowerShare is ${lowerShare}, expected more than 0`);
    if (!(raiseShare > lowerShare && raiseShare <= 10)) {
      throw new RangeError(`raiseShare is ${raiseShare}, expected more than lowerShare (${lowerShare}), up to 10`);
    }
    for (const [name, ms] of Object.entries({ raiseAfterMs, lowerAfterMs })) {
      if (!(ms >= 1 && ms <= 60_000)) throw new RangeError(`${name} is ${ms}, expected 1 to 60000`);
    }

    this.#tickMs = 1000 / tickHz;
    this.#longMs = raiseShare * this.#tickMs;
    this.#shortMs = lowerShare * this.#tickMs;
    this.#raiseAfterMs = raiseAfterMs;
    this.#lowerAfterMs = lowerAfterMs;
    this.#calmNeededMs = lowerAfterMs;

    // Twice what comes in time: ticks that are caught up come at once.
    const capacity = 2 * (MIN_WINDOW_TICKS + Math.ceil(raiseAfterMs / this.#tickMs));
    this.#atMs = new Float64Array(capacity);
    this.#marks = new Uint8Array(capacity);
    this.#peaks = new Float64Array(capacity);
  }

  /** 0 to 4, an index into {@link LOAD_STEPS}. */
  get level(): number {
    return this.#level;
  }

  get step(): LoadStep {
    return LOAD_STEPS[this.#level] as LoadStep;
  }

  /** How often the level rose since the start. */
  get raises(): number {
    return this.#raises;
  }

  /** How often the level fell since the start. */
  get lowers(): number {
    return this.#lowers;
  }

  /**
   * One world tick. O(1) amortised; allocates nothing unless there is a change. A tick with a number that is negative or not finite, or
   * that ended before the one before it, is ignored.
   *
   * @param frameMs - how long it took, milliseconds.
   * @param nowMs - when it ended, milliseconds of a monotonic clock.
   * @returns the change of the level, if there is one.
   */
  tick(frameMs: number, nowMs: number): GovernorChange | undefined {
    if (!(frameMs >= 0 && frameMs < Number.POSITIVE_INFINITY && nowMs >= 0 && nowMs < Number.POSITIVE_INFINITY)) return undefined;
    if (this.#last < 0) {
      // No gap before it: it only opens the window.
      this.#last = 0;
      this.#atMs[0] = nowMs;
      this.#calmSinceMs = nowMs;
      return undefined;
    }
    const gapMs = nowMs - this.#endOf(this.#last);
    if (gapMs < 0) return undefined;

    this.#calmSinceMs += Math.max(0, gapMs - MAX_CALM_GAP_TICKS * this.#tickMs);
    this.#push(frameMs, nowMs, gapMs);
    if (gapMs > SLEEP_MS) {
      this.#empty();
      return undefined;
    }
    this.#trim(nowMs);

    const ticks = this.#last - this.#first;
    const activeMs = nowMs - this.#endOf(this.#first) - this.#longestGapMs(0);
    const slow = ticks - 1 < (MIN_TICK_RATE_SHARE * activeMs) / this.#tickMs;
    const full = ticks >= MIN_WINDOW_TICKS && activeMs >= this.#raiseAfterMs;
    if (slow || this.#notShortTicks > RESTLESS_TICK_SHARE * ticks) this.#calmSinceMs = nowMs;
    this.#forgetRelapses(nowMs);

    const late = slow || this.#longTicks > LATE_TICK_SHARE * ticks;
    if (full && late && this.#level < MAX_LEVEL) return this.#raise(nowMs);
    if (full && this.#level > 0 && nowMs - this.#calmSinceMs >= this.#calmNeededMs) return this.#lower(nowMs);
    return undefined;
  }

  #raise(nowMs: number): GovernorChange {
    this.#raises++;
    if (nowMs - this.#lowerAtMs <= 2 * this.#lowerAfterMs) {
      this.#calmNeededMs = Math.min(2 * this.#calmNeededMs, RELAPSE_MEMORY_MS);
      this.#relapseAtMs = nowMs;
      // One lower relapses once, however many raises follow it.
      this.#lowerAtMs = Number.NEGATIVE_INFINITY;
    }
    return this.#change(1, nowMs);
  }

  #lower(nowMs: number): GovernorChange {
    this.#lowers++;
    this.#lowerAtMs = nowMs;
    return this.#change(-1, nowMs);
  }

  #change(by: 1 | -1, nowMs: number): GovernorChange {
    this.#level += by;
    this.#calmSinceMs = nowMs;
    this.#empty();
    return { level: this.#level, step: this.step, raised: by > 0 };
  }

  /** The window begins anew, with the end of the newest tick. */
  #empty(): void {
    this.#first = this.#last;
    this.#longTicks = 0;
    this.#notShortTicks = 0;
    this.#peaksBegin = this.#peaksEnd;
  }

  #forgetRelapses(nowMs: number): void {
    const lowerHeld = this.#lowerAtMs > this.#relapseAtMs && nowMs - this.#lowerAtMs > 2 * this.#lowerAfterMs;
    if (lowerHeld && nowMs - this.#relapseAtMs >= RELAPSE_MEMORY_MS) this.#calmNeededMs = this.#lowerAfterMs;
  }

  #push(frameMs: number, nowMs: number, gapMs: number): void {
    if (this.#last - this.#first === this.#atMs.length - 1) this.#dropOldest();
    this.#last++;
    const slot = this.#last % this.#atMs.length;
    this.#atMs[slot] = nowMs;
    this.#marks[slot] = (frameMs > this.#longMs ? LONG : 0) | (frameMs > this.#shortMs ? NOT_SHORT : 0);
    if (frameMs > this.#longMs) this.#longTicks++;
    if (frameMs > this.#shortMs) this.#notShortTicks++;

    while (this.#peaksEnd > this.#peaksBegin && this.#gapOf(this.#peakOf(this.#peaksEnd - 1)) <= gapMs) this.#peaksEnd--;
    this.#peaks[this.#peaksEnd % this.#peaks.length] = this.#last;
    this.#peaksEnd++;
  }

  /** Shortens the window from its old end to what is just full. */
  #trim(nowMs: number): void {
    while (this.#last - this.#first > MIN_WINDOW_TICKS) {
      const oldest = this.#first + 1;
      const longestMs = this.#longestGapMs(this.#peakOf(this.#peaksBegin) === oldest ? 1 : 0);
      if (nowMs - this.#endOf(oldest) - longestMs < this.#raiseAfterMs) return;
      this.#dropOldest();
    }
  }

  #dropOldest(): void {
    this.#first++;
    if (this.#peakOf(this.#peaksBegin) === this.#first) this.#peaksBegin++;
    const marks = this.#marks[this.#first % this.#marks.length] as number;
    if (marks & LONG) this.#longTicks--;
    if (marks & NOT_SHORT) this.#notShortTicks--;
  }

  /** When a tick of the window ended, or the one before it. */
  #endOf(tick: number): number {
    return this.#atMs[tick % this.#atMs.length] as number;
  }

  #gapOf(tick: number): number {
    return this.#endOf(tick) - this.#endOf(tick - 1);
  }

  #peakOf(index: number): number {
    return this.#peaks[index % this.#peaks.length] as number;
  }

  /** The longest gap of the window, or with `skip` 1 the longest after that one. The window has ticks. */
  #longestGapMs(skip: 0 | 1): number {
    return this.#gapOf(this.#peakOf(this.#peaksBegin + skip));
  }
}
