import { MatchMakeError, ServerError } from "@colyseus/sdk";
import { describe, expect, expectTypeOf, it } from "vitest";
import { ConnectionError, isRetryable, parseCodedMessage, toConnectionError } from "../../client/connection-error.ts";
import {
  CLIENT_ERROR_CODES,
  type ZoneWelcome as ClientWelcome,
  distanceBetween,
  type Entity,
  type MovementBody,
  type OwnEntity,
  positionOf,
  solidsOf,
} from "../../client/index.ts";
import { backoffMs, completeSettings } from "../../client/settings.ts";
import { assertProtocol } from "../../client/zone-welcome.ts";
import { ERROR_CODES } from "../../config/index.ts";
import { type EntityState, positionFromGeographic, type ZoneWelcome as ServerWelcome } from "../../rooms/index.ts";
import { PROTOCOL_VERSION } from "../../rooms/state/state-types.ts";

describe("what client and server must say alike", () => {
  it("is the same: protocol, welcome, entity", () => {
    expect(() => assertProtocol({ protocol: `${PROTOCOL_VERSION}.0123456789ab` })).not.toThrow();
    expectTypeOf<ServerWelcome>().toExtend<ClientWelcome>();
    expectTypeOf<keyof ClientWelcome>().toEqualTypeOf<keyof ServerWelcome>();
    expectTypeOf<EntityState>().toExtend<Entity>();
    expectTypeOf<EntityState>().toExtend<OwnEntity>();
  });

  it("is kept apart: error codes", () => {
    expect(Object.keys(CLIENT_ERROR_CODES).filter((code) => code in ERROR_CODES)).toEqual([]);
    for (const code of Object.keys(CLIENT_ERROR_CODES)) expect(code).toMatch(/^BM_CLIENT_[A-Z]+$/);
  });
});

describe("assertProtocol", () => {
  it.each([undefined, {}, { protocol: "" }, { protocol: "2.abc" }, { protocol: "10.abc" }, { protocol: 1 as never }])(
    "refuses %j",
    (welcome) => {
      expect(() => assertProtocol(welcome)).toThrow(expect.objectContaining({ code: "BM_CLIENT_PROTOCOL" }));
    },
  );
});

describe("errors", () => {
  it("take the code out of a message that begins with one", () => {
    expect(parseCodedMessage("BM_JOIN_LATITUDE latitude: got 91")).toEqual({ code: "BM_JOIN_LATITUDE", message: "latitude: got 91" });
    expect(parseCodedMessage("BM_LIMIT_BYTES")).toEqual({ code: "BM_LIMIT_BYTES", message: "BM_LIMIT_BYTES" });
    expect(parseCodedMessage("BM_ZONE_DOWN: two\nlines")).toEqual({ code: "BM_ZONE_DOWN", message: "two\nlines" });
    for (const text of [undefined, "", "BM_", "bm_zone x", "an BM_ZONE_DOWN", "BM_ZONE_DOWNx"])
      expect(parseCodedMessage(text)).toBeUndefined();
  });

  it.each([
    [new MatchMakeError("BM_ZONE_FULL zone a is full", 503), "BM_ZONE_FULL", 503, true],
    [new MatchMakeError("BM_JOIN_NAME name: got 1", 400), "BM_JOIN_NAME", 400, false],
    [new MatchMakeError("BM_AUTH_GUESTS_REFUSED token: got nothing", 401), "BM_AUTH_GUESTS_REFUSED", 401, false],
    [new MatchMakeError("BM_LIMIT_MESSAGES messages", 429), "BM_LIMIT_MESSAGES", 429, true],
    [new ServerError(524, "seat reservation expired."), "BM_CLIENT_REFUSED", 524, true],
    [new ServerError(4002, ""), "BM_CLIENT_REFUSED", 4002, true],
    [new ServerError(1006, ""), "BM_CLIENT_UNREACHABLE", 1006, true],
    [new TypeError("fetch failed"), "BM_CLIENT_UNREACHABLE", undefined, true],
    [Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), "BM_CLIENT_UNREACHABLE", undefined, true],
    [new ConnectionError("BM_CLIENT_PROTOCOL", "protocol"), "BM_CLIENT_PROTOCOL", undefined, false],
  ])("%s becomes %s with status %s, tried again: %s", (thrown, code, status, again) => {
    const error = toConnectionError(thrown);
    expect({ code: error.code, status: error.status }).toEqual({ code, status });
    expect(error.message).not.toBe("");
    expect(isRetryable(error)).toBe(again);
  });
});

