/** The viewer's client has the entity. */
export const KNOWN = 1 << 30;
/** The client lacks fields of the tier, whatever changed: the full record is due. */
export const LACKS_FIELDS = 1 << 29;
/** The row of the entity table in an entry. */
export const ROW_MASK = LACKS_FIELDS - 1;

const FIRST_CAPACITY = 8;

/**
 * Pairs of a viewer in the order in which they were last sent, oldest first: a ring of `[entry, sent]`. An entry is a row of the
 * entity table with {@link KNOWN} and {@link LACKS_FIELDS}. Serving the head costs O(1); everything else is for scans.
 */
export class PairQueue {
  length = 0;
  #pairs = new Int32Array(FIRST_CAPACITY * 2);
  #head = 0;
  #mask = FIRST_CAPACITY - 1;

  /** The entry at a place, 0 the head. */
  entryAt(place: number): number {
    return this.#pairs[((this.#head + place) & this.#mask) << 1] as number;
  }

  sentAt(place: number): number {
    return this.#pairs[(((this.#head + place) & this.#mask) << 1) + 1] as number;
  }

  setAt(place: number, entry: number, sent: number): void {
    const at = ((this.#head + place) & this.#mask) << 1;
    this.#pairs[at] = entry;
    this.#pairs[at + 1] = sent;
  }

  /** The head was sent: it goes to the end. */
  rotate(entry: number, sent: number): void {
    const at = ((this.#head + this.length) & this.#mask) << 1;
    this.#pairs[at] = entry;
    this.#pairs[at + 1] = sent;
    this.#head = (this.#head + 1) & this.#mask;
  }

  /** Puts a pair behind all that have the same or an older `sent`. O(those that have a newer). */
  insert(entry: number, sent: number): void {
    if (this.length > this.#mask) this.#grow();
    let place = this.length++;
    for (; place > 0 && this.sentAt(place - 1) > sent; place--) this.setAt(place, this.entryAt(place - 1), this.sentAt(place - 1));
    this.setAt(place, entry, sent);
  }

  /** Keeps the first `count` places. */
  truncate(count: number): void {
    this.length = count;
  }

  /** The place of a row, or -1. O(n). */
  placeOf(row: number): number {
    for (let place = 0; place < this.length; place++) if ((this.entryAt(place) & ROW_MASK) === row) return place;
    return -1;
  }

  /** Takes out the pair at a place; the order of the others stays. O(n). */
  removeAt(place: number): void {
    for (let i = place + 1; i < this.length; i++) this.setAt(i - 1, this.entryAt(i), this.sentAt(i));
    this.length--;
  }

  clear(): void {
    this.length = 0;
    this.#head = 0;
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const pairs = new Int32Array(capacity * 2);
    for (let place = 0; place < this.length; place++) {
      pairs[place * 2] = this.entryAt(place);
      pairs[place * 2 + 1] = this.sentAt(place);
    }
    this.#pairs = pairs;
    this.#head = 0;
    this.#mask = capacity - 1;
  }
}
