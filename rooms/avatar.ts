import type { Client } from "@colyseus/core";
import type { Solid } from "./movement/movement.ts";
import type { EntityState } from "./state/state-types.ts";

/** A player in the zone: the entity it controls and what the room remembers about its connection. */
export interface Avatar {
  readonly entityId: string;
  readonly sessionId: string;
  readonly entity: EntityState;
  /** The client predicts its own body. */
  readonly predict: boolean;
  /** The live connection; the last one while {@link connected} is false. */
  client: Client;
  connected: boolean;
  /** When the player joined or came back, milliseconds of the process. */
  joinedAtMs: number;
  /** Movement steps that the player may still take, from a token bucket: more input does not walk faster. */
  stepCredit: number;
  /** How the steps of a client that sends batches are spread over frames; undefined for one that sends each by itself. */
  pace: StepPace | undefined;
  /** Frames since the last input. */
  silentFrames: number;
  /** Solids around the body, and where that answer was asked for. */
  nearSolids: NearSolids;
}

/** Batched steps are taken one a frame, so that others see a walk and not hops; what keeps waiting is caught up with. */
export interface StepPace {
  /** The fewest steps that waited after a frame of the current window: what never gets its turn. */
  leastWaiting: number;
  /** Frames of the window so far. */
  frames: number;
  /** Steps to take on top, one a frame. */
  extraSteps: number;
}

/** The solids near a body, kept until the body has gone far or the solids have changed. */
export interface NearSolids {
  solids: readonly Solid[];
  version: number;
  xCm: number;
  yCm: number;
}

/** No solids, and an answer that never counts as fresh. */
export function noSolidsYet(): NearSolids {
  return { solids: [], version: -1, xCm: 0, yCm: 0 };
}
