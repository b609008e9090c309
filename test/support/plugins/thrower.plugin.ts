import { BmError, type Client, ZonePlugin } from "../../../sdk/index.ts";

/** Throws from every hook; refuses players named Mallory. */
export class ThrowerPlugin extends ZonePlugin {
  static readonly pluginName = "thrower";
  static readonly after = ["quantization"];
  static readonly tick = { phase: "replicate", hz: 30 } as const;

  override async onCreate(): Promise<void> {
    throw new Error("create");
  }
  override async onAuth(_client: Client, join: unknown): Promise<void> {
    await Promise.resolve();
    if ((join as { name?: string }).name === "Mallory") throw new BmError("BM_JOIN_NAME", "name: got Mallory, expected anybody else");
    throw new Error("auth");
  }
  override onJoin(): void {
    throw new Error("join");
  }
  override onDrop(): void {
    throw new Error("drop");
  }
  override onReconnect(): void {
    throw new Error("reconnect");
  }
  override onLeave(): void {
    throw new Error("leave");
  }
  override onSpawn(): void {
    throw new Error("spawn");
  }
  override onDespawn(): void {
    throw new Error("despawn");
  }
  override onTick(): void {
    throw new Error("tick");
  }
  override onHandoffOut(): never {
    throw new Error("handoff out");
  }
  override onHandoffIn(): void {
    throw new Error("handoff in");
  }
  override readMetrics(): never {
    throw new Error("metrics");
  }
  override explain(): never {
    throw new Error("explain");
  }
  override onDispose(): void {
    throw new Error("dispose");
  }
}
