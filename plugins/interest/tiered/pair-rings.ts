/** The viewer's client has the entity. */
export const KNOWN = 1 << 30;
/** The client lacks fields of the tier, whatever changed: the full record is due. */
export const LACKS_FIELDS = 1 << 29;
/** The row of the entity table in an entry. */
export const ROW_MASK = LACKS_FIELDS - 1;

/** Queues of a viewer. Source: docs/REPLICATION.md, "Queues". */
export const QUEUES = 5;

/** Numbers at the beginning of the memory: for each queue where its ring begins, its mask, its head, its length. */
const HEADER = 4;
const BEGIN = 0;
const MASK = 1;
const HEAD = 2;
const LENGTH = 3;

/** Pairs that each queue has room for at first: two of combat, and the most where most are. */
const FIRST_CAPACITY = [2, 2, 2, 16, 128] as const;

/**
 * The pairs of one viewer, five queues of `[entry, sent]` in the order in which they were last sent, oldest first: rings that lie one
 * after another in one memory, for a frame goes through thousands of viewers and each line of memory counts. An entry is a row of the entity
 * table with {@link KNOWN} and {@link LACKS_FIELDS}. Serving a head costs O(1); everything else is for scans.
 */
export class PairRings {
  #memory: Int32Array;

  /** For who goes through a whole queue in place: the memory, until the next {@link insert}. See {@link placesOf}. */
  get memory(): Int32Array {
    return this.#memory;
  }

  /** Where the ring of a queue begins in {@link memory}, its mask and its head: pair `i` is at `begin + (((head + i) & mask) << 1)`. */
  placesOf(queue: number, out: Int32Array): void {
    const header = queue * HEADER;
    out[0] = this.#memory[header + BEGIN] as number;
    out[1] = this.#memory[header + MASK] as number;
    out[2] = this.#memory[header + HEAD] as number;
  }

  /** `sent` of the last of a queue that is not empty: the newest. */
  newest(queue: number): number {
    return this.sentAt(queue, this.length(queue) - 1);
  }

  constructor() {
    this.#memory = new Int32Array(sizeOf(FIRST_CAPACITY));
    lay(this.#memory, FIRST_CAPACITY);
  }

  /** Pairs in a queue. */
  length(queue: number): number {
    return this.#memory[queue * HEADER + LENGTH] as number;
  }

  /** The entry at a place of a queue, 0 the head. */
  entryAt(queue: number, place: number): number {
    return this.#memory[this.#at(queue, place)] as number;
  }

  sentAt(queue: number, place: number): number {
    return this.#memory[this.#at(queue, place) + 1] as number;
  }

  /** `sent` of the head of a queue that is not empty. */
  oldest(queue: number): number {
    const memory = this.#memory;
    const header = queue * HEADER;
    return memory[(memory[header + BEGIN] as number) + ((memory[header + HEAD] as number) << 1) + 1] as number;
  }

  setAt(queue: number, place: number, entry: number, sent: number): void {
    const at = this.#at(queue, place);
    this.#memory[at] = entry;
    this.#memory[at + 1] = sent;
  }

  /** The head was sent: it goes to the end. */
  rotate(queue: number, entry: number, sent: number): void {
    const memory = this.#memory;
    const header = queue * HEADER;
    const mask = memory[header + MASK] as number;
    const head = memory[header + HEAD] as number;
    const at = (memory[header + BEGIN] as number) + (((head + (memory[header + LENGTH] as number)) & mask) << 1);
    memory[at] = entry;
    memory[at + 1] = sent;
    memory[header + HEAD] = (head + 1) & mask;
  }

  /** Puts a pair behind all that have the same or an older `sent`. O(those that have a newer). */
  insert(queue: number, entry: number, sent: number): void {
    const header = queue * HEADER + LENGTH;
    if ((this.#memory[header] as number) > (this.#memory[queue * HEADER + MASK] as number)) this.#grow(queue);
    let place = this.#memory[header] as number;
    this.#memory[header] = place + 1;
    for (; place > 0 && this.sentAt(queue, place - 1) > sent; place--)
      this.setAt(queue, place, this.entryAt(queue, place - 1), this.sentAt(queue, place - 1));
    this.setAt(queue, place, entry, sent);
  }

  /** Keeps the first `count` places of a queue. */
  truncate(queue: number, count: number): void {
    this.#memory[queue * HEADER + LENGTH] = count;
  }

  /** The place of a row in a queue, or -1. O(n). */
  placeOf(queue: number, row: number): number {
    const length = this.length(queue);
    for (let place = 0; place < length; place++) if ((this.entryAt(queue, place) & ROW_MASK) === row) return place;
    return -1;
  }

  /** Takes out the pair at a place; the order of the others stays. O(n). */
  removeAt(queue: number, place: number): void {
    const length = this.length(queue);
    for (let i = place + 1; i < length; i++) this.setAt(queue, i - 1, this.entryAt(queue, i), this.sentAt(queue, i));
    this.truncate(queue, length - 1);
  }

  clear(): void {
    for (let queue = 0; queue < QUEUES; queue++) {
      this.#memory[queue * HEADER + HEAD] = 0;
      this.truncate(queue, 0);
    }
  }

  /** Pairs of all queues. */
  get pairs(): number {
    let pairs = 0;
    for (let queue = 0; queue < QUEUES; queue++) pairs += this.length(queue);
    return pairs;
  }

  #at(queue: number, place: number): number {
    const memory = this.#memory;
    const header = queue * HEADER;
    const slot = ((memory[header + HEAD] as number) + place) & (memory[header + MASK] as number);
    return (memory[header + BEGIN] as number) + (slot << 1);
  }

  /** Doubles one queue; the others move. */
  #grow(grown: number): void {
    const capacities = FIRST_CAPACITY.map((_, queue) => ((this.#memory[queue * HEADER + MASK] as number) + 1) * (queue === grown ? 2 : 1));
    const memory = new Int32Array(sizeOf(capacities));
    lay(memory, capacities);
    for (let queue = 0; queue < QUEUES; queue++) {
      const length = this.length(queue);
      const begin = memory[queue * HEADER + BEGIN] as number;
      for (let place = 0; place < length; place++) {
        memory[begin + place * 2] = this.entryAt(queue, place);
        memory[begin + place * 2 + 1] = this.sentAt(queue, place);
      }
      memory[queue * HEADER + LENGTH] = length;
    }
    this.#memory = memory;
  }
}

function sizeOf(capacities: readonly number[]): number {
  return QUEUES * HEADER + capacities.reduce((sum, capacity) => sum + capacity * 2, 0);
}

/** Writes where each ring begins and its mask; capacities are powers of two. */
function lay(memory: Int32Array, capacities: readonly number[]): void {
  let begin = QUEUES * HEADER;
  capacities.forEach((capacity, queue) => {
    memory[queue * HEADER + BEGIN] = begin;
    memory[queue * HEADER + MASK] = capacity - 1;
    begin += capacity * 2;
  });
}
