import { axisCm, type EntityState, longitudeScale, nearDistanceSquaredM2 } from "../../../../rooms/index.ts";

/** A grid over all entities, made anew when they have moved: a plain one, that shares nothing with what is measured. */
export class Neighbours {
  readonly #cellM: number;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #z: Float64Array;
  readonly #cells = new Map<number, number[]>();

  /** @param cellM - metres; a query costs less the nearer its radius is to this. */
  constructor(entities: readonly EntityState[], cellM: number) {
    this.#cellM = cellM;
    this.#x = new Float64Array(entities.length);
    this.#y = new Float64Array(entities.length);
    this.#z = new Float64Array(entities.length);
    entities.forEach((entity, i) => {
      this.#x[i] = axisCm(entity.cellX, entity.x);
      this.#y[i] = axisCm(entity.cellY, entity.y);
      this.#z[i] = axisCm(entity.cellZ, entity.z);
      const row = this.#rowOf(this.#y[i] as number);
      const key = cellKey(row, this.#columnOf(this.#x[i] as number, row));
      const cell = this.#cells.get(key);
      if (cell) cell.push(i);
      else this.#cells.set(key, [i]);
    });
  }

  /** Square metres between two entities, height included. */
  squaredM2(a: number, b: number): number {
    return nearDistanceSquaredM2(
      this.#x[a] as number,
      this.#y[a] as number,
      this.#z[a] as number,
      this.#x[b] as number,
      this.#y[b] as number,
      this.#z[b] as number,
    );
  }

  /** Calls `found` with every other entity nearer than `radiusM`. Nothing is found across longitude ±180, where no case has players. */
  forEachWithin(of: number, radiusM: number, found: (other: number, squaredM2: number) => void): void {
    const reach = Math.ceil(radiusM / this.#cellM);
    const row = this.#rowOf(this.#y[of] as number);
    for (let r = row - reach; r <= row + reach; r++) {
      const column = this.#columnOf(this.#x[of] as number, r);
      for (let c = column - reach; c <= column + reach; c++) {
        const cell = this.#cells.get(cellKey(r, c));
        if (!cell) continue;
        for (const other of cell) {
          if (other === of) continue;
          const squared = this.squaredM2(of, other);
          if (squared < radiusM * radiusM) found(other, squared);
        }
      }
    }
  }

  #rowOf(yCm: number): number {
    return Math.floor(yCm / 100 / this.#cellM);
  }

  /** Columns are of one width on the ground within a row. */
  #columnOf(xCm: number, row: number): number {
    return Math.floor(((xCm / 100) * longitudeScale((row + 0.5) * this.#cellM * 100)) / this.#cellM);
  }
}

/** Mean number of others nearer than `radiusM`. O(pairs). */
export function meanWithin(entities: readonly EntityState[], radiusM: number): number {
  const neighbours = new Neighbours(entities, radiusM);
  let pairs = 0;
  for (let i = 0; i < entities.length; i++) neighbours.forEachWithin(i, radiusM, () => pairs++);
  return entities.length === 0 ? 0 : pairs / entities.length;
}

function cellKey(row: number, column: number): number {
  return row * 2 ** 26 + column;
}
