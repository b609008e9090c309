import type { Presence } from "@colyseus/core";
import { BmError } from "../config/index.ts";

/** Ids in one block. Blocks are counted where all processes see the count, so no two processes give the same id. */
const BLOCK_SIZE = 1_048_576;
const COUNTER_KEY = "bm:entity-id-blocks";

/** Gives ids that are unique over all zones and processes that share a presence. */
export interface EntityIds {
  /** The next id, a decimal string below 2^53. O(1). */
  next(): string;
}

/** Takes a first block; further ones are fetched while half of the last is still there. */
export async function openEntityIds(presence: Presence, blockSize: number = BLOCK_SIZE): Promise<EntityIds> {
  const takeBlock = async () => ((await presence.incr(COUNTER_KEY)) - 1) * blockSize;
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
