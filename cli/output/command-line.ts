import type { Config } from "@oclif/core";
import { BmError } from "../../config/bm-error.ts";

/** Words as they would be typed: those that a shell would take apart are quoted. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(" ");
}

/**
 * What is wrong with words that name no command; undefined when they name one, or a topic alone, or ask for help or the version.
 * oclif by itself calls `bm zone list extra` an unknown command `zone:list:extra`.
 */
export function unknownCommand(argv: readonly string[], config: Config): BmError | undefined {
  if (argv[0] === "--version" || argv.includes("--help")) return undefined;
  const end = argv.findIndex((word) => word.startsWith("-"));
  const words = argv.slice(0, end === -1 ? argv.length : end).flatMap((word) => (/^[\w:-]+$/.test(word) ? word.split(":") : word));
  if (words.length === 0) return undefined;
  for (let length = words.length; length > 0; length--) {
    const name = words.slice(0, length).join(" ");
    const command = config.findCommand(words.slice(0, length).join(":"));
    if (command !== undefined) {
      const rest = words.slice(length);
      if (rest.length === 0 || !command.strict || Object.keys(command.args).length > 0) return undefined;
      return usage(`bm ${name} takes no argument, got ${commandLine(rest)}`, `See: bm ${name} --help`);
    }
  }
  const topic = config.findTopic(words[0] ?? "");
  if (topic !== undefined && words.length === 1) return undefined;
  const wanted = words.join(" ");
  const near = nearest(
    wanted,
    config.commandIDs.map((id) => id.replaceAll(":", " ")),
  );
  const hint = near === undefined ? `See: bm ${topic === undefined ? "" : `${topic.name} `}--help` : `Did you mean: bm ${near}`;
  return usage(`bm has no command ${commandLine(words)}`, hint);
}

/** The one of `known` that takes the fewest typing mistakes to become `wanted`; undefined when even that is far off. */
export function nearest(wanted: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, mistakes: mistakesBetween(wanted.slice(0, 64), name) }))
    .filter(({ name, mistakes }) => mistakes <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.mistakes - b.mistakes);
  return best?.name;
}

/** Levenshtein's distance: letters to add, drop or change. */
function mistakesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const changed = (row[column - 1] ?? 0) + Number(letter !== b[column - 1]);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function usage(message: string, hint: string): BmError {
  return new BmError("BM_CLI_USAGE", message, { hint });
}
