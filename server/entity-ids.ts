import type { Presence } from "@colyseus/core";
import { BmError } from "../config/index.ts";

/** Ids in one block. */
const BLOCK_SIZE = 262_144;
const COUNTER_KEY = "bm:entity-id-blocks";

/**
 * Blocks that processes may take in one second. The number of a shared block is the second in which it was taken and a count that
 * processes share, so that a Redis which came back empty does not give the same block twice. Below 2^53 until the year 2156.
 */
const BLOCKS_PER_SECOND = 8;
const EPOCH_SECONDS = Date.UTC(2020, 0, 1) / 1000;

/** Gives ids that are unique over all zones and processes that share a presence. */
export interface EntityIds {
  /** The next id, a decimal string below 2^53. O(1). */
  next(): string;
}

/** How ids are made. */
export interface EntityIdOptions {
  /** Other processes share the presence. */
  shared: boolean;
  /** @defaultValue 262144 */
  blockSize?: number | undefined;
}

/** Takes a first block; further ones are fetched while half of the last is still there. */
export async function openEntityIds(presence: Presence, { shared, blockSize = BLOCK_SIZE }: EntityIdOptions): Promise<EntityIds> {
  const takeBlock = async () => {
    const count = (await presence.incr(COUNTER_KEY)) - 1;
    if (!shared) return count * blockSize;
    const seconds = Math.floor(Date.now() / 1000 - EPOCH_SECONDS);
    return (seconds * BLOCKS_PER_SECOND + (count % BLOCKS_PER_SECOND)) * blockSize;
  };
  let start = await takeBlock();
  let used = 0;
  let spare: number | undefined;
  let fetching = false;

  const fetchSpare = () => {
    fetching = true;
    takeBlock()
      .then((block) => {
        spare = block;
      })
      // Tried again with the next id; there is half a block to go.
      .catch(() => {})
      .finally(() => {
        fetching = false;
      });
  };

  return {
    next() {
      if (used >= blockSize) {
        if (spare === undefined)
          throw new BmError("BM_PRESENCE_UNREACHABLE", "no entity ids left, and presence gives no more", { hint: "bring Redis back" });
        start = spare;
        used = 0;
        spare = undefined;
      }
      used++;
      if (used > blockSize / 2 && spare === undefined && !fetching) fetchSpare();
      // 0 stays free, so that no id is falsy anywhere.
      return String(start + used);
    },
  };
}
