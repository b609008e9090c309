import { type Client, SchemaSerializer } from "@colyseus/core";
import type { ZoneState } from "../../../rooms/index.ts";
import { Replicator, type ReplicatorOptions } from "./replicator.ts";
import type { Viewer, ViewerSource } from "./viewer.ts";

/** The room's clock as the host gives it to a serializer; absent in rooms without input. */
interface Timing {
  sNow: number;
}

/**
 * The host's serializer with the replicator in the place of its views: same handshake, same wire, other bytes for each client.
 * The host resets it once, when the room's state is set.
 */
export class TieredSerializer extends SchemaSerializer<ZoneState> {
  readonly #options: () => Omit<ReplicatorOptions, "encoder" | "entities">;
  readonly #viewers = new Map<string, Viewer>();
  #replicator: Replicator | undefined;
  /** The frame that is replicated next; the room's, for its ticks are counted by it. */
  nextFrame = 0;

  /** @param options asked for when the state is set. */
  constructor(options: () => Omit<ReplicatorOptions, "encoder" | "entities">) {
    super();
    this.#options = options;
  }

  /** There once the room has its state. */
  get replicator(): Replicator {
    if (!this.#replicator) throw new Error("the room has no state yet");
    return this.#replicator;
  }

  override reset(state: ZoneState & { constructor: never }): void {
    super.reset(state);
    this.#replicator = new Replicator({ ...this.#options(), encoder: this.encoder, entities: state.entities });
  }

  /** Adds a player by session; its client is served once the host asks for its full state. */
  add(sessionId: string, source: ViewerSource): void {
    this.remove(sessionId);
    this.#viewers.set(sessionId, this.replicator.addViewer(source));
  }

  remove(sessionId: string): void {
    const viewer = this.#viewers.get(sessionId);
    if (!viewer) return;
    this.#viewers.delete(sessionId);
    this.replicator.removeViewer(viewer);
  }

  /** Stops serving a client whose connection broke, until the host asks for its full state again. */
  pause(sessionId: string): void {
    const viewer = this.#viewers.get(sessionId);
    if (viewer) this.replicator.pause(viewer);
  }

  viewerOf(sessionId: string): Viewer | undefined {
    return this.#viewers.get(sessionId);
  }

  override getFullState(client?: Client, timing?: Timing): Buffer {
    const viewer = client && this.#viewers.get(client.sessionId);
    // Without a player there is only the state that everybody has: an inspector asks so.
    const packet = viewer ? this.replicator.fullState(viewer, timing?.sNow) : this.replicator.sharedState(timing?.sNow);
    return packet as Buffer;
  }

  override applyPatches(_clients: Client[], _state: ZoneState, timing?: Timing): boolean {
    const { stats } = this.replicator;
    const before = stats.packets;
    this.replicator.frame(this.nextFrame++, timing?.sNow);
    return stats.packets > before;
  }
}
