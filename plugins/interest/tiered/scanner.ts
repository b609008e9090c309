import type { Tiers } from "../../../config/index.ts";
import { COMBAT, EXTENDED, OUT_OF_RANGE, VISUAL } from "../tier-of-distance.ts";
import type { EntityTable } from "./entity-table.ts";
import { NearPoint } from "./near-point.ts";
import { KNOWN, LACKS_FIELDS, ROW_MASK } from "./pair-queue.ts";
import { QUEUE_TIER, QUEUES, type Viewer } from "./viewer.ts";

/** Someone who comes into a queue in a scan. */
interface Comer {
  row: number;
  entry: number;
  sent: number;
  queue: number;
  squaredM2: number;
}

/**
 * Looks a viewer's surroundings over and puts its pairs into the queues where they belong. Costs O(pairs and entities within reach); allocates only
 * when it finds more new ones than ever before.
 */
export class Scanner {
  /** Map indexes of entities that the viewer's client must forget. Filled by {@link scan} and {@link purge}; emptied by who sends them. */
  readonly deletes: number[] = [];
  /** Squared radii by tier number: to enter, and to leave. */
  readonly #enterM2 = new Float64Array(OUT_OF_RANGE);
  readonly #leaveM2 = new Float64Array(OUT_OF_RANGE);
  readonly #radiusM = new Float64Array(OUT_OF_RANGE);
  readonly #table: EntityTable;
  readonly #periods: Int32Array;
  readonly #own = new NearPoint();
  /** The scan that last met a row in a queue within its reach. */
  #metBy = new Int32Array(0);
  #scan = 0;
  readonly #comers: Comer[] = [];
  #coming = 0;

  constructor(table: EntityTable, periods: Int32Array, tiers: Tiers) {
    this.#table = table;
    this.#periods = periods;
    this.setTiers(tiers);
  }

  setTiers(tiers: Tiers): void {
    [tiers.combat, tiers.visual, tiers.extended].forEach(({ radiusM }, i) => {
      const leaveM = radiusM * (1 + tiers.hysteresis);
      this.#radiusM[i + 1] = radiusM;
      this.#enterM2[i + 1] = radiusM * radiusM;
      this.#leaveM2[i + 1] = leaveM * leaveM;
    });
  }

  /** Squared metres from a viewer to a row, height included; infinite for what is nowhere. */
  squaredM2(viewer: Viewer, row: number): number {
    const { grid } = this.#table;
    if (!grid.has(row)) return Number.POSITIVE_INFINITY;
    this.#own.set(viewer.xCm, viewer.yCm, viewer.zCm);
    return this.#own.squaredM2(grid.xCm[row] as number, grid.yCm[row] as number, grid.zCm[row] as number);
  }

