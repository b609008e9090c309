import type { LoadReport } from "../services/bench/load/report.ts";
import { styled } from "./style.ts";
import { table } from "./table.ts";

const NOTHING = "-";

/** What a run of `bm bench load` found, for people. */
export function renderLoad(report: LoadReport): string {
  const { clients, joined, verified, parameters, seconds, machine, commit, complaints, warnings, rates } = report;
  const good = (text: string, isGood: boolean) => styled(isGood ? "green" : "red", text);
  const kind = `${parameters.predict ? "predicting" : "plain"} clients, ${parameters.case}, serializer ${parameters.serializer}`;
  const head = [
    `${clients} ${kind}, ${seconds} s: ${good(`${joined} joined`, joined === clients)}, ${good(`${verified} verified`, verified === clients)}`,
    styled("dim", `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ${machine.os}`),
    styled("dim", `commit ${commit ?? "unknown"}`),
  ].join("\n");
  const facts = table(factsOf(report), [
    { title: "Measured", value: ([name]) => name },
    { title: "Value", value: ([, value]) => value },
    { title: "Target", value: ([, , target]) => target ?? "" },
  ]);
  const tiers = table(Object.entries(rates), [
    { title: "Tier", value: ([tier]) => tier },
    { title: "Hz, median", value: ([, { medianHz }]) => medianHz ?? NOTHING },
    { title: "Target Hz", value: ([, { targetHz }]) => targetHz },
    { title: "Others in it", value: ([, { neighbours }]) => neighbours },
  ]);
  const parts = [head, facts, tiers];
  if (complaints.length > 0)
    parts.push(
      table(complaints, [
        { title: "Complaint", value: ({ code }) => code },
        { title: "Count", value: ({ count }) => count },
        { title: "The first one said", value: ({ message }) => message },
      ]),
    );
  if (warnings.length > 0) parts.push(warnings.map((warning) => styled("yellow", warning)).join("\n"));
  return parts.join("\n\n");
}

/** Why a run was not a success, in one line; undefined when it was. */
export function whyNotVerified({ clients, joined, verified, ok }: LoadReport): string | undefined {
  if (ok) return undefined;
  if (joined < clients) return `${clients - joined} of ${clients} clients were not there at the end`;
  return `${clients - verified} of ${clients} clients did not receive what they should`;
}

function factsOf(report: LoadReport): [name: string, value: string, target?: string][] {
  const { frame, memoryBytesPerClient: memory } = report;
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  const percent = (share: number) => `${Math.round(share * 100)} % of a core`;
  return [
    ["frame time p50", `${frame.msP50} ms`],
    ["p95", `${frame.msP95} ms`, `under ${frame.targetMs} ms`],
    ["p99", `${frame.msP99} ms`],
    ["longest", `${frame.msMax} ms`],
    ["world ticks", `${report.tickHz} Hz`, "30 Hz"],
    ["event-loop delay p95", `${report.eventLoopDelayMsP95} ms`],
    ["out per client", `${kib(report.bytesOutPerClientPerSecond)}/s in ${report.packetsOutPerClientPerSecond} packets/s`],
    ["in per client", `${kib(report.bytesInPerClientPerSecond)}/s in ${report.packetsInPerClientPerSecond} packets/s`],
    ["way gone of the way steered", `${Math.round(report.movedShare * 100)} %`, "100 %"],
    ["memory per client", `${kib(memory.heapAndExternal)} heap and external, ${kib(memory.rss)} resident`],
    ["server", percent(report.serverCpuShare)],
    ["generator", percent(report.generatorCpuShare)],
  ];
}
