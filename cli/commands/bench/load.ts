import { Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.ts";
import { onInterrupt, statusOf } from "../../interrupts.ts";
import { styled } from "../../output/style.ts";
import { LOAD_CASES, LOAD_SERIALIZERS } from "../../services/bench/load/options.ts";
import type { LoadReport } from "../../services/bench/load/report.ts";

/** Beyond, one process has not the ports for so many connections to one address. */
const MAX_CLIENTS = 20_000;
/** An hour. */
const MAX_SECONDS = 3600;
/** What a zone may be made for. Source: `config/world.schema.ts`. */
const MAX_CAPACITY = 100_000;

/** Measures what one zone holds. */
export default class BenchLoad extends BaseCommand {
  static override summary = "Measure what one zone holds on this machine, over real sockets.";
  static override description = [
    "A fresh server with one zone around the whole Earth runs in a process of its own; this one plays the clients. They walk, turn every two seconds on average, and keep every frame that they receive. After the measured window all stand still, and what each received is decoded with the stock decoder and held against the truth.",
    "A client is verified only when it was welcomed, went where it was steered, decoded every frame without a complaint, and has in the end exactly the entities, positions and fields that its distances give it.",
    "Cases: spread, about 80 others within 1000 m of each; dense, all within 50 m of each other; cities, where people live. Exit status: 0 when every client was verified, 1 when not, 130 when cancelled.",
  ].join("\n\n");
  static override examples = [
    { description: "1000 clients that predict, 20 s", command: "<%= config.bin %> <%= command.id %> --clients 1000 --predict" },
    {
      description: "A crowd, on the stock serializer of Colyseus for comparison",
      command: "<%= config.bin %> <%= command.id %> --clients 150 --case dense --serializer stock",
    },
    { description: "For a script", command: "<%= config.bin %> <%= command.id %> --clients 200 --case cities --seconds 10 --json" },
  ];
  static override enableJsonFlag = true;

  static override flags = {
    clients: Flags.integer({ description: "Clients.", env: "BM_BENCH_CLIENTS", default: 200, min: 1, max: MAX_CLIENTS, helpValue: "N" }),
    case: Flags.option({ options: LOAD_CASES })({ description: "Where the clients are.", env: "BM_BENCH_CASE", default: "spread" }),
    serializer: Flags.option({ options: LOAD_SERIALIZERS })({
      description: "What sends the state: that of this project, or that of Colyseus.",
      env: "BM_BENCH_SERIALIZER",
      default: "ours",
    }),
    predict: Flags.boolean({
      description: "Clients predict their own body and send inputs in batches, as the client helper does.",
      env: "BM_BENCH_PREDICT",
      default: false,
    }),
    seconds: Flags.integer({
      description: "Seconds that are measured.",
      env: "BM_BENCH_SECONDS",
      default: 20,
      min: 1,
      max: MAX_SECONDS,
      helpValue: "S",
    }),
    ramp: Flags.integer({ description: "Joins a second.", env: "BM_BENCH_RAMP", default: 100, min: 1, max: 1000, helpValue: "JOINS" }),
    seed: Flags.integer({
      description: "The same seed draws the same places and ways.",
      env: "BM_BENCH_SEED",
      default: 1,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      helpValue: "N",
    }),
    governor: Flags.option({ options: ["on", "off"] as const })({
      description: "Whether the server may lower its rates under load.",
      env: "BM_BENCH_GOVERNOR",
      default: "off",
    }),
    capacity: Flags.integer({
      description: "Players that the zone has room for. Without it as many as there are clients.",
      env: "BM_BENCH_CAPACITY",
      min: 1,
      max: MAX_CAPACITY,
      helpValue: "N",
    }),
  };

  async run(): Promise<LoadReport> {
    const { flags } = await this.parse(BenchLoad);
    const { runLoad } = await import("../../services/bench/load/run-load.ts");
    const { createLoadProgress } = await import("../../output/bench-load-progress.ts");
    const { renderLoad, whyNotVerified } = await import("../../output/bench-load.ts");

    const stop = new AbortController();
    const progress = createLoadProgress();
    const endInterrupts = onInterrupt((signal) => {
      if (stop.signal.aborted) {
        progress.end();
        process.exit(statusOf(signal));
      }
      stop.abort();
    });
    let report: LoadReport;
    try {
      report = await runLoad({
        parameters: {
          clients: flags.clients,
          case: flags.case,
          serializer: flags.serializer,
          predict: flags.predict,
          seconds: flags.seconds,
          ramp: flags.ramp,
          seed: flags.seed,
          governor: flags.governor === "on",
          capacity: flags.capacity ?? flags.clients,
        },
        stop: stop.signal,
        onProgress: (now) => progress.show(now),
      });
    } finally {
      progress.end();
      endInterrupts();
    }
    if (!this.jsonEnabled()) this.log(renderLoad(report));
    const why = whyNotVerified(report);
    if (why !== undefined) {
      process.stderr.write(`${styled("red", "Failed:", process.stderr)} ${why}.\n`);
      process.exitCode = 1;
    }
    return report;
  }
}
