import type { ZoneRoom } from "../rooms/index.ts";

/** What is needed of the transport's socket. */
interface Socket {
  readyState: number;
  OPEN: number;
  on(event: "pong", listener: () => void): unknown;
  ping(): void;
  terminate(): void;
}

/** Each connection is pinged once in this time. Source: the host's own default. */
const PERIOD_MS = 3000;
/** Connections are spread over this many turns of a period: pinging thousands at once costs several frames. */
const TURNS = 30;
/** Unanswered pings after which a connection counts as dead. Source: the host's own default. */
const MAX_UNANSWERED = 2;

/**
 * Finds connections that died without a word, a thirtieth of them at a time. The host's own pings go to everybody at once.
 * Returns the stop.
 */
export function startHeartbeat(rooms: () => Iterable<ZoneRoom>): () => void {
  const unanswered = new WeakMap<Socket, number>();
  let turn = 0;
  const timer = setInterval(() => {
    turn = (turn + 1) % TURNS;
    for (const room of rooms()) {
      for (let i = turn; i < room.clients.length; i += TURNS) ping(room.clients[i]?.ref as unknown as Socket, unanswered);
    }
  }, PERIOD_MS / TURNS);
  timer.unref();
  return () => clearInterval(timer);
}

function ping(socket: Socket | undefined, unanswered: WeakMap<Socket, number>): void {
  if (!socket || socket.readyState !== socket.OPEN) return;
  const count = unanswered.get(socket);
  if (count === undefined) socket.on("pong", () => unanswered.set(socket, 0));
  if ((count ?? 0) >= MAX_UNANSWERED) {
    socket.terminate();
    return;
  }
  unanswered.set(socket, (count ?? 0) + 1);
  socket.ping();
}
