import type { Limits, Movement, Tiers } from "./world-types.ts";

/** Name of a world that gives none. Source: convention. */
export const DEFAULT_WORLD_NAME = "earth";

/** Port of HTTP and WebSocket. Source: the default of Colyseus, which its clients and examples expect. */
export const DEFAULT_PORT = 2567;

/** Least severe level that is logged. Source: the default of pino. */
export const DEFAULT_LOG_LEVEL = "info";

/**
 * Frames a second: local bodies are integrated and acknowledged on each.
 * Source: requirements document, section 3, "Tier 0 (Local Player): Update Rate: 60 Hz".
 */
export const DEFAULT_FRAME_HZ = 60;

/**
 * World steps a second, on every second frame.
 * Source: requirements document, section 1, `UPDATE_RATE_HZ = 30`.
 */
export const DEFAULT_TICK_HZ = 30;

/**
 * Players of one zone.
 * Source: requirements document, section 1, `MAX_PLAYERS = 5000`.
 */
export const DEFAULT_CAPACITY = 5000;

/**
 * Replication tiers: 60 Hz oneself, 30 Hz under 50 m, 10 Hz under 300 m, 2 Hz under 1000 m.
 * Source: requirements document, section 3, "Replication Tiers". The hysteresis is ours: 2.5 m at the combat range, one
 * step back of a player who turns on the line.
 */
export const DEFAULT_TIERS: Tiers = {
  local: { hz: 60 },
  combat: { hz: 30, radiusM: 50 },
  visual: { hz: 10, radiusM: 300 },
  extended: { hz: 2, radiusM: 1000 },
  hysteresis: 0.05,
};

/**
 * Bounds on players and clients. Sources:
 * - `latitudeDeg`: the edge of web maps is 85.05°, and at 85° a metre of x still is 9 cm of ground;
 * - `altitudeM`: from the deepest trench (10.9 km) to twice the height of the highest mountain (8.8 km);
 * - `joinShareOfCapacity`: a tenth of a zone is kept for players who walk in, who cannot be sent away;
 * - `reconnectGraceSeconds`: a phone that changes from Wi-Fi to a mobile network is back within 20;
 * - `seatReservationSeconds`: the default of Colyseus;
 * - `messagesPerSecond`: 60 inputs a second and as many messages again;
 * - `bytesPerSecond`: 64 KiB, above the 50 KB/s per player of the requirements document, "Monitoring and Observability";
 * - `joinBodyBytes`: a token of 4096 characters, four times over;
 * - `messageBytes`: a chat message of 500 characters in four-byte UTF-8, twice over;
 * - `inputBufferSteps`: about one second of 60 Hz steps;
 * - `nameCharacters`: as in docs/ERRORS.md, `BM_JOIN_NAME`.
 */
export const DEFAULT_LIMITS: Limits = {
  latitudeDeg: { min: -85, max: 85 },
  altitudeM: { min: -11_000, max: 20_000 },
  joinShareOfCapacity: 0.9,
  reconnectGraceSeconds: 20,
  seatReservationSeconds: 15,
  messagesPerSecond: 120,
  bytesPerSecond: 65_536,
  joinBodyBytes: 16_384,
  messageBytes: 4096,
  inputBufferSteps: 64,
  nameCharacters: 32,
};

/**
 * How bodies move. Sources: a brisk walk and a fast run of a human; full speed within 0.3 s; a jump of 1.27 m
 * (`jump² / 2 gravity`), generous as in games; standard gravity to two decimals; half the width of the shoulders.
 */
export const DEFAULT_MOVEMENT: Movement = {
  walkMps: 2,
  runMps: 6,
  accelerationMps2: 20,
  jumpMps: 5,
  gravityMps2: 9.81,
  bodyRadiusM: 0.4,
};
