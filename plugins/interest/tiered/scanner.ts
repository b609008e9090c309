import type { Tiers } from "../../../config/index.ts";
import { nearDistanceSquaredM2 } from "../../../rooms/index.ts";
import { COMBAT, EXTENDED, OUT_OF_RANGE, VISUAL } from "../tier-of-distance.ts";
import type { EntityTable } from "./entity-table.ts";
import { KNOWN, LACKS_FIELDS, QUEUES, ROW_MASK } from "./pair-rings.ts";
import { QUEUE_TIER, type Viewer } from "./viewer.ts";

/** Scans are counted in 32 bits and begin anew: 5,000 viewers make as many in six hours. */
const LAST_SCAN = 2 ** 31 - 4;

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
  readonly #enterM = new Float64Array(OUT_OF_RANGE);
  readonly #leaveM = new Float64Array(OUT_OF_RANGE);
  readonly #table: EntityTable;
  readonly #periods: Int32Array;
  /** The scan that last found a row within its reach; one more once it was met in a queue. And how far away it was then. */
  #foundBy = new Int32Array(0);
  #foundM2 = new Float64Array(0);
  #scan = 0;
  readonly #comers: Comer[] = [];
  #coming = 0;

  /** @param scans the number of the last scan so far. */
  constructor(table: EntityTable, periods: Int32Array, tiers: Tiers, scans = 0) {
    this.#scan = scans;
    this.#table = table;
    this.#periods = periods;
    this.setTiers(tiers);
  }

  setTiers(tiers: Tiers): void {
    [tiers.combat, tiers.visual, tiers.extended].forEach(({ radiusM }, i) => {
      const leaveM = radiusM * (1 + tiers.hysteresis);
      this.#enterM[i + 1] = radiusM;
      this.#leaveM[i + 1] = leaveM;
      this.#enterM2[i + 1] = radiusM * radiusM;
      this.#leaveM2[i + 1] = leaveM * leaveM;
    });
  }

  /** Squared metres from a viewer to a row, height included; infinite for what is nowhere. */
  squaredM2(viewer: Viewer, row: number): number {
    return this.#measure(viewer, row);
  }

  /** Gives every pair and every entity within the reach of a tier its tier anew. `reach`: VISUAL or EXTENDED. */
  scan(viewer: Viewer, reach: number, frame: number): void {
    if (reach === VISUAL && this.#isStillClear(viewer)) return;
    const table = this.#table;
    const { grid } = table;
    if (viewer.ownRow >= 0 && grid.has(viewer.ownRow)) {
      viewer.xCm = grid.xCm[viewer.ownRow] as number;
      viewer.yCm = grid.yCm[viewer.ownRow] as number;
      viewer.zCm = grid.zCm[viewer.ownRow] as number;
    }
    // Never was anywhere.
    if (Number.isNaN(viewer.xCm)) return;
    if (this.#foundBy.length < table.alive.length) {
      this.#foundBy = new Int32Array(table.alive.length);
      this.#foundM2 = new Float64Array(table.alive.length);
    }
    if (this.#scan >= LAST_SCAN) {
      this.#foundBy.fill(0);
      this.#scan = 0;
    }
    this.#scan += 2;
    const found = this.#scan;
    const met = found + 1;
    const foundBy = this.#foundBy;
    const distances = this.#foundM2;
    const { rings } = viewer;
    this.#coming = 0;

    const count = grid.query(viewer.xCm, viewer.yCm, viewer.zCm, this.#leaveM[reach] as number, viewer.ownRow);
    const rows = grid.found;
    const squares = grid.foundM2;
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      foundBy[row] = found;
      distances[row] = squares[i] as number;
    }

    viewer.clearCm = 0;
    let known = 0;
    for (let q = 0; q < QUEUES; q++) {
      const before = QUEUE_TIER[q] as number;
      if (before > reach) break;
      const ringsMove = before === COMBAT && reach === EXTENDED;
      const length = rings.length(q);
      let kept = 0;
      for (let place = 0; place < length; place++) {
        const entry = rings.entryAt(q, place);
        const row = entry & ROW_MASK;
        const isFound = foundBy[row] === found;
        if (isFound) {
          foundBy[row] = met;
          known++;
        }
        const squaredM2 = isFound ? (distances[row] as number) : Number.POSITIVE_INFINITY;
        // Beyond what was looked at, a pair is measured by itself: it may go no farther than the next tier.
        const now = isFound || reach === EXTENDED ? this.#tierOf(squaredM2, before) : this.#tierOf(this.#measure(viewer, row), before);
        if (now === OUT_OF_RANGE) {
          this.#end(entry, row);
          continue;
        }
        const target = now === before && !ringsMove ? q : this.#queueOf(now, squaredM2);
        if (target === q) {
          if (kept !== place) rings.setAt(q, kept, entry, rings.sentAt(q, place));
          kept++;
        } else
          this.#come(
            row,
            now < before ? entry | LACKS_FIELDS : entry,
            rings.sentAt(q, place),
            target,
            isFound ? squaredM2 : this.#measure(viewer, row),
          );
      }
      if (kept !== length) rings.truncate(q, kept);
    }

    const enterM2 = this.#enterM2[reach] as number;
    if (known < count) {
      for (let i = 0; i < count; i++) {
        const row = rows[i] as number;
        if (foundBy[row] === found && (squares[i] as number) < enterM2) this.#meet(viewer, row, squares[i] as number, reach, frame);
      }
    }
    this.#seat(viewer);
    this.#clear(viewer, count, frame);
  }

  /**
   * Whether nobody can have come over an edge of the combat or visual tier since the last scan: all have moved less than the nearest edge was
   * away, nobody has jumped into reach, and nobody has gone.
   */
  #isStillClear(viewer: Viewer): boolean {
    const table = this.#table;
    // Both may have moved, and a centimetre for the rounding of each.
    if (2 * (table.driftCm - viewer.clearDriftCm) + 2 >= viewer.clearCm) return false;
    if (table.lastRemovalFrame > viewer.clearFrame) return false;
    const jumps = table.jumps - viewer.clearJumps;
    if (jumps === 0) return true;
    if (jumps > table.jumpedRows.length) return false;
    const reachM2 = (this.#leaveM[VISUAL] as number) ** 2 * 4;
    for (let i = viewer.clearJumps; i < table.jumps; i++) {
      const row = table.jumpedRows[i & (table.jumpedRows.length - 1)] as number;
      // Who jumped away is no longer near: whether it was, its pairs would have to be asked.
      if (row === viewer.ownRow || this.#hasPair(viewer, row) || this.#measure(viewer, row) < reachM2) return false;
    }
    viewer.clearJumps = table.jumps;
    return true;
  }

  #hasPair({ rings }: Viewer, row: number): boolean {
    for (let q = 0; q < QUEUES; q++) if ((QUEUE_TIER[q] as number) <= VISUAL && rings.placeOf(q, row) >= 0) return true;
    return false;
  }

  /** Notes how far the nearest edge of the combat and visual tiers is from anyone, as of the scan that was just made. */
  #clear(viewer: Viewer, count: number, frame: number): void {
    const table = this.#table;
    const { foundM2 } = table.grid;
    const enterCombat = this.#enterM[COMBAT] as number;
    const leaveCombat = this.#leaveM[COMBAT] as number;
    const enterVisual = this.#enterM[VISUAL] as number;
    const leaveVisual = this.#leaveM[VISUAL] as number;
    // Those who were not found are at least as far beyond the visual tier's radius as its hysteresis.
    let clearM = leaveVisual - enterVisual;
    const farM2 = (leaveVisual + clearM) ** 2;
    for (let i = 0; i < count; i++) {
      const squaredM2 = foundM2[i] as number;
      if (squaredM2 > farM2) continue;
      const apartM = Math.sqrt(squaredM2);
      const combat = apartM < enterCombat ? leaveCombat - apartM : Math.min(apartM - enterCombat, Math.abs(leaveCombat - apartM));
      const visual = apartM < enterVisual ? leaveVisual - apartM : Math.min(apartM - enterVisual, Math.abs(leaveVisual - apartM));
      clearM = Math.min(clearM, combat, visual);
    }
    viewer.clearCm = clearM * 100;
    viewer.clearDriftCm = table.driftCm;
    viewer.clearJumps = table.jumps;
    viewer.clearFrame = frame;
  }

  /** Ends the combat pairs of entities that are gone; scans do it for all they reach. */
  purge({ rings }: Viewer): void {
    for (let q = 0; q < QUEUES && QUEUE_TIER[q] === COMBAT; q++) {
      const length = rings.length(q);
      let kept = 0;
      for (let place = 0; place < length; place++) {
        const entry = rings.entryAt(q, place);
        if (this.#table.alive[entry & ROW_MASK] === 1) rings.setAt(q, kept++, entry, rings.sentAt(q, place));
        else this.#end(entry, entry & ROW_MASK);
      }
      rings.truncate(q, kept);
    }
  }

  #measure({ xCm, yCm, zCm }: Viewer, row: number): number {
    const { grid } = this.#table;
    if (!grid.has(row)) return Number.POSITIVE_INFINITY;
    return nearDistanceSquaredM2(xCm, yCm, zCm, grid.xCm[row] as number, grid.yCm[row] as number, grid.zCm[row] as number);
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
        const place = viewer.rings.placeOf(q, row);
        if (place < 0) continue;
        const now = this.#tierOf(squaredM2, before);
        const entry = viewer.rings.entryAt(q, place);
        const sent = viewer.rings.sentAt(q, place);
        viewer.rings.removeAt(q, place);
        this.#come(row, entry | LACKS_FIELDS, sent, this.#queueOf(now, squaredM2), squaredM2);
        return;
      }
    }
    const { formerRow } = this.#table;
    for (let former = formerRow[row] as number; former >= 0; former = formerRow[former] as number) this.#forget(viewer, former);
    const now = this.#tierOf(squaredM2, OUT_OF_RANGE);
    this.#come(row, row | LACKS_FIELDS, frame - (this.#periods[now] as number), this.#queueOf(now, squaredM2), squaredM2);
  }

  /** Ends the pair of a row, wherever it is. */
  #forget({ rings }: Viewer, row: number): void {
    for (let q = 0; q < QUEUES; q++) {
      const place = rings.placeOf(q, row);
      if (place < 0) continue;
      this.#end(rings.entryAt(q, place), row);
      rings.removeAt(q, place);
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
    for (const comer of comers) viewer.rings.insert(comer.queue, comer.entry, comer.sent);
  }
}
