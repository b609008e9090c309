import {
  type AuthContext,
  type Client,
  type ClientPrivate,
  CloseCode,
  Protocol,
  Room,
  type Serializer,
  ServerError,
  type StepContext,
} from "@colyseus/core";
import { BmError, type World, type Zone } from "../config/index.ts";
import { type Avatar, noSolidsYet } from "./avatar.ts";
import { CLOSE_WITH_ERROR, InboundGuard } from "./inbound-guard.ts";
import { INPUT_BATCH_MESSAGE, unpackInputBatch } from "./input/input-batch.ts";
import { inputFrameProblem } from "./input/input-frame.ts";
import { createInputStepper, type InputStepper } from "./input/input-stepper.ts";
import { MovementInput } from "./input/movement-input.ts";
import { createJoinParser, type JoinOptions } from "./join-options.ts";
import { roomIdOfZone } from "./matchmaking.ts";
import { type MovementParameters, type MovementStep, stepMovement } from "./movement/movement.ts";
import type { PluginType } from "./plugin-contract.ts";
import { type HostedPlugin, PluginHost } from "./plugin-host.ts";
import { bindPluginMessages } from "./plugin-messages.ts";
import type { StateTypes, ZoneState } from "./state/state-types.ts";
import { ZoneEntities } from "./zone-entities.ts";
import { ZoneMetrics } from "./zone-metrics.ts";

/** A plugin of the world with the options it has in each zone; `false` where the zone switches it off. */
export interface WorldPlugin {
  type: PluginType;
  optionsOf(zone: Zone): unknown | false;
}

/** Everything that the zone rooms of one world share. */
export interface ZoneRoomSetup {
  world: World;
  plugins: readonly WorldPlugin[];
  stateTypes: StateTypes;
  /** Entity ids, unique over all zones. */
  nextEntityId(): string;
  log(level: "debug" | "info" | "warn" | "error", zone: string, message: string, data?: Record<string, unknown>): void;
}

/** The first message to a client: who it is, and how this world moves. */
export interface ZoneWelcome {
  entityId: string;
  zone: string;
  tickHz: number;
  frameHz: number;
  tiers: Zone["tiers"];
  protocol: string;
  /** What the client's own prediction must use. */
  movement: MovementParameters;
}

/** What makes a zone's room; given by the server alone, never by a client. */
interface ZoneCreateOptions {
  zone: string;
}

/** Close codes after which no one comes back, so no place is kept. */
const FINAL_CLOSE_CODES = new Set<number>([CloseCode.SERVER_SHUTDOWN, CLOSE_WITH_ERROR]);

/** Milliseconds that leaving players and their plugins get when a zone drains. */
const DRAIN_LIMIT_MS = 5000;

/**
 * One zone of the world: a Colyseus room that owns everything between two longitudes. It moves bodies, keeps connections and
 * runs plugins; whatever else a zone does, a plugin does. Make its class with {@link defineZoneRoom}.
 */
export abstract class ZoneRoom extends Room<{ state: ZoneState }> {
  /** What all zones of this world share. */
  protected abstract readonly setup: ZoneRoomSetup;

  readonly metrics = new ZoneMetrics();
  override autoDispose = false;
  /** A field, not a method: as a method the host would bind hooks before this class has them. Catches messages and the tick. */
  override onUncaughtException = (error: Error, where: string) =>
    this.reportError(new BmError("BM_INTERNAL", `${where}: ${error.message}`, { cause: error }));

  #zone!: Zone;
  #entities!: ZoneEntities;
  #host!: PluginHost;
  #guard!: InboundGuard;
  #stepper!: InputStepper;
  #movementParameters!: MovementParameters;
  #movement!: MovementStep;
  #parseJoin!: (value: unknown) => JoinOptions;
  readonly #avatars = new Map<string, Avatar>();
  /** A plugin has replaced the serializer: it paces itself, by frames. */
  #serializes = false;
  #tickMs = 0;
  #disposal: Promise<void> | undefined;
  #startedMs = 0;

  /** The zone's definition. */
  get zone(): Zone {
    return this.#zone;
  }

  get world(): World {
    return this.setup.world;
  }

