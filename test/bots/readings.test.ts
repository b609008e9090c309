import { afterEach, describe, expect, test, vi } from "vitest";
import { percentile } from "../../cli/services/bots/report.ts";
import { captureSdkConsole, type SdkConsole } from "../../cli/services/bots/sdk-console.ts";
import { readMetrics } from "../../cli/services/bots/server-metrics.ts";
import { Tally } from "../../cli/services/bots/tally.ts";
import { serverUrl } from "../../cli/services/server-url.ts";

const METRICS = `# HELP bm_players Players.
# TYPE bm_players gauge
bm_players{zone="a"} 4
bm_players{zone="b"} 1
bm_tick_rate_hz{zone="a"} 29.97
bm_frame_seconds{zone="a",quantile="0.5"} 0.0021
bm_frame_seconds{zone="a",quantile="0.95"} 0.0044
bm_frame_seconds{zone="a",quantile="0.99"} 0.9
bm_bytes_total{zone="a",direction="in"} 100
bm_bytes_total{direction="out",zone="a"} 2e3
bm_messages_total{zone="a",direction="in"} 7
bm_messages_total{zone="a",direction="out"} 8
bm_bytes_total{zone="a",direction="sideways"} 5
bm_steps_total{zone="a",kind="input"} 9
process_resident_memory_bytes 104857600
process_cpu_seconds_total 12.5
bm_players{zone="c"} NaN
nonsense {{{
`;

describe("a reading of /metrics", () => {
  test("holds each zone's values in the units of the report, and leaves out the rest", () => {
    const { zones, residentBytes, cpuSeconds, atMs } = readMetrics(METRICS, 77);
    expect(zones.get("a")).toEqual({
      players: 4,
      tickHz: 29.97,
      frameMsP50: 2.1,
      frameMsP95: 4.4,
      bytesIn: 100,
      bytesOut: 2000,
      messagesIn: 7,
      messagesOut: 8,
    });
    expect(zones.get("b")).toMatchObject({ players: 1, tickHz: 0 });
    expect([...zones.keys()]).toEqual(["a", "b"]);
    expect({ residentBytes, cpuSeconds, atMs }).toEqual({ residentBytes: 104_857_600, cpuSeconds: 12.5, atMs: 77 });
  });

  test("of anything else holds nothing", () => {
    expect(readMetrics("<html>404</html>", 0)).toEqual({ zones: new Map(), residentBytes: undefined, cpuSeconds: undefined, atMs: 0 });
  });
});

describe("the address of a server", () => {
  test("is http or https, without a slash at its end", () => {
    expect(serverUrl("http://localhost:2567/")).toBe("http://localhost:2567");
    expect(serverUrl("https://play.example.org/earth/")).toBe("https://play.example.org/earth");
    for (const wrong of ["localhost:2567", "ws://localhost", "", "file:///etc"]) {
      expect(() => serverUrl(wrong)).toThrow(
        expect.objectContaining({ code: "BM_ENV_INVALID", message: expect.stringContaining("--url (BM_URL)") }),
      );
    }
  });
});

describe("the SDK's console", () => {
  let sdk: SdkConsole | undefined;
  afterEach(() => sdk?.restore());

  test("counts what the decoder says, once for each trouble, with a few samples, and is given back", () => {
    const { warn, error, info } = console;
    sdk = captureSdkConsole();
    console.error('"refId" not found: 12', { previousRefId: 3 });
    console.warn("Please report this issue to the developers.");
    console.warn("@colyseus/schema: field not defined at", { index: 4 });
    console.warn("@colyseus/schema: definition mismatch");
    console.warn("@colyseus/schema: definition mismatch");
    sdk.add(new RangeError("Offset is outside the bounds of the DataView"));
    expect(sdk.warnings).toBe(5);
    expect(sdk.samples).toHaveLength(4);
    expect(sdk.samples[0]).toContain('"refId" not found: 12');
    expect(sdk.samples[3]).toContain("Offset is outside");
    sdk.restore();
    expect([console.warn, console.error, console.info]).toEqual([warn, error, info]);
  });

  test("keeps the news of reconnecting to itself, and does not call it a fault", () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => {});
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    sdk = captureSdkConsole();
    console.info("[Colyseus reconnection]: will retry in 0.2 seconds...");
    console.warn("Room connection was closed unexpectedly (524): seat reservation expired.");
    console.info("anything else");
    sdk.restore();
    expect(sdk.warnings).toBe(0);
    expect(info).not.toHaveBeenCalled();
    // Not lost, but not on stdout either.
    expect(error.mock.calls).toEqual([["anything else"]]);
    vi.restoreAllMocks();
  });
});

describe("a tally", () => {
  test("counts by code, most frequent first, with the first message of each", () => {
    const tally = new Tally();
    for (const [code, message] of [
      ["B", "b1"],
      ["A", "a1"],
      ["A", "a2"],
      ["C", "c\u001b[31m\n1"],
    ] as const)
      tally.add(code, message);
    expect(tally.list()).toEqual([
      { code: "A", count: 2, message: "a1" },
      { code: "B", count: 1, message: "b1" },
      { code: "C", count: 1, message: "c [31m 1" },
    ]);
    expect(tally.total).toBe(4);
  });

  test("never grows beyond its maximum", () => {
    const tally = new Tally();
    for (let i = 0; i < 1000; i++) tally.add(`CODE_${i}`, "x");
    expect(tally.list().length).toBeLessThanOrEqual(65);
    expect(tally.total).toBe(1000);
    expect(tally.list().reduce((sum, { count }) => sum + count, 0)).toBe(1000);
  });
});

test("a percentile is the nearest rank", () => {
  expect(percentile([], 0.5)).toBeUndefined();
  expect(percentile([3], 0.95)).toBe(3);
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  expect(percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.95)).toBe(10);
});
