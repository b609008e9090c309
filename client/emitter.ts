/** Calls listeners in the order in which they came. A listener that throws stops neither the others nor the caller. */
export class Emitter<Events extends { [K in keyof Events]: (...args: never[]) => void }> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never[]) => void>>();

  /** Adds a listener; returns what removes it. The same function added twice is called once. */
  on<K extends keyof Events>(event: K, listener: Events[K]): () => void {
    let listeners = this.#listeners.get(event);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(event, listeners);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Calls every listener that was there when the event began. */
  emit<K extends keyof Events>(event: K, ...args: Parameters<Events[K]>): void {
    const listeners = this.#listeners.get(event);
    if (!listeners) return;
    for (const listener of [...listeners]) {
      if (listeners.has(listener)) callGuarded(listener as (...given: Parameters<Events[K]>) => void, ...args);
    }
  }

  /** Forgets every listener. */
  clear(): void {
    this.#listeners.clear();
  }
}

/**
 * Calls a function of the game's. What it throws surfaces as an uncaught error of its own turn rather than in the middle of
 * decoding a state, which it would leave half applied.
 */
export function callGuarded<A extends unknown[]>(listener: (...args: A) => void, ...args: A): void {
  try {
    listener(...args);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
