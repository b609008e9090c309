import { Flags } from "@oclif/core";
import { BaseCommand } from "../../base-command.ts";
import { onInterrupt } from "../../interrupts.ts";
import { createProgressLine } from "../../output/progress-line.ts";
import { styled } from "../../output/style.ts";
import type { CaseName } from "../../services/bench/replication/cases.ts";
import type { ReplicationDocument } from "../../services/bench/replication/document.ts";

/** Spelled out, so that help need not load what the services import. A test holds it to their list. */
const CASES = ["spread-1000", "spread-5000", "spread-10000", "cities-5000", "dense-1000", "square-5000"] as const satisfies CaseName[];

/** Measures replication in process, ours and the host's own on the same worlds. */
export default class BenchReplication extends BaseCommand {
  static override summary = "Measure what replicating one world tick costs, beside Colyseus's own serializer.";
  static override description = [
    "Worlds full of players who never stand still are replicated to as many clients, without sockets: by the interest plugin, by Colyseus as it is, and by Colyseus made to send at the same rates. Each in a process of its own, on the same world, one after the other. All cases take some fifteen minutes; an idle machine gives better figures.",
    "spread: 80 others in sight. cities: by population, over real cities. dense: all within 50 m of each other. square: all in 1 km².",
    "Sampled clients decode every byte with the stock decoder; when one does not see in the end what is there, the run has failed. Exit status: 0 when everything was delivered, 1 when not.",
  ].join("\n\n");
  static override examples = [
    { description: "All cases", command: "<%= config.bin %> <%= command.id %>" },
    { description: "One case, ours alone", command: "<%= config.bin %> <%= command.id %> --case cities-5000 --no-stock" },
    { description: "For a script", command: "<%= config.bin %> <%= command.id %> --case spread-1000 --case spread-5000 --json" },
  ];
  static override enableJsonFlag = true;

  static override flags = {
    case: Flags.option({
      options: CASES,
      multiple: true,
      delimiter: ",",
      description: "What to measure; may be given more than once. Without it all.",
      env: "BM_BENCH_CASES",
      helpValue: "NAME",
    })(),
    ticks: Flags.integer({
      description: "World ticks to measure; Colyseus takes fewer where it is slow.",
      env: "BM_BENCH_TICKS",
      default: 300,
      min: 1,
      max: 100_000,
      helpValue: "N",
    }),
    seed: Flags.integer({
      description: "The same seed makes the same worlds.",
      env: "BM_BENCH_SEED",
      default: 1,
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      helpValue: "N",
    }),
    "no-stock": Flags.boolean({ description: "Leave Colyseus's own serializer out.", env: "BM_BENCH_NO_STOCK" }),
    players: Flags.integer({
      description: "Players of every case, whatever its name says: for a quick look.",
      env: "BM_BENCH_PLAYERS",
      hidden: true,
      min: 2,
      max: 20_000,
      helpValue: "N",
    }),
  };

  async run(): Promise<ReplicationDocument> {
    const { flags } = await this.parse(BenchReplication);
    const { runReplicationBench, whyFailed } = await import("../../services/bench/replication/run-bench.ts");
    const { renderReplication } = await import("../../output/bench-replication.ts");

    const stop = new AbortController();
    const progress = createProgressLine();
    const endInterrupts = onInterrupt(() => stop.abort());
    let document: ReplicationDocument;
    try {
      document = await runReplicationBench({
        cases: flags.case ?? [],
        ticks: flags.ticks,
        seed: flags.seed,
        stock: !flags["no-stock"],
        players: flags.players,
        stop: stop.signal,
        onProgress: (text) => progress.show(text),
      });
    } finally {
      progress.end();
      endInterrupts();
    }
    if (!this.jsonEnabled()) this.log(renderReplication(document));
    const why = whyFailed(document);
    if (why !== undefined) {
      process.stderr.write(`${styled("red", "Not delivered:", process.stderr)} ${why}\n`);
      process.exitCode = 1;
    }
    return document;
  }
}
