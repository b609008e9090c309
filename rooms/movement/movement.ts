import { CELL_CM, type FixedPosition, METRES_PER_DEGREE, RING_CM } from "../geography/index.ts";
import { exactSqrt, longitudeShrink, roundHalfUp } from "./exact-math.ts";

/**
 * The part of an entity that movement reads and writes. The names are those of the synchronised fields, so the same
 * object is a server entity, an SDK prediction state, or a plain object in a test.
 */
export interface MovementBody extends FixedPosition {
  /** 256ths of a centimetre beyond `x`, 0..255: without them, slow walking would round to a standstill or a run. */
  fractionX: number;
  fractionY: number;
  fractionZ: number;
  /** Metres a second on the ground, eastward, [-327.67, 327.67] in steps of 0.01. */
  velocityX: number;
  velocityY: number;
  velocityZ: number;
  /** Radians counter-clockwise from east, [0, 2π) in 65536 steps. */
  yaw: number;
  /** Altitude of the ground under the body in centimetres; see docs/ARCHITECTURE.md, "Ground". */
  groundZ: number;
}

/** The names of {@link MovementBody}: what an SDK reconciler is given as `fields`. Quantized fields must be named to it. */
export const MOVEMENT_FIELDS = [
  "cellX",
  "cellY",
  "cellZ",
  "x",
  "y",
  "z",
  "fractionX",
  "fractionY",
  "fractionZ",
  "velocityX",
  "velocityY",
  "velocityZ",
  "yaw",
  "groundZ",
] as const satisfies readonly (keyof MovementBody)[];

/** One step's worth of what the player wants. Values are not trusted: the step makes them finite and within range. */
export interface MovementCommand {
  /** East, [-1, 1] of full speed. */
  moveEast: number;
  /** North, [-1, 1] of full speed. */
  moveNorth: number;
  /** Radians. */
  yaw: number;
  /** Bit 0 jump, bit 1 run; see {@link BUTTON}. */
  buttons: number;
}

/** Bits of {@link MovementCommand.buttons}. The rest are for plugins. */
export const BUTTON = { jump: 1, run: 2 } as const;

/** How bodies move. Speeds and accelerations are in metres on the ground. Sent to clients with `zone:welcome`. */
export interface MovementParameters {
  walkMps: number;
  runMps: number;
  accelerationMps2: number;
  jumpMps: number;
  gravityMps2: number;
  bodyRadiusM: number;
  /** Bodies stop at these latitudes, degrees. */
  southDeg: number;
  northDeg: number;
}

/** An upright cylinder that bodies cannot enter, in centimetres on the axes of the position. */
export interface Solid {
  id: string;
  xCm: number;
  yCm: number;
  /** Altitude of the base. */
  zCm: number;
  radiusCm: number;
  heightCm: number;
}

/**
 * Moves a body by one step of `dtSeconds`. Pure but for `body`; server and clients call the same function.
 * `solids` must hold every solid within {@link SOLID_REACH_M} of the body, in order of id, or the sides disagree.
 */
export type MovementStep = (
  body: MovementBody,
  command: MovementCommand,
  dtSeconds: number,
  parameters: MovementParameters,
  solids: readonly Solid[],
) => void;

/**
 * How far from the body's edge solids are looked for, metres. A step covers at most 327.67 / 60 = 5.5 m.
 * Source: docs/adr/0003-movement-on-the-wire-grid.md.
 */
export const SOLID_REACH_M = 6;

/** Share of the ground acceleration that works in the air. Source: common practice of first-person games; to taste. */
const AIR_CONTROL = 0.3;

/** Sub-moves of one step against solids at the most: enough for 327.67 m/s and a body of 0.4 m. */
const MAX_SUB_MOVES = 16;

const UNITS_PER_CM = 256;
const RING_UNITS = RING_CM * UNITS_PER_CM;
const MAX_SPEED_CMPS = 32_767;
const YAW_STEPS = 65_536;
const TWO_PI = Math.PI * 2;

