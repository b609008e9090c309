import { z } from "zod";
import { DEFAULT_CAPACITY, DEFAULT_FRAME_HZ, DEFAULT_LIMITS, DEFAULT_MOVEMENT, DEFAULT_TICK_HZ, DEFAULT_WORLD_NAME } from "./defaults.ts";
import { isRecord } from "./plain.ts";
import { isZoneName, ZONE_NAME_RULE } from "./zone-name.ts";

// In every schema below the message of a check is what it expects; problemsIn() adds what is wrong and what was got.

/** Most zones of a world: 0.25° each around the ring. */
const MAX_ZONES = 1440;
/** Most plugins of a world; a class on the wire holds 63 fields. */
const MAX_PLUGINS = 64;

const number = (min: number, max: number, unit = "") => {
  const expected = `a number from ${min} to ${max}${unit}`;
  return z.number(expected).min(min, expected).max(max, expected);
};

const whole = (min: number, max: number, unit = "") => {
  const expected = `a whole number from ${min} to ${max}${unit}`;
  return z.number(expected).int(expected).min(min, expected).max(max, expected);
};

/** An object of these keys and no others. */
const object = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? `one of ${keys}` : `an object of ${keys}`) });
};

const name = z.string(ZONE_NAME_RULE).refine(isZoneName, { error: ZONE_NAME_RULE, params: { message: "is not a name" } });

/** Any object with keys: the plugin checks what is inside. */
const options = z.custom<Record<string, unknown>>(isRecord, { error: "an object of options", params: { message: "is not an object" } });

const hz = whole(1, 240, " Hz");
const rangedTier = object({ hz: hz.optional(), radiusM: number(1, 10_000, " m").optional() });
const tiers = object({
  local: object({ hz: hz.optional() }).optional(),
  combat: rangedTier.optional(),
  visual: rangedTier.optional(),
  extended: rangedTier.optional(),
  hysteresis: number(0, 0.5).optional(),
});

const west = "degrees in [-180, 180)";
const east = "degrees in (-180, 180]";
const zone = object({
  name,
  west: z.number(west).min(-180, west).lt(180, west),
  east: z.number(east).gt(-180, east).max(180, east),
  capacity: whole(1, 100_000, " players").default(DEFAULT_CAPACITY),
  tiers: tiers.optional(),
  plugins: z
    .record(
      z.string(),
      z.custom<Record<string, unknown> | false>((value) => value === false || isRecord(value), {
        error: "an object of options, or false to switch the plugin off",
        params: { message: "cannot be used" },
      }),
      "an object of plugin options",
    )
    .optional(),
});

const use = "the name of a plugin, or the path of its module, of 1 to 256 characters";
const plugin = z.preprocess(
  (value) => (typeof value === "string" ? { use: value } : value),
  object({ use: z.string(use).min(1, use).max(256, use), options: options.default(() => ({})) }),
);

const d = DEFAULT_LIMITS;
const limits = object({
  latitudeDeg: object({
    min: number(-89, 89, " degrees").default(d.latitudeDeg.min),
    max: number(-89, 89, " degrees").default(d.latitudeDeg.max),
  }).prefault({}),
  altitudeM: object({
    min: number(-83_886, 83_886, " m").default(d.altitudeM.min),
    max: number(-83_886, 83_886, " m").default(d.altitudeM.max),
  }).prefault({}),
  joinShareOfCapacity: number(0.1, 1).default(d.joinShareOfCapacity),
  reconnectGraceSeconds: number(0, 600, " s").default(d.reconnectGraceSeconds),
  seatReservationSeconds: number(1, 300, " s").default(d.seatReservationSeconds),
  messagesPerSecond: whole(1, 10_000).default(d.messagesPerSecond),
  bytesPerSecond: whole(1024, 16_777_216).default(d.bytesPerSecond),
  joinBodyBytes: whole(256, 1_048_576).default(d.joinBodyBytes),
  messageBytes: whole(64, 1_048_576).default(d.messageBytes),
  inputBufferSteps: whole(1, 1024).default(d.inputBufferSteps),
  nameCharacters: whole(1, 64).default(d.nameCharacters),
});

const m = DEFAULT_MOVEMENT;
const movement = object({
  walkMps: number(0.1, 300, " m/s").default(m.walkMps),
  runMps: number(0.1, 300, " m/s").default(m.runMps),
  accelerationMps2: number(0.1, 1000, " m/s²").default(m.accelerationMps2),
  jumpMps: number(0, 100, " m/s").default(m.jumpMps),
  gravityMps2: number(0, 100, " m/s²").default(m.gravityMps2),
  bodyRadiusM: number(0.05, 10, " m").default(m.bodyRadiusM),
});

/** The shape of a world definition: types, ranges and unknown keys. What relates two values is checked in world-checks.ts. */
export const worldSchema = object({
  name: name.default(DEFAULT_WORLD_NAME),
  zones: z.array(zone, "a list of zones, or zonesFrom(directory)").min(1, "at least one zone").max(MAX_ZONES, `at most ${MAX_ZONES} zones`),
  tiers: tiers.optional(),
  frameHz: whole(1, 240, " Hz").default(DEFAULT_FRAME_HZ),
  tickHz: whole(1, 240, " Hz").default(DEFAULT_TICK_HZ),
  plugins: z
    .array(plugin, "a list of plugins")
    .max(MAX_PLUGINS, `at most ${MAX_PLUGINS} plugins`)
    .default(() => []),
  limits: limits.prefault({}),
  movement: movement.prefault({}),
});

/** A definition of the right shape, defaults of single values filled in; tiers not yet merged. */
export type ParsedWorld = z.output<typeof worldSchema>;
