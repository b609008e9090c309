import type { InputHandle, Room } from "@colyseus/sdk";
import type { MovementCommand } from "../rooms/movement/movement.ts";
import type { ZoneStateView } from "./entity-view.ts";

/**
 * Steps taken at once at the most; what a longer pause would have had is dropped.
 * Source: the server saves up 15 steps for a client that was silent, and takes no more.
 */
const MAX_STEPS_AT_ONCE = 15;

/**
 * Milliseconds after a driven step in which the timer leaves the stepping to whoever drives it.
 * Source: three frames of a display at 30 Hz; longer than that is a hidden tab.
 */
const DRIVEN_FOR_MS = 100;

/** A unit vector computed in doubles may come out a bit longer than 1. Source: the server's own tolerance. */
const AXIS_TOLERANCE = 1e-5;

/**
 * What the player wants, as plain properties. From the first that is set, a step is sent for every frame of the world, so there
 * is nothing else to call: `input.moveEast = 1` walks until it is 0 again.
 *
 * Setting a value that is not finite or out of range throws a RangeError that names it; the server would not take it either.
 */
export class WorldInput implements MovementCommand {
  #moveEast = 0;
  #moveNorth = 0;
  #yaw = 0;
  #buttons = 0;
  #started = false;
  #stopped = false;
  #handle: InputHandle<MovementCommand> | undefined;
  #stepMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Time up to which steps have been sent, milliseconds of `performance.now()`. */
  #steppedToMs = 0;
  #drivenAtMs = Number.NEGATIVE_INFINITY;

  /** East, [-1, 1] of full speed. */
  get moveEast(): number {
    return this.#moveEast;
  }

  set moveEast(value: number) {
    this.#moveEast = checked("moveEast", value, Math.abs(value) <= 1 + AXIS_TOLERANCE, "a number within -1..1");
    this.#start();
  }

  /** North, [-1, 1] of full speed. */
  get moveNorth(): number {
    return this.#moveNorth;
  }

  set moveNorth(value: number) {
    this.#moveNorth = checked("moveNorth", value, Math.abs(value) <= 1 + AXIS_TOLERANCE, "a number within -1..1");
    this.#start();
  }

  /** Heading in radians counter-clockwise from east; any finite number. */
  get yaw(): number {
    return this.#yaw;
  }

  set yaw(value: number) {
    this.#yaw = checked("yaw", value, Number.isFinite(value), "a finite number of radians");
    this.#start();
  }

  /** Sixteen bits; see `BUTTON` for those that movement reads. The rest are for plugins. */
  get buttons(): number {
    return this.#buttons;
  }

  set buttons(value: number) {
    this.#buttons = checked("buttons", value, Number.isInteger(value) && value >= 0 && value <= 0xffff, "an integer within 0..65535");
    this.#start();
  }

  /** The SDK's input handle of the current room; undefined while there is none. */
  get handle(): InputHandle<MovementCommand> | undefined {
    return this.#handle;
  }

  /** @internal Sends to this room from now on; what is held stays held. */
  attach(room: Room<unknown, ZoneStateView>, frameHz: number): void {
    this.detach();
    if (this.#stopped) return;
    this.#handle = room.input<MovementCommand>();
    this.#stepMs = 1000 / frameHz;
    if (this.#started) this.#run();
  }

  /** @internal Sends nothing until {@link attach}. */
  detach(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#handle = undefined;
  }

  /** @internal Sends nothing ever again. */
  stop(): void {
    this.#stopped = true;
    this.detach();
  }

  /**
   * @internal Sends the steps that are due at a time, for those who step in time with a display. While this is called, the
   * timer is silent; when it is not called for 100 ms (a hidden tab), the timer takes over.
   * @param nowMs milliseconds of `performance.now()`.
   */
  drive(nowMs: number): void {
    this.#drivenAtMs = nowMs;
    this.#advance(nowMs);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#handle) this.#run();
  }

  #run(): void {
    this.#steppedToMs = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (now - this.#drivenAtMs > DRIVEN_FOR_MS) this.#advance(now);
    }, this.#stepMs);
  }

  #advance(nowMs: number): void {
    const handle = this.#handle;
    if (!handle || !this.#started) return;
    let due = Math.floor((nowMs - this.#steppedToMs) / this.#stepMs);
    if (due <= 0) return;
    this.#steppedToMs += due * this.#stepMs;
    due = Math.min(due, MAX_STEPS_AT_ONCE);
    const { data } = handle;
    data.moveEast = this.#moveEast;
    data.moveNorth = this.#moveNorth;
    data.yaw = this.#yaw;
    data.buttons = this.#buttons;
    for (; due > 0; due--) handle.send();
  }
}

function checked(field: string, value: number, ok: boolean, expected: string): number {
  if (!ok) throw new RangeError(`${field}: got ${String(value)}, expected ${expected}`);
  return value;
}
