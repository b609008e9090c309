import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { BmError, DEFAULT_FRAME_HZ, DEFAULT_TICK_HZ } from "../../../../config/index.ts";
import { describeMachine, thisCommit } from "../machine.ts";
import { CASE_NAMES, type CaseName, playersOf } from "./cases.ts";
import type { Answer, Task } from "./child.ts";
import type { CaseResult, Measured, ReplicationDocument, Saving } from "./document.ts";
import { BUDGET_BYTES_PER_SECOND, rounded, type Way } from "./measuring.ts";

/** What to measure. */
export interface BenchRequest {
  /** Empty: all. */
  cases: readonly CaseName[];
  /** World ticks of ours; the peers take fewer where they are slow. */
  ticks: number;
  seed: number;
  /** Whether the peers run too. */
  stock: boolean;
  /** Players of every case, for a quick look; undefined: as many as its name says. */
  players?: number | undefined;
  /** Ends the run: the process that is measuring is killed. */
  stop?: AbortSignal | undefined;
  onProgress?(text: string): void;
}

/** Said in every document, so that nobody has to guess what is in the figures. */
const NOTES = [
  "Milliseconds are of one world tick (two frames of ours, one patch of the peers), without sockets: clients count bytes and packets. " +
    "Movement is not in them. Finding out who is in sight is in ours, not in the peers'.",
  "stock is the host's own SchemaSerializer with one StateView a client: each of its 30 patches a second has everything that changed in " +
    "sight, by the tags of its tier but not at its rate. Changes of the views are made outside of its time.",
  "stockSameRates sends each tier at its own rate on the stock Encoder and StateViews: changes are kept aside tick by tick, and what a " +
    "due tier missed is put into the view's own list of changes. That is more than Colyseus offers an application; nothing is lost.",
  "The peers are measured for about 20 s, at least 15 ticks unless those take over two minutes. They know no budget of bytes.",
] as const;

const CHILD = fileURLToPath(new URL(`./child${path.extname(import.meta.url)}`, import.meta.url));

/** Measures one case after the other, every way in a process of its own. Takes minutes. */
export async function runReplicationBench(request: BenchRequest): Promise<ReplicationDocument> {
  const names = CASE_NAMES.filter((name) => request.cases.length === 0 || request.cases.includes(name));
  const cases: CaseResult[] = [];
  for (const name of names) cases.push(await runCase(request, name));
  const { ticks, seed, stock } = request;
  const rates = { frameHz: DEFAULT_FRAME_HZ, tickHz: DEFAULT_TICK_HZ, budgetBytesPerSecond: BUDGET_BYTES_PER_SECOND };
  return {
    bench: "replication",
    machine: describeMachine(),
    commit: thisCommit(),
    parameters: { cases: names, ticks, seed, stock, ...rates },
    cases,
    saving: await savingOf(request, cases),
    growth: growthOf(cases),
    notes: [...NOTES],
  };
}

/** Why a run was not a success: what clients did not get; undefined when they got everything. */
export function whyFailed({ cases }: ReplicationDocument): string | undefined {
  const problems = cases.flatMap(({ name, ours, stock, stockSameRates }) =>
    Object.entries({ ours, stock, stockSameRates }).flatMap(([way, measured]) =>
      (measured?.problems ?? []).map((problem) => `${name}, ${way}: ${problem}`),
    ),
  );
  return problems.length === 0 ? undefined : problems.join("\n");
}

