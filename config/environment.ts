import { z } from "zod";
import { BmError, showValue } from "./bm-error.ts";
import { DEFAULT_LOG_LEVEL, DEFAULT_PORT } from "./defaults.ts";
import { type FoundProblem, listProblems, type Problem, problemsIn, showPath } from "./problems.ts";
import { NOT_AN_ADDRESS, redactUrl } from "./redact-url.ts";

export { redactUrl } from "./redact-url.ts";

/** Levels of the log, least severe first. Source: pino. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the environment says. A variable that is not set, or set to nothing, is undefined or its default. */
export interface Environment {
  /** `PORT`, 0 to 65535; 0 lets the system choose. @defaultValue 2567 */
  readonly port: number;
  /** `BM_HOST`: name or address to listen at; undefined is every address. */
  readonly host: string | undefined;
  /** `DATABASE_URL`: PostgreSQL; undefined is none. A secret: log it through {@link redactUrl}. */
  readonly databaseUrl: string | undefined;
  /** `REDIS_URL`: one address, or the nodes of a cluster; undefined is in-process. Secrets: log them through {@link redactUrl}. */
  readonly redisUrls: readonly string[] | undefined;
  /** `BM_CONFIG`: the world definition or its folder. */
  readonly configPath: string | undefined;
  /** `BM_JWT_SECRET`: what tokens are signed with. A secret. */
  readonly jwtSecret: string | undefined;
  /** `BM_PUBLIC_ADDRESS`: `host[:port][/path]` at which clients reach this very process. */
  readonly publicAddress: string | undefined;
  /** `BM_LOG_LEVEL`. @defaultValue "info" */
  readonly logLevel: LogLevel;
  /** `NODE_ENV` is `production`. */
  readonly production: boolean;
}

/** Most nodes that `REDIS_URL` may list; a client needs a few to find the rest. */
const MAX_REDIS_URLS = 64;
/** Least length of the signing secret in production. Source: RFC 7518, section 3.2: as long as the hash, 256 bits. */
const MIN_SECRET_BYTES = 32;

/** Variables whose values never appear in a message. */
const SECRETS = new Set(["BM_JWT_SECRET"]);
const ADDRESSES = new Set(["DATABASE_URL", "REDIS_URL"]);

const text = z.string().optional();
const bad = (expected: string, message = "cannot be used") => ({ error: expected, params: { message } });
const address =
  (...schemes: string[]) =>
  (value: string) =>
    URL.canParse(value) && schemes.some((scheme) => value.startsWith(`${scheme}://`));
const listed = (value: string) => value.split(",").map((part) => part.trim());

const port = "a whole number from 0 to 65535";
const level = `one of ${LOG_LEVELS.join(", ")}`;
const schema = z.object({
  PORT: text.refine((value) => value === undefined || (/^\d{1,5}$/.test(value) && Number(value) <= 65_535), bad(port, "is not a port")),
  BM_HOST: text.refine((value) => value === undefined || /^[\w.:%[\]-]{1,253}$/.test(value), bad("a host name or an IP address")),
  DATABASE_URL: text.refine(
    (value) => value === undefined || address("postgres", "postgresql")(value),
    bad("postgres://user:password@host:5432/database"),
  ),
  REDIS_URL: text
    .refine(
      (value) => value === undefined || listed(value).every(address("redis", "rediss")),
      bad("redis://host:6379, or several separated by commas"),
    )
    .refine(
      (value) => value === undefined || listed(value).length <= MAX_REDIS_URLS,
      bad(`at most ${MAX_REDIS_URLS} addresses`, "is too long"),
    ),
  BM_CONFIG: text.refine((value) => value === undefined || !value.includes("\0"), bad("a path")),
  BM_JWT_SECRET: text,
  BM_PUBLIC_ADDRESS: text.refine(
    (value) => value === undefined || /^[\w.-]{1,253}(?::\d{1,5})?(?:\/[\w./~-]*)?$/.test(value),
    bad("host, host:port or host:port/path, without a scheme"),
  ),
  BM_LOG_LEVEL: z.enum(LOG_LEVELS, bad(level)).default(DEFAULT_LOG_LEVEL),
  NODE_ENV: text,
});

