import { Predict, type Reconciler } from "@colyseus/sdk";
import { axisCm, CELL_CM, type GeographicPosition, latitudeFromYCm, longitudeFromXCm } from "../rooms/geography/index.ts";
import { MOVEMENT_FIELDS, type MovementBody, type MovementCommand, type MovementStep, stepMovement } from "../rooms/movement/movement.ts";
import type { OwnEntity } from "./entity.ts";
import { solidsOf } from "./solids.ts";
import type { WorldConnection } from "./world-connection.ts";

/** How {@link predictMovement} predicts. */
export interface PredictionOptions {
  /** How bodies move, where a plugin of the world replaces the default. @defaultValue `stepMovement` */
  step?: MovementStep | undefined;
  /** Milliseconds in which about two thirds of a correction fade. @defaultValue one world tick */
  smoothMs?: number | undefined;
  /** Metres beyond which a correction is a jump and is shown as one. @defaultValue 5 */
  snapM?: number | undefined;
}

/** One's own body as it will be, moved in the same frame in which the player asks for it. */
export interface MovementPrediction {
  /**
   * Call once for every frame that is drawn, before reading: sends the steps that are due, takes in what the server said.
   * @param nowMs the time that `requestAnimationFrame` gives. @defaultValue `performance.now()`
   */
  tick(nowMs?: number): void;
  /** The predicted body, exact, for game logic. */
  readonly state: Readonly<MovementBody>;
  /** Where to draw the body: between steps, with corrections fading. Degrees and metres. */
  readonly position: GeographicPosition;
  /** Heading in radians, [0, 2π). */
  readonly yaw: number;
  /** Times that the server had it otherwise. 0 unless someone else moved the body. */
  readonly corrections: number;
  /** Stops predicting; the input goes on by itself. */
  dispose(): void;
}

/** A rendered position further than this from the predicted one, in cm, has been blended across ±180. */
const SEAM_JUMP_CM = CELL_CM;

/**
 * Predicts one's own movement with the SDK's reconciler and the server's own step function, and follows the connection from room
 * to room. Join with `predict: true`.
 *
 * The same by hand, for those who want the SDK's reconciler itself:
 * ```ts
 * const predict = Predict.get(world.room);
 * const body = predict.reconciler(world.self, {
 *   input: world.room.input(),
 *   fields: MOVEMENT_FIELDS, // named, for the SDK's default leaves quantized fields out
 *   step: (ctx, state, command) =>
 *     stepMovement(state, command, ctx.dt, world.welcome.movement, solidsOf(world.entities, state)),
 * });
 * ```
 */
export function predictMovement(connection: WorldConnection, options: PredictionOptions = {}): MovementPrediction {
  const step = options.step ?? stepMovement;
  let predict: Predict;
  let body: Reconciler<MovementBody, MovementCommand>;
  let corrections = 0;

  const start = (): void => {
    const { room, welcome } = connection;
    predict = Predict.get(room as never) as unknown as Predict;
    body = predict.reconciler<MovementBody, MovementCommand>(connection.self as OwnEntity & MovementBody, {
      input: room.input<MovementCommand>(),
      fields: MOVEMENT_FIELDS,
      step: (ctx, state, command) => step(state, command, ctx.dt, welcome.movement, solidsOf(connection.entities, state)),
      smoothMs: options.smoothMs ?? 1000 / welcome.tickHz,
      snap: options.snapM ?? 5,
      // Has the SDK measure its corrections; it never warns.
      warnOnDivergence: Number.POSITIVE_INFINITY,
      onReconcile: () => {
        if (body.lastCorrectionMag > 0) corrections++;
      },
    });
  };
  const stop = connection.on("zone", () => {
    body?.dispose();
    start();
  });

  return {
    tick(nowMs = performance.now()) {
      predict.tick(nowMs);
      connection.input.drive(nowMs);
    },
    get state() {
      return body.state;
    },
    get position() {
      const { state } = body;
      const drawn = (cell: "cellX" | "cellY" | "cellZ", offset: "x" | "y" | "z"): number => {
        const exactCm = axisCm(state[cell], state[offset]);
        // Cell and offset blend alike, so their sum runs straight over the edge of a cell.
        const cm = body.value(cell) * CELL_CM + body.value(offset) * 100;
        return Math.abs(cm - exactCm) > SEAM_JUMP_CM ? exactCm : cm;
      };
      return {
        longitude: longitudeFromXCm(drawn("cellX", "x")),
        latitude: latitudeFromYCm(drawn("cellY", "y")),
        altitude: drawn("cellZ", "z") / 100,
      };
    },
    get yaw() {
      return body.state.yaw;
    },
    get corrections() {
      return corrections;
    },
    dispose() {
      stop();
      body.dispose();
    },
  };
}
