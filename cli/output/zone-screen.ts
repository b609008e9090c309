import type { ZoneStatus } from "../../server/index.ts";
import { fitted } from "./display-width.ts";
import { table } from "./table.ts";

/** Shows how zones are doing while they run. */
export interface ZoneScreen {
  show(statuses: readonly ZoneStatus[]): void;
  /** Writes a line of the log where it does not disturb what is shown. */
  log(line: string): void;
}

/** Time after which a zone is written down again though nobody came or went. */
const REPEAT_MS = 10_000;
/** Lines of the terminal that are kept free for the log. */
const LOG_LINES = 4;

/** One line for each zone, drawn again in place. */
export class LiveScreen implements ZoneScreen {
  readonly #stream: NodeJS.WriteStream;
  #drawn: string[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(statuses: readonly ZoneStatus[]): void {
    const { columns = 80, rows = 24 } = this.#stream;
    const lines = table(statuses, COLUMNS).split("\n");
    // The cursor cannot go back to a line that was scrolled away.
    const room = Math.max(2, rows - LOG_LINES);
    const hidden = lines.length > room ? [`… and ${lines.length - room + 1} more`] : [];
    const shown = hidden.length === 0 ? lines : [...lines.slice(0, room - 1), ...hidden];
    this.#erase();
    this.#drawn = shown.map((line) => fitted(line, columns - 1));
    this.#draw();
  }

  log(line: string): void {
    this.#erase();
    this.#stream.write(line.endsWith("\n") ? line : `${line}\n`);
    this.#draw();
  }

  #erase(): void {
    if (this.#drawn.length > 0) this.#stream.write(`\u001b[${this.#drawn.length}A\r\u001b[J`);
  }

  #draw(): void {
    if (this.#drawn.length > 0) this.#stream.write(`${this.#drawn.join("\n")}\n`);
  }
}

/** One line for each zone when somebody came or went, and every ten seconds: for files and for whoever reads them. */
export class PlainScreen implements ZoneScreen {
  readonly #write: (line: string) => void;
  readonly #nowMs: () => number;
  readonly #last = new Map<string, { players: number; atMs: number }>();

  /** @param nowMs a clock that only goes forward. */
  constructor(write: (line: string) => void, nowMs: () => number = () => performance.now()) {
    this.#write = write;
    this.#nowMs = nowMs;
  }

  show(statuses: readonly ZoneStatus[]): void {
    const nowMs = this.#nowMs();
    for (const status of statuses) {
      const last = this.#last.get(status.name);
      if (last !== undefined && last.players === status.players && nowMs - last.atMs < REPEAT_MS) continue;
      this.#last.set(status.name, { players: status.players, atMs: nowMs });
      this.#write(plainLine(status));
    }
  }

  log(line: string): void {
    this.#write(line);
  }
}

const COLUMNS = [
  { title: "ZONE", value: (zone: ZoneStatus) => zone.name },
  { title: "PLAYERS", value: (zone: ZoneStatus) => `${zone.players}/${zone.capacity}` },
  { title: "ENTITIES", value: (zone: ZoneStatus) => zone.entities },
  { title: "TICK HZ", value: (zone: ZoneStatus) => rounded(zone.tickHz) },
  { title: "FRAME MS P50/P95", value: (zone: ZoneStatus) => `${rounded(zone.frameMsP50)}/${rounded(zone.frameMsP95)}` },
  { title: "OUT KB/S", value: (zone: ZoneStatus) => rounded(zone.bytesOutPerSecond / 1000) },
];

function plainLine(zone: ZoneStatus): string {
  const values = {
    zone: zone.name,
    players: `${zone.players}/${zone.capacity}`,
    entities: zone.entities,
    tick_hz: rounded(zone.tickHz),
    frame_ms_p50: rounded(zone.frameMsP50),
    frame_ms_p95: rounded(zone.frameMsP95),
    out_bytes_s: Math.round(zone.bytesOutPerSecond),
  };
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
}

/** One digit after the point; a zone that has not ticked yet has no times. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}