/** The names of all variables that are checked. */
export const ENVIRONMENT_VARIABLES: readonly string[] = Object.keys(schema.shape);

/**
 * Reads and checks the environment; the only place that does.
 * @param flags for variables that a flag of the command says too, an example of the flag: `{ PORT: "--port 2567" }`. Messages then
 * name both, for it cannot be told which one was used.
 * @throws BmError BM_ENV_INVALID with all problems, one a line, and `data.problems`. No secret, and no address with its password, is in it.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  flags: Readonly<Record<string, string>> = {},
): Environment {
  // A secret is not trimmed: whoever else signs with it may not trim it either.
  const read = (name: string) => (SECRETS.has(name) ? env[name] : env[name]?.trim()) || undefined;
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, read(name)]));
  const parsed = schema.safeParse(given, { reportInput: true });
  const problems = parsed.success ? [] : problemsIn(parsed.error).map(withoutSecrets(given));
  // NODE_ENV is read by itself: a short secret is reported together with whatever else is wrong.
  const secretBytes = Buffer.byteLength(given.BM_JWT_SECRET ?? "");
  if (given.NODE_ENV === "production" && secretBytes > 0 && secretBytes < MIN_SECRET_BYTES) {
    const expected = `at least ${MIN_SECRET_BYTES} bytes in production`;
    problems.push(withoutSecrets(given)({ path: ["BM_JWT_SECRET"], message: "is too short", got: "", expected }));
  }
  if (!parsed.success || problems.length > 0) {
    const examples = problems.flatMap(({ path }) => flags[path] ?? []);
    const hint =
      examples.length === 0
        ? "Set the variable to a value of the form shown, or unset it."
        : `Write for example ${examples.join(" ")}, or leave it out and unset the variable.`;
    const shown = problems.map((problem) => ({ ...problem, path: labelled(problem.path, flags) }));
    throw new BmError("BM_ENV_INVALID", listProblems(shown), { data: { problems: shown }, hint });
  }
  const data = parsed.data;
  return Object.freeze({
    port: data.PORT === undefined ? DEFAULT_PORT : Number(data.PORT),
    host: data.BM_HOST,
    databaseUrl: data.DATABASE_URL,
    redisUrls: data.REDIS_URL === undefined ? undefined : Object.freeze(listed(data.REDIS_URL)),
    configPath: data.BM_CONFIG,
    jwtSecret: data.BM_JWT_SECRET,
    publicAddress: data.BM_PUBLIC_ADDRESS,
    logLevel: data.BM_LOG_LEVEL,
    production: data.NODE_ENV === "production",
  });
}

/** `--port (PORT)` of a variable that a flag says too. */
function labelled(name: string, flags: Readonly<Record<string, string>>): string {
  const [flag] = flags[name]?.split(" ") ?? [];
  return flag === undefined ? name : `${flag} (${name})`;
}

/** Shows nothing at all unless every part is an address: a comma in a password would make its halves look like two. */
function redactedList(value: string): string {
  const parts = listed(value).map(redactUrl);
  return parts.includes(NOT_AN_ADDRESS) ? NOT_AN_ADDRESS : showValue(parts.join(","));
}

function withoutSecrets(given: Record<string, string | undefined>) {
  return (problem: FoundProblem): Problem => {
    const name = showPath(problem.path);
    const value = given[name] ?? "";
    if (SECRETS.has(name)) return { ...problem, path: name, got: `${Buffer.byteLength(value)} bytes` };
    return { ...problem, path: name, got: ADDRESSES.has(name) ? redactedList(value) : problem.got };
  };
}
