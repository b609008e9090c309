import { type TickContext, ZonePlugin } from "../../sdk/index.ts";

/** What a test wants done in each frame, after the players' own steps and before replication. */
export class FrameHookPlugin extends ZonePlugin {
  static readonly pluginName = "frame-hook";
  static readonly tick = { phase: "simulate", hz: "frame" } as const;

  /** The frame that runs, or ran last. */
  frame = -1;
  readonly #hooks = new Set<(frame: number) => void>();

  /** Calls `hook` in every frame from the next one on. Returns what ends it. */
  each(hook: (frame: number) => void): () => void {
    this.#hooks.add(hook);
    return () => void this.#hooks.delete(hook);
  }

  override onTick({ frame }: TickContext): void {
    this.frame = frame;
    for (const hook of this.#hooks) hook(frame);
  }
}
