import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { commandLine, nearest } from "../../cli/output/command-line.ts";
import { displayWidth, fitted, padded } from "../../cli/output/display-width.ts";
import { choose, confirm } from "../../cli/output/prompt.ts";
import { ring } from "../../cli/output/ring.ts";
import { table } from "../../cli/output/table.ts";
import { typed } from "../../cli/output/typed-command.ts";
import { LiveScreen, PlainScreen } from "../../cli/output/zone-screen.ts";

describe("displayWidth", () => {
  it.each([
    ["plain", 5],
    ["日本", 4],
    ["e\u0301te\u0301", 3],
    ["👩‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["\u001b[31mred\u001b[39m", 3],
    ["한국어", 6],
    ["ｆｕｌｌ", 8],
    ["a\u200bb", 2],
    ["", 0],
  ])("of %j is %i columns", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it("cuts between characters, never through one", () => {
    expect([fitted("日本語", 5), fitted("日本語", 4), fitted("abc", 3), fitted("abcd", 3), fitted("abc", 0)]).toEqual([
      "日本…",
      "日…",
      "abc",
      "ab…",
      "",
    ]);
    expect(padded("日", 4, "right")).toBe("  日");
  });
});

describe("table", () => {
  it("aligns by columns, numbers to the right, without blanks at the end", () => {
    const rows = [
      { name: "東京", players: 7, note: "" },
      { name: "a", players: 1200, note: "full" },
    ];
    const text = table(rows, [
      { title: "ZONE", value: (row) => row.name },
      { title: "PLAYERS", value: (row) => row.players },
      { title: "NOTE", value: (row) => row.note },
    ]);
    expect(text.split("\n")).toEqual(["ZONE  PLAYERS  NOTE", "東京        7", "a        1200  full"]);
  });
});

describe("ring", () => {
  it("shows names where zones begin and degrees under their borders, and names narrow zones below", () => {
    const zones = [
      { name: "west", west: -175, east: 0 },
      { name: "sliver", west: 0, east: 0.25 },
      { name: "east", west: 0.25, east: 170 },
      { name: "dateline", west: 170, east: -175 },
    ];
    expect(ring(zones).split("\n")).toEqual([
      "-|west------------------------------|east-----------------------------|…",
      "-180                                0                                180",
      "narrow: sliver 0..0.25, dateline 170..-175",
    ]);
  });

  it("says which zone comes in on the left, when one lies over 180", () => {
    const zones = [
      { name: "americas", west: -170, east: 60 },
      { name: "asia-pacific", west: 60, east: -170 },
    ];
    expect(ring(zones).split("\n")).toEqual([
      "-…|americas-------------------------------------|asia-pacific-----------",
      expect.stringMatching(/^-180 +60 +180$/),
      "asia-pacific goes on from the right: 60..-170",
    ]);
    expect(ring([{ name: "all", west: -180, east: 180 }])).not.toContain("goes on");
  });

  it("is 72 columns wide whatever the zones are", () => {
    for (const count of [1, 2, 5, 6, 7, 60, 1440]) {
      const zones = Array.from({ length: count }, (_, index) => ({
        name: `zone-${index}`,
        west: -180 + (index * 360) / count,
        east: -180 + ((index + 1) * 360) / count,
      }));
      const [strip = "", degrees = ""] = ring(zones).split("\n");
      expect([displayWidth(strip), displayWidth(degrees)]).toEqual([72, 72]);
    }
  });
});

describe("questions", () => {
  const terminal = () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const asked = () => new Promise<string>((resolve) => output.once("data", (text) => resolve(String(text))));
    return { input, output, asked };
  };

  it("are asked again until the answer is one", async () => {
    const { input, output, asked } = terminal();
    const answer = confirm("Really?", { input, output });
    expect(await asked()).toBe("Really? [y/N] ");
    input.write("perhaps\n");
    expect(await asked()).toBe("Really? [y/N] ");
    input.write("YES\n");
    expect(await answer).toBe(true);
  });

  it("take nothing for no", async () => {
    const { input, output, asked } = terminal();
    const answer = confirm("Really?", { input, output });
    await asked();
    input.write("\n");
    expect(await answer).toBe(false);
  });

  it("take a choice by number and by name", async () => {
    for (const typed of ["2", "east"]) {
      const { input, output, asked } = terminal();
      const answer = choose("Which?", ["west", "east"], { input, output });
      expect(await asked()).toBe("Which?\n  1  west\n  2  east\n> ");
      input.write(`${typed}\n`);
      expect(await answer).toBe("east");
    }
  });

  it("say why a choice is asked for again", async () => {
    const { input, output, asked } = terminal();
    const answer = choose("Which?", ["west", "east"], { input, output });
    for (const [typed, why] of [
      ["", "Nothing was typed"],
      ["3", "That is none of them"],
    ]) {
      await asked();
      const told = asked();
      input.write(`${typed}\n`);
      expect(await told).toBe(`${why}: type one of the names or its number, or Ctrl-C to cancel.\n`);
    }
    await asked();
    input.write("1\n");
    expect(await answer).toBe("west");
  });

  it("are cancelled when the input ends, on a line of its own", async () => {
    const { input, output, asked } = terminal();
    const answer = confirm("Really?", { input, output });
    await asked();
    const ended = asked();
    input.end();
    await expect(answer).rejects.toMatchObject({ code: "BM_CLI_CANCELLED" });
    expect(await ended).toBe("\n");
  });
});

describe("zone screens", () => {
  const status = (name: string, players: number) => ({
    name,
    west: -180,
    east: 180,
    capacity: 50,
    players,
    entities: 3,
    tickHz: 29.96,
    frameMsP50: 1.24,
    frameMsP95: Number.NaN,
    bytesOutPerSecond: 12_345.6,
    plugins: [],
    roomId: name,
  });

  it("in a pipe writes a zone when its players change and every ten seconds", () => {
    const lines: string[] = [];
    let nowMs = 0;
    const screen = new PlainScreen(
      (line) => lines.push(line),
      () => nowMs,
    );
    const look = (atMs: number, a: number, b: number) => {
      nowMs = atMs;
      lines.length = 0;
      screen.show([status("a", a), status("b", b)]);
      return lines.map((line) => line.split(" ").slice(0, 2).join(" "));
    };
    expect(look(0, 0, 0)).toEqual(["zone=a players=0/50", "zone=b players=0/50"]);
    expect(lines[0]).toBe("zone=a players=0/50 entities=3 tick_hz=30 frame_ms_p50=1.2 frame_ms_p95=0 out_bytes_s=12346");
    expect(look(1000, 0, 0)).toEqual([]);
    expect(look(5000, 1, 0)).toEqual(["zone=a players=1/50"]);
    expect(look(10_000, 1, 0)).toEqual(["zone=b players=0/50"]);
    expect(look(15_000, 1, 0)).toEqual(["zone=a players=1/50"]);
  });

  it("on a terminal draws over its lines, keeps the log above them, and never draws more than fit", () => {
    const written: string[] = [];
    const stream = { columns: 30, rows: 6, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
    const screen = new LiveScreen(stream);
    screen.show([status("a", 1)]);
    expect(written.join("")).toBe("ZONE  PLAYERS  ENTITIES  TIC…\na     1/50            3     …\n");
    written.length = 0;
    screen.log("hello");
    expect(written[0]).toBe("\u001b[2A\r\u001b[J");
    expect(written[1]).toBe("hello\n");
    written.length = 0;
    screen.show(["a", "b", "c", "d"].map((name) => status(name, 1)));
    expect(written.at(-1)?.split("\n")).toEqual([expect.stringContaining("ZONE"), "… and 4 more", ""]);
  });
});

describe("commands", () => {
  it("are printed as they can be typed: through npx in a checkout, bare where the package is installed", () => {
    const text = "Start one with: bm zone run, or: npx bm bots. See: `bm --help`. A fault of bm. ./bin/bm doctor, DEBUG=bm before";
    expect(typed(text, true)).toBe(
      "Start one with: npx bm zone run, or: npx bm bots. See: `npx bm --help`. A fault of bm. ./bin/bm doctor, DEBUG=bm before",
    );
    expect(typed(text, false)).toBe(text);
  });
});

describe("words", () => {
  it("are quoted as a shell needs it", () => {
    expect(commandLine(["bm", "--longitude=-30..10", "a b", "it's", ""])).toBe(String.raw`bm --longitude=-30..10 'a b' 'it'\''s' ''`);
  });

  it("are likened to the nearest known ones", () => {
    const known = ["zone create", "zone list", "doctor"];
    expect([nearest("zone crate", known), nearest("doctr", known), nearest("fly", known)]).toEqual(["zone create", "doctor", undefined]);
  });
});
