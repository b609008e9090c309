import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BmError } from "../../config/bm-error.ts";
import { DEFAULT_LIMITS, DEFAULT_MOVEMENT, DEFAULT_TIERS } from "../../config/defaults.ts";
import { defineWorld, isWorld, zonesDirectoryOf } from "../../config/define-world.ts";
import type { WorldInput } from "../../config/world-types.ts";

const EVERYWHERE = { name: "everywhere", west: -180, east: 180 };
const WHOLE = [EVERYWHERE];
const WEST = { name: "west", west: -180, east: 0 };
const EAST = { name: "east", west: 0, east: 180 };
const HALVES = [WEST, EAST];

function problemsOf(input: unknown): string[] {
  try {
    defineWorld(input as WorldInput);
  } catch (error) {
    expect(error).toBeInstanceOf(BmError);
    const { code, message, data, hint } = error as BmError;
    expect(code).toBe("BM_CONFIG_INVALID");
    expect(hint).toMatch(/^Correct the (\d+ )?problems? in the world definition\.$/);
    // Message and data are the same list.
    const problems = data?.problems as { path: string; message: string; got: string; expected: string }[];
    expect(message).toBe(problems.map((p) => `${p.path}: ${p.message}, got ${p.got}, expected ${p.expected}`).join("\n"));
    return message.split("\n");
  }
  return [];
}

