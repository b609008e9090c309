import path from "node:path";
import { fileURLToPath } from "node:url";

/** A checkout runs its TypeScript as it is and puts no `bm` on the PATH; the compiled files are those of an installed package. */
const IN_CHECKOUT = path.extname(fileURLToPath(import.meta.url)) === ".ts";

/** `bm` where a command or a flag of it follows. Not `npx bm`, nor the end of a path. */
const COMMAND = /(?<!npx |[\w./-])bm (?=(?:zone|bots|bench|doctor|explain|help)\b|--\w)/g;

/**
 * Text with its commands as the user can type them: the sources say `bm zone run`, and a checkout needs `npx bm zone run`. Called
 * where text is printed, so that nothing else needs to know.
 */
export function typed(text: string, inCheckout = IN_CHECKOUT): string {
  return inCheckout ? text.replace(COMMAND, "npx bm ") : text;
}
