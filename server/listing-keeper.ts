import { setTimeout as delay } from "node:timers/promises";
import { matchMaker } from "@colyseus/core";
import type { Zone } from "../config/index.ts";
import { roomIdOfZone } from "../rooms/index.ts";
import type { Logger } from "./logger.ts";

/** How often a process looks whether its zones still stand in the shared listing. */
const CHECK_EVERY_MS = 2000;

/**
 * Puts the zones of this process back into the shared room listing when they are gone from it, as after a Redis that came back
 * empty: until then nobody could join them. Returns the stop.
 */
export function keepListed(logger: Logger): () => void {
  const stop = new AbortController();
  const check = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await delay(CHECK_EVERY_MS, undefined, { ref: false, signal: stop.signal }).catch(() => {});
      if (stop.signal.aborted) return;
      await matchMaker
        .restoreMissingRoomCaches()
        .catch((error: Error) => logger.warn({ reason: error.message }, "the room listing cannot be checked"));
    }
  };
  void check();
  return () => stop.abort();
}

/** Which of these zones nobody could join, because the listing does not have them. */
export async function unlistedZones(zones: readonly Zone[]): Promise<string[]> {
  const listed = await matchMaker.findRoomsByIds(zones.map(({ name }) => roomIdOfZone(name)));
  return zones.filter(({ name }) => !listed.has(roomIdOfZone(name))).map(({ name }) => name);
}
