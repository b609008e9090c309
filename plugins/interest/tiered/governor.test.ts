import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_TIERS, type Tiers } from "../../../config/index.ts";
import { Governor, type GovernorChange, type GovernorOptions, LOAD_STEPS, type Rates, ratesOf } from "./governor.ts";

const TICK_HZ = 30;
const TICK_MS = 1000 / TICK_HZ;
const MINUTE_MS = 60_000;

type Value<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Change = GovernorChange & { atMs: number };

/** A server on one thread: the next tick comes when it is due and the one before is done. */
class Server {
  readonly changes: Change[] = [];
  readonly governor: Governor;
  nowMs = 1000;

  constructor(options: Partial<GovernorOptions> = {}) {
    this.governor = new Governor({ tickHz: TICK_HZ, ...options });
    this.tick(0, 0);
  }

  tick(frameMs: number, gapMs: number): void {
    this.nowMs += gapMs;
    const change = this.governor.tick(frameMs, this.nowMs);
    if (change !== undefined) this.changes.push({ ...change, atMs: this.nowMs });
  }

  /** Runs for a time with ticks that cost a share of a tick's time. Returns the changes in it. */
  run(seconds: number, share: number | ((level: number, tick: number) => number), tickMs = TICK_MS): Change[] {
    const before = this.changes.length;
    const endMs = this.nowMs + seconds * 1000;
    for (let tick = 0; this.nowMs < endMs; tick++) {
      const frameMs = TICK_MS * (typeof share === "number" ? share : share(this.governor.level, tick));
      this.tick(frameMs, Math.max(tickMs, frameMs));
    }
    return this.changes.slice(before);
  }

  /** Overloads until the level is reached. */
  climb(level: number): this {
    while (this.governor.level < level) this.tick(1.5 * TICK_MS, 1.5 * TICK_MS);
    return this;
  }

  /** Runs in calm until the next step back; how long it took, milliseconds. */
  calmUntilLower(): number {
    const { nowMs, governor } = this;
    const before = governor.lowers;
    while (governor.lowers === before) this.tick(1, TICK_MS);
    return this.nowMs - nowMs;
  }
}

const levels = (changes: Change[]) => changes.map((change) => change.level);

describe("load", () => {
  test("calm, and anything up to the limit, changes nothing", () => {
    const server = new Server();
    expect(server.run(60, 0.1)).toEqual([]);
    expect(server.run(60, 0.84)).toEqual([]);
    expect(server.governor).toMatchObject({ level: 0, step: "full", raises: 0, lowers: 0 });
  });

  test("a steady overload climbs one by one, a second and fresh evidence between", () => {
    const server = new Server();
    const began = server.nowMs;
    const changes = server.run(30, 0.9);
    expect(changes.map(({ level, step, raised }) => ({ level, step, raised }))).toEqual(
      LOAD_STEPS.slice(1).map((step, i) => ({ level: i + 1, step, raised: true })),
    );
    for (const [i, { atMs }] of changes.entries()) {
      const waited = atMs - (changes[i - 1]?.atMs ?? began);
      expect(waited).toBeGreaterThanOrEqual(1000);
      expect(waited).toBeLessThan(1100);
    }
    expect(server.governor).toMatchObject({ level: 4, step: "radius", raises: 4, lowers: 0 });
  });

  test("what was late before a change is no evidence after it", () => {
    const server = new Server().climb(1);
    expect(server.run(20, 0.7)).toEqual([]);
  });

  test("work on every third tick counts, on every fifth not", () => {
    expect(levels(new Server().run(1.5, (_, tick) => (tick % 3 === 0 ? 1 : 0.1)))).toEqual([1]);
    expect(new Server().run(60, (_, tick) => (tick % 5 === 0 ? 1 : 0.1))).toEqual([]);
  });

  test("ten ticks are judged at least, however slow they come", () => {
    const server = new Server({ tickHz: 2 });
    for (let i = 0; i < 9; i++) server.tick(450, 500);
    expect(server.governor.level).toBe(0);
    server.tick(450, 500);
    expect(server.governor.level).toBe(1);
  });

  test("short ticks that come too rarely are late", () => {
    expect(levels(new Server().run(3, 0.1, 1000 / 26))).toEqual([1, 2]);
    expect(new Server().run(60, 0.1, 1000 / 28)).toEqual([]);
  });

  test("ticks that are long beyond the window are late", () => {
    const server = new Server();
    for (let i = 0; i < 100; i++) server.tick(2000, 2000);
    expect(server.governor.level).toBe(4);
  });

  test("a thread that is blocked again and again is late, though up to three ticks are caught up each time", () => {
    const server = new Server();
    for (let i = 0; i < 8; i++) {
      server.tick(1, 300);
      server.tick(1, 0);
      server.tick(1, 0);
    }
    expect(server.governor.level).toBeGreaterThan(0);
  });

  test("ticks that come rarely are not calm", () => {
    const server = new Server().climb(1);
    expect(server.run(60, 0.1, 1000 / 26).every((change) => change.raised)).toBe(true);
  });
});

