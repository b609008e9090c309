import { styled } from "../../output/style.ts";
import { type Column, table } from "../../output/table.ts";
import { closeCodeInWords } from "./close-codes.ts";
import type { BotsReport, ZoneFelt } from "./report.ts";
import type { Counted } from "./tally.ts";

/** Cities that are shown; the JSON document has all. */
const SHOWN_CITIES = 8;
const NOTHING = "–";

/** A report for people: tables on stdout, in colour where it is a terminal. Ends with whom the cities are from. */
export function renderReport(report: BotsReport): string {
  const { count, joined, confirmed, reconnected, seconds, rttMsP50, rttMsP95, process: server, bots, wandering } = report;
  const refused = total(report.refused);
  const dropped = total(report.dropped);
  const good = (text: string, isGood: boolean) => styled(isGood ? "green" : "red", text);
  const facts = [
    `${count} bots at ${report.url} for ${seconds} s: ${good(`${joined} joined`, joined === count)}, ${good(`${confirmed} confirmed`, confirmed === joined)}, ` +
      `${good(`${refused} refused`, refused === 0)}, ${good(`${dropped} dropped`, dropped === 0)}, ${reconnected} reconnected, ` +
      `${good(`${report.decoderWarnings} decoder warnings`, report.decoderWarnings === 0)}`,
    `Round trip: p50 ${shown(rttMsP50, "ms")}, p95 ${shown(rttMsP95, "ms")}. Time spent: ${percent(wandering.walk)} walking, ${percent(wandering.stop)} standing, ${percent(wandering.gather)} gathered.`,
    `Server process: ${kibibytes(server.memoryBytesPerClient)} of memory added per client, ${percent(server.cpuShare)} of a CPU.`,
    `Bot process: ${percent(bots.cpuShare)} of a CPU, ${bots.inputsPerSecondPerBot} inputs/s per bot, ${bots.skippedSteps} steps left out; a bot saw at most ${bots.mostNeighboursP50} others (median), ${bots.mostNeighbours} (most).`,
  ];
  if (bots.cpuShare > 0.9)
    facts.push(styled("yellow", "The bots used up their CPU: run fewer of them here, or this measures them rather than the server."));
  const parts = [facts.join("\n"), table(report.zones, ZONE_COLUMNS), citiesTable(report)];
  const troubles: [string, Counted[]][] = [
    ["Refused", report.refused],
    ["Dropped", report.dropped.map((entry) => ({ ...entry, code: closeCodeInWords(entry.code) }))],
    ["Errors", report.errors],
  ];
  for (const [title, list] of troubles) if (list.length > 0) parts.push(table(list, countedColumns(title)));
  if (report.decoderWarningSamples.length > 0)
    parts.push(table(report.decoderWarningSamples, [{ title: "Decoder warnings", value: (sample) => sample }]));
  parts.push(styled("dim", report.attribution));
  return parts.join("\n\n");
}

const ZONE_COLUMNS: Column<ZoneFelt>[] = [
  { title: "Zone", value: ({ name }) => name },
  { title: "Bots", value: ({ bots }) => bots },
  { title: "Tick Hz", value: ({ tickHz }) => tickHz ?? NOTHING },
  { title: "Frame ms p50", value: ({ frameMsP50 }) => frameMsP50 ?? NOTHING },
  { title: "p95", value: ({ frameMsP95 }) => frameMsP95 ?? NOTHING },
  { title: "Per client: in B/s", value: ({ perClient }) => whole(perClient.bytesInPerSecond) },
  { title: "out B/s", value: ({ perClient }) => whole(perClient.bytesOutPerSecond) },
  { title: "in packets/s", value: ({ perClient }) => perClient.packetsInPerSecond ?? NOTHING },
  { title: "out packets/s", value: ({ perClient }) => perClient.packetsOutPerSecond ?? NOTHING },
];

function citiesTable({ cities }: BotsReport): string {
  const people = cities.reduce((sum, { population }) => sum + population, 0);
  const rows = table(cities.slice(0, SHOWN_CITIES), [
    { title: "City", value: ({ name, country }) => `${name} (${country})` },
    { title: "Zone", value: ({ zone }) => zone },
    { title: "People", value: ({ population }) => population },
    { title: "Weight %", value: ({ population }) => Number(((population / people) * 100).toFixed(1)) },
    { title: "Bots", value: ({ bots }) => bots },
  ]);
  const more = cities.length - SHOWN_CITIES;
  return more > 0 ? `${rows}\n… and ${more} more` : rows;
}

function countedColumns(title: string): Column<Counted>[] {
  return [
    { title, value: ({ code }) => code },
    { title: "Count", value: ({ count }) => count },
    { title: "The first one said", value: ({ message }) => message },
  ];
}

function total(list: readonly Counted[]): number {
  return list.reduce((sum, { count }) => sum + count, 0);
}

function whole(value: number | null): number | string {
  return value === null ? NOTHING : Math.round(value);
}

function shown(value: number | null, unit: string): string {
  return value === null ? NOTHING : `${value} ${unit}`;
}

function percent(share: number | null): string {
  return share === null ? NOTHING : `${Math.round(share * 100)} %`;
}

function kibibytes(bytes: number | null): string {
  return bytes === null ? NOTHING : `${Math.round(bytes / 1024)} KiB`;
}
