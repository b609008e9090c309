import { InputEncoder } from "@colyseus/schema/input";
import { describe, expect, test } from "vitest";
import { FrameLog } from "../../cli/services/bench/load/frame-log.ts";
import { BATCH_HEAD, InputFrames } from "../../cli/services/bench/load/input-frames.ts";
import { placesOf, spreadRadiusM } from "../../cli/services/bench/load/placement.ts";
import type { LoadReport } from "../../cli/services/bench/load/report.ts";
import { Steering } from "../../cli/services/bench/load/steering.ts";
import { Walker } from "../../cli/services/bench/load/walker.ts";
import { seededRandom } from "../../cli/services/bots/draw.ts";
import { DEFAULT_LIMITS, DEFAULT_MOVEMENT } from "../../config/index.ts";
import {
  type MovementBody,
  MovementInput,
  nearDistanceM,
  positionFromGeographic,
  stepMovement,
  xCmFromLongitude,
  yCmFromLatitude,
} from "../../rooms/index.ts";
import { type Finished, start } from "../cli/support/bm.ts";
import { until } from "../support/until.ts";

/** A run over real sockets takes ten seconds, most of them waiting, and longer on a busy machine. */
const RUN_MS = 120_000;

function bench(...words: string[]): Promise<Finished> {
  return start(import.meta.dirname, ["bench", "load", "--clients", "12", "--seconds", "2", "--seed", "7", ...words]).finished;
}

describe("bm bench load", () => {
  test(
    "verifies every client, and says so in one document",
    async () => {
      const { status, stdout, stderr } = await bench("--json");
      const report = JSON.parse(stdout) as LoadReport;
      expect(report, stderr).toMatchObject({ bench: "load", clients: 12, joined: 12, verified: 12, complaints: [], ok: true });
      expect(status).toBe(0);
      expect(Object.keys(report.machine)).toEqual(["cpu", "cores", "memoryGiB", "node", "os"]);
      expect(report.parameters).toMatchObject({ case: "spread", serializer: "ours", predict: false, seconds: 2, seed: 7, governor: false });
      expect(Object.keys(report.frame)).toEqual(["msP50", "msP95", "msP99", "msMax", "targetMs"]);
      for (const value of Object.values(report.frame)) expect(value).toBeGreaterThan(0);
      const numbers = [
        "tickHz",
        "bytesOutPerClientPerSecond",
        "packetsOutPerClientPerSecond",
        "bytesInPerClientPerSecond",
        "packetsInPerClientPerSecond",
        "serverCpuShare",
        "generatorCpuShare",
        "movedShare",
      ] as const;
      for (const name of numbers) expect(report[name], name).toBeGreaterThan(0);
      expect(report.eventLoopDelayMsP95).toBeGreaterThanOrEqual(0);
      expect(Object.keys(report.memoryBytesPerClient)).toEqual(["heapAndExternal", "rss"]);
      expect(Object.entries(report.rates).map(([tier, { targetHz }]) => [tier, targetHz])).toEqual([
        ["combat", 30],
        ["visual", 10],
        ["extended", 2],
      ]);
      expect(report.rates.extended.neighbours).toBeGreaterThan(0);
    },
    RUN_MS,
  );

  test(
    "verifies a crowd that predicts on the stock serializer, in plain tables",
    async () => {
      const { status, stdout, stderr } = await bench("--case", "dense", "--predict", "--serializer", "stock");
      expect(stdout, stderr).toMatch(/^12 predicting clients, dense, serializer stock, .*: 12 joined, 12 verified$/m);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^combat .* 30 +11$/m);
      expect(stdout + stderr).not.toContain("\u001b");
    },
    RUN_MS,
  );

  test(
    "fails when clients cannot join, and says why",
    async () => {
      const { status, stdout, stderr } = await bench("--capacity", "9", "--json");
      const report = JSON.parse(stdout) as LoadReport;
      expect(report).toMatchObject({ clients: 12, joined: 9, verified: 9, ok: false });
      expect(report.complaints).toContainEqual(expect.objectContaining({ code: "JOIN", count: 3, message: expect.stringMatching(/^BM_/) }));
      expect(status).toBe(1);
      expect(stderr).toMatch(/3 of 12 clients/);
    },
    RUN_MS,
  );

  test.each(["SIGINT", "SIGKILL"] as const)(
    "leaves no server behind after %s",
    async (signal) => {
      const running = start(import.meta.dirname, ["bench", "load", "--clients", "3", "--seconds", "60", "--json"]);
      await running.until("stderr", "measuring");
      const children = await childrenOf(running.child.pid as number);
      expect(children).toHaveLength(1);
      running.child.kill(signal);
      const { status, stdout } = await running.finished;
      if (signal === "SIGINT") {
        expect(status).toBe(130);
        expect(JSON.parse(stdout)).toMatchObject({ error: { code: "BM_CLI_CANCELLED" } });
      }
      for (const pid of children) await until("the server to end", () => !isAlive(pid));
    },
    RUN_MS,
  );
});

