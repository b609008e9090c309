import type { Cluster, Redis } from "ioredis";
import { redactUrl } from "../../../config/index.ts";
import { act, type CheckResult, fine, reasonOf } from "./check.ts";
import { withoutPassword } from "./storage.ts";

/** Longest wait for an answer of Redis. */
const ANSWER_MS = 3000;

/** What was heard: the version, or why there is none. */
type Answer = { version: string } | { reason: string };

/** Whether Redis answers at `REDIS_URL`: one server, or a cluster when there are several addresses. */
export async function checkRedis(urls: readonly string[] | undefined): Promise<CheckResult> {
  const check = "redis";
  if (urls === undefined) return fine(check, "REDIS_URL is not set, and none is needed for one process");
  const places = urls.map(redactUrl).join(", ");
  const whole = urls.length > 1 ? askCluster(urls) : undefined;
  // Of a cluster each node is asked too: ioredis only says that it reached none, not why.
  const nodes = await Promise.all(urls.map(askNode));
  const answer = (await whole) ?? nodes[0] ?? { reason: "there is no address" };
  if ("version" in answer) return fine(check, `${answer.version} answers at ${places}${whole === undefined ? "" : ", a cluster"}`);
  const reasons = new Set(nodes.flatMap((node) => ("reason" in node ? node.reason : [])));
  if (reasons.size === 0)
    return act(check, `${places} answer, but not as one cluster`, "join them with redis-cli --cluster create, or name one of them alone");
  const reason = urls.reduce(withoutPassword, [...reasons].join(", "));
  return act(check, `${places} does not answer: ${reason}`, "start Redis, correct REDIS_URL, or unset it");
}

/** Asked once: ioredis by itself would try again for ever. */
const ONCE = { lazyConnect: true, connectTimeout: ANSWER_MS, maxRetriesPerRequest: 0, retryStrategy: () => null };

async function askNode(url: string): Promise<Answer> {
  const { Redis } = await import("ioredis");
  return ask(new Redis(url, ONCE));
}

async function askCluster(urls: readonly string[]): Promise<Answer> {
  const { Cluster } = await import("ioredis");
  const options = { lazyConnect: true, clusterRetryStrategy: () => null, slotsRefreshTimeout: ANSWER_MS, redisOptions: ONCE };
  return ask(new Cluster([...urls], options));
}

async function ask(client: Redis | Cluster): Promise<Answer> {
  // "Connection is closed" is what the call says; why is in the event before it.
  let told: unknown;
  client.on("error", (error: unknown) => {
    told ??= error;
  });
  try {
    const [pong, info] = await within(
      ANSWER_MS,
      client.connect().then(() => Promise.all([client.ping(), client.info("server")])),
    );
    if (pong !== "PONG") return { reason: "it answers a PING with something else" };
    return { version: /^redis_version:(\S+)/m.exec(info)?.[1] ?? "an unknown version" };
  } catch (error) {
    return { reason: reasonOf(told ?? error) };
  } finally {
    client.disconnect();
  }
}

/** A server that takes connections and says nothing would be waited for without end. */
async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} seconds`)), limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
