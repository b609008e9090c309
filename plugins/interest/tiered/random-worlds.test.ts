import { inspect } from "node:util";
import { expect, test } from "vitest";
import { scenarioOf, shrink } from "./testing/scenario.ts";
import { firstDifference } from "./testing/world.ts";

/** How many worlds; `BM_WORLDS` asks for more, `BM_WORLD_SEED` for a single one. */
const WORLDS = Number(process.env.BM_WORLDS ?? 200);
const ONLY_SEED = process.env.BM_WORLD_SEED;
/** Worlds in one test: little enough for its time limit on a slow machine. */
const BATCH = 20;

const seeds = ONLY_SEED === undefined ? Array.from({ length: WORLDS }, (_, i) => i + 1) : [Number(ONLY_SEED)];
const batches = Array.from({ length: Math.ceil(seeds.length / BATCH) }, (_, i) => seeds.slice(i * BATCH, (i + 1) * BATCH));

test.each(batches.map((batch) => [batch[0], batch] as const))(
  "from seed %i on: every client has, and every packet costs, what the rules of replication say",
  (_, batch) => {
    for (const seed of batch) {
      const scenario = scenarioOf(seed);
      const difference = firstDifference(scenario);
      if (difference === undefined) continue;
      const least = shrink(scenario, (candidate) => firstDifference(candidate) !== undefined);
      const shown = inspect(least, { depth: null, breakLength: 160, maxArrayLength: 60 });
      expect.fail(`seed ${seed}: ${difference}\nthe least that fails: ${firstDifference(least)}\n${shown}`);
    }
  },
  120_000,
);
