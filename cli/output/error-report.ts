import { inspect, stripVTControlCharacters } from "node:util";
import { ERROR_CODES } from "../../config/error-codes.ts";
import { styled } from "./style.ts";
import { typed } from "./typed-command.ts";

/** What a failed command tells. */
export interface ErrorReport {
  /** 2: the user must act. 1: our fault. 130: cancelled. */
  status: 1 | 2 | 130;
  code: string;
  /** What is wrong; one line, or one for each problem. */
  message: string;
  /** What to do; one line. */
  hint: string;
  data: Record<string, unknown>;
  /** For whoever debugs; only of our own faults. */
  stack: string | undefined;
}

/** oclif's own complaint about the words that were typed: unknown flag, missing argument, value out of range. */
interface UsageError extends Error {
  oclif: { exit?: number };
}

/** What a BmError looks like when it is of another copy of the class: a project's own, or of a plugin. */
interface BmErrorLike extends Error {
  code: string;
  hint?: string | undefined;
  data?: Record<string, unknown> | undefined;
}

/**
 * What to tell of anything that was thrown. Coded errors are the user's to act on, except BM_INTERNAL; what has no code is ours.
 * @param command as it is typed after `bm`, for the hint of a usage error.
 */
export function reportOf(error: unknown, command?: string): ErrorReport {
  if (isBmError(error)) {
    const status = error.code === "BM_INTERNAL" ? 1 : error.code === "BM_CLI_CANCELLED" ? 130 : 2;
    const hint = oneLine(error.hint ?? hintOf(error.code));
    return {
      status,
      code: error.code,
      message: error.message,
      hint,
      data: error.data ?? {},
      stack: status === 1 ? stackOf(error) : undefined,
    };
  }
  if (isUsageError(error)) {
    const message = stripVTControlCharacters(error.message)
      .replace(/\n?See more help with --help\s*$/, "")
      // "Parsing --capacity \n\tExpected an integer but received: x"
      .replace(/^Parsing (--[\w-]+)\s+/, "$1: ")
      .replace(/^The following errors? occurred:\s+/, "")
      .trim();
    const hint = `See: bm ${command === undefined ? "" : `${command} `}--help`;
    return { status: 2, code: "BM_CLI_USAGE", message, hint, data: {}, stack: undefined };
  }
  const message =
    error instanceof Error && error.message !== "" ? error.message : inspect(error, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  const hint = "This is a fault of bm. Please report it with what this prints: DEBUG=bm before the same command.";
  return { status: 1, code: "BM_INTERNAL", message, hint, data: {}, stack: stackOf(error) };
}

/**
 * Prints a report: one JSON document on stdout, or on stderr what is wrong and one line what to do. The stack of our own faults
 * shows where the variable `DEBUG` is set.
 * @returns the exit status.
 */
export function printReport(report: ErrorReport, json: boolean): number {
  const { code, message, data } = report;
  const hint = typed(report.hint);
  if (json) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, hint, data } }, null, 2)}\n`);
  } else {
    const mark = (format: "red" | "bold", text: string) => styled(format, text, process.stderr);
    process.stderr.write(`${mark("red", `${code}:`)} ${message}\n${mark("bold", hint)}\n`);
  }
  if (report.stack !== undefined && process.env.DEBUG) process.stderr.write(`${report.stack}\n`);
  return report.status;
}

/** Whether an error is coded. By its look, not its class: a project may bring its own copy of the package. */
export function isBmError(error: unknown): error is BmErrorLike {
  return error instanceof Error && error.name === "BmError" && "code" in error && typeof error.code === "string";
}

/** Whether an environment variable switches something on, as oclif reads those of its flags. */
export function isTruthy(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|true|y|yes)$/i.test(value.trim());
}

function isUsageError(error: unknown): error is UsageError {
  if (!(error instanceof Error)) return false;
  const oclif: unknown = "oclif" in error ? error.oclif : undefined;
  // A command that cannot be loaded carries 1: that is no fault of whoever typed it.
  return typeof oclif === "object" && oclif !== null && "exit" in oclif && oclif.exit === 2;
}

/** What the list of codes says to do: all but its first sentence, which says what is wrong. */
function hintOf(code: string): string {
  const text = code in ERROR_CODES ? ERROR_CODES[code as keyof typeof ERROR_CODES].text : "Look the code up in docs/ERRORS.md.";
  return (
    text
      .split(/(?<=\.) /)
      .slice(1)
      .join(" ") || text
  );
}

function stackOf(error: unknown): string {
  return inspect(error);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
