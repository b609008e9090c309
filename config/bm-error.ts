import { type BmErrorCode, ERROR_CODES } from "./error-codes.ts";

/** What a {@link BmError} may carry beyond its code and message. */
export interface BmErrorDetails {
  /** Machine-readable facts: field, value, expected. Sent to clients with `error` messages, so never a secret. */
  data?: Record<string, unknown>;
  /** One line: what the reader can do about it. */
  hint?: string;
  cause?: unknown;
}

/**
 * The one error class of the project. The message says what is wrong, what was got and what was expected; the hint says
 * what to do. `code` is stable and listed in docs/ERRORS.md.
 */
export class BmError extends Error {
  readonly code: BmErrorCode;
  readonly data: Record<string, unknown> | undefined;
  readonly hint: string | undefined;

  constructor(code: BmErrorCode, message: string, details: BmErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "BmError";
    this.code = code;
    this.data = details.data;
    this.hint = details.hint;
  }

  /** HTTP status that a refusal before the seat is answered with; see {@link ERROR_CODES}. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/**
 * A value as it is shown in an error message: short, one line, printable, never an object dumped whole.
 * Strings are quoted; anything longer than 60 characters is cut.
 */
export function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  let text: string;
  try {
    text = JSON.stringify(value) ?? typeof value;
  } catch {
    text = typeof value;
  }
  // Control characters would let a hostile value draw on the operator's terminal.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is being removed
  text = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
