import { readFileSync, statSync } from "node:fs";
import { BmError, showValue } from "./bm-error.ts";
import { isRecord } from "./plain.ts";

/** @throws BmError BM_CONFIG_UNREADABLE with the file and the system's reason. */
export function readText(file: string): string {
  try {
    // Reading a pipe would wait for a writer, for ever and deaf to signals.
    if (statSync(file).isFile()) return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, `cannot be read, ${reasonOf(error)}`, error);
  }
  throw unreadable(file, "cannot be read, it is no regular file");
}

/** @throws BmError BM_CONFIG_UNREADABLE when the text is not JSON, or not an object. */
export function parseObject(file: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, "")); // Some editors begin a file with a byte order mark.
  } catch (error) {
    throw unreadable(file, `is not JSON, ${reasonOf(error)}`, error);
  }
  if (!isRecord(value)) throw unreadable(file, `is not an object, got ${showValue(value)}`);
  return value;
}

/**
 * The error for a config file that exists but cannot be used. `reason` is the rest of a sentence about the file.
 * @param at line and column in it, `8:5`.
 */
export function unreadable(file: string, reason: string, cause?: unknown, hint = "Correct the file, or remove it.", at?: string): BmError {
  const place = at === undefined ? file : `${file}:${at}`;
  return new BmError("BM_CONFIG_UNREADABLE", `${place}: ${reason}`, { data: { file, reason }, hint, cause });
}

/** The message of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
