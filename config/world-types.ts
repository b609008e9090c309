/** Every part optional, to any depth; what is left out is filled in. Lists are whole or absent. */
export type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> | undefined } : T;

/** A rate alone: the tier of a player's own entity has no radius. */
export interface LocalTier {
  /** Updates a second; a divisor of the world's `frameHz`. */
  readonly hz: number;
}

/** How often an entity within a distance is sent. */
export interface RangedTier extends LocalTier {
  /** True metres, height included, up to which the tier reaches. 1 to 10 000. */
  readonly radiusM: number;
}

/** How much of an entity a viewer gets, and how often, by distance. Radii strictly increase from `combat` to `extended`. */
export interface Tiers {
  readonly local: LocalTier;
  readonly combat: RangedTier;
  readonly visual: RangedTier;
  readonly extended: RangedTier;
  /** Share of a radius that an entity must go beyond it before it leaves the tier, 0 to 0.5: no flicker on the line. */
  readonly hysteresis: number;
}

/** A plugin of the world: a built-in name or a module, and its options. The plugin validates its options itself. */
export interface PluginUse {
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A stretch of longitude that one room runs. */
export interface Zone {
  /** 1 to 32 of a-z, 0-9 and `-`; unique in the world. */
  readonly name: string;
  /** Degrees in [-180, 180). */
  readonly west: number;
  /** Degrees in (-180, 180]; smaller than `west` when the zone lies over ±180. */
  readonly east: number;
  /** Players, 1 to 100 000. */
  readonly capacity: number;
  /** The world's tiers with those of the zone laid over them. */
  readonly tiers: Tiers;
  /** For each plugin of the world its options here, the zone's keys laid over the world's; false where it is switched off. */
  readonly plugins: Readonly<Record<string, Readonly<Record<string, unknown>> | false>>;
}

/** The closed interval that a coordinate is held to. */
export interface Interval {
  readonly min: number;
  readonly max: number;
}

/** Upper bounds on what players and their clients may do. Ranges and defaults: docs of `config/defaults.ts`. */
export interface Limits {
  /** Degrees that players may stand on, within -89 to 89: at the poles east has no direction. */
  readonly latitudeDeg: Interval;
  /** Metres that players may stand at, within -83 886 to 83 886: what the cell on the wire can say. */
  readonly altitudeM: Interval;
  /** Share of a zone's capacity at which joins stop, 0.1 to 1; the rest is kept for players who walk in. */
  readonly joinShareOfCapacity: number;
  /** Seconds that a dropped client's seat is kept, 0 to 600. */
  readonly reconnectGraceSeconds: number;
  /** Seconds from the reservation of a seat to its use, 1 to 300. */
  readonly seatReservationSeconds: number;
  /** Messages a second of one client, 1 to 10 000. */
  readonly messagesPerSecond: number;
  /** Bytes a second of one client, 1024 to 16 777 216. */
  readonly bytesPerSecond: number;
  /** Bytes of a join request, 256 to 1 048 576. */
  readonly joinBodyBytes: number;
  /** Bytes of one message, 64 to 1 048 576. */
  readonly messageBytes: number;
  /** Input steps of one client that wait for the next tick, 1 to 1024. */
  readonly inputBufferSteps: number;
  /** Characters of a player's name, 1 to 64. */
  readonly nameCharacters: number;
}

/** How bodies move. */
export interface Movement {
  /** 0.1 to 300. */
  readonly walkMps: number;
  /** 0.1 to 300, at least `walkMps`. */
  readonly runMps: number;
  /** 0.1 to 1000. */
  readonly accelerationMps2: number;
  /** Upward speed at take-off, 0 to 100. */
  readonly jumpMps: number;
  /** 0 to 100. */
  readonly gravityMps2: number;
  /** 0.05 to 10. */
  readonly bodyRadiusM: number;
}

/** A world as the rest of the project reads it: checked, complete and deeply frozen. */
export interface World {
  readonly name: string;
  /** Eastward from -180; together they cover every longitude once. */
  readonly zones: readonly Zone[];
  readonly tiers: Tiers;
  /** Frames a second, 1 to 240. */
  readonly frameHz: number;
  /** World steps a second; a divisor of `frameHz`. */
  readonly tickHz: number;
  /** In the order of the definition, which is the order of the fields on the wire. */
  readonly plugins: readonly PluginUse[];
  readonly limits: Limits;
  readonly movement: Movement;
}

/** A zone as it is written down; see {@link Zone} for what is left out. */
export interface ZoneInput {
  name: string;
  west: number;
  east: number;
  /** @defaultValue 5000 */
  capacity?: number | undefined;
  tiers?: DeepPartial<Tiers> | undefined;
  /** By the `use` of a plugin of the world: options that are laid over the world's, or false to switch it off here. */
  plugins?: Record<string, Record<string, unknown> | false> | undefined;
}

/** The zones of a folder of zone files; `zonesFrom` makes it. The folder is what `bm zone create` then writes to. */
export interface ZoneDirectory {
  /** Absolute path. */
  directory: string;
  zones: ZoneInput[];
}

/** A plugin as it is written down: the bare name, or with options. */
export type PluginInput = string | { use: string; options?: Record<string, unknown> | undefined };

/** A world as it is written down; everything but `zones` has a default. */
export interface WorldInput {
  /** @defaultValue "earth" */
  name?: string | undefined;
  zones: ZoneInput[] | ZoneDirectory;
  tiers?: DeepPartial<Tiers> | undefined;
  /** @defaultValue 60 */
  frameHz?: number | undefined;
  /** @defaultValue 30 */
  tickHz?: number | undefined;
  /** @defaultValue none */
  plugins?: PluginInput[] | undefined;
  limits?: DeepPartial<Limits> | undefined;
  movement?: DeepPartial<Movement> | undefined;
}
