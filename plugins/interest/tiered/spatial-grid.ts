import { degreesToRadians, latitudeFromYCm, METRES_PER_DEGREE, RING_CM } from "../../../rooms/geography/index.ts";

/** The largest radius of a query, metres: up to it the cosine of a middle latitude is good to 1e-12. */
export const MAX_QUERY_RADIUS_M = 15_000;

/**
 * Side of a cell in metres.
 * Source: measured, 5000 bodies at 25 to the km². From 192 to 384 m queries of 315 m and of 1050 m differ by a fifth at most; at 64 m
 * they take twice as long.
 */
const DEFAULT_CELL_M = 256;

/** Slots that a new grid has room for. */
const FIRST_CAPACITY = 64;

/** Chains to a slot, at least: with bodies all over the planet a strange chain in every eighth cell looked at. */
const CHAINS_PER_SLOT = 8;

const HALF_RING_CM = RING_CM / 2;
/** y of the north pole. */
const NORTH_POLE_Y_CM = 180 * METRES_PER_DEGREE * 100;
/** Half a difference of y in centimetres to radians: from a place to the latitude in the middle. */
const HALF_CM_TO_RADIANS = degreesToRadians(1 / (METRES_PER_DEGREE * 100)) / 2;
/** More than any rounding of the edges of a query, and less than matters. */
const MARGIN_CM = 1;
const NONE = -1;

/**
 * Who is near a place on Earth: an index of moving bodies, each known by a *slot*, a small whole number of the caller's that may be used
 * again once removed. Distances are those of `nearDistanceSquaredM2`, height included.
 *
 * The surface is cut into rows of equal height, and each row into columns, fewer the nearer the pole, so that a cell is about `cellM`
 * metres of true ground on both sides; only the rows at the poles have fewer columns than would fit. A cell is not kept anywhere. The cells
 * lie on a small torus of chains, row and column each modulo its side; a chain links the slots of all the cells that fall on it. No query
 * is as wide as the torus is tall, so none meets a chain in two of its rows, and what is far away is refused by its distance as every
 * other candidate is. There is nothing to delete or to leak when bodies roam the planet, and neighbouring cells are neighbours in memory.
 *
 * Memory: about 100 bytes a slot, and 8 bytes a row (0.6 MB at 256 m) for all grids of one cell size together. Nothing is allocated but
 * when a slot higher than all before comes in.
 */
export class SpatialGrid {
  /** x of each slot, whole centimetres in [0, RING_CM); NaN where the slot is not in the grid. Replaced when the grid grows. Read only. */
  xCm: Float64Array = new Float64Array(FIRST_CAPACITY).fill(Number.NaN);
  /** y of each slot, whole centimetres from latitude -90. Replaced when the grid grows. Read only. */
  yCm: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** z of each slot, whole centimetres. Replaced when the grid grows. Read only. */
  zCm: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** Slots that the last {@link query} found. Replaced when the grid grows. */
  found: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** Squared distance of each of {@link found}, m². Replaced when the grid grows. */
  foundM2: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** Cells that the last {@link query} looked into. */
  visitedCells = 0;
  /** Slots that the last {@link query} measured, `except` and those found among them. */
  visitedSlots = 0;

  readonly #rowsPerCm: number;
  readonly #cellCm: number;
  /** Columns to a centimetre of x, of each row; times RING_CM it is a whole number, at least 1. */
  readonly #columnsPerCm: Float64Array;
  /** Side of the torus as a power of two. */
  #sideBits: number;
  readonly #leastSideBits: number;
  /** First slot of each chain, or {@link NONE}; at `row mod side * side + column mod side`. */
  #heads: Int32Array;
  /** Chain that each slot is in, or {@link NONE}. */
  #chains: Int32Array = new Int32Array(FIRST_CAPACITY).fill(NONE);
  #next: Int32Array = new Int32Array(FIRST_CAPACITY);
  #previous: Int32Array = new Int32Array(FIRST_CAPACITY);
  #size = 0;
  #usedChains = 0;
  #links = 0;

