import type { DeepPartial, Tiers } from "../../../../config/index.ts";
import { Random } from "./random.ts";

/** Metres from the middle of the world, and altitude. */
export interface Place {
  east: number;
  north: number;
  up: number;
}

/** Something that happens between two frames. What cannot happen, such as a step of one who is gone, does nothing. */
export type Operation =
  | ({ do: "spawn"; id: string; kind: "plain" | "orc" } & Place)
  /** Not of a viewer's own: that is a matter of its leaving. */
  | { do: "despawn"; id: string }
  /** Steps and teleports. */
  | ({ do: "move"; id: string } & Place)
  | { do: "set"; id: string; field: string; value: unknown }
  /** A viewer and the entity that is its own; of each number one at a time. */
  | { do: "join"; viewer: number; id: string; predict: boolean }
  /** Its own entity goes before it, after it, or not at all. */
  | { do: "leave"; viewer: number; despawn: "before" | "after" | "no" }
  /** The full state again, for a new decoder or, as a resync, for the one that was there. */
  | { do: "reconnect"; viewer: number; decoder: "new" | "same" }
  /** The step of a client's own input; a predicting one knows its outcome. */
  | ({ do: "input"; viewer: number } & Place);

/** A world with everything that happens in it, as plain data: cut out any part of it and it still is one. */
export interface Scenario {
  seed: number;
  middle: { longitude: number; latitude: number };
  tiers: DeepPartial<Tiers>;
  /** Infinity for none. */
  budgetBytesPerSecond: number;
  /** Frames with the server's time and an acknowledgement, or without. */
  timed: boolean;
  /** What happens before each frame. */
  gaps: Operation[][];
}

/** Degrees. The last but one is near the southern bound of a world; at the last, half of it lies beyond ±180. */
const MIDDLES = [
  { longitude: 12.3, latitude: 0 },
  { longitude: -71.6, latitude: 60 },
  { longitude: 33.3, latitude: -84.9 },
  { longitude: 179.9999, latitude: -17 },
] as const;

const TIERS: readonly DeepPartial<Tiers>[] = [
  {},
  { combat: { hz: 20 } },
  { combat: { radiusM: 299.9 }, visual: { radiusM: 300 } },
  { visual: { radiusM: 999 } },
  { extended: { hz: 5 } },
  { hysteresis: 0 },
  { hysteresis: 0.3 },
  { combat: { hz: 15 }, hysteresis: 0 },
  { combat: { radiusM: 100, hz: 20 }, extended: { hz: 5 }, hysteresis: 0.3 },
];

/** Metres: who is put somewhere is put up to so far from the middle. */
const SPREADS = [15, 60, 350, 1300];

/** Values that go into fields, by name; undefined clears. Texts are of lengths around the steps of their encoding. */
const VALUES: Record<string, (random: Random) => unknown> = {
  name: (random) => random.pick(["", "Ann", "Łukasz", "x".repeat(random.whole(28, 36)), "y".repeat(300)]),
  health: (random) => random.whole(0, 120),
  maxHealth: (random) => random.whole(90, 110),
  mana: (random) => random.whole(0, 3),
  level: (random) => random.whole(1, 2),
  action: (random) => random.pick(["", "wave", "run"]),
  experience: (random) => random.whole(0, 1_000_000),
  yaw: (random) => random.between(-1, 7),
  velocityX: (random) => random.between(-3, 3),
  banner: (random) => random.pick([undefined, undefined, "", "red", "b".repeat(40)]),
  motto: (random) => random.pick([undefined, "ever", "z".repeat(260)]),
  armour: (random) => random.pick([undefined, random.between(-0.1, 1.1)]),
  hue: (random) => random.whole(0, 255),
  score: (random) => random.pick([0, 127, 128, 70_000, -5, 0.5, 1 / 3, 1e10]),
  charging: (random) => random.chance(0.5),
  secret: (random) => random.pick([undefined, "s3cret"]),
  rage: (random) => random.whole(0, 3),
};
const NAMES = Object.keys(VALUES);

