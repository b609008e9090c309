import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { BmError } from "../../config/bm-error.ts";

/** Where questions are asked and answered. */
export interface Terminal {
  input: Readable;
  output: Writable;
}

const TERMINAL: Terminal = { input: process.stdin, output: process.stdout };

/** Asks until an answer is yes or no; nothing is no. @throws BmError BM_CLI_CANCELLED for Ctrl-C and the end of the input. */
export async function confirm(question: string, terminal: Terminal = TERMINAL): Promise<boolean> {
  for (;;) {
    const answer = (await ask(`${question} [y/N] `, terminal)).toLowerCase();
    if (["y", "yes"].includes(answer)) return true;
    if (["", "n", "no"].includes(answer)) return false;
  }
}

/** Asks until an answer is one of the choices, or its number. @throws BmError as {@link confirm}. */
export async function choose(question: string, choices: readonly string[], terminal: Terminal = TERMINAL): Promise<string> {
  const list = choices.map((choice, index) => `  ${index + 1}  ${choice}`).join("\n");
  for (;;) {
    const answer = await ask(`${question}\n${list}\n> `, terminal);
    const choice = choices.includes(answer) ? answer : choices[Number(answer) - 1];
    if (choice !== undefined) return choice;
    const what = answer === "" ? "Nothing was typed" : "That is none of them";
    terminal.output.write(`${what}: type one of the names or its number, or Ctrl-C to cancel.\n`);
  }
}

/** The error of a command that somebody broke off. */
export function cancelled(): BmError {
  return new BmError("BM_CLI_CANCELLED", "cancelled; nothing was changed", { hint: "Run the command again to start over." });
}

async function ask(question: string, { input, output }: Terminal): Promise<string> {
  const lines = createInterface({ input, output });
  try {
    // readline swallows Ctrl-C on a terminal, and leaves a question unanswered for ever when the input ends.
    const broken = new Promise<never>((_, reject) => {
      lines.once("SIGINT", () => reject(cancelled()));
      lines.once("close", () => reject(cancelled()));
    });
    return (await Promise.race([lines.question(question), broken])).trim();
  } catch (error) {
    // The cursor still stands behind the question.
    output.write("\n");
    throw error;
  } finally {
    lines.close();
  }
}
