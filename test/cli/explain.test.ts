import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Client } from "@colyseus/sdk";
import { describe, expect, it, onTestFinished } from "vitest";
import { explanation } from "../../cli/output/explain.ts";
import { answerSchema } from "../../cli/services/explain/answer.ts";
import { joinWith } from "../support/test-world.ts";
import { bm, emptyFolder, errorParts, PACKAGE_ROOT, project, start } from "./support/bm.ts";

/** Nothing listens at the discard port. */
const NOBODY = "http://127.0.0.1:9";

const INTEREST = {
  sees: true,
  tier: "visual",
  why: "122.4 m is within 300 m",
  hz: 10,
  radiusM: 300,
  enterRadiusM: 300,
  leaveRadiusM: 330,
  sentFramesAgo: 3,
  nextDueFrames: 3,
  waiting: false,
  queue: 3,
  budget: { bytesPerSecond: 50_000, availableBytes: 8123.4 },
  frame: 12_345,
  frameHz: 60,
  loadLevel: 0,
  loadStep: "nothing is held back",
};
const DOCUMENT = {
  viewer: { id: "42", name: "Ann", zone: "atlantic", longitude: 2.2945, latitude: 48.8594, altitude: 0, predict: true, connected: true },
  entity: {
    id: "57",
    kind: "avatar",
    name: "Bob",
    zone: "atlantic",
    owner: { zone: "atlantic", processId: "p1" },
    longitude: 2.2945,
    latitude: 48.8605,
    altitude: 1.5,
  },
  distanceM: 122.4321,
  self: false,
  plugins: { interest: INTEREST, landmarks: { nearest: "Eiffel Tower", metres: 12 } },
};

/** What is printed of a document that differs from the one above. */
function printed(change: Record<string, unknown>): string {
  return explanation(answerSchema.parse({ ...DOCUMENT, ...change }));
}

/** The sentence, with some fields of the interest plugin's answer otherwise. */
function sentence(interest: Record<string, unknown> | undefined, change: Record<string, unknown> = {}): string | undefined {
  return printed({ plugins: interest === undefined ? {} : { interest: { ...INTEREST, ...interest } }, ...change }).split("\n")[0];
}

