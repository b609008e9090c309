import { z } from "zod";
import { BmError, type BmErrorCode, normalizeLongitudeDeg, showValue, type World } from "../config/index.ts";

/** What a client asks for when it joins, checked and normalised. */
export interface JoinOptions {
  /** Degrees, [-180, 180). */
  longitude: number;
  /** Degrees, within the world's limits. */
  latitude: number;
  /** Metres; 0 where the client gave none. */
  altitude: number;
  /** What others read; undefined for a name made from the entity id. */
  name: string | undefined;
  token: string | undefined;
  /** The client predicts its own body. */
  predict: boolean;
}

const CODE_OF_FIELD: Readonly<Record<string, BmErrorCode>> = {
  longitude: "BM_JOIN_LONGITUDE",
  latitude: "BM_JOIN_LATITUDE",
  altitude: "BM_JOIN_ALTITUDE",
  name: "BM_JOIN_NAME",
  token: "BM_JOIN_TOKEN",
  predict: "BM_JOIN_PREDICT",
};

const FIELDS = Object.keys(CODE_OF_FIELD).join(", ");

/** JSON cannot carry NaN or an infinity: they arrive as null, and the client deserves to be told so. */
const NULL_NOTE = " (NaN and infinities become null on the way)";

/**
 * Letters, marks, digits, punctuation, symbols and plain spaces, and the joiners that emoji and some scripts need; no control, format
 * or private characters. It begins with something that stands by itself, and no letter carries more than four marks.
 */
const PRINTABLE = /^(?!\p{M}|\u200c|\u200d|\ufe0f)(?!.*\p{M}{5})(?:[\p{L}\p{M}\p{N}\p{P}\p{S} ]|\u200c|\u200d|\ufe0f)+$/u;

/** Characters that pass for letters or symbols and show nothing: fillers, the empty braille pattern, what engines may ignore. */
const INVISIBLE = /(?!\u200c|\u200d|\ufe0f)[\p{Default_Ignorable_Code_Point}\u2800]/u;

type JoinParser = (value: unknown) => JoinOptions;

/**
 * The check that every way into a zone goes through, made once for a world.
 * @returns a parser that throws BmError `BM_JOIN_…` naming the first field that is wrong, its value and what was expected.
 */
export function createJoinParser(limits: World["limits"]): JoinParser {
  const { latitudeDeg, altitudeM, nameCharacters } = limits;
  const expected: Record<string, string> = {
    longitude: "a finite number of degrees",
    latitude: `a number of degrees within ${latitudeDeg.min}..${latitudeDeg.max}`,
    altitude: `a number of metres within ${altitudeM.min}..${altitudeM.max}`,
    name: `1 to ${nameCharacters} printable characters`,
    token: "a string of at most 4096 characters",
    predict: "true or false",
  };
  const schema = z.strictObject({
    longitude: z.number(),
    latitude: z.number().min(latitudeDeg.min).max(latitudeDeg.max),
    altitude: z.number().min(altitudeM.min).max(altitudeM.max).optional(),
    name: z
      .string()
      .transform((name) => name.normalize("NFC").trim())
      .refine((name) => [...name].length >= 1 && [...name].length <= nameCharacters && PRINTABLE.test(name) && !INVISIBLE.test(name))
      .optional(),
    token: z.string().max(4096).optional(),
    predict: z.boolean().optional(),
  });
  return (given) => {
    // A request without a body is one without options.
    const value = given ?? {};
    const parsed = schema.safeParse(value);
    if (parsed.success) {
      const { longitude, latitude, altitude, name, token, predict } = parsed.data;
      return {
        longitude: normalizeLongitudeDeg(longitude),
        // -0 is a latitude like any other, but not one to show.
        latitude: latitude + 0,
        altitude: (altitude ?? 0) + 0,
        name,
        token,
        predict: predict ?? false,
      };
    }
    throw refusal(value, parsed.error.issues[0] as z.core.$ZodIssue, expected);
  };
}

function refusal(value: unknown, issue: z.core.$ZodIssue, expected: Record<string, string>): BmError {
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] as string;
    const got = showValue((value as Record<string, unknown>)[key]);
    return joinError("BM_JOIN_OPTIONS", key, `unknown key ${showValue(key)} with value ${got}`, `one of ${FIELDS}`, got);
  }
  const field = issue.path[0];
  if (typeof field !== "string")
    return joinError("BM_JOIN_OPTIONS", "options", `options: got ${showValue(value)}`, `an object with ${FIELDS}`, showValue(value));
  const raw = (value as Record<string, unknown>)[field];
  const note = raw === null ? NULL_NOTE : "";
  const got = showValue(raw);
  return joinError(CODE_OF_FIELD[field] ?? "BM_JOIN_OPTIONS", field, `${field}: got ${got}${note}`, expected[field] ?? "", got);
}

function joinError(code: BmErrorCode, field: string, problem: string, expected: string, value: string): BmError {
  return new BmError(code, `${problem}, expected ${expected}`, { data: { field, value, expected } });
}