describe("backoffMs", () => {
  it("doubles from the first to the longest, and takes at least half at random", () => {
    const longest = [1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffMs(attempt, 500, 15_000, 0.999_999));
    expect(longest.map(Math.round)).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect([1, 2, 6].map((attempt) => backoffMs(attempt, 500, 15_000, 0))).toEqual([250, 500, 7500]);
  });

  it("waits a restart out with the default settings", () => {
    const { maxRejoins, rejoinDelayMs, maxRejoinDelayMs } = completeSettings();
    let leastMs = 0;
    for (let attempt = 1; attempt <= maxRejoins; attempt++) leastMs += backoffMs(attempt, rejoinDelayMs, maxRejoinDelayMs, 0);
    expect(leastMs).toBeGreaterThan(55_000);
  });
});

describe("positions", () => {
  const at = (longitude: number, latitude: number, altitude = 0) => positionFromGeographic({ longitude, latitude, altitude });

  it("are degrees and metres, to the centimetre", () => {
    const position = positionOf(at(179.999_999, -33.870_5, -12.34));
    expect(position.longitude).toBeCloseTo(179.999_999, 6);
    expect(position.latitude).toBeCloseTo(-33.870_5, 6);
    expect(position.altitude).toBe(-12.34);
  });

  it("are a true distance apart, over ±180 and in height", () => {
    expect(distanceBetween(at(179.9999, 0), at(-179.9999, 0))).toBeCloseTo(22.26, 1);
    expect(distanceBetween(at(10, 60), at(10.001, 60))).toBeCloseTo(55.66, 1);
    expect(distanceBetween(at(0, 0, 0), at(0, 0, 40))).toBe(40);
    expect(distanceBetween(at(0, 0), at(180, 0))).toBeCloseTo(Math.PI * 6_378_137, 0);
  });
});

describe("solidsOf", () => {
  const body = (longitude: number, latitude: number) => positionFromGeographic({ longitude, latitude, altitude: 0 }) as MovementBody;
  const solid = (longitude: number, latitude: number, solidRadius: number | undefined, solidHeight: number | undefined = 10) =>
    ({ ...positionFromGeographic({ longitude, latitude, altitude: 5 }), kind: "landmark", solidRadius, solidHeight }) as Entity;

  it("gives solids within reach in order of id, as the server has them", () => {
    const entities = new Map<string, Entity>([
      ["100", solid(179.999_95, 0, 8.5)],
      ["9", solid(-179.999_99, 0, 3)],
      ["1000", solid(0, 0, 8)],
      ["20", solid(180, 0, 0)],
      ["30", solid(180, 0, undefined)],
    ]);
    const found = solidsOf(entities, body(180, 0));
    expect(found.map(({ id }) => id)).toEqual(["9", "100"]);
    expect(found[1]).toMatchObject({ zCm: 500, radiusCm: 850, heightCm: 1000 });
  });

  it("misses none that a step can touch, near the poles neither, and leaves far ones out", () => {
    for (const latitude of [0, 48.85, -84.9]) {
      const eastM = (metres: number) => metres / (111_319.490_793 * Math.cos((latitude * Math.PI) / 180));
      const entities = (metres: number) => new Map([["1", solid(eastM(metres), latitude, 100)]]);
      expect(solidsOf(entities(106), body(0, latitude))).toHaveLength(1);
      expect(solidsOf(entities(-106), body(0, latitude))).toHaveLength(1);
      expect(solidsOf(entities(200), body(0, latitude))).toHaveLength(0);
      expect(solidsOf(new Map([["1", solid(0, latitude + 106 / 111_319, 100)]]), body(0, latitude))).toHaveLength(1);
      expect(solidsOf(new Map([["1", solid(0, latitude + 200 / 111_319, 100)]]), body(0, latitude))).toHaveLength(0);
    }
  });
});
