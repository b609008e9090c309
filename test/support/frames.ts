import { Protocol } from "@colyseus/core";
import { InputBatcher } from "../../client/input-batcher.ts";
import { axisCm, type EntityState, METRES_PER_DEGREE, splitCm, type ZoneRoom } from "../../rooms/index.ts";
import type { FrameHookPlugin } from "./frame-hook.plugin.ts";
import type { Player } from "./test-world.ts";
import { until } from "./until.ts";

/** For the list of a world's plugins, where a test counts frames. */
export const FRAME_HOOK = "./frame-hook.plugin.ts";

export function frameHook(zone: ZoneRoom): FrameHookPlugin {
  return zone.pluginNamed("frame-hook") as FrameHookPlugin;
}

/** Waits until a number of frames more have run to their end. */
export async function framesPass(zone: ZoneRoom, frames: number): Promise<void> {
  const end = frameHook(zone).frame + frames;
  await until(`${frames} frames`, () => frameHook(zone).frame > end, 30_000);
}

/** A patch on its way to a client. */
export interface SentPatch {
  frame: number;
  /** The last input that it acknowledges. */
  ack: number;
}

const TIMED = 0x80;

/** Every patch that the server sends to a player's present connection, from now on, oldest first. */
export function patchesTo(zone: ZoneRoom, player: Player): SentPatch[] {
  const sent: SentPatch[] = [];
  const { client } = avatarOf(zone, player);
  const raw = client.raw.bind(client);
  const hook = frameHook(zone);
  client.raw = (data, options, done) => {
    const bytes = data as Uint8Array;
    if (bytes[0] === (Protocol.ROOM_STATE_PATCH | TIMED)) {
      sent.push({ frame: hook.frame, ack: new DataView(bytes.buffer, bytes.byteOffset).getUint32(5, true) });
    }
    raw(data, options, done);
  };
  return sent;
}

export function avatarOf(zone: ZoneRoom, player: Player) {
  const avatar = zone.avatars.get(player.room.sessionId);
  if (!avatar) throw new Error(`session ${player.room.sessionId} plays nobody in ${zone.zone.name}`);
  return avatar;
}

/**
 * A body that walks north by a centimetre a frame, so that whoever sees it can tell the frame in which it was sent.
 * It moves in the frames that `everyFrames` divides.
 */
export class Pacemaker {
  readonly id: string;
  readonly entity: EntityState;
  readonly #zone: ZoneRoom;
  readonly #stop: () => void;
  readonly #baseCm: number;

  constructor(zone: ZoneRoom, at: { longitude: number; latitude: number }, northM: number, everyFrames = 2) {
    const hook = frameHook(zone);
    this.#zone = zone;
    const latitude = at.latitude + northM / METRES_PER_DEGREE;
    ({ id: this.id, entity: this.entity } = zone.entities.spawn({
      kind: "pacemaker",
      position: { longitude: at.longitude, latitude, altitude: 0 },
    }));
    this.#baseCm = axisCm(this.entity.cellY, this.entity.y) - hook.frame;
    this.#stop = hook.each((frame) => {
      if (frame % everyFrames !== 0) return;
      const { cell, offsetM } = splitCm(this.#baseCm + frame);
      this.entity.cellY = cell;
      this.entity.y = offsetM;
    });
  }

  /** The frame whose place this is. */
  frameOf(seen: Pick<EntityState, "cellY" | "y">): number {
    return axisCm(seen.cellY, seen.y) - this.#baseCm;
  }

  halt(): void {
    this.#stop();
  }

  remove(): void {
    this.#stop();
    this.#zone.entities.despawn(this.id);
  }
}

/** The frames in which a player was sent a pacemaker, from now on, oldest first. */
export function framesSeen(player: Player, pacemaker: Pacemaker): number[] {
  const frames: number[] = [];
  const entity = player.entities().get(pacemaker.id);
  if (entity) frames.push(pacemaker.frameOf(entity));
  player.room.onStateChange(() => {
    const seen = player.entities().get(pacemaker.id);
    if (!seen) return;
    const frame = pacemaker.frameOf(seen);
    if (frame !== frames.at(-1)) frames.push(frame);
  });
  return frames;
}

/** From each number to the next. */
export function gaps(numbers: readonly number[]): number[] {
  return numbers.slice(1).map((number, i) => number - (numbers[i] as number));
}

/** Has a player's inputs go in batches, of which the server takes a step in every frame as long as there are some. Once for a connection. */
export function batchInputsOf(player: Player): { flush(): void } {
  return new InputBatcher(player.room as never);
}
