import { z } from "zod";

/** Longest wait for a server that may not be there. */
const ANSWER_MS = 300;
/** Longest answer that is read: 1440 zones of 300 bytes, three times over. */
const MAX_ANSWER_BYTES = 1_300_000;

const liveZone = z.object({
  name: z.string().max(64),
  west: z.number(),
  east: z.number(),
  players: z.number().int().nonnegative(),
  capacity: z.number().int().nonnegative(),
  healthy: z.boolean(),
  processId: z.string().max(200).nullable(),
  roomId: z.string().max(200).nullable(),
});
const liveWorld = z.object({ zones: z.array(liveZone).max(1440) });

/** A zone as `GET /api/world` reports it. */
export type LiveZone = z.output<typeof liveZone>;

/** What a server says of its world, or why nothing is known. */
export interface LiveWorld {
  /** Undefined when no BlueMarble answered. */
  zones: LiveZone[] | undefined;
  /** `silent`: nothing answered in time; `other`: something did that is no BlueMarble. */
  answer: "world" | "silent" | "other";
}

/** Asks a server for its zones. Never throws: that none is running is an answer too. */
export async function readLiveWorld(url: string): Promise<LiveWorld> {
  let response: Response;
  try {
    response = await fetch(new URL("/api/world", url), { signal: AbortSignal.timeout(ANSWER_MS), redirect: "error" });
  } catch (error) {
    // fetch() hides what happened on the socket in the cause; anything but silence means that somebody is there.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    return { zones: undefined, answer: code.startsWith("HPE_") || code === "UND_ERR_SOCKET" ? "other" : "silent" };
  }
  try {
    const parsed = liveWorld.safeParse(JSON.parse(await limitedText(response)));
    return parsed.success ? { zones: parsed.data.zones, answer: "world" } : { zones: undefined, answer: "other" };
  } catch {
    return { zones: undefined, answer: "other" };
  }
}

/** The body as text, given up when it is longer than any answer of ours. */
async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new RangeError("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