async function runCase(request: BenchRequest, name: CaseName): Promise<CaseResult> {
  const players = request.players ?? playersOf(name);
  const measure = (way: Way) => run(request, { way, case: name, players, ticks: request.ticks, seed: request.seed });
  const { ours, visibleMean } = await measure("ours").then((answer) => {
    if (!("ours" in answer)) throw unexpected(answer);
    return { ours: answer.ours.measured, visibleMean: answer.ours.visibleMean };
  });
  const peer = async (way: Way): Promise<Measured | null> => {
    if (!request.stock) return null;
    const answer = await measure(way);
    if (!("stock" in answer)) throw unexpected(answer);
    return answer.stock;
  };
  const stock = await peer("stock");
  const stockSameRates = await peer("stockSameRates");
  return {
    name,
    players,
    visibleMean: rounded(visibleMean, 1),
    ours,
    stock,
    stockSameRates,
    ratio: stock === null ? null : rounded(stock.msP50 / ours.msP50, 1),
    ratioSameRates: stockSameRates === null ? null : rounded(stockSameRates.msP50 / ours.msP50, 1),
    ratioCpu: stock === null ? null : rounded(stock.cpuMsMean / ours.cpuMsMean, 1),
    ratioCpuSameRates: stockSameRates === null ? null : rounded(stockSameRates.cpuMsMean / ours.cpuMsMean, 1),
  };
}

/** For the real population where it was measured, else for the smallest spread; null for neither. */
async function savingOf(request: BenchRequest, cases: readonly CaseResult[]): Promise<Saving | null> {
  const of = cases.find(({ name }) => name === "cities-5000") ?? cases.find(({ name }) => name === "spread-1000");
  if (of === undefined) return null;
  const answer = await run(request, { way: "saving", case: of.name, players: of.players, ticks: request.ticks, seed: request.seed });
  if (!("saving" in answer)) throw unexpected(answer);
  const { fullBytesPerSecond, deltaBytesPerSecond, quantizedBytesPerSecond } = answer.saving;
  const interestBytesPerSecond = Math.round(of.ours.bytesPerClientPerSecond * of.players);
  return {
    case: of.name,
    ...answer.saving,
    interestBytesPerSecond,
    deltaSavesPercent: saved(fullBytesPerSecond, deltaBytesPerSecond),
    quantizationSavesPercent: saved(deltaBytesPerSecond, quantizedBytesPerSecond),
    interestSavesPercent: saved(quantizedBytesPerSecond, interestBytesPerSecond),
  };
}

function saved(before: number, after: number): number {
  return rounded((1 - after / before) * 100, 2);
}

function growthOf(cases: readonly CaseResult[]): number | null {
  const costOf = (wanted: CaseName) => {
    const found = cases.find(({ name }) => name === wanted);
    return found && found.ours.cpuMsMean / found.players;
  };
  const small = costOf("spread-1000");
  const large = costOf("spread-10000");
  return small === undefined || large === undefined ? null : rounded(large / small, 2);
}

/** One task in a process of its own: nothing about its heap is tuned, so that it is the same for ours and the peers. */
function run({ onProgress, stop }: BenchRequest, task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Not those of this process: a debugger or a test runner would slow it down.
    const child: ChildProcess = fork(CHILD, { execArgv: ["--expose-gc"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const kill = () => child.kill("SIGKILL");
    let last: Answer | undefined;
    stop?.addEventListener("abort", kill, { once: true });
    if (stop?.aborted === true) kill();
    child.on("message", (answer: Answer) => {
      if ("progress" in answer) onProgress?.(`${task.case}, ${task.way}: ${answer.progress}`);
      else last = answer;
    });
    child.once("error", reject);
    child.once("close", (status, signal) => {
      stop?.removeEventListener("abort", kill);
      if (stop?.aborted === true) reject(new BmError("BM_CLI_CANCELLED", "the benchmark was cancelled"));
      else if (last === undefined || "failed" in last)
        reject(unexpected(last ?? { failed: `its process ended with ${signal ?? `status ${status}`}` }, task));
      else resolve(last);
    });
    onProgress?.(`${task.case}, ${task.way}: setting up`);
    child.send(task);
  });
}

function unexpected(answer: Answer, task?: Task): BmError {
  const what = "failed" in answer ? answer.failed : `an answer to another question: ${Object.keys(answer).join(", ")}`;
  return new BmError("BM_INTERNAL", `measuring ${task === undefined ? "a case" : `${task.way} of ${task.case}`} failed: ${what}`);
}
