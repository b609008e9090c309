import type { Client, InputAPI } from "@colyseus/core";
import { BmError } from "../../config/index.ts";
import type { Avatar, StepPace } from "../avatar.ts";
import { axisCm, METRES_PER_DEGREE } from "../geography/index.ts";
import { longitudeShrink } from "../movement/exact-math.ts";
import { type MovementCommand, type MovementParameters, type MovementStep, SOLID_REACH_M, type Solid } from "../movement/movement.ts";
import { ownInput } from "../movement/own-input.ts";
import type { ZoneEntities } from "../zone-entities.ts";
import type { ZoneMetrics } from "../zone-metrics.ts";
import { IDLE_COMMAND, inputProblem, type MovementInput } from "./movement-input.ts";

/**
 * Steps that may be saved up while nothing arrives, so that a hiccup of the network does not slow a player down, and
 * taken at once at the most. Source: a quarter of a second, twice the span of one batch of the client helper and some jitter.
 */
const MAX_STEP_CREDIT = 15;

/**
 * Frames of silence after which a body moves on without its player: it brakes, falls and lands.
 * Source: longer than the client helper's 100 ms between batches with as much jitter again.
 */
const SILENT_FRAMES_BEFORE_IDLE = 15;

/** Frames over which a batching client's backlog is watched: two batches of 100 ms. */
const PACE_WINDOW_FRAMES = 12;

/** Metres that a body may go before the solids around it are looked up again. */
const SOLIDS_KEPT_FOR_M = 50;

interface InputStepperOptions {
  inputs: InputAPI<MovementInput>;
  entities: ZoneEntities;
  step: MovementStep;
  parameters: MovementParameters;
  frameHz: number;
  metrics: ZoneMetrics;
  refuse(client: Client, error: BmError): void;
}

/** Turns what players sent into movement, a frame at a time. */
export interface InputStepper {
  /** Takes the steps that an avatar may take in this frame. */
  advance(avatar: Avatar): void;
}

export function createInputStepper(options: InputStepperOptions): InputStepper {
  const { inputs, entities, step, parameters, frameHz, metrics, refuse } = options;
  const dtSeconds = 1 / frameHz;

  function move(avatar: Avatar, command: MovementCommand): void {
    step(avatar.entity, command, dtSeconds, parameters, solidsAround(avatar, entities));
  }

  return {
    advance(avatar) {
      avatar.stepCredit = Math.min(MAX_STEP_CREDIT, avatar.stepCredit + 1);
      if (avatar.connected) {
        const pending = inputs.get(avatar.sessionId);
        const most = avatar.pace ? stepsOfFrame(avatar.pace) : MAX_STEP_CREDIT;
        for (let taken = 0; taken < most && avatar.stepCredit >= 1; taken++) {
          const input = pending.next();
          if (!input) break;
          avatar.stepCredit--;
          avatar.silentFrames = 0;
          const problem = inputProblem(input);
          if (problem) {
            const { field, value, expected } = problem;
            // JSON-like payloads lose NaN and infinities, so the value travels as text.
            refuse(
              avatar.client,
              new BmError("BM_INPUT_INVALID", `${field}: got ${value}, expected ${expected}`, {
                data: { field, value: String(value), expected },
              }),
            );
          }
          ownInput.active = true;
          try {
            move(avatar, input);
          } finally {
            // A movement of a plugin's may throw.
            ownInput.active = false;
          }
          metrics.steps++;
        }
        if (avatar.pace) watchBacklog(avatar.pace, pending.size);
      }
      if (++avatar.silentFrames > SILENT_FRAMES_BEFORE_IDLE) {
        move(avatar, IDLE_COMMAND);
        metrics.idleSteps++;
      }
    },
  };
}

function stepsOfFrame(pace: StepPace): number {
  if (pace.extraSteps === 0) return 1;
  pace.extraSteps--;
  return 2;
}

/** What has waited all through a window is delay and nothing else: it is taken in the next. */
function watchBacklog(pace: StepPace, waiting: number): void {
  pace.leastWaiting = Math.min(pace.leastWaiting, waiting);
  if (++pace.frames < PACE_WINDOW_FRAMES) return;
  pace.extraSteps = pace.leastWaiting;
  pace.leastWaiting = Number.POSITIVE_INFINITY;
  pace.frames = 0;
}

const NO_SOLIDS: readonly Solid[] = [];

function solidsAround(avatar: Avatar, entities: ZoneEntities): readonly Solid[] {
  const { solids } = entities;
  if (solids.size === 0) return NO_SOLIDS;
  const near = avatar.nearSolids;
  const { entity } = avatar;
  const xCm = axisCm(entity.cellX, entity.x);
  const yCm = axisCm(entity.cellY, entity.y);
  const keptCm = SOLIDS_KEPT_FOR_M * 100;
  if (near.version === solids.version && Math.abs(near.xCm - xCm) < keptCm && Math.abs(near.yCm - yCm) < keptCm) return near.solids;
  const latitudeDeg = yCm / 100 / METRES_PER_DEGREE - 90;
  const reachCm = keptCm + SOLID_REACH_M * 100;
  near.solids = solids.near(xCm, yCm, reachCm / longitudeShrink(latitudeDeg), reachCm);
  near.version = solids.version;
  near.xCm = xCm;
  near.yCm = yCm;
  return near.solids;
}
