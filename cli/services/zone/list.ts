import { normalizedEdges, type Zone } from "../../../config/index.ts";

/** A zone as `bm zone list --json` prints it. */
export interface ListedZone {
  name: string;
  /** Degrees in [-180, 180), as is `east`: a zone that ends at 180 has -180 there, and the whole ring has -180 twice. */
  west: number;
  east: number;
  /** Players. */
  capacity: number;
  /** The plugins that are switched on in the zone, as the world names them. */
  plugins: string[];
}

export function listed(zone: Zone): ListedZone {
  return { name: zone.name, ...normalizedEdges(zone), capacity: zone.capacity, plugins: pluginsOf(zone) };
}

/** The plugins that are switched on in a zone, in the order of the world. */
export function pluginsOf(zone: Zone): string[] {
  return Object.entries(zone.plugins).flatMap(([name, options]) => (options === false ? [] : [name]));
}