  /**
   * O(chains); the first grid of a cell size takes a few milliseconds.
   * @param options.cellM - side of a cell in true metres, 16 to 10 000. About a quarter to all of the commonest radius.
   * @throws RangeError for a `cellM` out of its range.
   */
  constructor(options: { cellM?: number } = {}) {
    const { cellM = DEFAULT_CELL_M } = options;
    if (!(cellM >= 16 && cellM <= 10_000)) throw new RangeError(`cellM must be 16 to 10000 metres, got ${cellM}`);
    this.#cellCm = cellM * 100;
    this.#rowsPerCm = 1 / this.#cellCm;
    this.#columnsPerCm = columnsPerCmOfRows(this.#cellCm);
    // Taller than any query, with the two rows that it touches only in part.
    this.#leastSideBits = Math.ceil(Math.log2((2 * MAX_QUERY_RADIUS_M) / cellM + 3));
    this.#sideBits = this.#sideBitsFor(FIRST_CAPACITY);
    this.#heads = new Int32Array(1 << (2 * this.#sideBits)).fill(NONE);
  }

  /** How many slots are in the grid. */
  get size(): number {
    return this.#size;
  }

  /** How many chains have a slot: at most as many as there are cells with one. */
  get usedChains(): number {
    return this.#usedChains;
  }

  /** How often a slot was put into a chain since the grid was made: what moves have cost. */
  get links(): number {
    return this.#links;
  }