/** The default {@link MovementStep}: walk, run, jump under gravity, solids. */
export const stepMovement: MovementStep = (body, command, dtSeconds, parameters, solids) => {
  let east = finiteAxis(command.moveEast);
  let north = finiteAxis(command.moveNorth);
  const lengthSquared = east * east + north * north;
  if (lengthSquared > 1) {
    const length = exactSqrt(lengthSquared);
    east /= length;
    north /= length;
  }
  const buttons = Number.isFinite(command.buttons) ? command.buttons & 0xffff : 0;
  body.yaw = snapYaw(Math.fround(command.yaw), body.yaw);

  let vx = toCmps(body.velocityX);
  let vy = toCmps(body.velocityY);
  let vz = toCmps(body.velocityZ);
  let ux = unitsOf(body.cellX, body.x, body.fractionX);
  let uy = unitsOf(body.cellY, body.y, body.fractionY);
  let uz = unitsOf(body.cellZ, body.z, body.fractionZ);
  const cosLatitude = cosLatitudeAt(uy);
  const unitsPerCmEast = UNITS_PER_CM / cosLatitude;

  const groundUnits = groundUnder(ux, uy, uz, body.groundZ, cosLatitude, parameters, solids);
  const grounded = uz <= groundUnits && vz <= 0;

  // Velocity on the ground approaches what is wanted by at most the acceleration.
  const speedCmps = (buttons & BUTTON.run ? parameters.runMps : parameters.walkMps) * 100;
  const dvx = east * speedCmps - vx;
  const dvy = north * speedCmps - vy;
  const change = exactSqrt(dvx * dvx + dvy * dvy);
  const most = parameters.accelerationMps2 * 100 * dtSeconds * (grounded ? 1 : AIR_CONTROL);
  const share = change > most ? most / change : 1;
  vx = clampSpeed(roundHalfUp(vx + dvx * share));
  vy = clampSpeed(roundHalfUp(vy + dvy * share));

  if (grounded) {
    vz = buttons & BUTTON.jump ? clampSpeed(roundHalfUp(parameters.jumpMps * 100)) : 0;
  } else {
    vz = clampSpeed(roundHalfUp(vz - parameters.gravityMps2 * 100 * dtSeconds));
  }

  // The way of this step in units, cut into moves shorter than a body so that nothing thin is jumped over.
  const wayX = vx * dtSeconds * unitsPerCmEast;
  const wayY = vy * dtSeconds * UNITS_PER_CM;
  const longestCm = Math.max(Math.abs(vx), Math.abs(vy)) * dtSeconds;
  const bodyCm = parameters.bodyRadiusM * 100;
  const moves = solids.length === 0 ? 1 : Math.min(MAX_SUB_MOVES, Math.max(1, Math.ceil(longestCm / bodyCm)));
  uz += roundHalfUp(vz * dtSeconds * UNITS_PER_CM);
  for (let i = 1; i <= moves; i++) {
    ux += roundHalfUp((wayX * i) / moves) - roundHalfUp((wayX * (i - 1)) / moves);
    uy += roundHalfUp((wayY * i) / moves) - roundHalfUp((wayY * (i - 1)) / moves);
    for (const solid of solids) {
      if (uz >= (solid.zCm + solid.heightCm) * UNITS_PER_CM || uz + BODY_HEIGHT_UNITS <= solid.zCm * UNITS_PER_CM) continue;
      const dx = ringOffset(ux - solid.xCm * UNITS_PER_CM) / unitsPerCmEast;
      const dy = (uy - solid.yCm * UNITS_PER_CM) / UNITS_PER_CM;
      const reach = solid.radiusCm + bodyCm;
      const squared = dx * dx + dy * dy;
      if (squared >= reach * reach) continue;
      // Out along the line from the middle; from the exact middle, to the east.
      const distance = exactSqrt(squared);
      const nx = distance > 0 ? dx / distance : 1;
      const ny = distance > 0 ? dy / distance : 0;
      ux += roundHalfUp(nx * (reach - distance) * unitsPerCmEast);
      uy += roundHalfUp(ny * (reach - distance) * UNITS_PER_CM);
      const inward = vx * nx + vy * ny;
      if (inward < 0) {
        vx = clampSpeed(roundHalfUp(vx - inward * nx));
        vy = clampSpeed(roundHalfUp(vy - inward * ny));
      }
    }
  }

  const south = roundHalfUp((parameters.southDeg + 90) * METRES_PER_DEGREE * 100) * UNITS_PER_CM;
  const limit = roundHalfUp((parameters.northDeg + 90) * METRES_PER_DEGREE * 100) * UNITS_PER_CM;
  if (uy < south) {
    uy = south;
    vy = 0;
  } else if (uy > limit) {
    uy = limit;
    vy = 0;
  }
  const landing = groundUnder(ux, uy, Math.max(uz, groundUnits), body.groundZ, cosLatitude, parameters, solids);
  if (uz <= landing && vz <= 0) {
    uz = landing;
    vz = 0;
  }

  ux = ((ux % RING_UNITS) + RING_UNITS) % RING_UNITS;
  writeAxis(body, "X", "x", ux);
  writeAxis(body, "Y", "y", uy);
  writeAxis(body, "Z", "z", uz);
  body.velocityX = fromCmps(vx);
  body.velocityY = fromCmps(vy);
  body.velocityZ = fromCmps(vz);
};

