import type { z } from "zod";
import { showValue } from "./bm-error.ts";

/** The way to a value in what was read: keys and indexes. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a definition. All four are text for people. */
export interface Problem {
  path: string;
  /** What is wrong, as the rest of a sentence about the path: `is too large`. */
  message: string;
  got: string;
  expected: string;
}

/** A problem before its path is written out. */
export interface FoundProblem {
  path: Path;
  message: string;
  got: string;
  expected: string;
  /** Of a gap or an overlap the positions of the zones that make it. */
  zones?: readonly number[];
}

/**
 * The problems in a schema's verdict, one for each path. The schemas of config/ give what they expect as the message of every check;
 * what is wrong follows from the kind of issue. Parse with `reportInput: true`.
 */
export function problemsIn(error: z.ZodError): FoundProblem[] {
  const found = new Map<string, FoundProblem>();
  for (const issue of error.issues) {
    const path = issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const value = (issue.input as Record<string, unknown> | undefined)?.[key];
        const problem = { path: [...path, key], message: "is not a known key", got: showValue(value), expected: issue.message };
        found.set(JSON.stringify(problem.path), problem);
      }
      continue;
    }
    const id = JSON.stringify(path);
    if (found.has(id)) continue;
    found.set(id, { path, message: whatIsWrong(issue), got: showValue(issue.input), expected: issue.message });
  }
  return [...found.values()];
}

/** `path: what is wrong, got VALUE, expected X`, one a line. */
export function listProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => `${problem.path}: ${problem.message}, got ${problem.got}, expected ${problem.expected}`).join("\n");
}

/** `zones[2].tiers.combat.hz`; a key that is no plain word is quoted. */
export function showPath(path: Path): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(key)) text += text === "" ? key : `.${key}`;
    else text += `[${showValue(key)}]`;
  }
  return text === "" ? "world" : text;
}

function whatIsWrong(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      if (issue.expected === "int") return "is not a whole number";
      if (issue.expected === "number") return "is not a finite number";
      if (issue.expected === "string") return "is not text";
      return issue.expected === "array" ? "is not a list" : "is not an object";
    case "too_small":
      return issue.origin === "number" || issue.origin === "int" ? "is too small" : "is too short";
    case "too_big":
      return issue.origin === "number" || issue.origin === "int" ? "is too large" : "is too long";
    case "custom":
      return typeof issue.params?.message === "string" ? issue.params.message : "cannot be used";
    default:
      return issue.input === undefined ? "is missing" : "cannot be used";
  }
}