  /** Everything with a position in this zone. */
  get entities(): ZoneEntities {
    return this.#entities;
  }

  get pluginHost(): PluginHost {
    return this.#host;
  }

  /** Players of this zone by session id, those whose connection is down included. */
  get avatars(): ReadonlyMap<string, Avatar> {
    return this.#avatars;
  }

  /** How bodies move here, and with what numbers: the same for every client's prediction. */
  get movement(): { step: MovementStep; parameters: MovementParameters } {
    return { step: this.#movement, parameters: this.#movementParameters };
  }

  /** Who a client plays, from its `onJoin` to its `onLeave`. Throws for a client that has not joined. */
  avatarOf(client: Client): Avatar {
    const avatar = this.#avatars.get(client.sessionId);
    if (!avatar) throw new BmError("BM_INTERNAL", `session ${client.sessionId} has no avatar in zone ${this.#zone.name}`);
    return avatar;
  }

  /** The running instance of a plugin by name, for plugins that build on another. */
  pluginNamed(name: string): unknown {
    return this.#host.plugins.find((plugin) => plugin.name === name)?.instance;
  }

  /** Answers a client's mistake with a coded `error` message and counts it. */
  refuse(client: Client, error: BmError): void {
    this.#guard.refuse(client, error);
  }

  /** Counts and logs an error that no client is to blame for. */
  reportError(error: BmError): void {
    this.metrics.countError(error.code);
    this.setup.log("error", this.#zone?.name ?? "?", `${error.code} ${error.message}`, {
      ...error.data,
      stack: (error.cause as Error | undefined)?.stack,
    });
  }

  /** Called by the host when the state is set, once. */
  override setSerializer(serializer: Serializer<ZoneState>): void {
    const replacement = this.#host.plugins.find((plugin) => plugin.instance.serializer)?.instance.serializer;
    this.#serializes = replacement !== undefined;
    super.setSerializer(replacement ?? serializer);
  }

  override async onCreate(options: ZoneCreateOptions): Promise<void> {
    const { world, stateTypes } = this.setup;
    const zone = world.zones.find((candidate) => candidate.name === options.zone);
    if (!zone) throw new BmError("BM_ZONE_UNKNOWN", `no zone named ${options.zone}`);
    this.#zone = zone;
    this.roomId = roomIdOfZone(zone.name);
    this.maxClients = zone.capacity;
    this.seatReservationTimeout = world.limits.seatReservationSeconds;
    this.#startedMs = performance.now();
    this.#parseJoin = createJoinParser(world.limits);

    // Before the state: setting it asks for the serializer, which a plugin may bring.
    this.#hostPlugins();
    const state = new stateTypes.ZoneState();
    state.zone.name = zone.name;
    state.zone.west = zone.west;
    state.zone.east = zone.east;
    this.state = state;

    this.#movementParameters = { ...world.movement, southDeg: world.limits.latitudeDeg.min, northDeg: world.limits.latitudeDeg.max };
    this.#guardInbound();
    bindPluginMessages(this, this.#host);
    this.#entities = new ZoneEntities(state.entities, stateTypes, this.setup.nextEntityId, this.#host);
    this.#movement = this.#host.plugins.find((plugin) => plugin.instance.movement)?.instance.movement ?? stepMovement;
    const inputs = this.defineInput(MovementInput, { bufferMaxSize: world.limits.inputBufferSteps });
    this.#stepper = createInputStepper({
      inputs,
      entities: this.#entities,
      step: this.#movement,
      parameters: this.#movementParameters,
      frameHz: world.frameHz,
      metrics: this.metrics,
      refuse: (client, error) => this.refuse(client, error),
    });

    await this.#host.create();
    // In this order: a null patch rate before there is a timestep starts a second clock that steals its time.
    this.setFixedTimestep((step) => this.#runFrame(step), world.frameHz);
    this.patchRate = null;
    await this.setMatchmaking({ metadata: { zone: zone.name } });
  }

  override async onAuth(client: Client, options: unknown, _context: AuthContext): Promise<true> {
    await this.#host.auth(client, options).catch(refuseSeat);
    return true;
  }

