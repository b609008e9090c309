import { ColyseusSDK, type Room } from "@colyseus/sdk";
import { ConnectionError, toConnectionError } from "./connection-error.ts";
import type { ZoneStateView } from "./entity-view.ts";
import { InputBatcher } from "./input-batcher.ts";
import type { JoinOptions } from "./settings.ts";
import { assertProtocol, type ZoneWelcome } from "./zone-welcome.ts";

/** The room of a zone as the SDK has it. */
export type ZoneRoomHandle = Room<unknown, ZoneStateView>;

/** The name under which all zones are joined; the server picks the one that owns the longitude. */
const ZONE_ROOM_NAME = "zone";

/** Milliseconds that a server gets to confirm a leave; then the socket is closed all the same. */
const LEAVE_TIMEOUT_MS = 2000;

/** The SDK's client, showing each room before it connects: the SDK itself returns none whose join hangs. */
export class ZoneClient extends ColyseusSDK {
  /** Called with each room as it is made. */
  onRoom: (room: ZoneRoomHandle) => void = () => {};
  /** Ends requests that are under way. */
  signal: AbortSignal | undefined;

  constructor(url: string) {
    super(url, {
      fetchFn: (input, init) => fetch(input, this.signal ? { ...init, signal: this.signal } : init),
    });
  }

  protected override createRoom<T>(roomName: string): Room<never, T> {
    const room = super.createRoom<T>(roomName);
    this.onRoom(room as unknown as ZoneRoomHandle);
    return room;
  }
}

/** A zone that has been joined, has its first state and has said welcome. */
export interface RoomSession {
  readonly room: ZoneRoomHandle;
  readonly welcome: ZoneWelcome;
  readonly batcher: InputBatcher;
}

/**
 * Joins the zone that owns a longitude; done when both the welcome and the first state are there.
 * @param prepare called with the room before it connects, so that no message comes too early for its handlers.
 * @param signal gives up; nothing is left behind, on the server neither.
 * @throws ConnectionError for refusals, faults, another protocol, and after `timeoutMs` without an answer.
 */
export function openSession(
  client: ZoneClient,
  options: JoinOptions,
  timeoutMs: number,
  signal: AbortSignal,
  prepare: (room: ZoneRoomHandle) => void,
): Promise<RoomSession> {
  return new Promise((resolve, reject) => {
    const request = new AbortController();
    let room: ZoneRoomHandle | undefined;
    let joined = false;
    let welcome: ZoneWelcome | undefined;
    let hasState = false;
    let settled = false;

    const settle = (): void => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown): void => {
      if (settled) return;
      settle();
      request.abort();
      if (room && joined) void leaveRoom(room);
      else if (room) abandonRoom(room);
      reject(toConnectionError(error));
    };
    const finishWhenComplete = (): void => {
      if (settled || !room || !joined || !welcome || !hasState) return;
      settle();
      resolve({ room, welcome, batcher: new InputBatcher(room) });
    };
    const onAbort = (): void => fail(new ConnectionError("BM_CLIENT_CLOSED", "the connection was closed while it was being made"));
    // The SDK waits for a frozen server for ever.
    const timer = setTimeout(
      () => fail(new ConnectionError("BM_CLIENT_TIMEOUT", `no answer within ${timeoutMs} ms`, { data: { timeoutMs } })),
      timeoutMs,
    );
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) {
      onAbort();
      return;
    }

    client.signal = request.signal;
    client.onRoom = (made) => {
      if (settled) {
        queueMicrotask(() => abandonRoom(made));
        return;
      }
      room = made;
      prepare(made);
      // The host waits 5 s by default before it holds a connection worth having back.
      made.reconnection.minUptime = 0;
      const unwelcome = made.onMessage("zone:welcome", (payload: ZoneWelcome) => {
        unwelcome();
        try {
          assertProtocol(payload);
          welcome = payload;
          finishWhenComplete();
        } catch (error) {
          fail(error);
        }
      });
      made.onStateChange(() => {
        if (hasState) return;
        hasState = true;
        finishWhenComplete();
      });
      made.onLeave((code, reason) => fail(leftBeforeWelcome(code, reason)));
    };
    client.joinOrCreate(ZONE_ROOM_NAME, options).then(() => {
      joined = true;
      if (settled && room) void leaveRoom(room);
      else finishWhenComplete();
    }, fail);
  });
}

function leftBeforeWelcome(code: number, reason: string | undefined): ConnectionError {
  const why = reason ? `: ${reason}` : "";
  return new ConnectionError("BM_CLIENT_REFUSED", `the server closed the connection before its welcome, with ${code}${why}`, {
    status: code,
  });
}

/**
 * Leaves a room with consent, so that the server frees the place at once and the SDK does not come back. Always settles: a
 * server that does not answer is left without its answer.
 */
export async function leaveRoom(room: ZoneRoomHandle): Promise<void> {
  if (room.connection?.isOpen) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_TIMEOUT_MS);
    });
    await Promise.race([room.leave(true), late]).catch(() => {});
    clearTimeout(timer);
  }
  abandonRoom(room);
}

/**
 * Makes sure that a room never does anything again: no event, no socket, no reconnection. The SDK has no call for this: a
 * reconnection that it has planned would still open a socket, and take the place of whoever came instead.
 */
export function abandonRoom(room: ZoneRoomHandle): void {
  room.reconnection.enabled = false;
  room.removeAllListeners();
  const { connection } = room;
  if (!connection) return;
  connection.reconnect = () => {};
  delete connection.events.onmessage;
  delete connection.events.onerror;
  try {
    connection.close();
  } catch {
    // Never opened.
  }
}
