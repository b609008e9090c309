import { ClientState } from "@colyseus/core";
import type { ZoneRoom } from "../rooms/index.ts";

/** What is needed of the transport's socket. */
interface Socket {
  readyState: number;
  OPEN: number;
  bufferedAmount: number;
  on(event: "pong", listener: () => void): unknown;
  ping(): void;
  terminate(): void;
}

/** Each connection is pinged once in this time. Source: the host's own default. */
const PERIOD_MS = 3000;
/** Connections are spread over this many turns of a period: pinging thousands at once costs several frames. */
const TURNS = 30;
/** Bytes that may wait for a client to read them. Source: more than a minute of a crowded zone; a client that reads catches up long before. */
const MAX_UNREAD_BYTES = 1_048_576;
/** Unanswered pings after which a connection counts as dead. Source: the host's own default. */
const MAX_UNANSWERED = 2;

/**
 * Ends connections that died without a word, and those that read nothing while the server's memory fills; a thirtieth of them at a
 * time. The host's own pings go to everybody at once.
 * Returns the stop.
 */
export function startHeartbeat(rooms: () => Iterable<ZoneRoom>): () => void {
  const unanswered = new WeakMap<Socket, number>();
  let turn = 0;
  const timer = setInterval(() => {
    turn = (turn + 1) % TURNS;
    for (const room of rooms()) {
      for (let i = turn; i < room.clients.length; i += TURNS) {
        const client = room.clients[i] as (typeof room.clients)[number];
        const socket = client.ref as unknown as Socket;
        if (client.state === ClientState.JOINING && neverAcknowledged(room, client.sessionId)) socket.terminate();
        else if (socket.bufferedAmount > MAX_UNREAD_BYTES) {
          room.metrics.countError("BM_LIMIT_UNREAD");
          socket.terminate();
        } else ping(socket, unanswered);
      }
    }
  }, PERIOD_MS / TURNS);
  timer.unref();
  return () => clearInterval(timer);
}

/** A join that the client does not acknowledge would hold its place for ever. */
function neverAcknowledged(room: ZoneRoom, sessionId: string): boolean {
  const avatar = room.avatars.get(sessionId);
  return avatar !== undefined && performance.now() - avatar.joinedAtMs > room.world.limits.seatReservationSeconds * 1000;
}

function ping(socket: Socket, unanswered: WeakMap<Socket, number>): void {
  if (socket.readyState !== socket.OPEN) return;
  const count = unanswered.get(socket);
  if (count === undefined) socket.on("pong", () => unanswered.set(socket, 0));
  if ((count ?? 0) >= MAX_UNANSWERED) {
    socket.terminate();
    return;
  }
  unanswered.set(socket, (count ?? 0) + 1);
  socket.ping();
}
