import type { Client, RoomPlugin, Serializer } from "@colyseus/core";
import type { z } from "zod";
import type { Avatar } from "./avatar.ts";
import type { MovementStep } from "./movement/movement.ts";
import type { EncodingSpecs, FieldSpecs } from "./state/fields.ts";
import type { EntityState, ZoneState } from "./state/state-types.ts";

/**
 * The phases of a world tick, in order; data flows one way. `input`: what players asked for becomes movement.
 * `simulate`: the world acts. `replicate`: what changed is chosen for each viewer, then sent. `persist`: what must last is handed on.
 */
export const TICK_PHASES = ["input", "simulate", "replicate", "persist"] as const;
export type TickPhase = (typeof TICK_PHASES)[number];

/** When a plugin's `onTick` runs. */
export interface TickSpec {
  phase: TickPhase;
  /** A divisor of the world's frame rate (60), or the rate of its `frame`s or of its `tick`s, whatever they are. */
  hz: number | "frame" | "tick";
}

/** What `onTick` is given. The object is reused: read it, do not keep it. */
export interface TickContext {
  /** Frames since the room began, at the world's frame rate. */
  frame: number;
  /** Seconds of world time that this call stands for: 1/hz. */
  dtSeconds: number;
  /** Milliseconds since the room began, monotonic. */
  nowMs: number;
}

/** A number of a plugin for `/metrics`, published as `bm_<plugin>_<name>` with the zone and {@link labels}. */
export interface PluginMetric {
  /** snake_case, without prefix, the unit last: `queue_seconds`. A counter gets `_total` if it lacks it. */
  name: string;
  /** One line: what it counts, in what unit. */
  help: string;
  /** `counter`: only rises, from 0. `gauge`: as it is now. */
  type: "gauge" | "counter";
  /** Finite. */
  value: number;
  /** snake_case names; `zone` is taken. */
  labels?: Readonly<Record<string, string>>;
}

/** Plain data that survives JSON: what a plugin hands over at a border. */
export type HandoffData = null | boolean | number | string | HandoffData[] | { [key: string]: HandoffData };

/** What a plugin class declares about itself. */
export interface PluginStatics {
  /** Unique; prefixes its messages: `<pluginName>:<verb>`. Same rule as zone names. */
  readonly pluginName: string;
  /** Checks and fills in the options of the world definition. Without it the plugin takes none. */
  readonly options?: z.ZodType;
  /** Plugins that must be there, and come before this one. */
  readonly requires?: readonly string[];
  /** Plugins that come before this one if they are there. */
  readonly after?: readonly string[];
  /** Fields it adds to every entity. */
  readonly fields?: FieldSpecs;
  /** Wire types it gives to fields that exist. */
  readonly encodings?: EncodingSpecs;
  /** When `onTick` runs. @defaultValue `{ phase: "simulate", hz: 30 }` */
  readonly tick?: TickSpec;
}

/**
 * The hooks of a plugin instance: those of Colyseus, called as Colyseus calls them, and those that it lacks. All optional; a throw
 * in any of them is caught, counted and named, and the zone goes on. `room.avatarOf(client)` is who a client plays.
 */
export interface PluginHooks {
  /** The room is being made; its state and other plugins before this one are ready. */
  onCreate?(options?: unknown): void | Promise<void>;
  /** A client asks to come in. Throw a BmError to refuse. */
  onAuth?(client: Client, options: unknown): void | Promise<void>;
  /** A client is in and its avatar stands. Throw a BmError to refuse. */
  onJoin?(client: Client, options?: unknown): void | Promise<void>;
  /** The connection broke; the avatar is kept for the grace time. */
  onDrop?(client: Client, code?: number): void | Promise<void>;
  /** The player is back on a new connection: `client` is a new object. */
  onReconnect?(client: Client): void | Promise<void>;
  /** The client was sent `zone:welcome`, at a join or once more after a reconnection: what is sent from here on comes behind it. Must not wait for anything. */
  onWelcome?(client: Client, again: boolean): void;
  /** The player is gone; the avatar is removed right after. */
  onLeave?(client: Client, code?: number): void | Promise<void>;
  onDispose?(): void | Promise<void>;
  onTick?(tick: TickContext): void;
  /** An entity now exists, avatars included. */
  onSpawn?(entityId: string, entity: EntityState): void;
  /** An entity is about to be removed. */
  onDespawn?(entityId: string, entity: EntityState): void;
  /** The avatar leaves for another zone: what must travel with it. Undefined for nothing. */
  onHandoffOut?(avatar: Avatar): HandoffData | undefined;
  /** The avatar came from another zone, with what this plugin's `onHandoffOut` gave there. */
  onHandoffIn?(avatar: Avatar, data: HandoffData): void;
  /** Somebody reads `/metrics`: at most 64 numbers of this plugin in this zone. Must not wait for anything. */
  readMetrics?(): readonly PluginMetric[];
  /**
   * What this plugin knows about why a viewer sees an entity as it does, for `bm explain`: plain data, undefined for nothing. The
   * entity may be the viewer's own, or in another zone. Must not wait for anything.
   */
  explain?(viewer: Avatar, entityId: string): Readonly<Record<string, unknown>> | undefined;
  /**
   * Replaces how the state reaches clients: a serializer of the host's kind, whose `applyPatches` is called in every frame. It is reset once, when
   * the room's state is set, which is before `onCreate`. One plugin of a world may.
   */
  serializer?: Serializer<ZoneState> | undefined;
  /** Replaces the movement of bodies. One plugin of a world may. */
  movement?: MovementStep;
}

/** A plugin instance: a Colyseus room plugin with the hooks that Colyseus lacks. */
export type PluginInstance = Omit<RoomPlugin, keyof PluginHooks> & PluginHooks & { readonly pluginName?: string };

/** A plugin class. `new` receives the checked options. */
export type PluginType = PluginStatics & (new (options: never) => PluginInstance);
