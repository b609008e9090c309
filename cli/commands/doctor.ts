import { Flags } from "@oclif/core";
import { BaseCommand } from "../base-command.ts";
import { worldFlags } from "../flags.ts";
import type { CheckResult } from "../services/doctor/check.ts";

/** What `bm doctor --json` prints. */
interface Findings {
  /** Whether nothing must be done. */
  fine: boolean;
  checks: CheckResult[];
}

export default class Doctor extends BaseCommand {
  static override description = `Check this machine and the set-up: each line is fine, or says what to do.
The exit status is 2 when something must be done. Passwords are never shown.`;
  static override examples = ["<%= config.bin %> doctor", "<%= config.bin %> doctor --json"];
  static override flags = {
    port: Flags.string({ description: "Port that a server will listen at. 2567 without it.", env: "PORT", helpValue: "N" }),
    host: Flags.string({
      description: "Address that a server will listen at. Every address without it.",
      env: "BM_HOST",
      helpValue: "ADDRESS",
    }),
    "database-url": Flags.string({ description: "PostgreSQL.", env: "DATABASE_URL", helpValue: "URL" }),
    "redis-url": Flags.string({ description: "Redis, or the nodes of a cluster with commas between.", env: "REDIS_URL", helpValue: "URL" }),
    ...worldFlags,
  };

  async run(): Promise<Findings> {
    const { flags } = await this.parse(Doctor);
    const { examine } = await import("../services/doctor/index.ts");
    const { checkLines } = await import("../output/check-lines.ts");
    const overrides = { PORT: flags.port, BM_HOST: flags.host, DATABASE_URL: flags["database-url"], REDIS_URL: flags["redis-url"] };
    const checks = await examine({ configPath: flags.config, overrides });
    this.log(checkLines(checks));
    const allFine = checks.every((check) => check.status !== "act");
    // Not thrown: with --json the findings are the document, and not an error.
    if (!allFine) process.exitCode = 2;
    return { fine: allFine, checks };
  }
}
