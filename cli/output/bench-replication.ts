import type { CaseResult, Measured, ReplicationDocument, Saving } from "../services/bench/replication/document.ts";
import { styled } from "./style.ts";
import { type Column, table } from "./table.ts";

/**
 * What the figures are held to. Sources: requirements document, "Monitoring and Observability" (frame time below 33 ms, below 50 KB/s a
 * player) and "Bandwidth Optimization" (the savings).
 */
const TARGETS = {
  tickMs: 33,
  bytesPerClientPerSecond: 50_000,
  deltaSavesPercent: 80,
  quantizationSavesPercent: 50,
  interestSavesPercent: 90,
} as const;

const NOTHING = "–";

/** The document for people: how many times faster first, then what each way costs. */
export function renderReplication(document: ReplicationDocument): string {
  const { machine, cases, saving, growth, notes, commit } = document;
  const parts = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ${machine.os}; commit ${commit?.slice(0, 12) ?? "unknown"}`,
    table(cases, SUMMARY),
    table(cases.flatMap(waysOf), WAYS),
    `Targets: a world tick below ${TARGETS.tickMs} ms, less than ${TARGETS.bytesPerClientPerSecond / 1000} kB/s a client.`,
  ];
  if (growth !== null) parts.push(`Cost of a viewer at 10,000 players: ${growth} times that at 1,000, with as many in sight.`);
  if (saving !== null) parts.push(`${table(savingRows(saving), SAVING)}\nBytes of all clients together, at ${saving.case}.`);
  parts.push(styled("dim", notes.join("\n")));
  return parts.join("\n\n");
}

const SUMMARY: Column<CaseResult>[] = [
  { title: "Stock / ours", value: ({ ratio }) => (ratio === null ? NOTHING : `${ratio} ×`) },
  { title: "at our rates", value: ({ ratioSameRates }) => (ratioSameRates === null ? NOTHING : `${ratioSameRates} ×`) },
  { title: "Case", value: ({ name }) => name },
  { title: "Players", value: ({ players }) => players },
  { title: "In sight", value: ({ visibleMean }) => visibleMean.toFixed(0) },
  { title: "Tick ms p50", value: ({ ours }) => judged(ours.msP50, TARGETS.tickMs, 1) },
  { title: "p95", value: ({ ours }) => judged(ours.msP95, TARGETS.tickMs, 1) },
  { title: "kB/s a client", value: ({ ours }) => judged(ours.bytesPerClientPerSecond / 1000, TARGETS.bytesPerClientPerSecond / 1000, 1) },
];

interface WayRow {
  name: string;
  way: string;
  measured: Measured;
}

function waysOf({ name, ours, stock, stockSameRates }: CaseResult): WayRow[] {
  const rows: [string, Measured | null][] = [
    ["ours", ours],
    ["stock", stock],
    ["stock, our rates", stockSameRates],
  ];
  return rows.flatMap(([way, measured]) => (measured === null ? [] : [{ name, way, measured }]));
}

const WAYS: Column<WayRow>[] = [
  { title: "Case", value: ({ name }) => name },
  { title: "Way", value: ({ way }) => way },
  { title: "Tick ms p50", value: ({ measured }) => measured.msP50.toFixed(1) },
  { title: "p95", value: ({ measured }) => measured.msP95.toFixed(1) },
  { title: "mean", value: ({ measured }) => measured.msMean.toFixed(1) },
  { title: "CPU mean", value: ({ measured }) => measured.cpuMsMean.toFixed(1) },
  { title: "B/s a client", value: ({ measured }) => Math.round(measured.bytesPerClientPerSecond) },
  { title: "Packets/s", value: ({ measured }) => measured.packetsPerClientPerSecond.toFixed(1) },
  { title: "B an update", value: ({ measured }) => measured.bytesPerUpdate?.toFixed(1) ?? NOTHING },
  { title: "Ticks", value: ({ measured }) => measured.ticks },
  { title: "Delivered", value: ({ measured }) => deliveredOf(measured) },
];

function deliveredOf({ problems, verified }: Measured): string {
  if (problems.length > 0) return styled("red", `no: ${problems.length} of ${verified.clients} clients`);
  return styled("green", `yes: ${verified.entities} in ${verified.clients} clients`);
}

interface SavingRow {
  step: string;
  bytes: number;
  saves: string;
  target: string;
}

function savingRows(saving: Saving): SavingRow[] {
  const { delta, quantization, interest } = {
    delta: TARGETS.deltaSavesPercent,
    quantization: TARGETS.quantizationSavesPercent,
    interest: TARGETS.interestSavesPercent,
  };
  const percent = (value: number, target: number) => styled(value >= target ? "green" : "yellow", `${value} %`);
  return [
    { step: "full state, full precision", bytes: saving.fullBytesPerSecond, saves: "", target: "" },
    { step: "+ delta", bytes: saving.deltaBytesPerSecond, saves: percent(saving.deltaSavesPercent, delta), target: "80–90 %" },
    {
      step: "+ quantization",
      bytes: saving.quantizedBytesPerSecond,
      saves: percent(saving.quantizationSavesPercent, quantization),
      target: "50 %",
    },
    {
      step: "+ interest",
      bytes: saving.interestBytesPerSecond,
      saves: percent(saving.interestSavesPercent, interest),
      target: "over 90 %",
    },
  ];
}

const SAVING: Column<SavingRow>[] = [
  { title: "Saving", value: ({ step }) => step },
  { title: "MB/s", value: ({ bytes }) => (bytes / 1_000_000).toFixed(1) },
  { title: "Saves", value: ({ saves }) => saves },
  { title: "Target", value: ({ target }) => target },
];

/** A figure in green below its target and in red above. */
function judged(value: number, target: number, digits: number): string {
  return styled(value < target ? "green" : "red", value.toFixed(digits));
}
