import { CloseCode } from "@colyseus/sdk";
import { ConnectionError, closedError, isRetryable, parseCodedMessage, toConnectionError } from "./connection-error.ts";
import { callGuarded, Emitter } from "./emitter.ts";
import { type Entity, type OwnEntity, positionOf } from "./entity.ts";
import { EntityView } from "./entity-view.ts";
import { MessageHub } from "./message-hub.ts";
import { abandonRoom, leaveRoom, openSession, type RoomSession, type ZoneClient, type ZoneRoomHandle } from "./room-session.ts";
import { backoffMs, type CompleteSettings, type JoinOptions } from "./settings.ts";
import { watchSilence } from "./silence-watch.ts";
import { WorldInput } from "./world-input.ts";
import type { ZoneWelcome } from "./zone-welcome.ts";

/** What a {@link WorldConnection} tells. */
export interface WorldConnectionEvents {
  /** The zone one is in now, first and after every change of the room: a rejoin names the same zone again. */
  zone(name: string): void;
  /** An entity has come into view; one's own is the first of them. */
  enter(id: string, entity: Entity): void;
  /** An entity that had entered is gone: out of range, removed, or left behind by a rejoin. */
  leave(id: string, entity: Entity): void;
  /** The server refused something, or the connection is in trouble; see `CLIENT_ERROR_CODES`. */
  error(error: ConnectionError): void;
}

/** `open`: in a zone. `reconnecting`: out of touch and trying. `closed`: for good. */
export type ConnectionState = "open" | "reconnecting" | "closed";

/** The SDK's tries to get a dropped socket back; the grace time ends them anyway. */
const MAX_SOCKET_RETRIES = 64;

/**
 * A player in the world, whatever room and socket that takes. Made by `connect`.
 *
 * A dropped socket goes back to its seat. Where that fails, the helper joins anew at the place where it last stood: a new
 * {@link entityId}, `leave` for every entity of before, `zone`, and `enter` for every entity of now. What the server ends on
 * purpose stays ended.
 */
export class WorldConnection {
  /** What the player wants: set its properties. */
  readonly input = new WorldInput();

