import { CloseCode } from "@colyseus/sdk";
import type { ZoneRoomHandle } from "./room-session.ts";

/**
 * Finds a connection that died without a word: a server that froze, a network that changed. After `silenceMs` without any
 * frame it asks for a sign of life; after as many again it tells the SDK that the socket has dropped, and the SDK reconnects.
 *
 * Cost: one timer, and one assignment for each frame. Returns the end of the watch.
 */
export function watchSilence(room: ZoneRoomHandle, silenceMs: number): () => void {
  const { connection } = room;
  const { events } = connection;
  const deliver = events.onmessage;
  let heardMs = performance.now();
  let asked = false;
  events.onmessage = (event) => {
    heardMs = performance.now();
    asked = false;
    deliver?.(event);
  };
  const timer = setInterval(() => {
    // While the SDK reconnects there is nothing to listen to.
    if (!connection.isOpen) {
      heardMs = performance.now();
      asked = false;
      return;
    }
    const silentMs = performance.now() - heardMs;
    if (asked && silentMs >= 2 * silenceMs) {
      heardMs = performance.now();
      asked = false;
      // With this code the SDK does not wait for the other side to agree.
      connection.close(CloseCode.MAY_TRY_RECONNECT);
    } else if (!asked && silentMs >= silenceMs) {
      asked = true;
      room.ping(() => {});
    }
  }, silenceMs / 4);
  return () => clearInterval(timer);
}
