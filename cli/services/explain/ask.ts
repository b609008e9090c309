import { BmError, type BmErrorCode, ERROR_CODES } from "../../../config/index.ts";
import { type Answer, answerSchema, errorSchema } from "./answer.ts";

/** A server that has not answered by then is not there. */
const ANSWER_MS = 5000;

/**
 * Asks a server why a viewer sees an entity as it does.
 * @returns the document as it came, and what of it is understood.
 * @throws BmError what the server refuses with, or BM_SERVER_UNREACHABLE when nothing answers that can tell.
 */
export async function askWhy(url: string, viewer: string, entity: string): Promise<{ document: unknown; answer: Answer }> {
  let status: number;
  let document: unknown;
  try {
    const response = await fetch(`${url}/api/explain?${new URLSearchParams({ viewer, entity })}`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: "error",
    });
    status = response.status;
    const body = await response.text();
    document = isJson(response) ? JSON.parse(body) : undefined;
  } catch (error) {
    throw unreachable(url, `no BlueMarble server answers at ${url}: ${reasonOf(error)}`, error);
  }
  const refused = errorSchema.safeParse(document);
  if (refused.success) {
    const { code, message, hint, data } = refused.data.error;
    if (isCode(code))
      throw new BmError(code, message, { ...(hint === undefined ? {} : { hint }), ...(data === undefined ? {} : { data }) });
  }
  const answer = answerSchema.safeParse(document);
  if (status === 200 && answer.success) return { document, answer: answer.data };
  const message = `what answers at ${url} cannot explain: ${url}/api/explain gave HTTP ${status} and no explanation`;
  throw new BmError("BM_SERVER_UNREACHABLE", message, {
    data: { url, status },
    hint: "Check that it is a BlueMarble server of this version, or name another with --url http://HOST:PORT",
  });
}

function isJson(response: Response): boolean {
  return /^application\/json\b/.test(response.headers.get("content-type") ?? "");
}

/** Those of this route: another's would end the command with a status that means something else. */
function isCode(code: string): code is BmErrorCode {
  return code.startsWith("BM_EXPLAIN_") && Object.hasOwn(ERROR_CODES, code);
}

function unreachable(url: string, message: string, cause: unknown): BmError {
  const hint = "Start one with bm zone run, or name the one that runs with --url http://HOST:PORT";
  return new BmError("BM_SERVER_UNREACHABLE", message, { data: { url }, hint, cause });
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${ANSWER_MS / 1000} s`;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