  override async onJoin(client: Client, options: unknown): Promise<void> {
    const join = this.#parseJoin(options);
    const { id, entity } = this.#entities.spawn({ kind: "avatar", position: join, name: join.name });
    const avatar: Avatar = {
      entityId: id,
      sessionId: client.sessionId,
      entity,
      predict: join.predict,
      client,
      connected: true,
      joinedAtMs: performance.now(),
      stepCredit: 0,
      pace: undefined,
      silentFrames: 0,
      nearSolids: noSolidsYet(),
    };
    this.#avatars.set(client.sessionId, avatar);
    this.#meterOutbound(client);
    this.metrics.joins++;
    // After a throw the host calls onDrop and onLeave, which clean up.
    await this.#host.join(client, join).catch(refuseSeat);
    client.send("zone:welcome", this.#welcome(avatar));
    this.#host.welcome(client, false);
    this.setup.log("debug", this.#zone.name, "joined", { entityId: id, sessionId: client.sessionId });
  }

  override async onDrop(client: Client, code?: number): Promise<void> {
    const avatar = this.#avatars.get(client.sessionId);
    if (!avatar) return;
    avatar.connected = false;
    this.metrics.drops++;
    this.setup.log("debug", this.#zone.name, "dropped", { entityId: avatar.entityId, sessionId: client.sessionId, closeCode: code });
    await this.#host.drop(client, code);
    if (FINAL_CLOSE_CODES.has(code ?? 0)) return;
    // Rejects when the grace time ends, or at once for a client that never finished joining; onLeave follows either way.
    Promise.resolve(this.allowReconnection(client, this.world.limits.reconnectGraceSeconds)).catch(() => {});
  }

  override async onReconnect(client: Client): Promise<void> {
    const avatar = this.#avatars.get(client.sessionId);
    if (!avatar) return;
    avatar.client = client;
    avatar.connected = true;
    avatar.joinedAtMs = performance.now();
    avatar.silentFrames = 0;
    this.#meterOutbound(client);
    this.metrics.reconnects++;
    await this.#host.reconnect(client);
    // A page that was reloaded has lost everything but its reconnection token.
    client.send("zone:welcome", this.#welcome(avatar));
    this.#host.welcome(client, true);
  }

  override async onLeave(client: Client, code?: number): Promise<void> {
    const avatar = this.#avatars.get(client.sessionId);
    if (!avatar) return;
    avatar.connected = false;
    this.metrics.leaves++;
    await this.#host.leave(client, code);
    this.#avatars.delete(client.sessionId);
    this.#entities.despawn(avatar.entityId);
    this.#guard.forget(client);
    this.setup.log("debug", this.#zone.name, "left", { entityId: avatar.entityId, sessionId: client.sessionId, closeCode: code });
  }

  override onDispose(): Promise<void> {
    this.#disposal ??= this.#host.dispose();
    return this.#disposal;
  }

  /**
   * Sends every client away with the code of a shutdown, waits until their leaving is done, and disposes the plugins. The host's own
   * disposal asks the room listing first, and would wait for ever for a Redis that is gone.
   */
  async drain(): Promise<void> {
    this.disconnect(CloseCode.SERVER_SHUTDOWN).catch(() => {});
    const end = performance.now() + DRAIN_LIMIT_MS;
    while (this.#avatars.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    await this.onDispose();
  }

  /** Players here, those whose connection is down included, and how many there may be. */
  get load(): { players: number; capacity: number } {
    return { players: this.#avatars.size, capacity: this.#zone.capacity };
  }

  /**
   * One frame at 60 Hz; every second one carries the world tick. Data flows one way: input, simulate, replicate, persist.
   */
  #runFrame(step: StepContext): void {
    const began = performance.now();
    const nowMs = began - this.#startedMs;
    const framesPerTick = this.world.frameHz / this.world.tickHz;
    const worldTick = step.tick % framesPerTick === 0;
    this.metrics.frames++;

    for (const avatar of this.#avatars.values()) this.#advance(avatar);
    this.#host.runTicks("input", step.tick, nowMs);
    this.#host.runTicks("simulate", step.tick, nowMs);
    this.#host.runTicks("replicate", step.tick, nowMs);
    if (worldTick || this.#serializes) this.broadcastPatch();
    this.#host.runTicks("persist", step.tick, nowMs);

    this.#tickMs += performance.now() - began;
    if (worldTick) {
      this.metrics.recordTick(this.#tickMs + this.#guard.takeMilliseconds());
      this.#tickMs = 0;
    }
  }

  /** Takes an avatar's input; a movement of a plugin's that throws holds up that body and no other. */
  #advance(avatar: Avatar): void {
    try {
      this.#stepper.advance(avatar);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.reportError(new BmError("BM_PLUGIN_FAILED", `the movement of entity ${avatar.entityId} threw: ${reason}`, { cause: error }));
    }
  }

  #welcome(avatar: Avatar): ZoneWelcome {
    const { frameHz, tickHz } = this.world;
    return {
      entityId: avatar.entityId,
      zone: this.#zone.name,
      tickHz,
      frameHz,
      tiers: this.#zone.tiers,
      protocol: this.setup.stateTypes.protocol,
      movement: this.#movementParameters,
    };
  }

  /** Puts the guard between the socket and the host's own reading of frames. */
  #guardInbound(): void {
    const host = this as unknown as { _onMessage(client: Client & ClientPrivate, frame: Buffer): void };
    const deliver = host._onMessage.bind(this);
    this.#guard = new InboundGuard({
      limits: this.world.limits,
      frameHz: this.world.frameHz,
      metrics: this.metrics,
      deliver,
      onError: (error) => this.setup.log("debug", this.#zone.name, `${error.code} ${error.message}`, error.data),
    });
    host._onMessage = (client, frame) => this.#guard.receive(client, frame);

    this.onMessageBytes(INPUT_BATCH_MESSAGE, (client: Client & ClientPrivate, bytes: Buffer) => {
      const frames = unpackInputBatch(bytes);
      const wellFormed = frames?.every(
        (frame) => frame[0] === Protocol.ROOM_INPUT_RELIABLE && inputFrameProblem(frame[0], frame) === undefined,
      );
      if (frames && wellFormed) {
        if (!this.#guard.takeInputSteps(client, frames.length)) return;
        this.avatarOf(client).pace ??= { leastWaiting: Number.POSITIVE_INFINITY, frames: 0, extraSteps: 0 };
        for (const frame of frames) deliver(client, frame);
      } else this.#guard.refuseFrame(client, `${INPUT_BATCH_MESSAGE} with ${bytes.byteLength} bytes that are no batch of input frames`);
    });
    this.onMessage("*", (client, type) => {
      const shown = String(type).slice(0, 40);
      this.refuse(
        client,
        new BmError("BM_MESSAGE_UNKNOWN", `type: got "${shown}", expected a message of a plugin of this zone`, {
          data: { field: "type", value: shown },
        }),
      );
    });
  }

  #hostPlugins(): void {
    const hosted: HostedPlugin[] = this.setup.plugins.map(({ type, optionsOf }) => {
      const options = optionsOf(this.#zone);
      const instance = new type((options === false ? {} : options) as never);
      // The host would call these hooks by itself, without our order, timing and guards: only PluginHost calls them.
      (instance as unknown as { room: ZoneRoom }).room = this;
      return { name: type.pluginName, statics: type, instance, active: options !== false };
    });
    this.#host = new PluginHost(hosted, this.world, (error) => this.reportError(error));
  }

  /** Counts what is sent to a client, whichever way the host sends it. */
  #meterOutbound(client: Client): void {
    const raw = client.raw.bind(client);
    const { metrics } = this;
    client.raw = (data, options, done) => {
      metrics.messagesOut++;
      metrics.bytesOut += data.byteLength;
      raw(data, options, done);
    };
  }
}

/** Of an error on the way into a room the SDK sees a number and a message only: the code goes into the message. */
function refuseSeat(error: unknown): never {
  throw error instanceof BmError ? new ServerError(error.status, `${error.code} ${error.message}`) : error;
}

/**
 * Makes the room class of one world. A class of its own for every set of plugins: the host caches what it finds on a class,
 * and schema classes must not be shared between layouts.
 */
export function defineZoneRoom(setup: ZoneRoomSetup): new () => ZoneRoom {
  return class extends ZoneRoom {
    protected override readonly setup = setup;
  };
}
