import { type Client, RoomPlugin } from "@colyseus/core";
import type { z } from "zod";
import type { Avatar, EntityState, HandoffData, PluginHooks, PluginMetric, TickContext, ZoneRoom } from "../rooms/index.ts";

/**
 * Base class of every plugin, built in or a modder's: a Colyseus `RoomPlugin` with the hooks that Colyseus lacks. One
 * instance lives in each zone's room; `this.room` is that room, `this.options` are the checked options, and
 * `this.room.avatarOf(client)` is who a client plays.
 *
 * The class declares itself by statics ({@link PluginStatics}): `pluginName` always; `options`, `requires`, `after`, `fields`,
 * `encodings` and `tick` as needed. Messages are declared as the field `messages`, named `<pluginName>:<verb>`, as arrow functions.
 *
 * A hook that throws is counted and named in the log and on /metrics; the zone goes on. To refuse a client from `onAuth`, `onJoin` or
 * a message, throw a `BmError`: the client gets its code and message.
 *
 * @typeParam O - the options after checking: `z.output<typeof MyPlugin.options>`.
 */
export abstract class ZonePlugin<O = Record<string, never>> extends RoomPlugin<ZoneRoom> implements PluginHooks {
  declare public readonly room: ZoneRoom;
  protected readonly options: O;

  constructor(options: O) {
    super();
    this.options = options;
  }

  override onCreate?(): void | Promise<void>;
  override onAuth?(client: Client, options: unknown): void | Promise<void>;
  override onJoin?(client: Client, options?: unknown): void | Promise<void>;
  override onLeave?(client: Client, code?: number): void | Promise<void>;
  override onDispose?(): void | Promise<void>;
  onDrop?(client: Client, code?: number): void | Promise<void>;
  onReconnect?(client: Client): void | Promise<void>;
  onWelcome?(client: Client, again: boolean): void;
  onTick?(tick: TickContext): void;
  onSpawn?(entityId: string, entity: EntityState): void;
  onDespawn?(entityId: string, entity: EntityState): void;
  onHandoffOut?(avatar: Avatar): HandoffData | undefined;
  onHandoffIn?(avatar: Avatar, data: HandoffData): void;
  readMetrics?(): readonly PluginMetric[];
  explain?(viewer: Avatar, entityId: string): Readonly<Record<string, unknown>> | undefined;
}

/** The options of a plugin as its hooks see them, from its zod schema. */
export type PluginOptions<S extends z.ZodType> = z.output<S>;
