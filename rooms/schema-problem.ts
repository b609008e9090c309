import { showValue } from "../config/index.ts";

/** An issue of a Standard Schema, zod's among them, as far as it is needed here. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: string | undefined;
  readonly keys?: readonly string[] | undefined;
}

/** Where an issue lies and what it says, in the words of this project: `text: got 5, expected a string`. */
export interface SchemaProblem {
  /** `list[1].size`; empty for the whole. */
  path: string;
  /** The value there, as {@link showValue} shows it. */
  got: string;
  /** `got 5, expected a string` or `unknown key "colour" with value "red"`. */
  text: string;
}

/** Reads one issue of a schema's verdict on `input`. */
export function schemaProblem(issue: SchemaIssue, input: unknown): SchemaProblem {
  const keys = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  const path = keys
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
  let value = input;
  for (const key of keys) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  const got = showValue(value);
  const unknown = issue.code === "unrecognized_keys" ? issue.keys?.[0] : undefined;
  if (unknown !== undefined) {
    const shown = showValue((value as Record<string, unknown>)[unknown]);
    return { path, got: shown, text: `unknown key ${showValue(unknown)} with value ${shown}` };
  }
  return { path, got, text: `got ${got}, ${expectation(issue.message)}` };
}

/** zod's own words begin with what was wrong; the value says that already. */
function expectation(message: string): string {
  const wanted = /expected (.*?)(?:, received .*)?$/.exec(message)?.[1]?.replace(/ to (be|have) /, " ");
  return wanted === undefined ? message : `expected ${wanted}`;
}