describe("pauses", () => {
  test("one long pause every few seconds raises nothing, whether the tick has it or the gap", () => {
    for (const pauseMs of [50, 150, 400, 900, 3000]) {
      const server = new Server();
      for (let i = 0; i < 20; i++) {
        server.run(3, 0.4);
        server.tick(pauseMs, pauseMs);
        server.run(3, 0.4);
        server.tick(5, pauseMs);
      }
      expect(server.changes, `${pauseMs} ms`).toEqual([]);
    }
  });

  test("a pause does not lengthen what is judged", () => {
    const server = new Server();
    server.run(2, 0.1);
    server.tick(5, 3000);
    expect(server.run(2, 0.1)).toEqual([]);
    expect(levels(server.run(0.5, 0.95))).toEqual([1]);
  });

  test("a laptop that sleeps is neither late nor calm", () => {
    for (const [share, ticks] of [0.1, 0.7].flatMap((share) => [1, 5, 100].map((ticks) => [share, ticks] as const))) {
      const server = new Server();
      for (let i = 0; i < 20; i++) {
        for (let tick = 0; tick < ticks; tick++) server.tick(share * TICK_MS, TICK_MS);
        server.tick(5, 8 * 60 * MINUTE_MS);
      }
      expect(server.changes).toEqual([]);
    }

    const server = new Server().climb(1);
    server.run(3, 0.1);
    server.tick(5, 8 * 60 * MINUTE_MS);
    expect(server.run(1.8, 0.1)).toEqual([]);
    expect(levels(server.run(0.3, 0.1))).toEqual([0]);
  });

  test("a pause now and then does not keep the level up", () => {
    const server = new Server().climb(1);
    server.run(2, 0.1);
    server.tick(200, 200);
    expect(levels(server.run(3.5, 0.1))).toEqual([0]);
  });
});

