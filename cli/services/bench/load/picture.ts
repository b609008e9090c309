import { BASE_FIELDS } from "../../../../rooms/state/fields.ts";
import type { TierName } from "../../../../rooms/state/tiers.ts";

/** Fields in the order of a row, those that are seen farthest first. */
export const FIELD_NAMES: readonly string[] = ["extended", "visual", "combat"].flatMap((tier) => fieldsOf(tier as TierName));
const FIELD_COUNT = FIELD_NAMES.length;

/** How many fields of a row a viewer has in each tier, for they are in order. */
export const FIELDS_IN: Readonly<Record<"extended" | "visual" | "combat", number>> = {
  extended: fieldsOf("extended").length,
  visual: fieldsOf("extended").length + fieldsOf("visual").length,
  combat: FIELD_COUNT,
};

/** Columns of the position: one that is not exact is told apart from any other stale field. */
const POSITION_NAMES = ["cellX", "cellY", "cellZ", "x", "y", "z"] as const;
export const POSITION_COLUMNS: readonly number[] = POSITION_NAMES.map((name) => FIELD_NAMES.indexOf(name));

/** A number for each text, the same one for the same text, so that whole pictures are numbers. */
export class Texts {
  readonly #numbers = new Map<string, number>();

  numberOf(text: string): number {
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }
}

/** An entity as the stock decoder shows it. */
export type SeenEntity = Readonly<Record<string, unknown>>;

/**
 * What one client has in the end: entity ids, and a row of {@link FIELD_COUNT} numbers for each. Numbers in one piece of memory outside
 * the heap: thousands of clients in one crowd have millions of rows.
 */
export class Picture {
  readonly ids: readonly string[];
  readonly rows: Float64Array;

  constructor(ids: readonly string[], rows: Float64Array) {
    this.ids = ids;
    this.rows = rows;
  }

  /** Copies what a decoder holds. NaN stands for what was never sent. */
  static of(entities: Iterable<readonly [string, SeenEntity]>, size: number, texts: Texts): Picture {
    const ids: string[] = [];
    const rows = new Float64Array(size * FIELD_COUNT);
    for (const [id, entity] of entities) {
      const at = ids.push(id) - 1;
      for (let column = 0; column < FIELD_COUNT; column++) {
        const value = entity[FIELD_NAMES[column] as string];
        rows[at * FIELD_COUNT + column] =
          typeof value === "string" ? texts.numberOf(value) : typeof value === "number" ? value : Number.NaN;
      }
    }
    return new Picture(ids, rows);
  }

  /** The row of an entity; undefined for one that is not there. O(entities). */
  row(id: string): Float64Array | undefined {
    const at = this.ids.indexOf(id);
    return at === -1 ? undefined : this.rowAt(at);
  }

  rowAt(index: number): Float64Array {
    return this.rows.subarray(index * FIELD_COUNT, (index + 1) * FIELD_COUNT);
  }
}

function fieldsOf(tier: TierName): string[] {
  return Object.entries(BASE_FIELDS)
    .filter(([, spec]) => spec.tier === tier)
    .map(([name]) => name);
}
