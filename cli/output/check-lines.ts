import type { CheckResult } from "../services/doctor/check.ts";
import { padded } from "./display-width.ts";
import { styled } from "./style.ts";

const COLOURS = { fine: "green", act: "red", skipped: "dim" } as const;
const WIDTH = Math.max(...Object.keys(COLOURS).map((status) => status.length));

/** One line for each check: its name, `fine` or what was found and, after an arrow, what to do. */
export function checkLines(checks: readonly CheckResult[]): string {
  const width = Math.max(...checks.map(({ check }) => check.length));
  return checks
    .map(({ check, status, found, fix }) => {
      const what = fix === null ? found : `${found} -> ${styled("bold", fix)}`;
      return `${padded(check, width)}  ${styled(COLOURS[status], padded(status, WIDTH))}  ${what}`;
    })
    .join("\n");
}
