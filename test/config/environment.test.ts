import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BmError } from "../../config/bm-error.ts";
import { readEnvironment, redactUrl } from "../../config/environment.ts";

function linesOf(env: Record<string, string>): string[] {
  try {
    readEnvironment(env);
  } catch (error) {
    expect(error).toBeInstanceOf(BmError);
    expect((error as BmError).code).toBe("BM_ENV_INVALID");
    return (error as BmError).message.split("\n");
  }
  return [];
}

describe("readEnvironment", () => {
  it("has defaults, and takes what is empty for absent", () => {
    const defaults = {
      port: 2567,
      host: undefined,
      databaseUrl: undefined,
      redisUrls: undefined,
      configPath: undefined,
      jwtSecret: undefined,
      publicAddress: undefined,
      logLevel: "info",
      production: false,
    };
    expect(readEnvironment({})).toStrictEqual(defaults);
    expect(
      readEnvironment({ PORT: "", BM_HOST: " ", DATABASE_URL: "", REDIS_URL: "", BM_LOG_LEVEL: "", NODE_ENV: "", BM_JWT_SECRET: "" }),
    ).toStrictEqual(defaults);
  });

  it("reads every variable", () => {
    const secret = " 0123456789abcdef0123456789abcdef ";
    expect(
      readEnvironment({
        PORT: "0",
        BM_HOST: "::1",
        DATABASE_URL: "postgres://u:p@h:5432/db",
        REDIS_URL: "redis://a:6379, rediss://b",
        BM_CONFIG: "./world.json",
        BM_JWT_SECRET: secret,
        BM_PUBLIC_ADDRESS: "eu.example.com:443/zone-1",
        BM_LOG_LEVEL: "silent",
        NODE_ENV: "production",
      }),
    ).toStrictEqual({
      port: 0,
      host: "::1",
      databaseUrl: "postgres://u:p@h:5432/db",
      redisUrls: ["redis://a:6379", "rediss://b"],
      configPath: "./world.json",
      jwtSecret: secret,
      publicAddress: "eu.example.com:443/zone-1",
      logLevel: "silent",
      production: true,
    });
    expect(Object.isFrozen(readEnvironment({}))).toBe(true);
  });

  it("reports all problems at once, and no password", () => {
    const env = {
      PORT: "65536",
      BM_HOST: "http://x",
      DATABASE_URL: "mysql://root:hunter2@db/x",
      REDIS_URL: "redis://:hunter2@a,b",
      BM_JWT_SECRET: "hunter2",
      BM_PUBLIC_ADDRESS: "wss://x",
      BM_LOG_LEVEL: "loud",
      NODE_ENV: "production",
    };
    const lines = linesOf(env);
    expect(lines).toEqual([
      'PORT: is not a port, got "65536", expected a whole number from 0 to 65535',
      'BM_HOST: cannot be used, got "http://x", expected a host name or an IP address',
      'DATABASE_URL: cannot be used, got "mysql://***@db/x", expected postgres://user:password@host:5432/database',
      "REDIS_URL: cannot be used, got (not an address), expected redis://host:6379, or several separated by commas",
      'BM_PUBLIC_ADDRESS: cannot be used, got "wss://x", expected host, host:port or host:port/path, without a scheme',
      'BM_LOG_LEVEL: cannot be used, got "loud", expected one of trace, debug, info, warn, error, fatal, silent',
      "BM_JWT_SECRET: is too short, got 7 bytes, expected at least 32 bytes in production",
    ]);
  });

  it.each(["0x10", "1e3", "-1", "80.5", "port", "2567 3", "+80"])("refuses the port %j", (PORT) => {
    expect(linesOf({ PORT })).toEqual([`PORT: is not a port, got "${PORT}", expected a whole number from 0 to 65535`]);
  });

  it("says one thing about a variable, the first that is wrong", () => {
    const many = (address: string) => Array.from({ length: 65 }, () => address).join(",");
    expect(linesOf({ REDIS_URL: many("redis://h") })).toEqual([
      expect.stringMatching(/^REDIS_URL: is too long, got .*, expected at most 64 addresses$/),
    ]);
    expect(linesOf({ REDIS_URL: many("x") })).toEqual([
      expect.stringMatching(/^REDIS_URL: cannot be used, got \(not an address\), expected redis:/),
    ]);
  });

  it("names the flag beside the variable that it stands for, with an example of it", () => {
    const read = () => readEnvironment({ PORT: "x", BM_LOG_LEVEL: "loud" }, { PORT: "--port 2567", BM_HOST: "--host 127.0.0.1" });
    expect(read).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^--port \(PORT\): is not a port, got "x", .*\nBM_LOG_LEVEL: /),
        hint: "Write for example --port 2567, or leave it out and unset the variable.",
      }),
    );
  });

  it("refuses a mode that is nearly one: guests are let in outside production", () => {});

  it("takes a short secret outside production", () => {
    expect(readEnvironment({ BM_JWT_SECRET: "x", NODE_ENV: "test" }).jwtSecret).toBe("x");
  });

  it("shows no part of a password, whatever is in it", () => {
    // Random passwords of eight letters cannot be in a message by chance; one special character anywhere tears them apart.
    const half = fc.string({ unit: fc.constantFrom(..."QXZKVWY"), minLength: 8, maxLength: 12 });
    const special = fc.constantFrom(..."/?#,:;@%&= \\[]");
    const scheme = fc.constantFrom("redis://", "postgres://", "http://", "mysql://", "", "redis:", "://");
    fc.assert(
      fc.property(half, half, special, scheme, fc.constantFrom("user", ""), (before, after, mark, start, user) => {
        const url = `${start}${user}:${before}${mark}${after}@host:1/x?y`;
        for (const line of [
          ...linesOf({ DATABASE_URL: url }),
          ...linesOf({ REDIS_URL: url }),
          ...linesOf({ REDIS_URL: `${url},b` }),
          redactUrl(url),
        ]) {
          expect(line.toUpperCase()).not.toContain(before);
          expect(line.toUpperCase()).not.toContain(after);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("redactUrl", () => {
  it.each([
    ["postgres://user:secret@db:5432/game", "postgres://***@db:5432/game"],
    ["postgres://user@db/game?sslpassword=secret", "postgres://***@db/game?***"],
    ["redis://:secret@h", "redis://***@h"],
    ["redis://h:6379/0", "redis://h:6379/0"],
    ["REDIS://token@h#x", "redis://***@h#***"],
    ["redis://u:12/secret@h", "redis://***"],
    ["redis://u:12?secret@h", "redis://***"],
    ["redis://u:12#secret@h", "redis://***"],
    ["user:secret@db", "(not an address)"],
    ["secret", "(not an address)"],
    ["", "(not an address)"],
  ])("%s is shown as %s", (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});
