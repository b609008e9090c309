import { typed } from "../../output/typed-command.ts";

/** What one check found. */
export interface CheckResult {
  check: string;
  /** `act`: something must be done; `skipped`: it cannot be checked here. */
  status: "fine" | "act" | "skipped";
  /** What was found, one line. */
  found: string;
  /** What to type or to do, one line; null unless `status` is `act`. */
  fix: string | null;
}

export function fine(check: string, found: string): CheckResult {
  return { check, status: "fine", found: oneLine(found), fix: null };
}

export function act(check: string, found: string, fix: string): CheckResult {
  return { check, status: "act", found: oneLine(found), fix: typed(oneLine(fix)) };
}

export function skipped(check: string, found: string): CheckResult {
  return { check, status: "skipped", found: oneLine(found), fix: null };
}

/** What an error says in one line. One that a name with several addresses gave (`localhost`) hides it in its parts. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return [...new Set(error.errors.map(reasonOf))].join(", ");
  if (!(error instanceof Error)) return oneLine(String(error));
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return oneLine(error.message || code);
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, "; ");
}
