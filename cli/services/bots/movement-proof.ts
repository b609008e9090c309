/** How far a body must have gone where it was asked to, metres: ten times the rounding of a single slow step, and then some. */
const PROOF_M = 1;

/** Cosine of the angle up to which two directions count as one: 37 degrees. */
const SAME_DIRECTION = 0.8;

/** Share of the whole way that must lie in the direction asked: sliding along a wall is movement, but no proof. */
const STRAIGHT_SHARE = 0.7;

/**
 * Watches whether a body does what its bot asks, as the bot's own decoded state shows it: more than {@link PROOF_M} gone in the
 * direction that was asked all the while, since it was first asked. A body that is pushed, carried or put elsewhere proves nothing.
 */
export class MovementProof {
  #confirmed = false;
  /** Where the body was when the present direction was first asked; no direction while both are 0. */
  #fromEastM = 0;
  #fromNorthM = 0;
  #askedEast = 0;
  #askedNorth = 0;

  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** A place as it was decoded, metres, and what is asked from there on; both 0 for standing. Allocates nothing. */
  observe(eastM: number, northM: number, moveEast: number, moveNorth: number): void {
    if (this.#confirmed) return;
    const wentEastM = eastM - this.#fromEastM;
    const wentNorthM = northM - this.#fromNorthM;
    const alongM = wentEastM * this.#askedEast + wentNorthM * this.#askedNorth;
    if (alongM > PROOF_M && alongM >= STRAIGHT_SHARE * Math.hypot(wentEastM, wentNorthM)) {
      this.#confirmed = true;
      return;
    }
    const length = Math.hypot(moveEast, moveNorth);
    const east = length > 0 ? moveEast / length : 0;
    const north = length > 0 ? moveNorth / length : 0;
    if (east * this.#askedEast + north * this.#askedNorth >= SAME_DIRECTION) return;
    this.#askedEast = east;
    this.#askedNorth = north;
    this.#fromEastM = eastM;
    this.#fromNorthM = northM;
  }
}
