import { setTimeout as delay } from "node:timers/promises";
import type { DataSource } from "typeorm";
import { BmError, redactUrl } from "../config/index.ts";

/** Connections a process keeps to PostgreSQL at the most. Source: requirements document, section "Database Optimization". */
const POOL_SIZE = 20;

/** Milliseconds in which PostgreSQL must take a connection or answer a check. */
const ANSWER_WITHIN_MS = 3000;

/**
 * Opens the world's PostgreSQL. Schema changes are migrations; the data source never synchronises.
 * @throws BmError `BM_STORAGE_UNREACHABLE` when it does not answer; the message has no password.
 */
export async function openDataSource(databaseUrl: string): Promise<DataSource> {
  const { DataSource } = await import("typeorm");
  const source = new DataSource({
    type: "postgres",
    url: databaseUrl,
    entities: [],
    synchronize: false,
    poolSize: POOL_SIZE,
    connectTimeoutMS: ANSWER_WITHIN_MS,
    applicationName: "bluemarble",
  });
  try {
    return await source.initialize();
  } catch (error) {
    throw new BmError(
      "BM_STORAGE_UNREACHABLE",
      `PostgreSQL at ${redactUrl(databaseUrl)}: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: "start it, or mend DATABASE_URL; `bm doctor` tells more",
        cause: error,
      },
    );
  }
}

/** Whether PostgreSQL answers now: undefined, or the reason why not. */
export async function storageProblem(source: DataSource): Promise<string | undefined> {
  const answer = source.query("SELECT 1").then(
    () => undefined,
    (error: Error) => error.message,
  );
  return await Promise.race([answer, delay(ANSWER_WITHIN_MS, `no answer within ${ANSWER_WITHIN_MS} ms`, { ref: false })]);
}
