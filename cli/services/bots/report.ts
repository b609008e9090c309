import type { Bot } from "./bot.ts";
import { CITIES_ATTRIBUTION } from "./cities.ts";
import { closeCodeInWords } from "./close-codes.ts";
import type { ServedZone, ZoneSample } from "./server-metrics.ts";
import type { SwarmResult } from "./swarm-types.ts";
import type { Counted } from "./tally.ts";

/** What one zone felt. `null`: the process that answered does not run the zone, or publishes no metrics. */
export interface ZoneFelt {
  name: string;
  /** Bots that joined it. */
  bots: number;
  tickHz: number | null;
  frameMsP50: number | null;
  frameMsP95: number | null;
  /** Mean over the players of the zone while all bots wandered; payloads of WebSocket messages, as the server counts them. */
  perClient: {
    bytesInPerSecond: number | null;
    bytesOutPerSecond: number | null;
    packetsInPerSecond: number | null;
    packetsOutPerSecond: number | null;
  };
}

/** The document that `bm bots --json` prints. Rounded to what the eye can use. */
export interface BotsReport {
  url: string;
  seed: number;
  /** Bots that were asked for. */
  count: number;
  /** Seconds that they wandered after all had joined. */
  seconds: number;
  joined: number;
  /** Welcomed, and their own movement came back. */
  confirmed: number;
  refused: Counted[];
  /** By close code. */
  dropped: Counted[];
  reconnected: number;
  /** Coded `error` messages that bots were answered. */
  errors: Counted[];
  /** Warnings and errors of the SDK's decoder, and what it threw. */
  decoderWarnings: number;
  decoderWarningSamples: readonly string[];
  /** Largest first. */
  cities: { name: string; country: string; population: number; zone: string; bots: number }[];
  zones: ZoneFelt[];
  /** The server process that answered. */
  process: {
    memoryBytesPerClient: number | null;
    residentBytesBefore: number | null;
    residentBytes: number | null;
    cpuShare: number | null;
  };
  /** This process, which runs the bots; above a CPU share of 0.9 it, not the server, is what is being measured. */
  bots: { cpuShare: number; inputsPerSecondPerBot: number; skippedSteps: number; mostNeighboursP50: number; mostNeighbours: number };
  /** Share of the time that bots walked, stood and gathered. */
  wandering: { walk: number; stop: number; gather: number };
  rttMsP50: number | null;
  rttMsP95: number | null;
  attribution: string;
}

/** Puts together what was seen. */
export function reportOfRun(url: string, seed: number, zones: readonly ServedZone[], result: SwarmResult): BotsReport {
  const { bots, before, during } = result;
  const joined = bots.filter((bot) => bot.joined);
  const last = during.at(-1);
  const resident = last?.residentBytes;
  const growth = resident === undefined || before?.residentBytes === undefined ? undefined : resident - before.residentBytes;
  const neighbours = joined.map((bot) => bot.mostNeighbours);
  return {
    url,
    seed,
    count: bots.length,
    seconds: rounded(result.seconds, 1),
    joined: joined.length,
    confirmed: bots.filter((bot) => bot.confirmed).length,
    refused: result.refused,
    dropped: result.dropped,
    reconnected: result.reconnected,
    errors: result.errors,
    decoderWarnings: result.decoderWarnings,
    decoderWarningSamples: result.decoderWarningSamples,
    cities: citiesOf(bots),
    zones: zones.map(({ name }) => zoneFelt(name, joined.filter((bot) => bot.home.zone === name).length, result)),
    process: {
      memoryBytesPerClient: orNull(growth === undefined || joined.length === 0 ? undefined : growth / joined.length),
      residentBytesBefore: orNull(before?.residentBytes),
      residentBytes: orNull(resident),
      cpuShare: orNull(cpuShareOf(result), 3),
    },
    bots: {
      cpuShare: rounded(result.cpuShare, 3),
      inputsPerSecondPerBot: rounded(result.inputsPerSecondPerBot, 1),
      skippedSteps: result.skippedSteps,
      mostNeighboursP50: percentile(neighbours, 0.5) ?? 0,
      mostNeighbours: Math.max(0, ...neighbours),
    },
    wandering: wanderingOf(bots),
    rttMsP50: orNull(percentile(result.rttsMs, 0.5), 1),
    rttMsP95: orNull(percentile(result.rttsMs, 0.95), 1),
    attribution: CITIES_ATTRIBUTION,
  };
}

