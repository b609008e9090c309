import { DEFAULT_TICK_HZ } from "../../../../config/defaults.ts";
import { percentile } from "../../bots/report.ts";
import type { Counted } from "../../bots/tally.ts";
import { describeMachine, type Machine, thisCommit } from "../machine.ts";
import type { LoadParameters } from "./options.ts";
import type { Rates } from "./rates.ts";
import type { MemorySample, StartedServer, WindowSample } from "./server-samples.ts";

/** Share of its core above which the generator, not the server, is what is measured. */
const SATURATED_SHARE = 0.9;
/** Cores that other programs may use before they spoil what is measured. */
const DISTURBING_SHARE = 0.3;
/** Milliseconds that a world tick may take. */
const TARGET_MS = Math.floor(1000 / DEFAULT_TICK_HZ);

/** The document that `bm bench load --json` prints. Rounded to what the eye can use. */
export interface LoadReport {
  bench: "load";
  machine: Machine;
  /** `+` behind it: with changes; null: not from a checkout. */
  commit: string | null;
  parameters: LoadParameters & {
    /** Options of the interest plugin that really ran. */
    interest: Record<string, unknown>;
  };
  clients: number;
  joined: number;
  /** Welcomed, moved as steered, decoded without complaint, and in the end with exactly what they should have. */
  verified: number;
  /** Length of the window as it was measured. */
  seconds: number;
  /** Milliseconds of the server's thread for a world tick: both frames, messages received and sends included. */
  frame: { msP50: number; msP95: number; msP99: number; msMax: number; targetMs: number };
  tickHz: number;
  eventLoopDelayMsP95: number;
  bytesOutPerClientPerSecond: number;
  packetsOutPerClientPerSecond: number;
  bytesInPerClientPerSecond: number;
  packetsInPerClientPerSecond: number;
  /** Of one core; more than 1 with the threads of the runtime. */
  serverCpuShare: number;
  generatorCpuShare: number;
  /** Of all else that ran on this machine meanwhile. */
  othersCpuShare: number;
  /** Steps that the generator left out because it was late. */
  skippedSteps: number;
  /** Growth of the server from before the first join to after the window. */
  memoryBytesPerClient: { heapAndExternal: number; rss: number };
  rates: Rates;
  /** Share of the steered way that bodies went, median: below 1 the server left inputs out. */
  movedShare: number;
  /** What is wrong, by kind, with the first of each. */
  complaints: Counted[];
  /** Why the numbers may not mean what they seem to. */
  warnings: string[];
  ok: boolean;
}

/** All that a run has found out. */
export interface LoadFindings {
  parameters: LoadParameters;
  started: StartedServer;
  joined: number;
  verified: number;
  sample: WindowSample;
  memoryBefore: MemorySample;
  memoryAfter: MemorySample;
  generatorCpuShare: number;
  /** Of whatever ran, the run included. */
  machineCpuShare: number;
  skippedSteps: number;
  rates: Rates;
  movedShare: number;
  complaints: Counted[];
  /** What the server logged. */
  logged: string;
}

export function reportOfLoad(findings: LoadFindings): LoadReport {
  const { parameters, started, joined, verified, sample, memoryBefore, memoryAfter, generatorCpuShare, rates, complaints } = findings;
  const { seconds, tickMs } = sample;
  const perClient = (amount: number) => rounded(amount / seconds / Math.max(1, sample.players), 1);
  const growth = (kind: keyof MemorySample) => Math.round((memoryAfter[kind] - memoryBefore[kind]) / Math.max(1, joined));
  const ms = (share: number) => rounded(percentile(tickMs, share) ?? 0, 2);
  return {
    bench: "load",
    machine: describeMachine(),
    commit: thisCommit(),
    parameters: { ...parameters, interest: started.interest },
    clients: parameters.clients,
    joined,
    verified,
    seconds: rounded(seconds, 2),
    frame: { msP50: ms(0.5), msP95: ms(0.95), msP99: ms(0.99), msMax: ms(1), targetMs: TARGET_MS },
    tickHz: rounded(tickMs.length / seconds, 2),
    eventLoopDelayMsP95: rounded(sample.eventLoopDelayMsP95, 2),
    bytesOutPerClientPerSecond: perClient(sample.bytesOut),
    packetsOutPerClientPerSecond: perClient(sample.packetsOut),
    bytesInPerClientPerSecond: perClient(sample.bytesIn),
    packetsInPerClientPerSecond: perClient(sample.packetsIn),
    serverCpuShare: rounded(sample.cpuShare, 3),
    generatorCpuShare: rounded(generatorCpuShare, 3),
    othersCpuShare: rounded(othersCpuShare(findings), 3),
    skippedSteps: findings.skippedSteps,
    memoryBytesPerClient: { heapAndExternal: growth("heapAndExternal"), rss: growth("rss") },
    rates,
    movedShare: rounded(findings.movedShare, 3),
    complaints,
    warnings: warningsOf(findings),
    ok: verified === parameters.clients,
  };
}

/** The kernel's own work for the sockets is nobody's, so that this is never quite 0. */
function othersCpuShare({ machineCpuShare, generatorCpuShare, sample }: LoadFindings): number {
  return Math.max(0, machineCpuShare - generatorCpuShare - sample.cpuShare);
}

function warningsOf(findings: LoadFindings): string[] {
  const { started, generatorCpuShare, skippedSteps, logged } = findings;
  const warnings: string[] = [];
  if (generatorCpuShare > SATURATED_SHARE)
    warnings.push("The generator used up its core: this measures the clients rather than the server. Run fewer, or with --predict.");
  else if (skippedSteps > 0) warnings.push(`The generator was late and left ${skippedSteps} steps out.`);
  const others = othersCpuShare(findings);
  if (others > DISTURBING_SHARE)
    warnings.push(`Other programs used ${others.toFixed(1)} cores of this machine meanwhile: times and rates are worse than they need be.`);
  if (started.refused.length > 0)
    warnings.push(`The interest plugin of this version does not know ${started.refused.join(", ")}: it ran without.`);
  if (logged !== "") warnings.push(`The server logged: ${logged.split("\n", 1)[0]}`);
  return warnings;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits)) + 0;
}
