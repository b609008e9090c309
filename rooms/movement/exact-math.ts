/**
 * Functions whose result is the same to the last bit in every JavaScript engine: built from + − × ÷ and `Math.floor`
 * only. `Math.cos` and `Math.sqrt` are "implementation-approximated" by the language, and a client that predicts with
 * another engine than the server's would drift by a bit now and then.
 */

const RADIANS_PER_DEGREE = 0.017453292519943295;

/**
 * Cosine of an angle in degrees within [-90, 90]; error below 1e-15. O(1), allocates nothing.
 * Taylor series of cos below 45 degrees, of sin of the complement above: both converge within nine terms there.
 */
export function exactCosDeg(angleDeg: number): number {
  const a = angleDeg < 0 ? -angleDeg : angleDeg;
  if (a <= 45) {
    const x = a * RADIANS_PER_DEGREE;
    const s = x * x;
    return (
      1 - (s / 2) * (1 - (s / 12) * (1 - (s / 30) * (1 - (s / 56) * (1 - (s / 90) * (1 - (s / 132) * (1 - (s / 182) * (1 - s / 240)))))))
    );
  }
  const x = (90 - a) * RADIANS_PER_DEGREE;
  const s = x * x;
  return x * (1 - (s / 6) * (1 - (s / 20) * (1 - (s / 42) * (1 - (s / 72) * (1 - (s / 110) * (1 - (s / 156) * (1 - s / 210)))))));
}

/**
 * How much shorter a degree of longitude is at a latitude: its cosine, but never 0. At the very pole east has no length; the
 * latitude limits keep bodies away from it, this keeps divisions finite. Degrees beyond a pole count as the pole.
 */
export function longitudeShrink(latitudeDeg: number): number {
  return Math.max(exactCosDeg(Math.min(90, Math.max(-90, latitudeDeg))), 1e-6);
}

/**
 * Square root of 0 or a number within 1e-12..1e16, by Newton's method from above; within one unit in the last place.
 * At most {@link MAX_NEWTON_STEPS} steps, which covers every squared distance on the planet in centimetres.
 */
export function exactSqrt(value: number): number {
  if (!(value > 0)) return 0;
  let guess = value > 1 ? value : 1;
  for (let i = 0; i < MAX_NEWTON_STEPS; i++) {
    const next = (guess + value / guess) / 2;
    if (next >= guess) return guess;
    guess = next;
  }
  return guess;
}

const MAX_NEWTON_STEPS = 80;

/** Rounds half up, as the wire's quantization does: `Math.round` differs from it below zero in other languages. */
export function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5);
}