describe("recovery", () => {
  test("comes down one by one, after five seconds of calm each", () => {
    const server = new Server().climb(4);
    let beforeMs = server.nowMs;
    const changes = server.run(60, 0.3);
    expect(changes.map(({ level, step, raised }) => ({ level, step, raised }))).toEqual(
      LOAD_STEPS.slice(0, 4)
        .map((step, level) => ({ level, step, raised: false }))
        .reverse(),
    );
    for (const { atMs } of changes) {
      expect(atMs - beforeMs).toBeGreaterThanOrEqual(5000);
      expect(atMs - beforeMs).toBeLessThan(5100);
      beforeMs = atMs;
    }
    expect(server.governor).toMatchObject({ level: 0, step: "full", raises: 4, lowers: 4 });
  });

  test("between the two limits nothing changes", () => {
    const server = new Server().climb(2);
    expect(server.run(300, 0.51)).toEqual([]);
    expect(server.run(300, 0.84)).toEqual([]);
    expect(levels(server.run(11, 0.49))).toEqual([1, 0]);
  });

  test("calm that is broken begins anew", () => {
    const server = new Server().climb(1);
    for (let i = 0; i < 20; i++) {
      expect(server.run(4.5, 0.1)).toEqual([]);
      expect(server.run(0.3, 0.7)).toEqual([]);
    }
  });

  test("each relapse doubles the calm, up to a minute", () => {
    const server = new Server().climb(1);
    for (const seconds of [5, 10, 20, 40, 60, 60, 60]) {
      const waited = server.calmUntilLower();
      expect(waited, `${seconds} s`).toBeGreaterThanOrEqual(seconds * 1000);
      expect(waited, `${seconds} s`).toBeLessThan(seconds * 1000 + 100);
      server.climb(1);
    }
  });

  test("a raise long after a lower is no relapse", () => {
    for (const [calm, next] of [
      [8, 10],
      [10, 5],
    ] as const) {
      const server = new Server().climb(1);
      server.calmUntilLower();
      server.run(calm, 0.1);
      server.climb(1);
      expect(Math.round(server.calmUntilLower() / 1000)).toBe(next);
    }
  });

  test("one lower relapses once, however far the level climbs after it", () => {
    const server = new Server().climb(1);
    server.calmUntilLower();
    server.climb(4);
    expect(Math.round(server.calmUntilLower() / 1000)).toBe(10);
  });

  test("relapses are forgotten a minute after the last", () => {
    const relapsed = () => {
      const server = new Server().climb(1);
      server.calmUntilLower();
      server.climb(1);
      expect(Math.round(server.calmUntilLower() / 1000)).toBe(10);
      return server;
    };
    // 10 s have gone by since the relapse; climbing takes another second.
    const early = relapsed();
    early.run(38, 0.1);
    early.climb(1);
    expect(Math.round(early.calmUntilLower() / 1000)).toBe(10);
    const late = relapsed();
    late.run(50, 0.1);
    late.climb(1);
    expect(Math.round(late.calmUntilLower() / 1000)).toBe(5);
  });

  test("waiting alone does not forget a relapse", () => {
    const server = new Server().climb(1);
    server.calmUntilLower();
    server.climb(1);
    expect(server.run(120, 0.7)).toEqual([]);
    // Up to a second goes by until the old load has left the window.
    expect(server.calmUntilLower()).toBeGreaterThanOrEqual(10_000);
  });
});

describe("a server whose cost falls with the level", () => {
  test("settles where it is neither late nor calm", () => {
    const share = [1.3, 1.1, 0.9, 0.65, 0.5];
    const server = new Server();
    expect(levels(server.run(600, (level) => share[level] as number))).toEqual([1, 2, 3]);
  });

  test("settles in noise and among pauses", () => {
    const noise = fc.array(fc.double({ min: -0.12, max: 0.12, noNaN: true }), { minLength: 97, maxLength: 97 });
    fc.assert(
      fc.property(noise, fc.integer({ min: 70, max: 500 }), (by, pauseEvery) => {
        const share = [1.2, 1.05, 0.7, 0.65, 0.6];
        const server = new Server();
        const cost = (level: number, tick: number) =>
          (share[level] as number) + (by[tick % by.length] as number) + (tick % pauseEvery === pauseEvery - 1 ? 5 : 0);
        server.run(600, cost);
        expect(levels(server.changes)).toEqual([1, 2]);
      }),
      { numRuns: 20 },
    );
  });

  test("where no level is right, it tries ever more rarely", () => {
    const share = [1.2, 0.4, 0.3, 0.3, 0.3];
    const server = new Server();
    server.run(600, (level) => share[level] as number);
    const last = server.run(600, (level) => share[level] as number);
    // A try a minute, and its relapse.
    expect(last.length).toBeLessThanOrEqual(20);
    expect(server.changes.length - last.length).toBeLessThanOrEqual(28);
  });

  test("follows a crowd that comes and goes", () => {
    const server = new Server();
    const share = (players: number) => (level: number) => (players / 1000) * (1 - 0.15 * level);
    expect(levels(server.run(120, share(300)))).toEqual([]);
    expect(levels(server.run(120, share(1400)))).toEqual([1, 2, 3]);
    expect(levels(server.run(120, share(300)))).toEqual([2, 1, 0]);
  });
});

