import { Errors } from "@oclif/core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { onInterrupt } from "../../cli/interrupts.ts";
import { reportOf } from "../../cli/output/error-report.ts";
import { drain, stopRequest } from "../../cli/services/drain.ts";
import { BmError } from "../../config/index.ts";

describe("reportOf", () => {
  it("makes coded errors the user's, with their hint or what the list of codes says to do", () => {
    const data = { port: 1 };
    expect(reportOf(new BmError("BM_PORT_TAKEN", "taken", { hint: "Stop\n it.", data }))).toEqual({
      status: 2,
      code: "BM_PORT_TAKEN",
      message: "taken",
      hint: "Stop it.",
      data,
      stack: undefined,
    });
    expect(reportOf(new BmError("BM_PORT_TAKEN", "taken")).hint).toBe("Stop it, or choose another with `--port` or `PORT`.");
    expect(reportOf(new BmError("BM_PLUGIN_INVALID", "no name")).status).toBe(2);
  });

  it("knows a coded error of another copy of the class", () => {
    const foreign = Object.assign(new Error("taken"), { name: "BmError", code: "BM_PORT_TAKEN" });
    expect(reportOf(foreign)).toMatchObject({ status: 2, code: "BM_PORT_TAKEN" });
  });

  it("makes everything else our fault, with a stack for whoever debugs", () => {
    for (const error of [new TypeError("x is not a function"), new BmError("BM_INTERNAL", "gone"), "thrown text", undefined]) {
      expect(reportOf(error)).toMatchObject({ status: 1, code: "BM_INTERNAL", stack: expect.any(String) });
    }
    expect(reportOf(new TypeError("x is not a function")).message).toBe("x is not a function");
    expect(reportOf(new Errors.CLIError("a command cannot be loaded", { exit: 1 })).status).toBe(1);
  });

  it("makes what oclif says of the words the user's, and a cancelled command 130", () => {
    expect(reportOf(new Errors.CLIError("Nonexistent flag: --x\nSee more help with --help"), "zone list")).toMatchObject({
      status: 2,
      code: "BM_CLI_USAGE",
      message: "Nonexistent flag: --x",
      hint: "See: bm zone list --help",
    });
    expect(reportOf(new BmError("BM_CLI_CANCELLED", "cancelled")).status).toBe(130);
  });
});

describe("interrupts", () => {
  beforeAll(() => void vi.useFakeTimers());
  afterAll(() => void vi.useRealTimers());

  /** Signals nearer than a quarter of a second are one, so each test of two sets the clock on. */
  const press = (signal: "SIGINT" | "SIGTERM" = "SIGINT") => {
    vi.advanceTimersByTime(300);
    process.emit(signal, signal);
  };

  it("tell the last one who asked, and after it the one before", () => {
    const told: string[] = [];
    const endFirst = onInterrupt((signal) => told.push(`first ${signal}`));
    const endSecond = onInterrupt((signal) => told.push(`second ${signal}`));
    press();
    endSecond();
    press("SIGTERM");
    endFirst();
    expect(told).toEqual(["second SIGINT", "first SIGTERM"]);
  });

  it("count one Ctrl-C that reaches the process several times as one", () => {
    let times = 0;
    const end = onInterrupt(() => times++);
    press();
    process.emit("SIGINT", "SIGINT");
    vi.advanceTimersByTime(100);
    process.emit("SIGINT", "SIGINT");
    end();
    expect(times).toBe(1);
  });

  it("ask a command to stop once, and end it at once the second time, with 130", async () => {
    const ends: number[] = [];
    let asked = 0;
    const stop = stopRequest(
      () => asked++,
      (status) => ends.push(status),
    );
    press();
    expect([asked, ends]).toEqual([1, []]);
    await expect(stop.asked).resolves.toBe("SIGINT");
    press();
    stop.release();
    expect([asked, ends]).toEqual([1, [130]]);
  });
});

describe("drain", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("waits for what closes, and passes on why it did not", async () => {
    await expect(drain(async () => {})).resolves.toBeUndefined();
    await expect(drain(() => Promise.reject(new Error("stuck")))).rejects.toThrow("stuck");
  });

  it("gives up after ten seconds, as our fault", async () => {
    vi.useFakeTimers();
    const outcome = drain(() => new Promise(() => {})).catch((error: unknown) => reportOf(error));
    await vi.advanceTimersByTimeAsync(9_999);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toMatchObject({ status: 1, message: "the zones did not close within 10 seconds" });
  });
});