describe("what clients send", () => {
  test("is byte for byte what the SDK's encoder writes", () => {
    const random = seededRandom(5, "inputs");
    const instance = new MovementInput();
    const encoder = new InputEncoder(instance);
    const frames = new InputFrames();
    const out = Buffer.alloc(64);
    const command = { moveEast: 0, moveNorth: 0, yaw: 0, buttons: 0 };
    for (let i = 0; i < 200; i++) {
      if (i % 3 === 0) command.moveEast = random() * 2 - 1;
      if (i % 4 === 0) command.moveNorth = Math.round(random());
      if (i % 5 === 0) command.yaw = random() * 7;
      if (i % 7 === 0) command.buttons = Math.floor(random() * 65_536);
      Object.assign(instance, command);
      const end = frames.write(command, out, 1);
      expect(out.subarray(1, end).toString("hex")).toBe(`13${Buffer.from(encoder.encode()).toString("hex")}`);
    }
    expect(BATCH_HEAD.toString("latin1")).toBe("\u0011\u00afmovement:inputs");
  });
});

describe("the frame log", () => {
  test("gives every frame of every client back, in order, and stops at its limit", () => {
    const random = seededRandom(3, "frames");
    const log = new FrameLog(40 * 1024 * 1024);
    const kept = [0, 1, 2].map((): { frame: string; atMs: number }[] => []);
    for (let i = 0; i < 400; i++) {
      const client = Math.floor(random() * 3);
      // Some larger than a chunk.
      const frame = Buffer.alloc(i % 150 === 149 ? 5_000_000 : Math.floor(random() * 20_000), i);
      log.append(client, frame, i);
      if (!log.overflowed) kept[client]?.push({ frame: `${frame.byteLength} × ${frame[0]}`, atMs: i });
    }
    kept.forEach((frames, client) => {
      const found = [...log.of(client)].map(({ frame, atMs }) => ({ frame: `${frame.byteLength} × ${frame[0]}`, atMs }));
      expect(found).toEqual(frames);
    });
    expect(log.overflowed).toBe(false);
    log.append(0, Buffer.alloc(40 * 1024 * 1024), 0);
    log.append(0, Buffer.alloc(1), 0);
    expect(log.overflowed).toBe(true);
    expect([...log.of(0)]).toHaveLength((kept[0] as []).length);
  });
});

