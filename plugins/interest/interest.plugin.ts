import type { Avatar, Client, EntityState, PluginMetric, PluginOptions, TickContext } from "../../sdk/index.ts";
import { BmError, ZonePlugin } from "../../sdk/index.ts";
import { AvatarSource } from "./avatar-source.ts";
import { explainPair } from "./explain-pair.ts";
import { interestOptions } from "./options.ts";
import { StockInterest } from "./stock-interest.ts";
import { Governor, ratesOf } from "./tiered/governor.ts";
import { TieredSerializer } from "./tiered/tiered-serializer.ts";

/**
 * Decides what each client sees, how much of it and how often, by true distance: docs/REPLICATION.md has the rules. Replaces the room's serializer
 * by one that encodes each entity once and splices the bytes for each viewer.
 */
export class InterestPlugin extends ZonePlugin<PluginOptions<typeof interestOptions>> {
  static readonly pluginName = "interest";
  static readonly options = interestOptions;
  // In every frame; the world tick is picked out of them.
  static readonly tick = { phase: "replicate", hz: "frame" } as const;

  readonly serializer: TieredSerializer | undefined;
  #stock: StockInterest | undefined;
  #governor: Governor | undefined;
  #ticks = 0;

  constructor(options: PluginOptions<typeof interestOptions>) {
    super(options);
    if (options.serializer === "tiered") {
      this.serializer = new TieredSerializer(() => ({
        tiers: this.room.zone.tiers,
        frameHz: this.room.world.frameHz,
        tickHz: this.room.world.tickHz,
        budgetBytesPerSecond: options.budgetBytesPerSecond,
        onFailure: (error) =>
          this.room.reportError(
            new BmError("BM_INTERNAL", `replication: ${error instanceof Error ? error.message : error}`, { cause: error }),
          ),
        onInvalidPosition: (id) =>
          this.room.reportError(
            new BmError(
              "BM_ENTITY_POSITION",
              `entity ${id} of zone ${this.room.zone.name} is at no place on Earth; nobody sees it until it is`,
              {
                data: { entityId: id, zone: this.room.zone.name },
              },
            ),
          ),
      }));
    }
  }

  override onCreate(): void {
    if (!this.serializer) this.#stock = new StockInterest(this.room, this.options.scanHz);
    else if (this.options.governor) this.#governor = new Governor({ tickHz: this.room.world.tickHz });
  }

  override onJoin(client: Client): void {
    if (this.#stock) this.#stock.join(client);
    else this.serializer?.add(client.sessionId, new AvatarSource(this.room.avatarOf(client)));
  }

  override onDrop(client: Client): void {
    this.serializer?.pause(client.sessionId);
  }

  override onWelcome(client: Client, again: boolean): void {
    // Who comes back may have missed a change in either direction.
    if (this.#governor && (again || this.#governor.level > 0)) client.send("zone:load", this.#load);
  }

  override onLeave(client: Client): void {
    if (this.#stock) this.#stock.leave(client);
    else this.serializer?.remove(client.sessionId);
  }

  override onSpawn(entityId: string, entity: EntityState): void {
    this.serializer?.replicator.spawned(entityId, entity);
  }

  override onDespawn(entityId: string): void {
    if (this.#stock) this.#stock.despawn(entityId);
    else this.serializer?.replicator.despawned(entityId);
  }

  override onTick({ frame, nowMs }: TickContext): void {
    if (this.serializer) this.serializer.nextFrame = frame;
    const { frameHz, tickHz } = this.room.world;
    if (frame % (frameHz / tickHz) !== 0) return;
    this.#stock?.tick();
    this.#govern(nowMs);
  }

  override readMetrics(): readonly PluginMetric[] {
    if (!this.serializer) return [];
    const { replicator } = this.serializer;
    const { stats, rates } = replicator;
    const counter = (name: string, help: string, value: number, labels: Record<string, string> = {}): PluginMetric => ({
      name,
      help,
      type: "counter",
      value,
      labels,
    });
    const records = "Records that were sent: what changed of another's entity, all of it, or the own body.";
    const recordBytes = "Bytes of those records.";
    const steps = "Times that replication gave way to load, and came back.";
    return [
      {
        name: "load_level",
        help: "How far replication gives way to load: 0 not at all, 4 the most.",
        type: "gauge",
        value: this.#governor?.level ?? 0,
      },
      counter("load_steps_total", steps, this.#governor?.raises ?? 0, { direction: "up" }),
      counter("load_steps_total", steps, this.#governor?.lowers ?? 0, { direction: "down" }),
      ...(["local", "combat", "visual", "extended"] as const).map(
        (tier): PluginMetric => ({
          name: "rate_hz",
          help: "Updates a second of each tier at the moment.",
          type: "gauge",
          value: rates[tier],
          labels: { tier },
        }),
      ),
      { name: "extended_radius_metres", help: "How far entities are seen at the moment.", type: "gauge", value: rates.extendedRadiusM },
      counter("records_total", records, stats.records, { kind: "update" }),
      counter("records_total", records, stats.fullRecords, { kind: "full" }),
      counter("records_total", records, stats.ownRecords, { kind: "own" }),
      counter("record_bytes_total", recordBytes, stats.recordBytes, { kind: "update" }),
      counter("record_bytes_total", recordBytes, stats.fullRecordBytes, { kind: "full" }),
      counter("record_bytes_total", recordBytes, stats.ownRecordBytes, { kind: "own" }),
      counter("runs_total", "Copies that those records took.", stats.runs),
      counter("scans_total", "Times that a viewer's surroundings were looked over.", stats.scans),
      counter("shortfalls_total", "Times that a viewer's budget did not suffice.", stats.shortfalls),
      {
        name: "longest_wait_frames",
        help: "Frames that an update waited for a budget at the most.",
        type: "gauge",
        value: stats.longestWaitFrames,
      },
    ];
  }

  override explain(viewer: Avatar, entityId: string): Readonly<Record<string, unknown>> | undefined {
    const seen = this.serializer?.viewerOf(viewer.sessionId);
    if (!this.serializer || !seen) return undefined;
    const { replicator } = this.serializer;
    return explainPair(replicator.pairOf(seen, entityId), {
      tiers: this.room.zone.tiers,
      rates: replicator.rates,
      frameHz: this.room.world.frameHz,
      budgetBytesPerSecond: this.options.budgetBytesPerSecond,
      loadLevel: this.#governor?.level ?? 0,
    });
  }

  #govern(nowMs: number): void {
    const { ticks, lastTickMs } = this.room.metrics;
    // The tick that is measured is the one before; in the first there is none.
    if (!this.#governor || !this.serializer || ticks === this.#ticks) return;
    this.#ticks = ticks;
    const change = this.#governor.tick(lastTickMs, nowMs);
    if (!change) return;
    const { frameHz, tickHz } = this.room.world;
    this.serializer.replicator.setRates(ratesOf(change.level, this.room.zone.tiers, frameHz, tickHz));
    this.room.broadcast("zone:load", this.#load);
  }

  /** What clients are told of the load. */
  get #load(): { level: number; step: string; rates: unknown } {
    return { level: this.#governor?.level ?? 0, step: this.#governor?.step ?? "full", rates: this.serializer?.replicator.rates };
  }
}