/** The world of a seed. The same seed always makes the same world. */
export function scenarioOf(seed: number): Scenario {
  const random = new Random(seed);
  const crowd = random.chance(0.08);
  const long = !crowd && random.chance(0.08);
  const timed = random.chance(0.9);
  const entities = crowd ? 150 : random.whole(0, long ? 15 : 60);
  const viewers = crowd ? random.whole(1, 3) : random.whole(1, long ? 3 : 6);
  const frames = crowd ? 90 : long ? 700 : random.whole(70, 150);
  const scenario: Scenario = {
    seed,
    middle: random.pick(MIDDLES),
    tiers: random.pick(TIERS),
    budgetBytesPerSecond: crowd || random.chance(0.3) ? random.pick([2400, 3000, 6000, 9600]) : Number.POSITIVE_INFINITY,
    timed,
    gaps: [],
  };

  const spread = crowd ? [30] : SPREADS;
  const busy = random.pick([0.02, 0.1, 0.5]);
  const places = new Map<string, Place>();
  const anywhere = (): Place => {
    // Now and then exactly where another is: at equal distances the order of coming decides.
    if (places.size > 0 && random.chance(0.05)) return random.pick([...places.values()]);
    const reach = random.pick(spread);
    const up = random.chance(0.2) ? random.between(0, reach) : 0;
    return { east: random.between(-reach, reach), north: random.between(-reach, reach), up };
  };
  const step = ({ east, north, up }: Place): Place => {
    const stride = random.pick([0.05, 1, 10]);
    return { east: east + random.between(-stride, stride), north: north + random.between(-stride, stride), up };
  };
  const put = (id: string, place: Place): Place => {
    places.set(id, place);
    return place;
  };
  const spawn = (id: string): Operation => ({
    do: "spawn",
    id,
    kind: random.chance(0.2) ? "orc" : "plain",
    ...put(id, anywhere()),
  });
  const despawn = (id: string): Operation => {
    places.delete(id);
    return { do: "despawn", id };
  };
  let idsSoFar = 0;
  let viewersSoFar = 0;
  const present: number[] = [];
  const join = (): Operation[] => {
    const viewer = viewersSoFar++;
    present.push(viewer);
    return [spawn(`p${viewer}`), { do: "join", viewer, id: `p${viewer}`, predict: timed && random.chance(0.5) }];
  };

  const start: Operation[] = [];
  for (let i = 0; i < entities; i++) start.push(spawn(`e${idsSoFar++}`));
  // Some come before, some after: a viewer's own entity is not always the last that came.
  for (let i = 0; i < viewers; i++) {
    const joining = join();
    if (random.chance(0.8)) start.push(...joining);
    else start.unshift(...joining);
  }
  scenario.gaps.push(start);

  for (let frame = 1; frame < frames; frame++) {
    const gap: Operation[] = [];
    for (const id of [...places.keys()]) {
      if (random.chance(busy)) {
        const place = places.get(id) as Place;
        if (random.chance(0.9)) gap.push({ do: "move", id, ...put(id, step(place)) });
        else gap.push({ do: "move", id, ...put(id, random.chance(0.3) ? { ...place, up: random.between(-50, 400) } : anywhere()) });
      }
      if (random.chance(busy / 2)) {
        const field = random.pick(NAMES);
        gap.push({ do: "set", id, field, value: VALUES[field]?.(random) });
      }
      if (random.chance(0.001)) {
        const [field, value] = random.pick([
          ["cellX", Number.NaN],
          ["cellY", Number.POSITIVE_INFINITY],
          ["cellY", 40_000],
          ["cellX", 65_000],
          ["cellZ", Number.NaN],
        ] as const);
        gap.push({ do: "set", id, field, value });
      }
      if (id.startsWith("e") && random.chance(0.003)) {
        gap.push(despawn(id));
        if (random.chance(0.5)) gap.push(spawn(id));
      }
    }
    if (entities > 0 && random.chance(0.05)) gap.push(spawn(`e${random.chance(0.5) ? idsSoFar++ : random.whole(0, idsSoFar - 1)}`));
    for (const viewer of present) {
      if (random.chance(0.7)) {
        const place = places.get(`p${viewer}`) as Place;
        gap.push({ do: "input", viewer, ...put(`p${viewer}`, random.chance(0.7) ? step(place) : place) });
      }
      if (random.chance(0.01)) gap.push({ do: "reconnect", viewer, decoder: random.pick(["new", "same"]) });
    }
    if (random.chance(0.02)) gap.push(...join());
    if (present.length > 0 && random.chance(0.01)) {
      const [viewer] = present.splice(random.whole(0, present.length - 1), 1) as [number];
      const whatOfIts = random.pick(["before", "after", "no"] as const);
      if (whatOfIts !== "no") places.delete(`p${viewer}`);
      gap.push({ do: "leave", viewer, despawn: whatOfIts });
    }
    // A hit, a step and an input in any order.
    if (random.chance(0.3)) shuffle(gap, random);
    scenario.gaps.push(gap);
  }
  return scenario;
}

function shuffle<T>(list: T[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.whole(0, i);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
}

/** The least scenario that still fails, as far as leaving things out finds one: the end, and ever shorter runs of operations. */
export function shrink(scenario: Scenario, fails: (candidate: Scenario) => boolean, mostRuns = 1000): Scenario {
  let { gaps } = scenario;
  let runs = 0;
  const stillFails = (shorter: Operation[][]): boolean => {
    if (++runs > mostRuns || !fails({ ...scenario, gaps: shorter })) return false;
    gaps = shorter;
    return true;
  };
  const cutEnd = () => {
    // What fails in a frame fails in it whatever would come later.
    for (let cut = Math.ceil(gaps.length / 2); cut >= 1; cut = Math.floor(cut / 2)) {
      while (cut < gaps.length && stillFails(gaps.slice(0, gaps.length - cut)));
    }
  };
  cutEnd();
  for (let run = Math.ceil(gaps.flat().length / 2); run >= 1; run = Math.floor(run / 2)) {
    for (let from = 0; from < gaps.flat().length; ) if (!stillFails(withoutRun(gaps, from, run))) from += run;
  }
  cutEnd();
  return { ...scenario, gaps };
}

/** All gaps without a run of operations, counted through all of them. */
function withoutRun(gaps: readonly Operation[][], from: number, run: number): Operation[][] {
  let i = 0;
  return gaps.map((gap) =>
    gap.filter(() => {
      const at = i++;
      return at < from || at >= from + run;
    }),
  );
}