  /** Whether a slot is in the grid. O(1). */
  has(slot: number): boolean {
    return (this.#chains[slot] ?? NONE) !== NONE;
  }

  /**
   * Puts a slot into the grid. O(1), but when the slot is higher than the arrays are long: these double until it fits.
   * @param xCm - in [0, RING_CM).
   * @param yCm - from the south pole, 0, to the north pole.
   * @param zCm - any finite number.
   * @throws RangeError for a slot that is in the grid or is not a whole number of 0 or more.
   */
  insert(slot: number, xCm: number, yCm: number, zCm: number): void {
    if (!(Number.isInteger(slot) && slot >= 0) || this.has(slot)) {
      throw new RangeError(`a slot to insert must be a whole number, 0 or more, and not in the grid, got ${slot}`);
    }
    if (slot >= this.#chains.length) this.#grow(slot);
    this.xCm[slot] = xCm;
    this.yCm[slot] = yCm;
    this.zCm[slot] = zCm;
    this.#link(slot, this.#chainAt(xCm, yCm));
    this.#size++;
  }

  /**
   * Gives a slot another place, any distance away; see {@link insert}. O(1), and three stores when the cell stays the same.
   * @throws RangeError for a slot that is not in the grid.
   */
  move(slot: number, xCm: number, yCm: number, zCm: number): void {
    const chain = this.#chainAt(xCm, yCm);
    if (chain !== this.#chains[slot]) {
      if (!this.has(slot)) throw new RangeError(`a slot to move must be in the grid, got ${slot}`);
      this.#unlink(slot);
      this.#link(slot, chain);
    }
    this.xCm[slot] = xCm;
    this.yCm[slot] = yCm;
    this.zCm[slot] = zCm;
  }

  /** Takes a slot out of the grid; nothing happens when it is not in it. O(1). */
  remove(slot: number): void {
    if (!this.has(slot)) return;
    this.#unlink(slot);
    this.#chains[slot] = NONE;
    this.xCm[slot] = Number.NaN;
    this.#size--;
  }

  /**
   * Finds every slot nearer to a place than a radius, the radius itself excluded, in any order: fills {@link found} and {@link foundM2}.
   * O(cells in reach + slots in them), no cosine for a pair, no allocation.
   *
   * @param xCm - in [0, RING_CM).
   * @param yCm - from the south pole, 0, to the north pole.
   * @param radiusM - metres, 0 to {@link MAX_QUERY_RADIUS_M}.
   * @param except - a slot to leave out, or -1.
   * @returns how many were found.
   * @throws RangeError for a radius out of its range.
   */
  query(xCm: number, yCm: number, zCm: number, radiusM: number, except: number): number {
    if (!(radiusM >= 0 && radiusM <= MAX_QUERY_RADIUS_M)) {
      throw new RangeError(`radiusM must be 0 to ${MAX_QUERY_RADIUS_M} metres, got ${radiusM}`);
    }
    const xs = this.xCm;
    const ys = this.yCm;
    const zs = this.zCm;
    const heads = this.#heads;
    const next = this.#next;
    const found = this.found;
    const foundM2 = this.foundM2;
    const columnsPerCm = this.#columnsPerCm;
    const cellCm = this.#cellCm;
    const sideBits = this.#sideBits;
    const side = 1 << sideBits;
    const mask = side - 1;
    const radiusM2 = radiusM * radiusM;

    // The cosine of the latitude half way to a place: cos(a + d) in powers of d, whose fifth term is below 1e-13 of the whole. It has the
    // third power because at 85° the second alone leaves 3e-9 at 15 km; with it nothing is lost even at the pole.
    const latitude = degreesToRadians(latitudeFromYCm(yCm));
    const cosine = Math.cos(latitude);
    const first = -Math.sin(latitude);
    const second = -cosine / 2;
    const third = -first / 6;

    const reachCm = radiusM * 100 + MARGIN_CM;
    const southCm = Math.max(yCm - reachCm, 0);
    const northCm = Math.min(yCm + reachCm, NORTH_POLE_Y_CM);
    // A metre spans the most longitude where the middle latitude is the most poleward, which is at one end of the reach.
    // At the pole itself the cosine is 6e-17, not 0: as good as the whole ring.
    const toSouth = (southCm - yCm) * HALF_CM_TO_RADIANS;
    const toNorth = (northCm - yCm) * HALF_CM_TO_RADIANS;
    const southCosine = cosine + toSouth * (first + toSouth * (second + toSouth * third));
    const northCosine = cosine + toNorth * (first + toNorth * (second + toNorth * third));
    const widening = 1 / Math.min(southCosine, northCosine);

    let count = 0;
    let visitedCells = 0;
    let visitedSlots = 0;
    const lastRow = this.#row(northCm);
    for (let row = this.#row(southCm); row <= lastRow; row++) {
      // Of the circle, as much as lies in this row: widest on the edge that is nearer to the centre.
      const edgeCm = row * cellCm;
      const apartCm = Math.max(edgeCm - yCm, yCm - edgeCm - cellCm, 0);
      const halfCm = Math.sqrt(Math.max(reachCm * reachCm - apartCm * apartCm, 0)) * widening + MARGIN_CM;
      const perCm = columnsPerCm[row] as number;
      const columns = Math.round(perCm * RING_CM);
      let column = Math.floor((xCm - halfCm) * perCm);
      let cells = Math.floor((xCm + halfCm) * perCm) - column + 1;
      const most = Math.min(columns, side);
      if (cells >= most) {
        // The whole ring, or every chain that this row has.
        column = 0;
        cells = most;
      } else if (column < 0) column += columns;
      const straight = Math.min(cells, columns - column);
      const chains = (row & mask) << sideBits;
      visitedCells += cells;
      for (let i = 0; i < cells; i++) {
        let at = column + i;
        if (at >= columns) {
          // Over ±180 the columns begin anew, and may come upon chains that this row has been through.
          at -= columns;
          if (((at - column) & mask) < straight) continue;
        }
        for (let slot = heads[chains | (at & mask)] as number; slot !== NONE; slot = next[slot] as number) {
          visitedSlots++;
          const north = (ys[slot] as number) - yCm;
          let east = (xs[slot] as number) - xCm;
          if (east > HALF_RING_CM) east -= RING_CM;
          else if (east < -HALF_RING_CM) east += RING_CM;
          const half = north * HALF_CM_TO_RADIANS;
          east *= cosine + half * (first + half * (second + half * third));
          const up = (zs[slot] as number) - zCm;
          // Divided as the slow function does it, so that whole metres due north come out the same to the bit.
          const apartM2 = (east * east + north * north + up * up) / 10_000;
          if (apartM2 < radiusM2 && slot !== except) {
            found[count] = slot;
            foundM2[count] = apartM2;
            count++;
          }
        }
      }
    }
    this.visitedCells = visitedCells;
    this.visitedSlots = visitedSlots;
    return count;
  }

  #row(yCm: number): number {
    return Math.floor(yCm * this.#rowsPerCm);
  }

  #chainAt(xCm: number, yCm: number): number {
    const row = this.#row(yCm);
    const column = Math.floor(xCm * (this.#columnsPerCm[row] as number));
    const mask = (1 << this.#sideBits) - 1;
    return ((row & mask) << this.#sideBits) | (column & mask);
  }

  #link(slot: number, chain: number): void {
    const head = this.#heads[chain] as number;
    if (head === NONE) this.#usedChains++;
    else this.#previous[head] = slot;
    this.#next[slot] = head;
    this.#previous[slot] = NONE;
    this.#heads[chain] = slot;
    this.#chains[slot] = chain;
    this.#links++;
  }

  #unlink(slot: number): void {
    const next = this.#next[slot] as number;
    const previous = this.#previous[slot] as number;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else {
      this.#heads[this.#chains[slot] as number] = next;
      if (next === NONE) this.#usedChains--;
    }
  }

  #sideBitsFor(capacity: number): number {
    return Math.max(this.#leastSideBits, Math.ceil(Math.log2(capacity * CHAINS_PER_SLOT) / 2));
  }

  /** Makes room for a slot; the chains are linked anew when there have to be more. O(slots + chains). */
  #grow(slot: number): void {
    const before = this.#chains.length;
    let capacity = before;
    while (capacity <= slot) capacity *= 2;
    this.xCm = longer(this.xCm, new Float64Array(capacity).fill(Number.NaN));
    this.yCm = longer(this.yCm, new Float64Array(capacity));
    this.zCm = longer(this.zCm, new Float64Array(capacity));
    this.found = longer(this.found, new Int32Array(capacity));
    this.foundM2 = longer(this.foundM2, new Float64Array(capacity));
    this.#chains = longer(this.#chains, new Int32Array(capacity).fill(NONE));
    this.#next = longer(this.#next, new Int32Array(capacity));
    this.#previous = longer(this.#previous, new Int32Array(capacity));
    const sideBits = this.#sideBitsFor(capacity);
    if (sideBits === this.#sideBits) return;
    this.#sideBits = sideBits;
    this.#heads = new Int32Array(1 << (2 * sideBits)).fill(NONE);
    this.#usedChains = 0;
    for (let other = 0; other < before; other++) {
      if (this.has(other)) this.#link(other, this.#chainAt(this.xCm[other] as number, this.yCm[other] as number));
    }
  }
}

/** What {@link columnsPerCmOfRows} has made: never changed, and the same for every grid of a cell size. */
const rowTables = new Map<number, Float64Array>();

/** Columns to a centimetre of x, of each row from pole to pole. O(rows), a few milliseconds, for the first grid of a cell size. */
function columnsPerCmOfRows(cellCm: number): Float64Array {
  const known = rowTables.get(cellCm);
  if (known) return known;
  const table = new Float64Array(Math.floor(NORTH_POLE_Y_CM / cellCm) + 2);
  for (let row = 0; row < table.length; row++) {
    // By the poleward edge, where a column is narrowest. The last rows reach over the pole.
    const poleward = Math.max(-latitudeFromYCm(row * cellCm), latitudeFromYCm((row + 1) * cellCm));
    const cosine = Math.cos(degreesToRadians(Math.min(90, poleward)));
    table[row] = Math.max(1, Math.floor((RING_CM * cosine) / cellCm)) / RING_CM;
  }
  rowTables.set(cellCm, table);
  return table;
}

/** The longer of two arrays with the start of the shorter one. */
function longer<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