test("numbers that are none, and time that goes backwards, are ignored", () => {
  const bad = [Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const clean = new Server();
  const dirty = new Server();
  for (const share of [0.1, 1.5, 0.1, 0.7, 1.2]) {
    for (let i = 0; i < 200; i++) {
      clean.tick(share * TICK_MS, TICK_MS);
      dirty.tick(share * TICK_MS, TICK_MS);
      for (const number of bad) {
        expect(dirty.governor.tick(number, dirty.nowMs + 1)).toBeUndefined();
        expect(dirty.governor.tick(1000, number)).toBeUndefined();
      }
      expect(dirty.governor.tick(1000, dirty.nowMs - 1)).toBeUndefined();
    }
  }
  expect(clean.changes.length).toBeGreaterThan(4);
  expect(dirty.changes).toEqual(clean.changes);

  const fresh = new Governor({ tickHz: TICK_HZ });
  for (const number of bad) fresh.tick(number, 1e9);
  for (const number of bad) fresh.tick(1, number);
  for (let i = 1; i < 40; i++) fresh.tick(40, i * 40);
  expect(fresh.level).toBe(1);
});

test("options out of range are refused", () => {
  const refused: GovernorOptions[] = [
    { tickHz: 0 },
    { tickHz: 241 },
    { tickHz: Number.NaN },
    { tickHz: 30, lowerShare: 0 },
    { tickHz: 30, raiseShare: 0.5 },
    { tickHz: 30, raiseShare: 11 },
    { tickHz: 30, raiseAfterMs: 0 },
    { tickHz: 30, raiseAfterMs: 60_001 },
    { tickHz: 30, lowerAfterMs: 0 },
    { tickHz: 30, lowerAfterMs: Number.NaN },
  ];
  for (const options of refused) expect(() => new Governor(options), JSON.stringify(options)).toThrow(RangeError);
  expect(() => new Governor({ tickHz: 1, raiseShare: 10, lowerShare: 0.01, raiseAfterMs: 60_000, lowerAfterMs: 1 })).not.toThrow();
});

/** The same rules with the whole history in a list. */
class PlainGovernor {
  level = 0;
  readonly #options: Required<{ [K in keyof GovernorOptions]: number }>;
  /** Since the last change, the tick of the change first. */
  #ticks: { frameMs: number; nowMs: number }[] = [];
  #calmSinceMs = 0;
  #calmNeededMs: number;
  #lowerAtMs: number | undefined;
  #relapseAtMs: number | undefined;

  constructor(options: Required<{ [K in keyof GovernorOptions]: number }>) {
    this.#options = options;
    this.#calmNeededMs = options.lowerAfterMs;
  }

  /** Of the newest ticks, the first being where the first gap begins. */
  #judge(ticks: { frameMs: number; nowMs: number }[]) {
    const { tickHz, raiseShare, lowerShare, raiseAfterMs } = this.#options;
    const gaps = ticks.slice(1).map(({ nowMs }, i) => nowMs - (ticks[i]?.nowMs as number));
    const spanMs = (ticks.at(-1)?.nowMs as number) - (ticks[0]?.nowMs as number);
    const activeMs = spanMs - Math.max(...gaps);
    const frames = ticks.slice(1).map(({ frameMs }) => frameMs);
    const long = frames.filter((ms) => ms > raiseShare * (1000 / tickHz)).length;
    const notShort = frames.filter((ms) => ms > lowerShare * (1000 / tickHz)).length;
    const slow = gaps.length - 1 < (0.9 * activeMs) / (1000 / tickHz);
    return {
      full: gaps.length >= 10 && activeMs >= raiseAfterMs,
      late: slow || long > gaps.length * 0.25,
      calm: !slow && notShort <= gaps.length * 0.1,
    };
  }

  tick(frameMs: number, nowMs: number): void {
    const { tickHz, raiseAfterMs, lowerAfterMs } = this.#options;
    const before = this.#ticks.at(-1);
    this.#ticks.push({ frameMs, nowMs });
    if (before === undefined) {
      this.#calmSinceMs = nowMs;
      return;
    }
    this.#calmSinceMs += Math.max(0, nowMs - before.nowMs - 2 * (1000 / tickHz));
    if (nowMs - before.nowMs > 10_000) {
      this.#ticks = [{ frameMs, nowMs }];
      return;
    }
    const most = 2 * (10 + Math.ceil(raiseAfterMs / (1000 / tickHz)));
    let window = this.#ticks.slice(-most);
    for (let size = 11; size < window.length; size++) if (this.#judge(window.slice(-size)).full) window = window.slice(-size);
    const { full, late, calm } = this.#judge(window);

    if (!calm) this.#calmSinceMs = nowMs;
    const held =
      this.#lowerAtMs !== undefined &&
      nowMs - this.#lowerAtMs > 2 * lowerAfterMs &&
      (this.#relapseAtMs === undefined || (this.#lowerAtMs > this.#relapseAtMs && nowMs - this.#relapseAtMs >= MINUTE_MS));
    if (held) this.#calmNeededMs = lowerAfterMs;

    if (full && late && this.level < 4) {
      if (this.#lowerAtMs !== undefined && nowMs - this.#lowerAtMs <= 2 * lowerAfterMs) {
        this.#calmNeededMs = Math.min(2 * this.#calmNeededMs, MINUTE_MS);
        this.#relapseAtMs = nowMs;
        this.#lowerAtMs = undefined;
      }
      this.level++;
    } else if (full && this.level > 0 && nowMs - this.#calmSinceMs >= this.#calmNeededMs) {
      this.#lowerAtMs = nowMs;
      this.level--;
    } else return;
    this.#calmSinceMs = nowMs;
    this.#ticks = [{ frameMs, nowMs }];
  }
}

describe("any load", () => {
  /** Ticks a second, shares and times, then stretches of ticks of one kind: how many, their cost and the gap between them in ticks. */
  const anyOptions = fc.record({
    tickHz: fc.constantFrom(1, 10, 20, 30, 60),
    raiseShare: fc.constantFrom(0.85, 0.7, 1),
    lowerShare: fc.constantFrom(0.5, 0.2),
    raiseAfterMs: fc.constantFrom(1000, 300, 2500),
    lowerAfterMs: fc.constantFrom(5000, 1000, 400),
  });
  const anyStretch = fc.record({
    ticks: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 30, max: 400 })),
    share: fc.constantFrom(0, 0.1, 0.1, 0.4, 0.6, 0.8, 0.9, 1.5),
    gap: fc.constantFrom(0, 0.1, 1, 1, 1, 1, 1.05, 1.15, 1.5, 4, 300),
    jitter: fc.constantFrom(0, 0, 0.3),
    every: fc.integer({ min: 1, max: 5 }),
  });
  const anyLoad = fc.array(anyStretch, { minLength: 1, maxLength: 25 });

  function* ticksOf(load: Value<typeof anyLoad>, tickHz: number) {
    let nowMs = 5;
    for (const { ticks, share, gap, jitter, every } of load) {
      for (let i = 0; i < ticks; i++) {
        const heavy = i % every === 0;
        nowMs += (1000 / tickHz) * Math.max(0, gap + (heavy ? jitter : -jitter));
        yield { frameMs: ((heavy ? share : 0.1) * 1000) / tickHz, nowMs };
      }
    }
  }

  test("the level stays in the ladder, moves by one step, and waits as long as it says", () => {
    let changes = 0;
    fc.assert(
      fc.property(anyOptions, anyLoad, (options, load) => {
        const governor = new Governor(options);
        let level = 0;
        let raises = 0;
        let lowers = 0;
        let raisedAtMs = Number.NEGATIVE_INFINITY;
        let changedAtMs = Number.NEGATIVE_INFINITY;
        for (const { frameMs, nowMs } of ticksOf(load, options.tickHz)) {
          const change = governor.tick(frameMs, nowMs);
          expect(change?.level ?? level).toBe(governor.level);
          if (change === undefined) continue;
          changes++;
          expect(change).toEqual({ level: level + (change.raised ? 1 : -1), step: LOAD_STEPS[change.level], raised: change.raised });
          level = change.level;
          expect(level >= 0 && level <= 4).toBe(true);
          if (change.raised) {
            raises++;
            expect(nowMs - raisedAtMs).toBeGreaterThanOrEqual(options.raiseAfterMs);
            raisedAtMs = nowMs;
          } else {
            lowers++;
            expect(nowMs - changedAtMs).toBeGreaterThanOrEqual(options.lowerAfterMs);
          }
          changedAtMs = nowMs;
        }
        expect(governor).toMatchObject({ level, step: LOAD_STEPS[level], raises, lowers });
      }),
      { numRuns: 200 },
    );
    expect(changes).toBeGreaterThan(200);
  });

  test("it changes when the plain rules do", () => {
    let lowers = 0;
    fc.assert(
      fc.property(anyOptions, anyLoad, (options, load) => {
        const governor = new Governor(options);
        const plain = new PlainGovernor(options);
        for (const { frameMs, nowMs } of ticksOf(load, options.tickHz)) {
          plain.tick(frameMs, nowMs);
          governor.tick(frameMs, nowMs);
          if (governor.level !== plain.level) expect.fail(`level ${governor.level}, not ${plain.level}, at ${nowMs} ms`);
        }
        lowers += governor.lowers;
      }),
      { numRuns: 30 },
    );
    expect(lowers).toBeGreaterThan(10);
  }, 60_000);
});

