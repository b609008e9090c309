import type { Avatar } from "../../sdk/index.ts";
import type { ViewerSource } from "./tiered/viewer.ts";

/** A player as replication sees it: whatever its connection is at the moment. */
export class AvatarSource implements ViewerSource {
  readonly ownEntityId: string;
  readonly predict: boolean;
  readonly #avatar: Avatar;

  constructor(avatar: Avatar) {
    this.#avatar = avatar;
    this.ownEntityId = avatar.entityId;
    this.predict = avatar.predict;
  }

  /** The host keeps the number of the last input that it gave to the simulation on the client, where its own serializer reads it. */
  ack(): number {
    return (this.#avatar.client as { _inputBuffer?: { ackSeq: number } })._inputBuffer?.ackSeq ?? 0;
  }

  send(packet: Uint8Array): void {
    const { client } = this.#avatar;
    // A packet that waits in the socket would keep all the memory that it was cut from.
    const waits = ((client.ref as { bufferedAmount?: number } | undefined)?.bufferedAmount ?? 0) > 0;
    client.raw(waits ? Buffer.from(packet) : packet);
  }
}
