import { Predict } from "@colyseus/sdk";
import {
  type Entity,
  MOVEMENT_FIELDS,
  type MovementBody,
  type MovementCommand,
  type OwnEntity,
  solidsOf,
  stepMovement,
  type WorldConnection,
  type ZoneWelcome,
} from "../../client/index.ts";

/** A step in which the server's state was not what had been predicted for the same input, field by field. */
interface Disagreement {
  seq: number;
  fields: { field: string; predicted: number; server: number }[];
}

/** The SDK's own reconciler with a witness that does not trust it. */
export interface ReconcileOracle {
  /** Call for every frame. */
  tick(): void;
  readonly state: MovementBody;
  /** Acknowledgements compared so far. */
  readonly compared: number;
  /** Steps predicted so far, replays not counted. */
  readonly steps: number;
  /** Steps done again because the SDK took in a state that it did not expect. */
  readonly replayed: number;
  readonly disagreements: Disagreement[];
  dispose(): void;
}

/**
 * Runs the SDK's reconciler as its documentation says, and remembers what it predicted for every input. On every
 * acknowledgement that is compared, to the bit, with what the server's state says.
 */
export function watchReconciles(
  room: WorldConnection["room"],
  self: OwnEntity,
  welcome: ZoneWelcome,
  entities: () => ReadonlyMap<string, Entity>,
): ReconcileOracle {
  const predict = Predict.get(room as never) as unknown as Predict;
  const predicted = new Map<number, number[]>();
  const disagreements: Disagreement[] = [];
  let compared = 0;
  let steps = 0;
  let replayed = 0;

  const body = predict.reconciler<MovementBody, MovementCommand>(self as MovementBody, {
    input: room.input<MovementCommand>(),
    fields: MOVEMENT_FIELDS,
    step(ctx, state, command) {
      stepMovement(state, command, ctx.dt, welcome.movement, solidsOf(entities(), state));
      if (ctx.isReplay) replayed++;
      else steps++;
      predicted.set(
        ctx.tick,
        MOVEMENT_FIELDS.map((field) => state[field]),
      );
    },
    onReconcile(acked) {
      const expected = predicted.get(acked);
      for (const seq of predicted.keys()) if (seq <= acked) predicted.delete(seq);
      if (!expected) return;
      compared++;
      const fields = MOVEMENT_FIELDS.flatMap((field, i) => {
        const server = self[field];
        return Object.is(server, expected[i]) ? [] : [{ field, predicted: expected[i] as number, server }];
      });
      if (fields.length > 0) disagreements.push({ seq: acked, fields });
    },
  });
  return {
    tick: () => void predict.tick(performance.now()),
    get state() {
      return body.state;
    },
    get compared() {
      return compared;
    },
    get steps() {
      return steps;
    },
    get replayed() {
      return replayed;
    },
    disagreements,
    dispose: () => body.dispose(),
  };
}
