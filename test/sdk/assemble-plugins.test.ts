import { describe, expect, test } from "vitest";
import { BmError, defineWorld } from "../../config/index.ts";
import { QuantizationPlugin } from "../../plugins/quantization/index.ts";
import type { PluginType } from "../../rooms/index.ts";
import { assemblePlugins, t, ZonePlugin, z } from "../../sdk/index.ts";

/** A plugin class with the given statics and messages. */
function plugin(statics: Partial<PluginType> & { pluginName: string }, members: Record<string, unknown> = {}): PluginType {
  class Made extends ZonePlugin<never> {
    constructor(options: never) {
      super(options);
      Object.assign(this, members);
    }
  }
  for (const [key, value] of Object.entries(statics)) Object.defineProperty(Made, key, { value });
  return Made as unknown as PluginType;
}

function assemble(types: PluginType[], options: Record<string, Record<string, unknown>> = {}) {
  const uses = types.map((type, i) => `./${i}-${String(type.pluginName)}.ts`);
  const world = defineWorld({
    zones: [{ name: "all", west: -180, east: 180 }],
    plugins: types.map((type, i) => ({ use: uses[i] as string, options: options[type.pluginName] ?? {} })),
  });
  return assemblePlugins(
    world,
    types.map((type, i) => ({ use: uses[i] as string, type })),
  );
}

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(BmError);
    expect((error as BmError).code).toBe("BM_PLUGIN_INVALID");
    return ((error as BmError).data?.problems as string[]) ?? [];
  }
  throw new Error("assembled without a problem");
}

const field = (tier: "combat" | "visual" = "combat") => ({ type: () => t.uint8(), tier, initial: 0, text: "a test" });

describe("a set of plugins is refused, every problem at once, each by name", () => {
  test.each<[string, PluginType[], Record<string, Record<string, unknown>>, RegExp[]]>([
    ["a name unfit for messages", [plugin({ pluginName: "My Plugin" })], {}, [/pluginName: got "My Plugin", expected/]],
    ["two of one name", [plugin({ pluginName: "twin" }), plugin({ pluginName: "twin" })], {}, [/^plugin twin is listed twice$/]],
    [
      "a dependency that is not there",
      [plugin({ pluginName: "a", requires: ["b"] })],
      {},
      [/^plugin a requires plugin b, which the world does not use$/],
    ],
    [
      "a circle",
      [plugin({ pluginName: "a", after: ["b"] }), plugin({ pluginName: "b", after: ["c"] }), plugin({ pluginName: "c", requires: ["a"] })],
      {},
      [/in a circle: a after b after c after a/],
    ],
    [
      "options that it does not take",
      [plugin({ pluginName: "a" })],
      { a: { speed: 1 } },
      [/^plugin a: options: unknown key "speed" with value 1$/],
    ],
    [
      "options of the wrong type, with their path",
      [plugin({ pluginName: "a", options: z.strictObject({ list: z.array(z.strictObject({ size: z.number() })) }) })],
      { a: { list: [{ size: 1 }, { size: "big" }] } },
      [/^plugin a: options\.list\[1\]\.size: got "big", expected number$/],
    ],
    [
      "a tick that does not fit the frames",
      [plugin({ pluginName: "a", tick: { phase: "simulate", hz: 7 } })],
      {},
      [/^plugin a: tick\.hz: got 7, expected "frame", "tick" or a divisor of the frame rate 60$/],
    ],
    [
      "a phase that there is not",
      [plugin({ pluginName: "a", tick: { phase: "dream" as never, hz: 30 } })],
      {},
      [/^plugin a: tick\.phase: got "dream", expected input, simulate, replicate, persist$/],
    ],
    [
      "a message of another's name",
      [plugin({ pluginName: "a" }, { messages: { "b:go": () => {} } })],
      {},
      [/^plugin a: message "b:go" is not named "a:<verb>"$/],
    ],
    ["a constructor that throws", [throwing()], {}, [/^plugin bad: its constructor threw: no way$/]],
    [
      "two that replace movement",
      [plugin({ pluginName: "a" }, { movement: () => {} }), plugin({ pluginName: "b" }, { movement: () => {} })],
      {},
      [/^plugins a and b both replace movement; one may$/],
    ],
    [
      "a field that the room has",
      [plugin({ pluginName: "a", fields: { health: field() } })],
      {},
      [/^plugin a: field "health" belongs to the zone room already$/],
    ],
    [
      "a field that another has",
      [plugin({ pluginName: "a", fields: { glow: field() } }), plugin({ pluginName: "b", fields: { glow: field() } })],
      {},
      [/^plugin b: field "glow" belongs to plugin a already$/],
    ],
    [
      "a field name unfit for the wire",
      [plugin({ pluginName: "a", fields: { "x-ray": field(), toJSON: field() } })],
      {},
      [/"x-ray" is not a field name/, /"toJSON" is not a field name/],
    ],
    [
      "an encoding for nothing",
      [plugin({ pluginName: "a", encodings: { ghost: () => t.uint8() } })],
      {},
      [/^plugin a: encoding for "ghost", which is no field$/],
    ],
    [
      "two encodings for one field",
      [QuantizationPlugin as unknown as PluginType, plugin({ pluginName: "b", encodings: { yaw: () => t.uint8() } })],
      {},
      [/^plugin b: field "yaw" has its encoding from plugin quantization already$/],
    ],
    [
      "more fields than a class holds",
      [plugin({ pluginName: "a", fields: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, field()])) })],
      {},
      [/^\d+ fields, but a schema class holds 63$/],
    ],
  ])("%s", (_, types, options, expected) => {
    const problems = problemsOf(() => assemble(types, options));
    for (const pattern of expected) expect(problems).toEqual(expect.arrayContaining([expect.stringMatching(pattern)]));
  });

  test("several at once", () => {
    const problems = problemsOf(() =>
      assemble(
        [
          plugin({ pluginName: "a", requires: ["x"], tick: { phase: "simulate", hz: 7 } }, { messages: { go: () => {} } }),
          plugin({ pluginName: "b", requires: ["y"] }),
        ],
        { b: { z: 1 } },
      ),
    );
    expect(problems).toHaveLength(5);
  });
});

describe("the protocol hash", () => {
  test("is the same for the same layout and another for any other", () => {
    const plain = assemble([]).stateTypes.protocol;
    expect(assemble([]).stateTypes.protocol).toBe(plain);
    expect(assemble([plugin({ pluginName: "quiet" })]).stateTypes.protocol).toBe(plain);
    const combat = assemble([plugin({ pluginName: "a", fields: { glow: field() } })]).stateTypes.protocol;
    const visual = assemble([plugin({ pluginName: "a", fields: { glow: field("visual") } })]).stateTypes.protocol;
    const quantized = assemble([QuantizationPlugin as unknown as PluginType]).stateTypes.protocol;
    expect(new Set([plain, combat, visual, quantized]).size).toBe(4);
  });
});

function throwing(): PluginType {
  return class extends ZonePlugin {
    static readonly pluginName = "bad";
    constructor() {
      super({});
      throw new Error("no way");
    }
  } as unknown as PluginType;
}
