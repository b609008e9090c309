/** Where to begin, and as whom. */
export interface JoinOptions {
  /** Degrees; any finite number, normalised to [-180, 180). Chooses the zone. */
  longitude: number;
  /** Degrees within the world's limits, ±85 unless it says otherwise. */
  latitude: number;
  /** Metres. @defaultValue 0 */
  altitude?: number | undefined;
  /** What others read; 1 to 32 printable characters. @defaultValue "Guest" and the id */
  name?: string | undefined;
  /** Login of a player; without one, the SDK's own stored token, and without that a guest. */
  token?: string | undefined;
  /** This client predicts its own body; see `predictMovement`. @defaultValue false */
  predict?: boolean | undefined;
}

/** How long to wait, and how often to try again. */
export interface ConnectionSettings {
  /**
   * Milliseconds from the request to the first state. @defaultValue 10 000
   * Source: a server that cannot answer in ten seconds is taken for dead by players too.
   */
  joinTimeoutMs?: number | undefined;
  /**
   * Milliseconds in which a dropped socket may come back to its seat before the helper joins anew. @defaultValue 20 000
   * Source: the server's `reconnectGraceSeconds`; the seat is gone after it.
   */
  reconnectGraceMs?: number | undefined;
  /** Joins tried after a seat is lost, 0 for none. @defaultValue 12: about two minutes, a restart of the server */
  maxRejoins?: number | undefined;
  /** Longest wait before the first of them, milliseconds; it doubles each time. @defaultValue 500 */
  rejoinDelayMs?: number | undefined;
  /** Longest wait before any of them, milliseconds. @defaultValue 15 000 */
  maxRejoinDelayMs?: number | undefined;
  /**
   * Milliseconds of silence after which the server is asked for a sign of life; after as many again the socket counts as
   * dropped. @defaultValue 5000
   * Source: the server pings every 3 s and gives up after two, but browsers do not show pings to a page.
   */
  silenceMs?: number | undefined;
}

/** {@link ConnectionSettings} with every default filled in. */
export type CompleteSettings = { readonly [K in keyof ConnectionSettings]-?: number };

/** Fills in the defaults of {@link ConnectionSettings}. */
export function completeSettings(given: ConnectionSettings = {}): CompleteSettings {
  return {
    joinTimeoutMs: given.joinTimeoutMs ?? 10_000,
    reconnectGraceMs: given.reconnectGraceMs ?? 20_000,
    maxRejoins: given.maxRejoins ?? 12,
    rejoinDelayMs: given.rejoinDelayMs ?? 500,
    maxRejoinDelayMs: given.maxRejoinDelayMs ?? 15_000,
    silenceMs: given.silenceMs ?? 5000,
  };
}

/**
 * Milliseconds to wait before try number `attempt` (1 is the first): a random share, at least half, of a time that doubles from
 * `firstMs` to `maxMs`. The randomness keeps the clients of a restarted server from all coming back in the same instant.
 * @param random a number in [0, 1).
 */
export function backoffMs(attempt: number, firstMs: number, maxMs: number, random: number = Math.random()): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** (attempt - 1));
  return fullMs * (0.5 + random / 2);
}