describe("where clients are", () => {
  const centimetres = ({ longitude, latitude }: { longitude: number; latitude: number }) => ({
    xCm: xCmFromLongitude(longitude),
    yCm: yCmFromLatitude(latitude),
    zCm: 0,
  });

  test("spread: about 80 others within 1000 m of each", async () => {
    const places = (await placesOf({ case: "spread", clients: 1000, seed: 2 })).map(centimetres);
    const pairs = places.flatMap((a) => places.filter((b) => b !== a && nearDistanceM(a, b) < 1000));
    expect(pairs.length / places.length).toBeGreaterThan(76);
    expect(pairs.length / places.length).toBeLessThan(84);
    expect(spreadRadiusM(12)).toBeGreaterThan(500);
  });

  test("dense: all within 50 m of each other, wherever they go", async () => {
    const places = await placesOf({ case: "dense", clients: 300, seed: 2 });
    const points = places.map(centimetres);
    const farthest = Math.max(...points.flatMap((a) => points.map((b) => nearDistanceM(a, b))));
    expect(farthest + 2 * (places[0]?.roamM as number)).toBeLessThan(50);
  });

  test("cities: the same places for the same seed, all over the Earth", async () => {
    const places = await placesOf({ case: "cities", clients: 200, seed: 2 });
    expect(await placesOf({ case: "cities", clients: 200, seed: 2 })).toEqual(places);
    expect(places.some(({ longitude }) => longitude < -30)).toBe(true);
    expect(places.some(({ longitude }) => longitude > 60)).toBe(true);
  });
});

describe("steering", () => {
  const PARAMETERS = {
    ...DEFAULT_MOVEMENT,
    southDeg: DEFAULT_LIMITS.latitudeDeg.min,
    northDeg: DEFAULT_LIMITS.latitudeDeg.max,
  };

  /** A walk of ten seconds as a server shows it every third input, with what `server` makes of each command. */
  function walk(server: (command: Walker["command"], seq: number) => Walker["command"] | undefined) {
    const walker = new Walker(20, seededRandom(9, "walk"));
    const position = positionFromGeographic({ longitude: 2.35, latitude: 48.85, altitude: 0 });
    const rest = { fractionX: 0, fractionY: 0, fractionZ: 0, velocityX: 0, velocityY: 0, velocityZ: 0, yaw: 0, groundZ: 0 };
    const body: MovementBody = { ...position, ...rest };
    const steering = new Steering(walker.turns);
    steering.observe(body, 0);
    let farthestM = 0;
    for (let seq = 1; seq <= 600; seq++) {
      if (seq === 500) walker.stand();
      walker.step();
      const command = server(walker.command, seq);
      if (command) stepMovement(body, command, 1 / 60, PARAMETERS, []);
      if (seq % 3 === 0) steering.observe({ ...body }, seq);
      const [dx, dy] = [body.cellX - position.cellX, body.cellY - position.cellY];
      farthestM = Math.max(farthestM, Math.hypot((dx * 655.36 + body.x - position.x) * 0.66, dy * 655.36 + body.y - position.y));
    }
    expect(walker.turns.length).toBeGreaterThan(2);
    return { steering, farthestM };
  }

  test("follows a body that does what it is told, to the bit", () => {
    const { steering, farthestM } = walk((command) => command);
    expect(farthestM).toBeGreaterThan(2);
    expect(farthestM).toBeLessThan(22);
    expect(steering.movedAsSteered).toBe(true);
    expect(steering.movedShare).toBe(1);
  });

  test("counts what a server leaves out, and lets it pass", () => {
    const { steering } = walk((command, seq) => (seq % 3 === 0 ? undefined : command));
    expect(steering.movedAsSteered).toBe(true);
    expect(steering.movedShare).toBeGreaterThan(0.5);
    expect(steering.movedShare).toBeLessThan(0.8);
  });

  test("does not believe a body that stands, or goes elsewhere", () => {
    expect(walk(() => undefined).steering.movedAsSteered).toBe(false);
    expect(walk((command) => ({ ...command, moveEast: -command.moveNorth, moveNorth: command.moveEast })).steering.movedAsSteered).toBe(
      false,
    );
    expect(walk((command) => ({ ...command, buttons: 2 })).steering.movedAsSteered).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Process ids of the children of a process that run the server of the bench. */
async function childrenOf(parent: number): Promise<number[]> {
  const { execFileSync } = await import("node:child_process");
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [pid, ppid] = line.trim().split(/\s+/).map(Number);
    return ppid === parent && line.includes("server-main") ? [pid as number] : [];
  });
}
