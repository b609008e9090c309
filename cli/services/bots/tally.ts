/** Things of one kind, counted by code, with the first message of each. */
export interface Counted {
  code: string;
  count: number;
  /** What the first one said. */
  message: string;
}

/** Codes that a {@link Tally} tells apart; all others are counted as {@link OTHER}. A hostile server could invent endless ones. */
const MAX_CODES = 64;
const OTHER = "OTHER";

/** Longest message that is kept. */
const MAX_MESSAGE_CHARACTERS = 300;

/** Counts by code. */
export class Tally {
  readonly #entries = new Map<string, Counted>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(code: string, message: string): void {
    this.#total++;
    const key = this.#entries.has(code) || this.#entries.size < MAX_CODES ? code : OTHER;
    const entry = this.#entries.get(key);
    if (entry) entry.count++;
    else this.#entries.set(key, { code: key, count: 1, message: printable(message) });
  }

  /** Most frequent first, equal ones by code. */
  list(): Counted[] {
    return [...this.#entries.values()].sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
  }
}

/** One line without control characters: what a server sends must not draw on the terminal. */
function printable(text: string): string {
  return text
    .replace(/[\p{Control}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, MAX_MESSAGE_CHARACTERS);
}