  readonly #client: ZoneClient;
  readonly #options: JoinOptions;
  readonly #settings: CompleteSettings;
  readonly #events = new Emitter<WorldConnectionEvents>();
  readonly #messages = new MessageHub();
  readonly #entities = new EntityView({
    enter: (id, entity) => this.#events.emit("enter", id, entity),
    leave: (id, entity) => this.#events.emit("leave", id, entity),
  });
  readonly #abort = new AbortController();
  #session!: RoomSession;
  #state: ConnectionState = "open";
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  #stopWatching = (): void => {};
  #rejoining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(client: ZoneClient, options: JoinOptions, settings: CompleteSettings) {
    this.#client = client;
    this.#options = options;
    this.#settings = settings;
  }

  /** @internal Joins; see `connect`. */
  static async open(client: ZoneClient, options: JoinOptions, settings: CompleteSettings): Promise<WorldConnection> {
    const connection = new WorldConnection(client, options, settings);
    connection.#adopt(await connection.#join(options));
    return connection;
  }

  /** One's own entity: a decimal string that stays the same until a rejoin. */
  get entityId(): string {
    return this.#session.welcome.entityId;
  }

  /** Name of the zone. */
  get zone(): string {
    return this.#session.welcome.zone;
  }

  /** What the zone said first: rates, tiers, how bodies move. */
  get welcome(): ZoneWelcome {
    return this.#session.welcome;
  }

  /** The SDK's room as of now. Another one after a rejoin: take it anew with every `zone`. */
  get room(): ZoneRoomHandle {
    return this.#session.room;
  }

  /** Entities in view by id, one's own among them: a live, read-only map. While out of touch it shows what was last seen. */
  get entities(): ReadonlyMap<string, Entity> {
    return this.#entities;
  }

  /** One's own entity as the server has it. */
  get self(): OwnEntity {
    return this.#session.room.state.entities.get(this.entityId) as OwnEntity;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /**
   * Sends a message of a plugin, such as `chat:send`. While out of touch the last ten are kept, and sent when back.
   * @throws ConnectionError `BM_CLIENT_CLOSED` when closed.
   */
  send(type: string, payload?: unknown): void {
    if (this.#state === "closed") throw closedError(`send("${type}")`);
    if (this.#state === "open" && this.room.connection.isOpen) this.room.send(type, payload);
    else this.#messages.hold(type, payload);
  }

  /** Listens for a message of a plugin, such as `chat:message`, in whatever room one is. Returns what ends it. */
  onMessage<Payload = unknown>(type: string, listener: (payload: Payload) => void): () => void {
    return this.#messages.on(type, listener as (payload: unknown) => void);
  }

  /**
   * Listens for an event. `zone` and `enter` also tell at once, before this returns, what is so already: the current zone, and
   * every entity in view. Returns what ends it.
   */
  on<K extends keyof WorldConnectionEvents>(event: K, listener: WorldConnectionEvents[K]): () => void {
    if (event === "zone") callGuarded(listener as WorldConnectionEvents["zone"], this.zone);
    if (event === "enter") {
      for (const [id, entity] of [...this.#entities]) callGuarded(listener as WorldConnectionEvents["enter"], id, entity);
    }
    return this.#events.on(event, listener);
  }

  /** Leaves the world, or ends the attempt to get back in. Never rejects; no event follows. The same promise every time. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end();
    this.#events.clear();
    await Promise.all([leaveRoom(this.room), this.#rejoining]);
  }

  /** Stops everything that runs by itself. */
  #end(): void {
    this.#state = "closed";
    this.#abort.abort();
    this.#release();
    this.input.stop();
    this.#messages.clear();
  }

  /** Lets go of the current room; what it showed last stays readable. */
  #release(): void {
    clearTimeout(this.#graceTimer);
    this.#stopWatching();
    this.#session.batcher.clear();
    this.input.detach();
    this.#entities.detach();
  }

  #join(options: JoinOptions): Promise<RoomSession> {
    return openSession(this.#client, options, this.#settings.joinTimeoutMs, this.#abort.signal, (room) => this.#prepare(room));
  }

  /** Listeners of a room that has not connected yet. They hold their tongues until it is the current one. */
  #prepare(room: ZoneRoomHandle): void {
    const isCurrent = () => this.#state !== "closed" && this.#session?.room === room;
    let resynchronize = false;
    room.reconnection.maxRetries = MAX_SOCKET_RETRIES;
    room.reconnection.backoff = (attempt, firstMs) => backoffMs(attempt, firstMs, room.reconnection.maxDelay);
    room.onError((code, message) => {
      // Without a number it is the socket's, and its end follows. While out of touch it is a try of the SDK's that failed.
      if (typeof code === "number" && isCurrent() && this.#state === "open") this.#events.emit("error", sdkError(code, message));
    });
    room.onDrop((code) => {
      if (isCurrent()) this.#onDrop(code);
    });
    room.onReconnect(() => {
      resynchronize = true;
      if (isCurrent()) this.#onReconnect();
    });
    room.onStateChange(() => {
      if (!resynchronize || !isCurrent()) return;
      resynchronize = false;
      this.#entities.resynchronize();
    });
    room.onLeave((code, reason) => {
      if (isCurrent()) this.#onLeave(code, reason);
    });
    this.#messages.attach(room, isCurrent);
    room.onMessage("error", (payload: { code?: unknown; message?: unknown; data?: unknown } | undefined) => {
      if (!isCurrent()) return;
      const code = typeof payload?.code === "string" ? payload.code : "BM_CLIENT_REFUSED";
      this.#events.emit("error", new ConnectionError(code, String(payload?.message ?? code), { data: payload?.data }));
    });
  }

  #adopt(session: RoomSession): void {
    this.#entities.clear();
    this.#session = session;
    this.#state = "open";
    this.#stopWatching = watchSilence(session.room, this.#settings.silenceMs);
    this.#events.emit("zone", session.welcome.zone);
    // A listener may have closed the connection.
    if (this.#state !== "open") return;
    this.#entities.follow(session.room, session.welcome.entityId);
    this.input.attach(session.room, session.welcome.frameHz);
    this.#messages.release((type, payload) => session.room.send(type, payload));
  }

  #onDrop(code: number): void {
    // The SDK says so again after each try that fails.
    if (this.#state === "reconnecting") return;
    this.#state = "reconnecting";
    this.#session.batcher.clear();
    // The SDK itself waits for a frozen server for ever.
    this.#graceTimer = setTimeout(() => this.#startRejoin(), this.#settings.reconnectGraceMs);
    this.#events.emit("error", droppedError(code));
  }

  #onReconnect(): void {
    clearTimeout(this.#graceTimer);
    this.#state = "open";
    // The SDK sends what it holds back itself right after this event, and its frames must come first.
    queueMicrotask(() => {
      if (this.#state === "open") this.#messages.release((type, payload) => this.room.send(type, payload));
    });
  }

  #onLeave(code: number, reason: string | undefined): void {
    const coded = parseCodedMessage(reason);
    if (coded) {
      this.#fail(new ConnectionError(coded.code, coded.message, { status: code }));
    } else if (code === CloseCode.CONSENTED || code === CloseCode.NORMAL_CLOSURE) {
      const why = reason ? `: ${reason}` : "";
      this.#fail(new ConnectionError("BM_CLIENT_REMOVED", `the server ended the connection${why}`, { status: code }));
    } else {
      if (this.#state === "open") this.#events.emit("error", droppedError(code));
      if (this.#state !== "closed") this.#startRejoin();
    }
  }

  /** Ends with an error, without a try to come back. */
  #fail(error: ConnectionError): void {
    this.#end();
    abandonRoom(this.room);
    this.#events.emit("error", error);
  }

  #startRejoin(): void {
    this.#state = "reconnecting";
    this.#release();
    abandonRoom(this.room);
    this.#rejoining ??= this.#rejoin().finally(() => {
      this.#rejoining = undefined;
    });
  }

  async #rejoin(): Promise<void> {
    const { maxRejoins, rejoinDelayMs, maxRejoinDelayMs } = this.#settings;
    const options = { ...this.#options, ...lastGround(this.self) };
    let cause: ConnectionError | undefined;
    for (let attempt = 1; attempt <= maxRejoins; attempt++) {
      await pause(backoffMs(attempt, rejoinDelayMs, maxRejoinDelayMs), this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      try {
        const session = await this.#join(options);
        return this.#adopt(session);
      } catch (error) {
        cause = toConnectionError(error);
        if (this.#abort.signal.aborted) return;
        if (!isRetryable(cause)) return this.#fail(cause);
        this.#events.emit("error", cause);
      }
    }
    const text = `gave up after ${maxRejoins} tries to join again${cause ? `; the last met ${cause.code}: ${cause.message}` : ""}`;
    this.#fail(new ConnectionError("BM_CLIENT_LOST", text, { cause }));
  }
}

/** Where to stand again. The ground under the body rather than its own height: one who was in the air would hover for ever. */
function lastGround(self: OwnEntity | undefined): { longitude?: number; latitude?: number; altitude?: number } {
  if (!self) return {};
  const { longitude, latitude } = positionOf(self);
  return { longitude, latitude, altitude: self.groundZ / 100 };
}

function droppedError(code: number): ConnectionError {
  return new ConnectionError("BM_CLIENT_DROPPED", `the connection broke with ${code}; trying to get it back`, { status: code });
}

function sdkError(code: number, message: string | undefined): ConnectionError {
  const coded = parseCodedMessage(message);
  if (coded) return new ConnectionError(coded.code, coded.message, { status: code });
  return new ConnectionError("BM_CLIENT_REFUSED", message || `the server reported error ${code}`, { status: code });
}

/** Resolves after a time, or at once when the signal is given. */
function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    signal.addEventListener("abort", done);
  });
}