  /** Gives every pair and every entity within the reach of a tier its tier anew. `reach`: VISUAL or EXTENDED. */
  scan(viewer: Viewer, reach: number, frame: number): void {
    const table = this.#table;
    const { grid } = table;
    if (viewer.ownRow >= 0 && grid.has(viewer.ownRow)) {
      viewer.xCm = grid.xCm[viewer.ownRow] as number;
      viewer.yCm = grid.yCm[viewer.ownRow] as number;
      viewer.zCm = grid.zCm[viewer.ownRow] as number;
    }
    // Never was anywhere.
    if (Number.isNaN(viewer.xCm)) return;
    if (this.#metBy.length < table.alive.length) this.#metBy = new Int32Array(table.alive.length);
    const scan = ++this.#scan;
    const metBy = this.#metBy;
    const own = this.#own;
    own.set(viewer.xCm, viewer.yCm, viewer.zCm);
    this.#coming = 0;

    for (let q = 0; q < QUEUES; q++) {
      const before = QUEUE_TIER[q] as number;
      if (before > reach) break;
      const queue = viewer.queues[q] as Viewer["queues"][number];
      const length = queue.length;
      let kept = 0;
      for (let place = 0; place < length; place++) {
        const entry = queue.entryAt(place);
        const row = entry & ROW_MASK;
        const sent = queue.sentAt(place);
        metBy[row] = scan;
        const squaredM2 =
          table.alive[row] === 1 && grid.has(row)
            ? own.squaredM2(grid.xCm[row] as number, grid.yCm[row] as number, grid.zCm[row] as number)
            : Number.POSITIVE_INFINITY;
        const now = this.#tierOf(squaredM2, before);
        if (now === OUT_OF_RANGE) {
          this.#end(entry, row);
          continue;
        }
        const target = now === before && (before !== COMBAT || reach !== EXTENDED) ? q : this.#queueOf(now, squaredM2);
        if (target === q) {
          if (kept !== place) queue.setAt(kept, entry, sent);
          kept++;
        } else this.#come(row, now < before ? entry | LACKS_FIELDS : entry, sent, target, squaredM2);
      }
      if (kept !== length) queue.truncate(kept);
    }

    const found = grid.query(viewer.xCm, viewer.yCm, viewer.zCm, this.#radiusM[reach] as number, viewer.ownRow);
    for (let i = 0; i < found; i++) {
      const row = grid.found[i] as number;
      if (metBy[row] === scan) continue;
      this.#meet(viewer, row, grid.foundM2[i] as number, reach, frame);
    }
    this.#seat(viewer);
  }

  /** Ends the combat pairs of entities that are gone; scans do it for all they reach. */
  purge(viewer: Viewer): void {
    for (let q = 0; q < QUEUES && QUEUE_TIER[q] === COMBAT; q++) {
      const queue = viewer.queues[q] as Viewer["queues"][number];
      let kept = 0;
      for (let place = 0; place < queue.length; place++) {
        const entry = queue.entryAt(place);
        if (this.#table.alive[entry & ROW_MASK] === 1) queue.setAt(kept++, entry, queue.sentAt(place));
        else this.#end(entry, entry & ROW_MASK);
      }
      queue.truncate(kept);
    }
  }

  /** The queue that a pair of a tier belongs to at a distance. */
  #queueOf(tier: number, squaredM2: number): number {
    if (tier === EXTENDED) return 4;
    if (tier === VISUAL) return 3;
    const radiusM2 = this.#enterM2[COMBAT] as number;
    return squaredM2 * 16 < radiusM2 ? 0 : squaredM2 * 4 < radiusM2 ? 1 : 2;
  }

  /** The same as `tierOfDistance`, with the radii squared beforehand. */
  #tierOf(squaredM2: number, before: number): number {
    for (let tier = COMBAT; tier <= EXTENDED; tier++) {
      if (squaredM2 < ((before <= tier ? this.#leaveM2[tier] : this.#enterM2[tier]) as number)) return tier;
    }
    return OUT_OF_RANGE;
  }

  /** Someone within reach who is in none of the queues that were looked over: new, or so far in a farther tier. */
  #meet(viewer: Viewer, row: number, squaredM2: number, reach: number, frame: number): void {
    if (reach < EXTENDED) {
      for (let q = 0; q < QUEUES; q++) {
        const before = QUEUE_TIER[q] as number;
        if (before <= reach) continue;
        const queue = viewer.queues[q] as Viewer["queues"][number];
        const place = queue.placeOf(row);
        if (place < 0) continue;
        const now = this.#tierOf(squaredM2, before);
        const entry = queue.entryAt(place);
        const sent = queue.sentAt(place);
        queue.removeAt(place);
        this.#come(row, entry | LACKS_FIELDS, sent, this.#queueOf(now, squaredM2), squaredM2);
        return;
      }
    }
    const former = this.#table.formerRow[row] as number;
    if (former >= 0) this.#forget(viewer, former);
    const now = this.#tierOf(squaredM2, OUT_OF_RANGE);
    this.#come(row, row | LACKS_FIELDS, frame - (this.#periods[now] as number), this.#queueOf(now, squaredM2), squaredM2);
  }

  /** Ends the pair of a row, wherever it is. */
  #forget(viewer: Viewer, row: number): void {
    for (const queue of viewer.queues) {
      const place = queue.placeOf(row);
      if (place < 0) continue;
      this.#end(queue.entryAt(place), row);
      queue.removeAt(place);
    }
  }

  #end(entry: number, row: number): void {
    if (entry & KNOWN) this.deletes.push(this.#table.mapIndex[row] as number);
  }

  #come(row: number, entry: number, sent: number, queue: number, squaredM2: number): void {
    const comer = this.#comers[this.#coming++];
    if (comer) {
      comer.row = row;
      comer.entry = entry;
      comer.sent = sent;
      comer.queue = queue;
      comer.squaredM2 = squaredM2;
    } else this.#comers.push({ row, entry, sent, queue, squaredM2 });
  }

  /** Puts those who came into their queues, near to far, at equal distance in the order in which they came into the zone. */
  #seat(viewer: Viewer): void {
    const count = this.#coming;
    if (count === 0) return;
    const { order } = this.#table;
    const comers = count === this.#comers.length ? this.#comers : this.#comers.slice(0, count);
    if (count > 1) comers.sort((a, b) => a.squaredM2 - b.squaredM2 || (order[a.row] as number) - (order[b.row] as number));
    for (const comer of comers) (viewer.queues[comer.queue] as Viewer["queues"][number]).insert(comer.entry, comer.sent);
  }
}