/** Height of a standing body. Source: rooms/movement; a person, give or take. */
const BODY_HEIGHT_UNITS = 180 * UNITS_PER_CM;

/** The highest floor at or below the body: its ground, or the top of a solid that it is over. */
function groundUnder(
  ux: number,
  uy: number,
  uz: number,
  groundCm: number,
  cosLatitude: number,
  parameters: MovementParameters,
  solids: readonly Solid[],
): number {
  let floorCm = groundCm;
  for (const solid of solids) {
    const topCm = solid.zCm + solid.heightCm;
    if (topCm <= floorCm || uz < topCm * UNITS_PER_CM) continue;
    const dx = (ringOffset(ux - solid.xCm * UNITS_PER_CM) / UNITS_PER_CM) * cosLatitude;
    const dy = (uy - solid.yCm * UNITS_PER_CM) / UNITS_PER_CM;
    const reach = solid.radiusCm + parameters.bodyRadiusM * 100;
    if (dx * dx + dy * dy < reach * reach) floorCm = topCm;
  }
  return floorCm * UNITS_PER_CM;
}

/** A difference of two x positions, the short way round the ring. */
function ringOffset(units: number): number {
  if (units > RING_UNITS / 2) return units - RING_UNITS;
  if (units < -RING_UNITS / 2) return units + RING_UNITS;
  return units;
}

function cosLatitudeAt(uy: number): number {
  return longitudeShrink(uy / (UNITS_PER_CM * 100 * METRES_PER_DEGREE) - 90);
}

/** An axis of the command as every side reads it: a 32-bit float as on the wire, NaN as no movement, within [-1, 1]. */
function finiteAxis(value: number): number {
  const v = Math.fround(value);
  if (!(v >= -1)) return v < -1 ? -1 : 0;
  return v > 1 ? 1 : v;
}

/** The wire's own formula for an angle of 16 bits; a non-finite yaw leaves the body as it was. */
function snapYaw(yaw: number, before: number): number {
  if (!Number.isFinite(yaw)) return before;
  let turned = yaw % TWO_PI;
  if (turned < 0) turned += TWO_PI;
  const steps = roundHalfUp((turned / TWO_PI) * YAW_STEPS) % YAW_STEPS;
  return (steps / YAW_STEPS) * TWO_PI;
}

function toCmps(velocityMps: number): number {
  return roundHalfUp(velocityMps * 100);
}

/** The wire's own formula for a velocity, so that an unsent value equals the decoded one: min + q / span × range. */
function fromCmps(cmps: number): number {
  return -327.67 + ((cmps + MAX_SPEED_CMPS) / 65_534) * 655.34;
}

function clampSpeed(cmps: number): number {
  return cmps > MAX_SPEED_CMPS ? MAX_SPEED_CMPS : cmps < -MAX_SPEED_CMPS ? -MAX_SPEED_CMPS : cmps;
}

function unitsOf(cell: number, offsetM: number, fraction: number): number {
  return (cell * CELL_CM + roundHalfUp(offsetM * 100)) * UNITS_PER_CM + fraction;
}

function writeAxis(body: MovementBody, upper: "X" | "Y" | "Z", lower: "x" | "y" | "z", units: number): void {
  const cm = Math.floor(units / UNITS_PER_CM);
  const cell = Math.floor(cm / CELL_CM);
  body[`fraction${upper}`] = units - cm * UNITS_PER_CM;
  body[`cell${upper}`] = cell;
  body[lower] = ((cm - cell * CELL_CM) / 65_535) * 655.35;
}
