import { MatchMakeError, ServerError } from "@colyseus/sdk";

/**
 * Codes of faults that the helper itself finds. Every other code is the server's and listed in docs/ERRORS.md; the two lists
 * have no code in common.
 */
export const CLIENT_ERROR_CODES = {
  BM_CLIENT_UNREACHABLE: "No server answers at the address.",
  BM_CLIENT_TIMEOUT: "The server took the connection but did not answer in time.",
  BM_CLIENT_PROTOCOL: "The server speaks another major version of the protocol; update the client.",
  BM_CLIENT_REFUSED: "The server refused or failed without a code of its own; `status` has the number that it gave.",
  BM_CLIENT_DROPPED: "The connection broke; the helper is trying to get it back.",
  BM_CLIENT_REMOVED: "The server ended the connection on purpose, for example because the player logged in elsewhere.",
  BM_CLIENT_LOST: "The connection could not be had back; the world connection is closed.",
  BM_CLIENT_CLOSED: "The world connection is closed and does nothing any more.",
} as const;

/** A code of {@link CLIENT_ERROR_CODES}. */
export type ClientErrorCode = keyof typeof CLIENT_ERROR_CODES;

/** What a {@link ConnectionError} may carry beyond its code and message. */
export interface ConnectionErrorDetails {
  /** What the server said about it: field, value, expected. */
  data?: unknown;
  /** HTTP status, host error code or WebSocket close code; undefined where there was none. */
  status?: number | undefined;
  cause?: unknown;
}

/** A refusal by the server or a fault of the connection. `code` is stable: one of docs/ERRORS.md or {@link CLIENT_ERROR_CODES}. */
export class ConnectionError extends Error {
  readonly code: string;
  readonly data: unknown;
  readonly status: number | undefined;

  constructor(code: string, message: string, details: ConnectionErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ConnectionError";
    this.code = code;
    this.data = details.data;
    this.status = details.status;
  }
}

/** A server's message that begins with its code: `BM_JOIN_LATITUDE latitude: got 91, …`. */
const CODED = /^(BM_[A-Z0-9]+(?:_[A-Z0-9]+)*)(?:[:\s]+([\s\S]*))?$/;

/** Splits `BM_CODE text` into its parts; undefined where the text does not begin with a code. */
export function parseCodedMessage(text: string | undefined): { code: string; message: string } | undefined {
  const match = CODED.exec(text ?? "");
  if (!match?.[1]) return undefined;
  return { code: match[1], message: match[2] || match[1] };
}

/** Whatever the SDK, `fetch` or a socket threw, as a {@link ConnectionError}; one that is it already passes through. */
export function toConnectionError(thrown: unknown): ConnectionError {
  if (thrown instanceof ConnectionError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  // A number as `code` is the SDK's; a string is of the system, such as ECONNREFUSED, and no answer of the server.
  const given = thrown instanceof MatchMakeError || thrown instanceof ServerError ? Number(thrown.code) : Number.NaN;
  const status = Number.isFinite(given) ? given : undefined;
  const coded = parseCodedMessage(text);
  if (coded) return new ConnectionError(coded.code, coded.message, { status, cause: thrown });
  if (status === undefined || isSocketFault(status)) {
    return new ConnectionError("BM_CLIENT_UNREACHABLE", `no server answers: ${text || "the connection was cut"}`, {
      status,
      cause: thrown,
    });
  }
  return new ConnectionError("BM_CLIENT_REFUSED", `the server refused with ${status}: ${text || "no reason given"}`, {
    status,
    cause: thrown,
  });
}

/** What is thrown when a connection that is closed is used. */
export function closedError(what: string): ConnectionError {
  return new ConnectionError("BM_CLIENT_CLOSED", `${what}: this world connection is closed; call connect() for another`);
}

/** WebSocket close codes of the protocol itself (1000 to 1015), and 0: the other side went away without a word of ours. */
function isSocketFault(status: number): boolean {
  return status === 0 || (status >= 1000 && status <= 1015);
}

/**
 * Whether another try may do better: yes for silence, overload and a server's own faults; no for what the same request would
 * meet again, such as a wrong option, a wrong token or another protocol.
 */
export function isRetryable(error: ConnectionError): boolean {
  if (error.code === "BM_CLIENT_PROTOCOL" || error.code === "BM_CLIENT_CLOSED") return false;
  const { status } = error;
  if (status === undefined || status === 408 || status === 429) return true;
  return status < 400 || status >= 500;
}
