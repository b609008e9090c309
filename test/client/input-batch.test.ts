import { Protocol } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { connect } from "../../client/index.ts";
import { BATCH_INTERVAL_MS, InputBatcher, MIN_BATCH_INTERVAL_MS } from "../../client/input-batcher.ts";
import { INPUT_BATCH_MESSAGE, MAX_BATCH_FRAMES, unpackInputBatch } from "../../rooms/index.ts";
import { startTestWorld, type TestWorld } from "../support/test-world.ts";
import { until } from "../support/until.ts";

const CHANGED = [Protocol.ROOM_INPUT_RELIABLE, 1, 2, 3];
const UNCHANGED = [Protocol.ROOM_INPUT_RELIABLE];
const CHAT = [Protocol.ROOM_DATA, 9];

describe("InputBatcher", () => {
  /** What reached the socket: batches as lists of frames, everything else as it was. */
  let sent: unknown[];
  let isOpen: boolean;
  let send: (bytes: number[]) => void;
  let batcher: InputBatcher;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    vi.advanceTimersByTime(10_000);
    sent = [];
    isOpen = true;
    const connection = {
      get isOpen() {
        return isOpen;
      },
      send: (data: Uint8Array) => {
        sent.push([...data]);
      },
    };
    const sendBytes = (type: string, bytes: Uint8Array) => {
      expect(type).toBe(INPUT_BATCH_MESSAGE);
      sent.push({ batch: unpackInputBatch(bytes)?.map((frame) => [...frame]) });
    };
    batcher = new InputBatcher({ connection, sendBytes } as never);
    // The handle writes every frame into the same memory.
    const scratch = new Uint8Array(300);
    send = (bytes) => {
      scratch.set(bytes);
      connection.send(scratch.subarray(0, bytes.length));
    };
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends a change at once, and repetitions after 100 ms together", () => {
    send(CHANGED);
    expect(sent).toEqual([{ batch: [CHANGED] }]);
    for (let i = 0; i < 6; i++) send(UNCHANGED);
    vi.advanceTimersByTime(BATCH_INTERVAL_MS - 1);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sent[1]).toEqual({ batch: Array.from({ length: 6 }, () => UNCHANGED) });
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(2);
  });

  it("takes what is waiting along with a change, in order", () => {
    send(UNCHANGED);
    send(CHANGED);
    expect(sent).toEqual([{ batch: [UNCHANGED, CHANGED] }]);
  });

  it("sends changes that follow one another not more often than 30 times a second", () => {
    send(CHANGED);
    send([...CHANGED, 4]);
    vi.advanceTimersByTime(MIN_BATCH_INTERVAL_MS - 1);
    send([...CHANGED, 5]);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sent[1]).toEqual({
      batch: [
        [...CHANGED, 4],
        [...CHANGED, 5],
      ],
    });
  });

  it("lets nothing overtake an input", () => {
    send(UNCHANGED);
    send(CHAT);
    expect(sent).toEqual([{ batch: [UNCHANGED] }, CHAT]);
  });

  it("never makes a batch that the server would refuse", () => {
    send(CHANGED);
    for (let i = 0; i < 2 * MAX_BATCH_FRAMES; i++) send(UNCHANGED);
    expect(sent.slice(1)).toEqual(Array.from({ length: 2 }, () => ({ batch: Array.from({ length: MAX_BATCH_FRAMES }, () => UNCHANGED) })));
    const long = [Protocol.ROOM_INPUT_RELIABLE, ...Array.from({ length: 255 }, () => 7)];
    send(long);
    expect(sent.at(-1)).toEqual(long);
  });

  it("forgets what was waiting when the connection drops", () => {
    send(UNCHANGED);
    batcher.clear();
    vi.advanceTimersByTime(1000);
    send(UNCHANGED);
    isOpen = false;
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([]);
  });
});

describe("batches on a real socket", () => {
  let world: TestWorld;

  beforeAll(async () => {
    world = await startTestWorld();
  });

  afterAll(async () => {
    await world?.server.stop();
  });

  it("hold the frames of the stock handle, byte for byte and in order, and the server takes every one", async () => {
    const connection = await connect(world.server.url, { longitude: 0, latitude: 0 });
    const { connection: socket } = connection.room;
    const made: string[] = [];
    const arrived: string[] = [];
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    const batching = socket.send;
    socket.send = (data) => {
      if (data[0] === Protocol.ROOM_INPUT_RELIABLE) made.push(hex(data));
      batching(data);
    };
    const { transport } = socket;
    const transmit = transport.send.bind(transport);
    // One byte of code, one of length, the name, then the batch.
    const header = Buffer.from([Protocol.ROOM_DATA_BYTES, 0xa0 | INPUT_BATCH_MESSAGE.length, ...Buffer.from(INPUT_BATCH_MESSAGE)]);
    transport.send = (data) => {
      expect(data[0]).not.toBe(Protocol.ROOM_INPUT_RELIABLE);
      if (Buffer.from(data.subarray(0, header.length)).equals(header)) {
        arrived.push(...(unpackInputBatch(data.slice(header.length)) ?? []).map(hex));
      }
      transmit(data);
    };
    const { input } = connection;
    const handle = connection.room.input();
    for (let turn = 0; turn < 12; turn++) {
      input.moveEast = Math.cos(turn);
      input.moveNorth = Math.sin(turn);
      input.yaw = turn;
      input.buttons = turn % 3;
      const { sentCount } = handle;
      await until("five steps", () => handle.sentCount >= sentCount + 5);
    }
    await until("all that was made", () => arrived.length >= 60 && handle.lastProcessed >= 60);
    expect(made.length).toBe(handle.sentCount);
    expect(arrived).toEqual(made.slice(0, arrived.length));
    expect(new Set(arrived).size).toBeGreaterThan(10);
    expect(world.zone("middle").metrics.errors.size).toBe(0);
    await connection.close();
  });
});
