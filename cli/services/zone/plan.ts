import type { LongitudeRange, ZoneChange, ZoneInput } from "../../../config/index.ts";

/** What happens to one zone. */
export interface PlannedChange {
  zone: string;
  /** `split` is the part of a zone east of a cut, which becomes a zone of its own. */
  action: "create" | "shrink" | "grow" | "split" | "remove";
  /** Its range afterwards; of a removed zone, before. */
  west: number;
  east: number;
}

/** A change of the zones that was found possible and is not yet done. */
export interface ZonePlan {
  changes: PlannedChange[];
  /** All zones afterwards. */
  after: ZoneInput[];
  files: ZoneChange[];
}

/** Collects changes of a ring of zones. */
export class ZonePlanner {
  readonly #zones: Map<string, ZoneInput>;
  readonly #changes: PlannedChange[] = [];
  readonly #files: ZoneChange[] = [];

  constructor(zones: readonly ZoneInput[]) {
    this.#zones = new Map(zones.map((zone) => [zone.name, zone]));
  }

  /** Adds a zone. */
  add(action: "create" | "split", zone: ZoneInput): void {
    this.#zones.set(zone.name, zone);
    this.#files.push({ write: zone });
    this.#changes.push({ zone: zone.name, action, west: zone.west, east: zone.east });
  }

  /** Gives a zone other edges; everything else in its file stays. */
  move(action: "shrink" | "grow", zone: ZoneInput, { west, east }: LongitudeRange): void {
    this.#zones.set(zone.name, { ...zone, west, east });
    this.#files.push({ write: { name: zone.name, west, east } });
    this.#changes.push({ zone: zone.name, action, west, east });
  }

  remove({ name, west, east }: ZoneInput): void {
    this.#zones.delete(name);
    this.#files.push({ remove: name });
    this.#changes.push({ zone: name, action: "remove", west, east });
  }

  get plan(): ZonePlan {
    return { changes: this.#changes, after: [...this.#zones.values()], files: this.#files };
  }
}