/**
 * Why a run was not a success, in one line; undefined when it was: everybody got in, was welcomed and moved, nobody was dropped
 * or told of an error, and every frame could be read.
 */
export function whyFailed(report: BotsReport): string | undefined {
  const { count, joined, confirmed, refused, dropped, decoderWarnings, errors } = report;
  const codes = (list: readonly Counted[]) => list.map(({ code }) => code).join(", ");
  const total = (list: readonly Counted[]) => list.reduce((sum, entry) => sum + entry.count, 0);
  const reasons: string[] = [];
  if (refused.length > 0) reasons.push(`${total(refused)} of ${count} bots were refused (${codes(refused)})`);
  else if (joined < count) reasons.push(`${count - joined} of ${count} bots had not joined when the run ended`);
  if (confirmed < joined) reasons.push(`${joined - confirmed} of ${joined} bots did not get their welcome or did not see themselves move`);
  if (dropped.length > 0)
    reasons.push(
      `${total(dropped)} ${total(dropped) === 1 ? "connection was" : "connections were"} dropped (${dropped.map(({ code }) => closeCodeInWords(code)).join(", ")})`,
    );
  if (decoderWarnings > 0) reasons.push(`the SDK's decoder complained ${decoderWarnings} times`);
  if (errors.length > 0) reasons.push(`bots were answered ${total(errors)} errors (${codes(errors)})`);
  return reasons.length === 0 ? undefined : reasons.join("; ");
}

/** The value below which a share of the values lies, by nearest rank; undefined for none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

function citiesOf(bots: readonly Bot[]): BotsReport["cities"] {
  const byId = new Map<number, BotsReport["cities"][number]>();
  for (const { home } of bots) {
    const { id, name, country, population } = home.city;
    const entry = byId.get(id) ?? { name, country, population, zone: home.zone, bots: 0 };
    entry.bots++;
    byId.set(id, entry);
  }
  return [...byId.values()].sort((a, b) => b.population - a.population || a.name.localeCompare(b.name));
}

function zoneFelt(name: string, bots: number, { during }: SwarmResult): ZoneFelt {
  const last = during.at(-1);
  const now = last?.zones.get(name);
  const first = during[0];
  const then = first?.zones.get(name);
  const seconds = last && first ? (last.atMs - first.atMs) / 1000 : 0;
  const players = now && then ? (now.players + then.players) / 2 : 0;
  const rate = (field: keyof ZoneSample): number | null => {
    if (now === undefined || then === undefined || seconds <= 0 || players === 0) return null;
    return rounded((now[field] - then[field]) / seconds / players, 1);
  };
  return {
    name,
    bots,
    tickHz: orNull(now?.tickHz, 1),
    frameMsP50: orNull(now?.frameMsP50, 2),
    frameMsP95: orNull(now?.frameMsP95, 2),
    perClient: {
      bytesInPerSecond: rate("bytesIn"),
      bytesOutPerSecond: rate("bytesOut"),
      packetsInPerSecond: rate("messagesIn"),
      packetsOutPerSecond: rate("messagesOut"),
    },
  };
}

function cpuShareOf({ during }: SwarmResult): number | undefined {
  const first = during[0];
  const last = during.at(-1);
  if (first?.cpuSeconds === undefined || last?.cpuSeconds === undefined || last.atMs <= first.atMs) return undefined;
  return ((last.cpuSeconds - first.cpuSeconds) / (last.atMs - first.atMs)) * 1000;
}

function wanderingOf(bots: readonly Bot[]): BotsReport["wandering"] {
  const sum = { walk: 0, stop: 0, gather: 0 };
  for (const { steps } of bots) for (const state of ["walk", "stop", "gather"] as const) sum[state] += steps[state];
  const total = Math.max(1, sum.walk + sum.stop + sum.gather);
  return { walk: rounded(sum.walk / total, 3), stop: rounded(sum.stop / total, 3), gather: rounded(sum.gather / total, 3) };
}

function orNull(value: number | undefined, digits = 0): number | null {
  return value === undefined || !Number.isFinite(value) ? null : rounded(value, digits);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits)) + 0;
}
