import { totalmem } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { BmError } from "../../../../config/index.ts";
import { busySeconds } from "../machine.ts";
import { Crowd } from "./crowd.ts";
import { examine } from "./examine.ts";
import type { LoadParameters, LoadProgress } from "./options.ts";
import { FAULTS, judge } from "./oracle.ts";
import { placesOf } from "./placement.ts";
import { type LoadReport, reportOfLoad } from "./report.ts";
import { ServerProcess } from "./server-process.ts";
import type { StartedServer } from "./server-samples.ts";

/** Between the last join and the window, so that joins are over and every tier has had its turns. */
const SETTLE_SECONDS = 3;
/** Share of this machine's memory that frames may take. */
const KEPT_SHARE_OF_MEMORY = 0.5;

export interface RunLoadOptions {
  parameters: LoadParameters;
  /** Ends the run without a report. */
  stop: AbortSignal;
  onProgress(progress: LoadProgress): void;
}

/**
 * Starts a server in a process of its own, lets clients loose on it from this one, measures, and checks what every client received.
 * No process and no connection is left behind, whatever happens.
 * @throws BmError BM_CLI_CANCELLED when it is stopped, BM_INTERNAL when the server process ends by itself, and what a server refuses to start with.
 */
export async function runLoad(options: RunLoadOptions): Promise<LoadReport> {
  const { stop } = options;
  const server = new ServerProcess();
  try {
    return await Promise.race([measure(options, server), server.died]);
  } catch (error) {
    if (stop.aborted) throw new BmError("BM_CLI_CANCELLED", "the bench was cancelled");
    throw error;
  } finally {
    await server.stop();
  }
}

async function measure({ parameters, stop, onProgress }: RunLoadOptions, server: ServerProcess): Promise<LoadReport> {
  const show = (phase: LoadProgress["phase"], joined: number, done = 0, of?: number) =>
    onProgress({ phase, joined, clients: parameters.clients, done, of });
  show("starting", 0);
  const started = await server.start(parameters);
  stop.throwIfAborted();
  const places = await placesOf(parameters);
  const crowd = new Crowd({ port: started.port, parameters, places, maxKeptBytes: totalmem() * KEPT_SHARE_OF_MEMORY, stop });
  // A server that is gone takes no leave.
  server.died.catch(() => crowd.end());
  try {
    const memoryBefore = await server.memory();
    const watch = setInterval(() => show("joining", crowd.joined), 500);
    await crowd.join().finally(() => clearInterval(watch));
    const pause = async (phase: LoadProgress["phase"], seconds: number) => {
      for (let left = seconds; left > 0; left--) {
        show(phase, crowd.joined, seconds - left, seconds);
        await delay(Math.min(1, left) * 1000, undefined, { signal: stop });
      }
    };
    await pause("settling", SETTLE_SECONDS);

    const skippedBefore = crowd.skippedSteps;
    await server.begin();
    const fromMs = performance.now();
    const cpuBefore = process.cpuUsage();
    const busyBefore = busySeconds();
    await pause("measuring", parameters.seconds);
    const { user, system } = process.cpuUsage(cpuBefore);
    const busy = busySeconds() - busyBefore;
    const toMs = performance.now();
    const sample = await server.end();
    const skippedSteps = crowd.skippedSteps - skippedBefore;

    show("standing", crowd.joined);
    await crowd.stand();
    const memoryAfter = await server.memory();
    const { joined } = crowd;
    await crowd.leave();
    const { logged } = server;
    await server.stop();
    stop.throwIfAborted();

    if (crowd.log.overflowed) crowd.complaints.add("MEMORY", "more frames came than half of this machine's memory holds");
    const { rates, movedShare, verified } = await check(crowd, started, { fromMs, toMs }, stop, (done) =>
      show("checking", joined, done, parameters.clients),
    );
    return reportOfLoad({
      parameters,
      started,
      joined,
      verified,
      sample,
      memoryBefore,
      memoryAfter,
      generatorCpuShare: (user + system) / 1000 / (toMs - fromMs),
      machineCpuShare: (busy * 1000) / (toMs - fromMs),
      skippedSteps,
      rates,
      movedShare,
      complaints: crowd.complaints.list(),
      logged,
    });
  } finally {
    crowd.end();
  }
}

async function check(
  crowd: Crowd,
  { tiers }: StartedServer,
  window: { fromMs: number; toMs: number },
  stop: AbortSignal,
  onClient: (done: number) => void,
) {
  const { witnesses, rates, movedShare, samples, warnings } = await examine(crowd, tiers, window, stop, onClient);
  const said = samples.length === 0 ? FAULTS.NOT_DECODED : samples.join("; ");
  for (let i = 0; i < warnings; i++) crowd.complaints.add("DECODER", said);
  const faulty = new Set<number>();
  for (const { client, kind, text } of judge(witnesses, tiers)) {
    faulty.add(client);
    crowd.complaints.add(kind, text);
  }
  return { rates, movedShare, verified: witnesses.length - faulty.size };
}
