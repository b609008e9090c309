import { z } from "zod";
import { BmError } from "../../../config/bm-error.ts";

/** One zone as `GET /api/world` shows it. */
export interface ServedZone {
  name: string;
  west: number;
  east: number;
  healthy: boolean;
}

/** What one zone has counted since its process began, and how it runs at present. */
export interface ZoneSample {
  players: number;
  tickHz: number;
  frameMsP50: number;
  frameMsP95: number;
  bytesIn: number;
  bytesOut: number;
  messagesIn: number;
  messagesOut: number;
}

/** One reading of `GET /metrics`. Only zones of the process that answered are in it. */
export interface MetricsSample {
  /** When it was read, milliseconds of this process. */
  atMs: number;
  zones: ReadonlyMap<string, ZoneSample>;
  residentBytes: number | undefined;
  cpuSeconds: number | undefined;
}

/** A server that has not answered by then is not there. */
const REQUEST_TIMEOUT_MS = 5000;

const worldSchema = z.object({
  zones: z.array(z.object({ name: z.string(), west: z.number(), east: z.number(), healthy: z.boolean() })).min(1),
});

/**
 * The zones of the world at `url`.
 * @throws BmError BM_SERVER_UNREACHABLE when nothing answers, or what answers is no BlueMarble server.
 */
export async function fetchZones(url: string): Promise<ServedZone[]> {
  let body: unknown;
  try {
    const response = await fetch(`${url}/api/world`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    body = await response.json();
  } catch (error) {
    throw unreachable(url, `no BlueMarble server answers at ${url}: ${reasonOf(error)}`, error);
  }
  const parsed = worldSchema.safeParse(body);
  if (parsed.success) return parsed.data.zones;
  throw unreachable(url, `what answers at ${url} is not a BlueMarble server: ${url}/api/world lists no zones`, parsed.error);
}

/** Reads `/metrics`; undefined when it does not answer, as where it is kept from the public. */
export async function fetchMetrics(url: string): Promise<MetricsSample | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    if (!response.ok) return undefined;
    return readMetrics(await response.text(), performance.now());
  } catch {
    return undefined;
  }
}

/** `name{label="value",…} number`. Source: Prometheus text format 0.0.4. */
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Which field of a {@link ZoneSample} a line fills, and what it is multiplied with. */
const FIELDS: Readonly<Record<string, readonly [keyof ZoneSample, number]>> = {
  bm_players: ["players", 1],
  bm_tick_rate_hz: ["tickHz", 1],
  "bm_frame_seconds 0.5": ["frameMsP50", 1000],
  "bm_frame_seconds 0.95": ["frameMsP95", 1000],
  "bm_bytes_total in": ["bytesIn", 1],
  "bm_bytes_total out": ["bytesOut", 1],
  "bm_messages_total in": ["messagesIn", 1],
  "bm_messages_total out": ["messagesOut", 1],
};

/** Takes what bots care for out of a Prometheus text. Lines that it does not know, or that are malformed, do not matter. */
export function readMetrics(text: string, atMs: number): MetricsSample {
  const zones = new Map<string, ZoneSample>();
  let residentBytes: number | undefined;
  let cpuSeconds: number | undefined;
  for (const line of text.split("\n")) {
    const [, name, labelText = "", valueText] = LINE.exec(line) ?? [];
    const value = Number(valueText);
    if (name === undefined || !Number.isFinite(value)) continue;
    if (name === "process_resident_memory_bytes") residentBytes = value;
    else if (name === "process_cpu_seconds_total") cpuSeconds = value;
    else if (name.startsWith("bm_")) {
      const labels = Object.fromEntries(Array.from(labelText.matchAll(LABEL), ([, label, text]) => [label, text]));
      const variant = labels.direction ?? labels.quantile;
      const field = FIELDS[variant === undefined ? name : `${name} ${variant}`];
      if (field === undefined || labels.zone === undefined) continue;
      const zone = zones.get(labels.zone) ?? {
        players: 0,
        tickHz: 0,
        frameMsP50: 0,
        frameMsP95: 0,
        bytesIn: 0,
        bytesOut: 0,
        messagesIn: 0,
        messagesOut: 0,
      };
      zone[field[0]] = value * field[1];
      zones.set(labels.zone, zone);
    }
  }
  return { atMs, zones, residentBytes, cpuSeconds };
}

function unreachable(url: string, message: string, cause: unknown): BmError {
  const { port, hostname } = new URL(url);
  const local = hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
  const hint = local
    ? `Start one with: bm zone run${port === "2567" ? "" : ` --port ${port || "80"}`} (or name another with --url http://HOST:PORT)`
    : "Check the address, or name another: bm bots --url http://HOST:PORT";
  return new BmError("BM_SERVER_UNREACHABLE", message, { data: { url }, hint, cause });
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${REQUEST_TIMEOUT_MS / 1000} s`;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
