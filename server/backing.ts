import { setTimeout as delay } from "node:timers/promises";
import { LocalDriver, LocalPresence, type MatchMakerDriver, type Presence } from "@colyseus/core";
import type { Cluster, Redis } from "ioredis";
import { BmError, redactUrl } from "../config/index.ts";

/** Milliseconds in which Redis must answer. */
const ANSWER_WITHIN_MS = 3000;

/** Where rooms of all processes are listed, and how processes talk. */
export interface Backing {
  presence: Presence;
  driver: MatchMakerDriver;
  /** Undefined when presence answers; else the reason why not. */
  problem(): Promise<string | undefined>;
  close(): void;
}

/**
 * In-process presence and driver, or Redis where an address is given: one server, or the nodes of a cluster.
 * @throws BmError `BM_PRESENCE_UNREACHABLE` when Redis does not answer.
 */
export async function openBacking(redisUrls: readonly string[] | undefined): Promise<Backing> {
  if (!redisUrls) return { presence: new LocalPresence(), driver: new LocalDriver(), problem: async () => undefined, close: () => {} };
  const [{ RedisPresence }, { RedisDriver }] = await Promise.all([import("@colyseus/redis-presence"), import("@colyseus/redis-driver")]);
  const redis = await connect(redisUrls);
  const forDriver = redis.duplicate();
  forDriver.on("error", ignore);
  return {
    presence: new RedisPresence(redis) as unknown as Presence,
    driver: new RedisDriver(forDriver) as unknown as MatchMakerDriver,
    problem: () => pingProblem(redis),
    close: () => {
      redis.disconnect();
      forDriver.disconnect();
    },
  };
}

/** Connection errors show in `problem()`; without a listener the client would print each of them. */
function ignore(): void {}

async function connect(urls: readonly string[]): Promise<Redis | Cluster> {
  const { Cluster, Redis } = await import("ioredis");
  const redis = urls.length === 1 ? new Redis(urls[0] as string, { maxRetriesPerRequest: null }) : new Cluster([...urls]);
  redis.on("error", ignore);
  const problem = await pingProblem(redis);
  if (problem === undefined) return redis;
  redis.disconnect();
  throw new BmError("BM_PRESENCE_UNREACHABLE", `Redis at ${urls.map(redactUrl).join(", ")}: ${problem}`, {
    hint: "start it, or mend REDIS_URL; `bm doctor` tells more",
  });
}

async function pingProblem(redis: Redis | Cluster): Promise<string | undefined> {
  const answer = redis.ping().then(
    () => undefined,
    (error: Error) => error.message,
  );
  return await Promise.race([answer, delay(ANSWER_WITHIN_MS, `no answer within ${ANSWER_WITHIN_MS} ms`, { ref: false })]);
}
