import { DEFAULT_LIMITS, DEFAULT_MOVEMENT } from "../../../../config/defaults.ts";
import { axisCm, nearDistanceM } from "../../../../rooms/geography/index.ts";
import { MOVEMENT_FIELDS, type MovementBody, type MovementParameters, stepMovement } from "../../../../rooms/movement/movement.ts";
import { STEPS_PER_SECOND, type Walker } from "./walker.ts";

const PARAMETERS: MovementParameters = {
  ...DEFAULT_MOVEMENT,
  southDeg: DEFAULT_LIMITS.latitudeDeg.min,
  northDeg: DEFAULT_LIMITS.latitudeDeg.max,
};

/** A body must have gone that far where it was steered to have shown that it is, metres. */
const MIN_WAY_M = 1;
/**
 * Share of its way that a body may be off in all: the server brakes a body whose player is silent for a quarter of a second, which no
 * client can know of.
 */
const MAX_STRAY_SHARE = 0.1;

/**
 * Steers a body of its own by the same inputs as a client, with the step function that clients predict with, and holds what the
 * server says to it after every acknowledged input. A server that is overrun acknowledges inputs that it leaves out: then the body goes
 * less far, but nowhere else.
 */
export class Steering {
  readonly #turns: Walker["turns"];
  readonly #body: MovementBody = Object.fromEntries(MOVEMENT_FIELDS.map((name) => [name, 0])) as unknown as MovementBody;
  #seq = -1;
  #turn = 0;
  /** Metres that the body should have gone, that it went of them, and that it was found to either side. */
  #wayM = 0;
  #goneM = 0;
  #strayM = 0;

  constructor(turns: Walker["turns"]) {
    this.#turns = turns;
  }

  get movedAsSteered(): boolean {
    return this.#goneM >= MIN_WAY_M && this.#strayM <= this.#goneM * MAX_STRAY_SHARE;
  }

  /** Share of the steered way that the body went: 1 when every input was taken; 0 before the first. */
  get movedShare(): number {
    return this.#wayM === 0 ? 0 : this.#goneM / this.#wayM;
  }

  /** The own body as it was decoded, and the last input that is in it. */
  observe(body: Readonly<MovementBody>, ack: number): void {
    if (this.#seq === -1) this.#seq = ack;
    else {
      const before = centimetres(this.#body);
      while (this.#seq < ack) this.#step();
      const expected = centimetres(this.#body);
      const found = centimetres(body);
      const wayM = nearDistanceM(before, expected);
      const foundM = nearDistanceM(before, found);
      const missedM = nearDistanceM(expected, found);
      // By the sides of the triangle: how far along the way it is, no farther than the end, and how far off that point.
      const alongM = wayM === 0 ? 0 : Math.min(wayM, Math.max(0, (wayM ** 2 + foundM ** 2 - missedM ** 2) / (2 * wayM)));
      this.#wayM += wayM;
      this.#goneM += alongM;
      this.#strayM += alongM === wayM ? missedM : Math.sqrt(Math.max(0, foundM ** 2 - alongM ** 2));
    }
    // From where it is: what went wrong once is counted once.
    for (const name of MOVEMENT_FIELDS) this.#body[name] = body[name];
  }

  #step(): void {
    this.#seq++;
    while ((this.#turns[this.#turn + 1]?.seq ?? Number.POSITIVE_INFINITY) <= this.#seq) this.#turn++;
    const command = this.#turns[this.#turn]?.command;
    if (command !== undefined) stepMovement(this.#body, command, 1 / STEPS_PER_SECOND, PARAMETERS, []);
  }
}

function centimetres({ cellX, cellY, cellZ, x, y, z }: Readonly<MovementBody>) {
  return { xCm: axisCm(cellX, x), yCm: axisCm(cellY, y), zCm: axisCm(cellZ, z) };
}
