import { callGuarded } from "./emitter.ts";
import type { ZoneRoomHandle } from "./room-session.ts";

/** Messages kept while out of touch; the oldest goes first. Source: the SDK's own default. */
const MAX_HELD_MESSAGES = 10;

/** Listeners and outgoing messages that outlive the room they were made in. */
export class MessageHub {
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();
  #held: { type: string; payload: unknown }[] = [];

  /** Adds a listener; returns what removes it. */
  on(type: string, listener: (payload: unknown) => void): () => void {
    let listeners = this.#listeners.get(type);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(type, listeners);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Hears a room, as long as it is the current one. Takes what nobody listens for too, which the SDK would warn of. */
  attach(room: ZoneRoomHandle, isCurrent: () => boolean): void {
    room.onMessage("*", (type: string | number, payload: unknown) => {
      if (isCurrent()) for (const listener of [...(this.#listeners.get(String(type)) ?? [])]) callGuarded(listener, payload);
    });
  }

  /** Keeps a message for {@link release}. */
  hold(type: string, payload: unknown): void {
    this.#held.push({ type, payload });
    if (this.#held.length > MAX_HELD_MESSAGES) this.#held.shift();
  }

  /** Gives out what was kept, oldest first. */
  release(send: (type: string, payload: unknown) => void): void {
    for (const { type, payload } of this.#held.splice(0)) send(type, payload);
  }

  /** Forgets all listeners and what was kept. */
  clear(): void {
    this.#listeners.clear();
    this.#held = [];
  }
}
