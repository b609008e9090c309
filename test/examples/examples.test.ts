import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

const RESOLVE_SOURCE = new URL("resolve-source.mjs", import.meta.url).href;

/** The places of the examples. */
const NEAR_EIFFEL_TOWER = { longitude: 2.2945, latitude: 48.8594 };

let world: TestWorld;
const children: ChildProcess[] = [];

beforeAll(async () => {
  world = await startTestWorld({ plugins: ["quantization", "interest", "landmarks"], limits: { reconnectGraceSeconds: 1 } });
});

afterAll(async () => {
  await world?.server.stop();
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  await until("an empty zone", () => world.zone("middle").avatars.size === 0);
});

interface Run {
  lines: string[];
  errors: string[];
  /** Sends the interrupt of the keyboard; the exit status. */
  interrupt(): Promise<number | null>;
}

function run(example: string): Run {
  const file = fileURLToPath(new URL(`../../examples/${example}`, import.meta.url));
  const child = spawn(process.execPath, ["--import", RESOLVE_SOURCE, file, world.server.url], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const lines: string[] = [];
  const errors: string[] = [];
  for (const [stream, into] of [
    [child.stdout, lines],
    [child.stderr, errors],
  ] as const) {
    let rest = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      into.push(...parts);
    });
  }
  const exit = once(child, "exit");
  return {
    lines,
    errors,
    async interrupt() {
      child.kill("SIGINT");
      return (await exit)[0] as number | null;
    },
  };
}

const matching = (lines: string[], pattern: RegExp) => lines.filter((line) => pattern.test(line));

describe("examples", () => {
  it("ten-lines.mjs joins and says who moves where", async () => {
    const { lines, errors } = run("ten-lines.mjs");
    await until("the welcome", () => matching(lines, /^zone middle, entity \d+$/).length === 1);
    const own = /^zone middle, entity (\d+)$/.exec(matching(lines, /^zone middle/)[0] ?? "")?.[1];
    // What a reader sees without anybody else there: the script's own avatar on its way.
    await until("its own way east", () => new Set(matching(lines, new RegExp(`^${own} avatar Guest ${own} `))).size > 10);
    const mover = await world.join({ ...NEAR_EIFFEL_TOWER, name: "Mover" });
    const input = mover.room.input();
    Object.assign(input.data as object, { moveEast: 1, moveNorth: 0, yaw: 0, buttons: 0 });
    const line = new RegExp(`^${mover.welcome.entityId} avatar Mover (\\d+\\.\\d\\d) (\\d+\\.\\d\\d)$`);
    await until("eastward metres of the mover", () => {
      input.send();
      const east = matching(lines, line).map((found) => Number(line.exec(found)?.[1]));
      return east.length > 5 && (east.at(-1) as number) - (east[0] as number) > 0.5;
    });
    const north = matching(lines, line).map((found) => line.exec(found)?.[2]);
    expect(new Set(north).size).toBe(1);
    expect(errors).toEqual([]);
    await mover.room.leave();
  });

  it("walk.ts walks in a circle, says where it is and whom it sees, and leaves when interrupted", async () => {
    const neighbour = await world.join({ ...NEAR_EIFFEL_TOWER, name: "Neighbour" });
    const { lines, errors, interrupt } = run("walk.ts");
    await until("the zone", () => matching(lines, /^in zone middle as entity \d+$/).length === 1);
    const place = /^(2\.29\d+), (48\.85\d+), 0\.00 m; sees (.+)$/;
    await until("three places", () => matching(lines, place).length >= 3);
    const told = matching(lines, place).map((line) => place.exec(line) as RegExpExecArray);
    expect(new Set(told.map(([, longitude, latitude]) => `${longitude} ${latitude}`)).size).toBe(told.length);
    for (const [, , , sees] of told) {
      expect(sees).toMatch(/Neighbour at \d\.\d m/);
      expect(sees).toMatch(/Eiffel Tower at 1[01]\d\.\d m/);
    }
    expect(matching(lines, /^\+ (avatar|landmark) \d+$/)).toHaveLength(3);
    await neighbour.room.leave();
    await until("the neighbour's leave", () => lines.includes(`- avatar ${neighbour.welcome.entityId}`));
    const { leaves, drops } = world.zone("middle").metrics;
    expect(await interrupt()).toBe(0);
    await until("the leave", () => world.zone("middle").metrics.leaves === leaves + 1);
    expect(world.zone("middle").metrics.drops).toBe(drops);
    expect(errors).toEqual([]);
  });

  it("stock-sdk.ts predicts its own body without a correction", async () => {
    const { lines, errors, interrupt } = run("stock-sdk.ts");
    const told = /^(\d+) sent, (\d+) taken, (\d+\.\d\d) m ahead of the server, (\d+) corrections$/;
    const last = await until("four seconds of movement", () => {
      const found = told.exec(matching(lines, told).at(-1) ?? "");
      return found && Number(found[1]) >= 200 ? found : undefined;
    });
    const [sent, taken, aheadM, corrections] = last.slice(1).map(Number) as [number, number, number, number];
    expect(taken).toBeGreaterThan(sent - 30);
    expect(aheadM).toBeLessThan(3);
    expect(corrections).toBe(0);
    expect(await interrupt()).toBe(0);
    expect(errors).toEqual([]);
  });
});
