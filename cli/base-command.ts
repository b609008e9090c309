import { Command, Errors, Flags } from "@oclif/core";
import { isTruthy, printReport, reportOf } from "./output/error-report.ts";

/**
 * What every command of `bm` is built on. A command holds its flags and prints; the work is in `cli/services/`, imported inside
 * `run()` so that help and the other commands do not wait for it.
 *
 * - It returns its data from `run()`: with `--json` that is the one document on stdout. A command that ends in another way than by
 *   returning prints its document itself, with `logJson`.
 * - It throws `BmError`s: {@link reportOf} says what becomes of them.
 * - Each flag has an `env`; each command a `description` and `examples`. A test holds all commands to it.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    // Takes the place of oclif's own, which has no environment variable.
    json: Flags.boolean({ description: "Print one JSON document on stdout and nothing else there.", env: "BM_JSON", helpGroup: "GLOBAL" }),
  };

  override jsonEnabled(): boolean {
    return super.jsonEnabled() || isTruthy(process.env.BM_JSON);
  }

  /** Plain JSON, on a terminal too: a document that is coloured is none. */
  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  /** For people, beside the data: on stdout, or on stderr when stdout holds a JSON document. */
  protected note(text: string): void {
    const stream = this.jsonEnabled() ? process.stderr : process.stdout;
    stream.write(`${text}\n`);
  }

  /** Whether somebody can be asked: both ends are a terminal and no document is being printed. */
  protected get interactive(): boolean {
    return process.stdin.isTTY === true && process.stdout.isTTY === true && !this.jsonEnabled();
  }

  protected override async catch(error: Error): Promise<never> {
    // Help and version end a command this way; nothing went wrong.
    if (error instanceof Errors.ExitError) throw error;
    const command = this.id === undefined ? undefined : this.id.replaceAll(":", " ");
    throw new Errors.ExitError(printReport(reportOf(error, command), this.jsonEnabled()));
  }
}