describe("ratesOf", () => {
  test("the ladder of the default tiers", () => {
    const full: Rates = { local: 60, combat: 30, visual: 10, extended: 2, extendedRadiusM: 1000 };
    const rates = LOAD_STEPS.map((_, level) => ratesOf(level, DEFAULT_TIERS, 60, 30));
    expect(rates).toEqual([
      full,
      { ...full, local: 30 },
      { ...full, local: 30, extended: 1 },
      { ...full, local: 30, extended: 1, visual: 5 },
      { ...full, local: 30, extended: 1, visual: 5, extendedRadiusM: 700 },
    ]);
  });

  test("a local rate that is no higher than the ticks stays", () => {
    expect(ratesOf(4, { ...DEFAULT_TIERS, local: { hz: 20 } }, 60, 30).local).toBe(20);
    expect(ratesOf(4, { ...DEFAULT_TIERS, local: { hz: 30 } }, 60, 30).local).toBe(30);
  });

  test("the radius keeps off the visual one, and never grows", () => {
    const radius = (visual: number, extended: number) => {
      const tiers = { ...DEFAULT_TIERS, visual: { hz: 10, radiusM: visual }, extended: { hz: 2, radiusM: extended } };
      return ratesOf(4, tiers, 60, 30).extendedRadiusM;
    };
    expect(radius(600, 1000)).toBe(700);
    expect(radius(800, 1000)).toBeCloseTo(880, 9);
    expect(radius(950, 1000)).toBe(1000);
  });

  const divisorsOf = (n: number) => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
  const anyWorld = fc.oneof(fc.constant(60), fc.integer({ min: 1, max: 240 })).chain((frameHz) => {
    const hz = fc.constantFrom(...divisorsOf(frameHz));
    const radii = fc
      .uniqueArray(fc.double({ min: 1, max: 10_000, noNaN: true }), { minLength: 3, maxLength: 3 })
      .map((list) => list.sort((a, b) => a - b) as [number, number, number]);
    return fc.record({ frameHz: fc.constant(frameHz), tickHz: hz, local: hz, combat: hz, visual: hz, extended: hz, radii });
  });

  test("each rate divides frameHz and none grows with the level, for any legal tiers", () => {
    const check = ({ frameHz, tickHz, local, combat, visual, extended, radii }: Value<typeof anyWorld>) => {
      const tiers: Tiers = {
        local: { hz: local },
        combat: { hz: combat, radiusM: radii[0] },
        visual: { hz: visual, radiusM: radii[1] },
        extended: { hz: extended, radiusM: radii[2] },
        hysteresis: 0.05,
      };
      let before: Rates = { local, combat, visual, extended, extendedRadiusM: radii[2] };
      for (const level of LOAD_STEPS.keys()) {
        const rates = ratesOf(level, tiers, frameHz, tickHz);
        if (level === 0) expect(rates).toEqual(before);
        for (const key of ["local", "combat", "visual", "extended"] as const) {
          expect(rates[key]).toBeGreaterThan(0);
          expect(Number.isInteger(frameHz / rates[key]), `${key} ${rates[key]} of ${frameHz}`).toBe(true);
          expect(rates[key]).toBeLessThanOrEqual(before[key]);
        }
        expect(rates.combat).toBe(combat);
        expect(rates.extendedRadiusM).toBeLessThanOrEqual(before.extendedRadiusM);
        expect(rates.extendedRadiusM).toBeGreaterThan(tiers.visual.radiusM);
        before = rates;
      }
    };
    fc.assert(fc.property(anyWorld, check), {
      examples: [[{ frameHz: 60, tickHz: 20, local: 60, combat: 20, visual: 10, extended: 2, radii: [50, 300, 1000] }]],
    });
  });
});