describe("defineWorld", () => {
  it("fills in every default", () => {
    const tiers = DEFAULT_TIERS;
    expect(defineWorld({ zones: WHOLE })).toEqual({
      name: "earth",
      frameHz: 60,
      tickHz: 30,
      plugins: [],
      tiers,
      limits: DEFAULT_LIMITS,
      movement: DEFAULT_MOVEMENT,
      zones: [{ name: "everywhere", west: -180, east: 180, capacity: 5000, tiers, plugins: {} }],
    });
    expect(DEFAULT_TIERS).toEqual({
      local: { hz: 60 },
      combat: { hz: 30, radiusM: 50 },
      visual: { hz: 10, radiusM: 300 },
      extended: { hz: 2, radiusM: 1000 },
      hysteresis: 0.05,
    });
  });

  it("lays a zone's tiers and plugin options over the world's", () => {
    const world = defineWorld({
      zones: [
        {
          ...WEST,
          capacity: 7,
          tiers: { visual: { radiusM: 400 }, hysteresis: 0 },
          plugins: { interest: { budgetBytes: 9 }, "./mine.ts": false },
        },
        EAST,
      ],
      tiers: { visual: { hz: 5 }, combat: { radiusM: 60 } },
      plugins: ["quantization", { use: "interest", options: { budgetBytes: 1, other: { deep: 1 } } }, { use: "./mine.ts" }],
    });
    const combat = { hz: 30, radiusM: 60 };
    expect(world.tiers).toEqual({ ...DEFAULT_TIERS, combat, visual: { hz: 5, radiusM: 300 } });
    expect(world.zones[0]).toEqual({
      name: "west",
      west: -180,
      east: 0,
      capacity: 7,
      tiers: { ...DEFAULT_TIERS, combat, visual: { hz: 5, radiusM: 400 }, hysteresis: 0 },
      plugins: { quantization: {}, interest: { budgetBytes: 9, other: { deep: 1 } }, "./mine.ts": false },
    });
    expect(world.zones[1]?.plugins).toEqual({ quantization: {}, interest: { budgetBytes: 1, other: { deep: 1 } }, "./mine.ts": {} });
    expect(world.plugins).toEqual([
      { use: "quantization", options: {} },
      { use: "interest", options: { budgetBytes: 1, other: { deep: 1 } } },
      { use: "./mine.ts", options: {} },
    ]);
  });

  it("sorts zones eastward from -180 and writes no negative zero", () => {
    const world = defineWorld({
      zones: [
        { name: "c", west: 170, east: -170 },
        { name: "b", west: -0, east: 170 },
        { name: "a", west: -170, east: -0 },
      ],
    });
    expect(world.zones.map((zone) => [zone.name, zone.west, zone.east])).toStrictEqual([
      ["a", -170, 0],
      ["b", 0, 170],
      ["c", 170, -170],
    ]);
  });

  it("is frozen all the way down, and leaves its input alone", () => {
    const options = { list: [{ a: 1 }], date: new Date(0), call: () => 1 };
    const input: WorldInput = { zones: structuredClone(HALVES), plugins: [{ use: "p", options }] };
    const world = defineWorld(input);
    const loose: string[] = [];
    const walk = (value: unknown, path: string) => {
      if (typeof value !== "object" || value === null || value instanceof Date) return;
      if (!Object.isFrozen(value)) loose.push(path);
      for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`);
    };
    walk(world, "world");
    expect(loose).toEqual([]);
    expect([input, input.zones, options, options.list, options.list[0]].map((value) => Object.isFrozen(value))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    options.list.push({ a: 2 });
    expect(world.plugins[0]?.options).toEqual({ list: [{ a: 1 }], date: options.date, call: options.call });
  });

  it("copies options that contain themselves", () => {
    const options: Record<string, unknown> = { a: 1 };
    options.self = options;
    const copy = defineWorld({ zones: WHOLE, plugins: [{ use: "p", options }] }).plugins[0]?.options;
    expect(copy).not.toBe(options);
    expect(copy?.self).toBe(copy);
    expect(Object.isFrozen(copy)).toBe(true);
  });

  it("remembers the folder of its zones, beside the definition", () => {
    const world = defineWorld({ zones: { directory: "/somewhere/zones", zones: structuredClone(WHOLE) } });
    expect(zonesDirectoryOf(world)).toBe("/somewhere/zones");
    expect(zonesDirectoryOf(defineWorld({ zones: WHOLE }))).toBeUndefined();
    expect(JSON.parse(JSON.stringify(world))).toEqual(defineWorld({ zones: WHOLE }));
    expect([isWorld(world), isWorld({ ...world }), isWorld(null)]).toEqual([true, false, false]);
  });

  it("reports all problems at once, of shape and of relation", () => {
    expect(
      problemsOf({
        name: "Earth",
        colour: "blue",
        tickHz: 7,
        zones: [
          { name: "asia", west: 60, east: 190 },
          { name: "b", west: 0, east: 60, capcity: 3 },
          5,
          { name: "b", west: 5, east: 5.1, tiers: { combat: { radiusM: 400 } } },
        ],
        tiers: { extended: { hz: 0 } },
        limits: { latitudeDeg: { min: 86 }, messageBytes: 65_537 },
        movement: { runMps: 1, jumpMps: Infinity },
        plugins: ["p", "p"],
      }),
    ).toEqual([
      'name: is not a name, got "Earth", expected 1 to 32 of a-z, 0-9 and -, starting with a letter, not ending in -, and no device name such as con or nul',
      "zones[0] (asia).east: is too large, got 190, expected degrees in (-180, 180]",
      "zones[1] (b).capcity: is not a known key, got 3, expected one of name, west, east, capacity, tiers, plugins",
      "zones[2]: is not an object, got 5, expected an object of name, west, east, capacity, tiers, plugins",
      "tiers.extended.hz: is too small, got 0, expected a whole number from 1 to 240 Hz",
      "movement.jumpMps: is not a finite number, got Infinity, expected a number from 0 to 100 m/s",
      'colour: is not a known key, got "blue", expected one of name, zones, tiers, frameHz, tickHz, plugins, limits, movement',
      "tickHz: does not divide frameHz, got 7, expected a divisor of 60",
      "limits.latitudeDeg.max: is not above min, got 85, expected more than 86",
      "movement.runMps: is slower than walkMps, got 1, expected at least 2",
      "limits.messageBytes: is more than bytesPerSecond, got 65537, expected at most 65536",
      'plugins[1]: names a plugin a second time, got "p", expected each plugin once',
      'zones[3] (b).name: is taken, got "b", expected another name than that of zones[1]',
      "zones[3] (b).east: leaves the zone 0.1 degrees wide, got 5.1, expected at least 0.25 degrees east of 5 (the whole ring is -180 to 180)",
    ]);
  });

  it.each<[string, unknown, string[]]>([
    [
      "nothing",
      undefined,
      ["world: is missing, got nothing, expected an object of name, zones, tiers, frameHz, tickHz, plugins, limits, movement"],
    ],
    ["no zones", {}, ["zones: is missing, got nothing, expected a list of zones, or zonesFrom(directory)"]],
    ["an empty list", { zones: [] }, ["zones: is too short, got [], expected at least one zone"]],
    [
      "no zones, and a wrong rate",
      { frameHz: 61 },
      [
        "zones: is missing, got nothing, expected a list of zones, or zonesFrom(directory)",
        "tickHz: does not divide frameHz, got 30, expected a divisor of 61",
        ...["local", "combat", "visual", "extended"].map(
          (tier, i) => `tiers.${tier}.hz: does not divide frameHz, got ${[60, 30, 10, 2][i]}, expected a divisor of 61`,
        ),
      ],
    ],
    [
      "a gap and an overlap",
      {
        zones: [
          { name: "a", west: -180, east: 0 },
          { name: "b", west: -5, east: 170 },
        ],
        name: "X",
      },
      [
        'name: is not a name, got "X", expected 1 to 32 of a-z, 0-9 and -, starting with a letter, not ending in -, and no device name such as con or nul',
        "zones: a and b both cover -5..0 (5 degrees), got 2 zones, expected exactly one zone for every longitude",
        "zones: no zone covers 170..180 (10 degrees), got no zone, expected exactly one zone for every longitude",
      ],
    ],
    [
      "a name and an overlap",
      {
        zones: [
          { name: "A", west: -180, east: 180 },
          { name: "b", west: -5, east: 0 },
        ],
      },
      [
        'zones[0].name: is not a name, got "A", expected 1 to 32 of a-z, 0-9 and -, starting with a letter, not ending in -, and no device name such as con or nul',
        "zones: zones[0] and b both cover -5..0 (5 degrees), got 2 zones, expected exactly one zone for every longitude",
      ],
    ],
    [
      "an empty zone",
      { zones: [{ name: "a", west: 3, east: 3 }] },
      ["zones[0] (a).east: leaves the zone empty, got 3, expected at least 0.25 degrees east of 3 (the whole ring is -180 to 180)"],
    ],
    [
      "west 180",
      { zones: [{ name: "a", west: 180, east: -180 }] },
      [
        "zones[0] (a).west: is too large, got 180, expected degrees in [-180, 180)",
        "zones[0] (a).east: is too small, got -180, expected degrees in (-180, 180]",
      ],
    ],
    [
      "radii out of order",
      { zones: WHOLE, tiers: { visual: { radiusM: 50 } } },
      ["tiers.visual.radiusM: is not larger than that of combat, got 50, expected more than 50"],
    ],
    [
      "radii out of order in a zone",
      { zones: [{ ...EVERYWHERE, tiers: { extended: { radiusM: 300 } } }] },
      ["zones[0] (everywhere).tiers.extended.radiusM: is not larger than that of visual, got 300, expected more than 300"],
    ],
    [
      "a zone's plugin that the world lacks",
      { zones: [{ ...EVERYWHERE, plugins: { chat: {}, toString: false } }], plugins: ["chat"] },
      ['zones[0] (everywhere).plugins.toString: is not a plugin of the world, got "toString", expected one of chat'],
    ],
    [
      "plugin options",
      { zones: [{ ...EVERYWHERE, plugins: { chat: true } }], plugins: ["chat", 7, { use: "" }, { use: "x", options: [] }] },
      [
        "zones[0] (everywhere).plugins.chat: cannot be used, got true, expected an object of options, or false to switch the plugin off",
        "plugins[1]: is not an object, got 7, expected an object of use, options",
        'plugins[2].use: is too short, got "", expected the name of a plugin, or the path of its module, of 1 to 256 characters',
        "plugins[3].options: is not an object, got [], expected an object of options",
      ],
    ],
    [
      "hysteresis",
      { zones: WHOLE, tiers: { hysteresis: 0.6 } },
      ["tiers.hysteresis: is too large, got 0.6, expected a number from 0 to 0.5"],
    ],
    [
      "a fraction below the least",
      { zones: [{ ...EVERYWHERE, capacity: 0.5 }] },
      ["zones[0] (everywhere).capacity: is not a whole number, got 0.5, expected a whole number from 1 to 100000 players"],
    ],
    [
      "capacity",
      { zones: [{ ...EVERYWHERE, capacity: 1.5 }] },
      ["zones[0] (everywhere).capacity: is not a whole number, got 1.5, expected a whole number from 1 to 100000 players"],
    ],
  ])("names %s", (_, input, lines) => {
    expect(problemsOf(input)).toEqual(lines);
  });

  it.each(["", "A", "9a", "-a", "a-", "a_b", "a.b", "con", "nul", "prn", "aux", "com1", "lpt9", "a".repeat(33), "../a", "ä"])(
    "refuses the zone name %j",
    (name) => {
      expect(problemsOf({ zones: [{ name, west: -180, east: 180 }] })).toEqual([
        expect.stringMatching(/^zones\[0\]\.name: is not a name, got ".*", expected 1 to 32 of a-z/),
      ]);
    },
  );

  it.each(["a", "a1", "a-b", "console", "a".repeat(32)])("takes the zone name %j", (name) => {
    expect(defineWorld({ zones: [{ name, west: -180, east: 180 }] }).zones[0]?.name).toBe(name);
  });

  it("answers any value with a world or with BM_CONFIG_INVALID", () => {
    const zone = fc.record(
      { name: fc.anything(), west: fc.anything(), east: fc.anything(), tiers: fc.anything(), plugins: fc.anything() },
      { requiredKeys: [] },
    );
    const input = fc.record(
      {
        name: fc.anything(),
        zones: fc.oneof(fc.array(fc.oneof(zone, fc.anything())), fc.anything()),
        tiers: fc.anything(),
        plugins: fc.oneof(fc.array(fc.anything()), fc.anything()),
        limits: fc.anything(),
        movement: fc.anything(),
        frameHz: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(input, fc.anything()), (value) => {
        problemsOf(value);
      }),
      { numRuns: 2000 },
    );
  });
});