/** A server that gives the same answer to everything. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = (status: number, body: unknown): RequestListener => {
  return (_, response) => response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
};

describe("what bm explain prints", () => {
  it("is a sentence, the numbers behind it, and what other plugins say", () => {
    expect(printed({})).toBe(`42 sees 57 in the visual tier: 122.4 m away, 10 times a second; last sent 3 frames ago, next due in 3.

why        122.4 m is within 300 m
distance   122.4 m
tier       visual, entered within 300 m, left beyond 330 m
rate       10 Hz of 60 frames a second
last sent  3 frames ago (50 ms)
next due   in 3 frames (50 ms), queue 3
budget     50,000 bytes a second, 8,123 bytes left now
load       level 0, nothing is held back
frame      12345
zone       atlantic
owner      zone atlantic, process p1
viewer     "Ann" at 2.294500, 48.859400, 0.00 m, predicts its own body
entity     avatar "Bob" at 2.294500, 48.860500, 1.50 m

landmarks
nearest  Eiffel Tower
metres   12`);
  });

  it.each<[string, Record<string, unknown> | undefined, Record<string, unknown>, string]>([
    ["just sent", { sentFramesAgo: 0, nextDueFrames: 1 }, {}, "10 times a second; last sent in this frame, next due in 1."],
    ["one frame", { sentFramesAgo: 1, nextDueFrames: 0 }, {}, "10 times a second; last sent 1 frame ago, due now."],
    ["never sent", { sentFramesAgo: null, nextDueFrames: null }, {}, "10 times a second; nothing sent yet."],
    ["never sent, soon due", { sentFramesAgo: null }, {}, "; nothing sent yet, next due in 3 frames."],
    ["waiting", { waiting: true }, {}, "last sent 3 frames ago, due and waiting for its turn."],
    ["nothing known of sending", { sentFramesAgo: undefined }, {}, "10 times a second; next due in 3 frames."],
    ["once a second", { hz: 1 }, {}, ", once a second;"],
    ["a stretched rate", { hz: 0.4 }, {}, ", once in 2.5 s;"],
    ["a rate that is no whole number", { hz: 7.5 }, {}, ", 7.5 times a second;"],
    ["out of range", { sees: false, tier: "none" }, { distanceM: 123_456.7 }, "42 does not see 57: 123,457 m away."],
    [
      "a body that waits for its first record",
      { sees: false, waiting: true },
      {},
      "42 does not see 57 yet: 122.4 m away, in the visual tier, waiting for its turn.",
    ],
    [
      "oneself",
      { tier: "local", hz: 60 },
      { self: true, distanceM: 0 },
      "42 sees its own body in the local tier: 60 times a second; last sent",
    ],
    ["no place", {}, { distanceM: null }, "42 sees 57 in the visual tier: 10 times a second;"],
    [
      "a viewer that is away",
      {},
      { viewer: { ...DOCUMENT.viewer, connected: false } },
      "42 is not connected at the moment, so nothing is sent to it; 57 is 122.4 m away.",
    ],
    ["no interest plugin", undefined, {}, "42 and 57 are 122.4 m apart; no plugin here says whether 42 sees 57."],
    ["an interest plugin that says something else", { sees: "perhaps" }, {}, "42 and 57 are 122.4 m apart; no plugin here says"],
  ])("says in its sentence: %s", (_, interest, change, expected) => {
    expect(sentence(interest, change)).toContain(expected);
  });

  it("leaves out what it is not told, and shows what it does not know as it is", () => {
    const shown = printed({ plugins: { interest: { sees: true, tier: 7, hz: "often", budget: null, nearest: ["x", 1] }, "my-own": {} } });
    expect(shown).toBe(`42 sees 57: 122.4 m away.

distance  122.4 m
zone      atlantic
owner     zone atlantic, process p1
viewer    "Ann" at 2.294500, 48.859400, 0.00 m, predicts its own body
entity    avatar "Bob" at 2.294500, 48.860500, 1.50 m

interest
nearest  ["x",1]`);
    expect(printed({ plugins: { interest: { ...INTEREST, budget: { bytesPerSecond: null, availableBytes: null } } } })).toMatch(
      /^budget +unlimited$/m,
    );
  });

  it("names both zones when they differ", () => {
    expect(printed({ entity: { ...DOCUMENT.entity, zone: "americas" } })).toMatch(/^zone +americas; 42 is in atlantic$/m);
  });

  it("does not let what others wrote draw on the terminal, nor go on for ever", () => {
    const shown = printed({
      viewer: { ...DOCUMENT.viewer, name: "\u001b[2JAnn" },
      plugins: { "x\u0007": { "\u001b[31mkey": `\u001b[2J${"y".repeat(500)}\nnew line` } },
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(Math.max(...shown.split("\n").map((line) => line.length))).toBeLessThan(150);
  });
});

describe("bm explain", () => {
  it("asks a running server", async () => {
    const server = start(project(undefined), ["zone", "run", "--port", "0", "--json"]);
    await server.until("stdout", "\n}\n");
    const { url } = JSON.parse(server.printed.stdout);
    const ann = await joinWith(new Client(url), { longitude: 2.2945, latitude: 48.8594, name: "Ann" });
    const bob = await joinWith(new Client(url), { longitude: 2.2945, latitude: 48.8594, altitude: 0, name: "Bob" });
    const [viewer, entity] = [ann.welcome.entityId, bob.welcome.entityId];

    const document = await bm(emptyFolder(), ["explain", viewer, entity, "--url", url, "--json"]);
    expect({ status: document.status, stderr: document.stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(document.stdout)).toMatchObject({
      viewer: { id: viewer, name: "Ann", zone: "atlantic", connected: true },
      entity: { id: entity, name: "Bob", kind: "avatar", owner: { zone: "atlantic" } },
      distanceM: 0,
      self: false,
    });
    const { status, stdout } = await bm(emptyFolder(), ["explain", viewer, entity], { PORT: new URL(url).port });
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${viewer} (?:sees|and) ${entity} .+\\.\n\n`));
    expect(stdout).toMatch(/^distance +0 m$/m);
    expect(stdout).toMatch(/^owner +zone atlantic, process \S+$/m);

    for (const [words, wrong, todo] of [
      [[viewer, "999999999"], /^BM_EXPLAIN_UNKNOWN: entity 999999999: in no zone of this process/, /^look the id up again/],
      [["ann", entity], /^BM_EXPLAIN_INVALID: viewer: got "ann", expected an entity's id, 1 to 16 digits$/, /^Ids are 1 to 16 digits/],
    ] as const) {
      const refused = await bm(emptyFolder(), ["explain", ...words, "--url", url]);
      expect(refused.status).toBe(2);
      expect(errorParts(refused).wrong).toMatch(wrong);
      expect(errorParts(refused).todo).toMatch(todo);
    }
    await Promise.all([ann.room.leave(), bob.room.leave()]);
  });

  it("prints the document as it came, with what this version does not know", async () => {
    const document = { ...DOCUMENT, later: { x: 1 }, plugins: { interest: { ...INTEREST, more: [1] } } };
    const url = await answering(json(200, document));
    expect(JSON.parse((await bm(emptyFolder(), ["explain", "42", "57", "--url", url, "--json"])).stdout)).toEqual(document);
  });

  it("passes on what the server refuses with, in one line what and one line what to do", async () => {
    const error = { code: "BM_EXPLAIN_FORBIDDEN", message: "expected a request from here", hint: "run it there" };
    const url = await answering(json(403, { error }));
    const finished = await bm(emptyFolder(), ["explain", "42", "57"], { BM_URL: url });
    expect(finished).toEqual({ status: 2, stdout: "", stderr: "BM_EXPLAIN_FORBIDDEN: expected a request from here\nrun it there\n" });
    const { status, stdout } = await bm(emptyFolder(), ["explain", "42", "57", "--url", url, "--json"]);
    expect([status, JSON.parse(stdout)]).toEqual([2, { error: { ...error, data: {} } }]);
  });

  it.each<[string, RequestListener | undefined, RegExp]>([
    ["nothing answers", undefined, /no BlueMarble server answers at http:\/\/127\.0\.0\.1:9: /],
    ["an older server", (_, response) => response.writeHead(404).end(), /gave HTTP 404 and no explanation$/],
    ["a page", (_, response) => response.end("<h1>hello</h1>"), /gave HTTP 200 and no explanation$/],
    ["another document", json(200, { viewer: 1 }), /gave HTTP 200 and no explanation$/],
    [
      "half a document",
      (_, response) => response.writeHead(200, { "content-type": "application/json" }).end("{"),
      /no BlueMarble server answers/,
    ],
    ["a code of another kind", json(400, { error: { code: "BM_CLI_CANCELLED", message: "x" } }), /gave HTTP 400 and no explanation$/],
  ])("ends with 2 when %s", async (_, listener, wrong) => {
    const url = listener === undefined ? NOBODY : await answering(listener);
    const finished = await bm(emptyFolder(), ["explain", "42", "57", "--url", url]);
    expect(finished.status).toBe(2);
    expect(errorParts(finished).wrong).toMatch(/^BM_SERVER_UNREACHABLE: [^\n]+$/);
    expect(errorParts(finished).wrong).toMatch(wrong);
    expect(errorParts(finished).todo).toContain("--url http://HOST:PORT");
  });

  it("ends with 130 when it is interrupted", async () => {
    let asked = () => {};
    const came = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const url = await answering(() => asked());
    const running = start(emptyFolder(), ["explain", "42", "57", "--url", url]);
    await came;
    running.child.kill("SIGINT");
    expect((await running.finished).status).toBe(130);
  });

  it("needs both ids", async () => {
    const finished = await bm(PACKAGE_ROOT, ["explain", "42"]);
    expect(finished.status).toBe(2);
    expect(errorParts(finished).wrong).toMatch(/^BM_CLI_USAGE: /);
  });
});
