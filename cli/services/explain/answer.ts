import { z } from "zod";

/** Text of a server, without what would draw on a terminal. */
const text = z
  .string()
  .max(4096)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is being removed
  .transform((value) => value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?"));
const degreesOrMetres = z.number().nullable();
const place = { longitude: degreesOrMetres, latitude: degreesOrMetres, altitude: degreesOrMetres };

/** What `GET /api/explain` answers; see docs/PROTOCOL.md, "HTTP". */
export const answerSchema = z.object({
  viewer: z.object({ id: text, name: text, zone: text, ...place, predict: z.boolean(), connected: z.boolean() }),
  entity: z.object({ id: text, kind: text, name: text, zone: text, owner: z.object({ zone: text, processId: text }), ...place }),
  /** Metres, height included. */
  distanceM: z.number().nullable(),
  self: z.boolean(),
  plugins: z.record(z.string(), z.record(z.string(), z.unknown())),
});
export type Answer = z.output<typeof answerSchema>;

/** What went wrong, as the server says it. */
export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: text, hint: text.optional(), data: z.record(z.string(), z.unknown()).optional() }),
});

/** A field that another version of the plugin may lack, or have otherwise. */
const maybe = <S extends z.ZodType>(schema: S) => schema.optional().catch(undefined);
const count = maybe(z.number().nullable());

/** What the `interest` plugin explains. Only `sees` must be there. */
const interestSchema = z.object({
  sees: z.boolean(),
  /** `local`, `combat`, `visual`, `extended` or `none`. */
  tier: maybe(text),
  why: maybe(text),
  /** Updates a second. */
  hz: count,
  radiusM: count,
  enterRadiusM: count,
  leaveRadiusM: count,
  sentFramesAgo: count,
  nextDueFrames: count,
  /** It is due, and others are before it. */
  waiting: maybe(z.boolean()),
  /** Which queue it stands in; see docs/REPLICATION.md. */
  queue: count,
  budget: maybe(z.object({ bytesPerSecond: count, availableBytes: count })),
  frame: count,
  /** Frames a second. */
  frameHz: count,
  loadLevel: count,
  loadStep: maybe(text),
});
export type Interest = z.output<typeof interestSchema>;

/**
 * The interest plugin's explanation, and those of its fields that are not known here. Undefined where the plugin is not there, or says
 * nothing that is understood.
 */
export function interestOf({ plugins }: Answer): { interest: Interest; rest: Record<string, unknown> } | undefined {
  const parsed = interestSchema.safeParse(plugins.interest);
  if (!parsed.success) return undefined;
  const rest = Object.entries(plugins.interest ?? {}).filter(([key]) => !(key in interestSchema.shape));
  return { interest: parsed.data, rest: Object.fromEntries(rest) };
}
