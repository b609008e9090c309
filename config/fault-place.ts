import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Where in a file something went wrong. */
export interface FaultPlace {
  file: string;
  /** From 1. */
  line: number;
  /** From 1; undefined where Node does not say. */
  column: number | undefined;
  /** The line as it is written, for what could not be parsed; undefined for what ran. */
  source: string | undefined;
}

/** Above the stack of what could not be parsed: the file and the line, lines of source, and carets below the place. */
const HEADER = /^(.+?)(?:\?[^?:]*)?:(\d+)\n([\s\S]*)/;
/** In the stack of what was thrown, an address or (of CommonJS) a path. It may end in a query, by which a file is loaded anew. */
const FRAME = /^ +at (?:async )?(?:[^\n]*? \()?(file:\/\/[^\s?()]+|\/[^?()\n]+|[A-Za-z]:\\[^?()\n]+)(?:\?[^:\s]*)?:(\d+):(\d+)\)?$/gm;
/** Longest source line that is shown; a generated file may be one line. */
const MAX_SOURCE = 120;

/** This package's own files: what is wrong is what called them. */
const OWN = path.dirname(fileURLToPath(import.meta.url));

/**
 * Where in a definition, or in a file that it imports, an error arose; undefined where the stack does not say.
 * @param file absolute path of the definition.
 */
export function faultPlace(error: unknown, file: string): FaultPlace | undefined {
  if (!(error instanceof Error) || typeof error.stack !== "string") return undefined;
  const parsed = error instanceof SyntaxError ? parsedPlace(error.stack) : undefined;
  return parsed ?? thrownPlace(error.stack, file);
}

function parsedPlace(stack: string): FaultPlace | undefined {
  const [, where, number, rest = ""] = HEADER.exec(stack) ?? [];
  if (where === undefined || /^\w*Error\b/.test(where)) return undefined;
  const file = pathOf(where);
  const line = Number(number);
  const caret = rest.split("\n").find((text) => /^\s*\^+\s*$/.test(text));
  const source = lineOf(file, line);
  return { file, line, column: caret === undefined ? undefined : caret.indexOf("^") + 1, source };
}

function thrownPlace(stack: string, definition: string): FaultPlace | undefined {
  for (const [, where = "", line, column] of stack.matchAll(FRAME)) {
    const file = pathOf(where);
    // From here on it is the command that loads, not what is loaded.
    if (path.dirname(file) === OWN && path.basename(file).startsWith("load-world.")) return undefined;
    if (file !== definition && (file.startsWith(OWN + path.sep) || file.split(path.sep).includes("node_modules"))) continue;
    return { file, line: Number(line), column: Number(column), source: undefined };
  }
  return undefined;
}

function pathOf(where: string): string {
  return where.startsWith("file:") ? fileURLToPath(where) : where;
}

function lineOf(file: string, line: number): string | undefined {
  try {
    const text = readFileSync(file, "utf8").split(/\r?\n/)[line - 1]?.trim();
    return text === "" ? undefined : text?.slice(0, MAX_SOURCE);
  } catch {
    return undefined; // Gone since, or no file at all.
  }
}
