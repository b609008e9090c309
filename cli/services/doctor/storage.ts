import { redactUrl } from "../../../config/index.ts";
import { act, type CheckResult, fine, reasonOf } from "./check.ts";

/** Longest wait for an answer of PostgreSQL. */
const ANSWER_MS = 3000;

/** Whether PostgreSQL answers at `DATABASE_URL`. Connects for real; the password is in nothing that is returned. */
export async function checkPostgres(url: string | undefined): Promise<CheckResult> {
  const check = "postgresql";
  if (url === undefined) return fine(check, "DATABASE_URL is not set, and none is needed yet");
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS });
  // A connection that breaks after it was made is told here, and an error that nobody hears ends the process.
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return fine(check, `${String(rows[0]?.server_version ?? "an unknown version")} answers at ${redactUrl(url)}`);
  } catch (error) {
    return act(
      check,
      `${redactUrl(url)} does not let us in: ${withoutPassword(reasonOf(error), url)}`,
      "start PostgreSQL, correct DATABASE_URL, or unset it",
    );
  } finally {
    // Not waited for: a server that does not answer does not say goodbye either.
    client.end().catch(() => {});
  }
}

/** A reason may quote what it was given. */
export function withoutPassword(reason: string, url: string): string {
  if (!URL.canParse(url)) return reason;
  const { password } = new URL(url);
  const secrets = [url, password, decoded(password)].filter((secret) => secret !== "");
  return secrets.reduce((text, secret) => text.replaceAll(secret, "***"), reason);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
