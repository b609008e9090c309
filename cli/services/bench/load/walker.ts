import { DEFAULT_MOVEMENT } from "../../../../config/defaults.ts";
import type { MovementCommand } from "../../../../rooms/movement/movement.ts";
import type { Random } from "../../bots/draw.ts";

/** Steps a second of every client. Source: docs/PROTOCOL.md, "Input". */
export const STEPS_PER_SECOND = 60;

/** Between two turns on average. Source: people in a game, give or take. */
const TURN_EVERY_SECONDS = 2;
const STEP_M = DEFAULT_MOVEMENT.walkMps / STEPS_PER_SECOND;
/** To either side of the straight way home, radians. */
const HOMEWARD_SPREAD = 0.5;

/** From which input on a command holds. */
interface Turn {
  /** Of the first input with it; the first input of all is 1. */
  readonly seq: number;
  readonly command: Readonly<MovementCommand>;
}

/** One client's will: walks always, turns now and then, and back when it is too far from where it began. A step allocates nothing. */
export class Walker {
  /** What to press now. Replaced at a turn, never changed. */
  command: Readonly<MovementCommand> = { moveEast: 0, moveNorth: 0, yaw: 0, buttons: 0 };
  /** Inputs so far. */
  steps = 0;
  /** All that it ever pressed, for who checks where that must have led. */
  readonly turns: Turn[] = [];

  readonly #random: Random;
  readonly #roamM: number;
  #stands = false;
  #stepsToTurn = 0;
  /** Where it must be by now, metres from the start, as far as its own commands tell. */
  #eastM = 0;
  #northM = 0;

  constructor(roamM: number, random: Random) {
    this.#roamM = roamM;
    this.#random = random;
  }

  /** The next input: look at {@link command} afterwards. */
  step(): void {
    this.steps++;
    if (this.#stands) return;
    const { moveEast, moveNorth } = this.command;
    this.#eastM += moveEast * STEP_M;
    this.#northM += moveNorth * STEP_M;
    const outward = this.#eastM * moveEast + this.#northM * moveNorth > 0;
    const tooFar = this.#eastM * this.#eastM + this.#northM * this.#northM > this.#roamM * this.#roamM;
    if (--this.#stepsToTurn > 0 && !(outward && tooFar)) return;
    const heading = tooFar
      ? Math.atan2(-this.#northM, -this.#eastM) + (this.#random() * 2 - 1) * HOMEWARD_SPREAD
      : this.#random() * 2 * Math.PI;
    this.#stepsToTurn = Math.ceil(-Math.log(1 - this.#random()) * TURN_EVERY_SECONDS * STEPS_PER_SECOND);
    this.#press({ moveEast: Math.cos(heading), moveNorth: Math.sin(heading), yaw: heading, buttons: 0 });
  }

  /** Lets go of everything, from the next input on. */
  stand(): void {
    if (this.#stands) return;
    this.#stands = true;
    this.#press({ ...this.command, moveEast: 0, moveNorth: 0 }, this.steps + 1);
  }

  #press(command: MovementCommand, seq = this.steps): void {
    this.command = command;
    this.turns.push({ seq, command });
  }
}
