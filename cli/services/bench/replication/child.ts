import { type CaseName, placementsOf } from "./cases.ts";
import type { Measured } from "./document.ts";
import type { Way } from "./measuring.ts";
import type { Broadcast } from "./run-saving.ts";

/**
 * What a process of its own measures: heaps and inline caches of one way would change the figures of another. Start with `fork`,
 * send a task, and get progress and one answer; the process ends by itself.
 */
export interface Task {
  way: Way | "saving";
  case: CaseName;
  players: number;
  ticks: number;
  seed: number;
}

export type Answer =
  | { progress: string }
  | { ours: { measured: Measured; visibleMean: number } }
  | { stock: Measured }
  | { saving: Broadcast }
  | { failed: string };

// A terminal sends Ctrl-C to all its processes: the one that was told to run this decides, and may print what became of it.
process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit());
process.once("message", (task: Task) => {
  answer(task)
    .catch((error: unknown): Answer => ({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
    // The channel keeps the process alive; what was sent arrives before it closes.
    .then((last) => process.send?.(last, () => process.exit()));
});

async function answer({ way, case: name, players, ticks, seed }: Task): Promise<Answer> {
  const placements = await placementsOf(name, players, seed);
  const onProgress = (progress: string) => void process.send?.({ progress } satisfies Answer);
  const job = { placements, ticks, seed, onProgress };
  if (way === "ours") return { ours: (await import("./run-ours.ts")).runOurs(job) };
  if (way === "saving") return { saving: (await import("./run-saving.ts")).runSaving(job) };
  if (way === "stock") return { stock: (await import("./run-stock.ts")).runStock(job) };
  return { stock: (await import("./run-stock-same-rates.ts")).runStockSameRates(job) };
}
