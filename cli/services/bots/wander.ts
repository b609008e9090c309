import type { MovementCommand } from "../../../rooms/movement/movement.ts";
import type { Random } from "./draw.ts";

/** What a person in a city does: goes somewhere, stands there, comes together with others on the plaza. */
export type WanderState = "walk" | "stop" | "gather";

/** Metres on the ground from the plaza, the middle of the city. */
export interface PlazaPoint {
  eastM: number;
  northM: number;
}

/** The bit of `buttons` for running. Named here too, for a bot knows no more of the server than its protocol. */
const RUN_BUTTON = 2;

/** Source of these: nothing but what looks like people at the default speeds (walk 2 m/s, run 6 m/s). */
const STROLL_RADIUS_M = 25;
const PLAZA_RADIUS_M = { least: 2, most: 6 };
const STOP_SECONDS = { least: 1.5, most: 5 };
const GATHER_SECONDS = { least: 4, most: 12 };
const TURN_SECONDS = { least: 2, most: 5 };
const RUN_SHARE = 0.25;
const GATHER_SHARE = 0.35;
const LEAST_PACE = 0.6;
/** Most that a walker strays to either side of the straight way, radians: always less than a right angle, so he gets there. */
const SWAY_RADIANS = 0.6;

/** Close enough to a point to have reached it, metres. */
const ARRIVED_M = 0.6;
/** Distance from which a body slows down, metres. */
const SLOW_WITHIN_M = { walk: 2, run: 6 };
/** Share of the speed that is left just before the point. */
const LEAST_APPROACH = 0.2;
/** Gives a point up after this many times the time that the straight way takes at the slowest walk: something solid is in the way. */
const PATIENCE_TIMES = 3;
const SLOWEST_MPS = 1;

/** A person looks where to go about this often; in between the keys stay as they are. Source: human reaction times of 0.1 to 0.25 s. */
const STEER_EVERY_SECONDS = 0.1;

/**
 * One bot's will: where it goes and what it presses. Pure but for its own state: time and position are passed in, chance comes
 * from the generator that it was given. Allocates nothing after construction.
 */
export class Wanderer {
  /** What to press now; the same object always. `moveEast` and `moveNorth` form a vector of length 1 at the most. */
  readonly command: MovementCommand = { moveEast: 0, moveNorth: 0, yaw: 0, buttons: 0 };
  /** Where it is going, or stands. */
  readonly target: PlazaPoint = { eastM: 0, northM: 0 };
  /** Targets that were reached, and those that were given up. */
  reached = 0;
  givenUp = 0;

  readonly #home: PlazaPoint;
  readonly #random: Random;
  #state: WanderState = "walk";
  #going = true;
  #running = false;
  #pace = 1;
  #swayRadians = 0;
  /** Seconds until: the stay or the patience ends; the next turn; the next look. */
  #leftSeconds = 0;
  #turnInSeconds = 0;
  #steerInSeconds = 0;
  #fresh = true;

  /** @param home where it lives; it strolls around that point. */
  constructor(home: Readonly<PlazaPoint>, random: Random) {
    this.#home = { eastM: home.eastM, northM: home.northM };
    this.#random = random;
  }

  get state(): WanderState {
    return this.#state;
  }

  /** Whether it is on its way to {@link target}; otherwise it stands there. */
  get going(): boolean {
    return this.#going;
  }

  /** Lets time pass at a place, metres from the plaza; afterwards {@link command} says what to press. */
  advance(dtSeconds: number, eastM: number, northM: number): void {
    if (this.#fresh) {
      this.#fresh = false;
      this.#setOut("walk", eastM, northM);
    }
    this.#leftSeconds -= dtSeconds;
    this.#turnInSeconds -= dtSeconds;
    this.#steerInSeconds -= dtSeconds;
    if (this.#steerInSeconds > 0) return;
    this.#steerInSeconds = STEER_EVERY_SECONDS;

    const distanceM = Math.hypot(this.target.eastM - eastM, this.target.northM - northM);
    if (this.#going && (distanceM <= ARRIVED_M || this.#leftSeconds <= 0)) {
      if (distanceM <= ARRIVED_M) this.reached++;
      else this.givenUp++;
      this.#stay();
    } else if (!this.#going && this.#leftSeconds <= 0) {
      this.#setOut(this.#state === "stop" && this.#random() < GATHER_SHARE ? "gather" : "walk", eastM, northM);
    }
    if (this.#going) this.#steer(eastM, northM);
    else this.#lookAround(eastM, northM);
  }

  #setOut(state: "walk" | "gather", eastM: number, northM: number): void {
    this.#state = state;
    this.#going = true;
    const angle = this.#random() * 2 * Math.PI;
    const gathers = state === "gather";
    const radiusM = gathers ? this.#between(PLAZA_RADIUS_M) : Math.sqrt(this.#random()) * STROLL_RADIUS_M;
    this.target.eastM = (gathers ? 0 : this.#home.eastM) + Math.cos(angle) * radiusM;
    this.target.northM = (gathers ? 0 : this.#home.northM) + Math.sin(angle) * radiusM;
    this.#running = this.#random() < RUN_SHARE;
    this.#pace = LEAST_PACE + this.#random() * (1 - LEAST_PACE);
    const wayM = Math.hypot(this.target.eastM - eastM, this.target.northM - northM);
    this.#leftSeconds = PATIENCE_TIMES * (1 + wayM / SLOWEST_MPS);
    this.#turn();
  }

  /** Stands at the end of a way: on the plaza to gather, anywhere else to stop. */
  #stay(): void {
    if (this.#state === "walk") this.#state = "stop";
    this.#going = false;
    this.#leftSeconds = this.#between(this.#state === "gather" ? GATHER_SECONDS : STOP_SECONDS);
    this.#turn();
    this.command.moveEast = 0;
    this.command.moveNorth = 0;
    this.command.buttons = 0;
  }

  #steer(eastM: number, northM: number): void {
    const toEastM = this.target.eastM - eastM;
    const toNorthM = this.target.northM - northM;
    const distanceM = Math.hypot(toEastM, toNorthM);
    if (this.#turnInSeconds <= 0) this.#turn();
    // Nobody strays any more when the point is near.
    const stray = Math.min(1, Math.max(0, (distanceM - 2) / 10));
    const heading = Math.atan2(toNorthM, toEastM) + this.#swayRadians * stray;
    const slowWithinM = this.#running ? SLOW_WITHIN_M.run : SLOW_WITHIN_M.walk;
    const speed = Math.min(this.#pace, Math.max(LEAST_APPROACH, distanceM / slowWithinM));
    this.command.moveEast = Math.cos(heading) * speed;
    this.command.moveNorth = Math.sin(heading) * speed;
    this.command.yaw = heading;
    this.command.buttons = this.#running ? RUN_BUTTON : 0;
  }

  /** On the plaza people face its middle, elsewhere they look about. */
  #lookAround(eastM: number, northM: number): void {
    if (this.#turnInSeconds > 0) return;
    this.#turn();
    if (this.#state === "gather") this.command.yaw = Math.atan2(-northM, -eastM) + this.#swayRadians;
    else this.command.yaw += this.#swayRadians * 3;
  }

  #turn(): void {
    this.#turnInSeconds = this.#between(TURN_SECONDS);
    this.#swayRadians = (this.#random() * 2 - 1) * SWAY_RADIANS;
  }

  #between({ least, most }: { least: number; most: number }): number {
    return least + this.#random() * (most - least);
  }
}
