/** Bytes beyond the end of what is written that a copy of whole words may touch. */
export const COPY_SLACK_BYTES = 8;

/** From here on the platform's own copy is faster than words. Source: measured on Node 24, `Buffer.copy` costs about 80 ns a call. */
const LONG_COPY_BYTES = 192;

/** Memory with both views that copying needs. */
export class ByteArena {
  bytes: Buffer;
  view: DataView;
  /** Where the next byte goes. */
  end = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for so many more bytes and a copy's slack. What is there stays where it is. */
  reserve(count: number): void {
    const needed = this.end + count + COPY_SLACK_BYTES;
    if (needed <= this.bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(bytes, 0, 0, this.end);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }
}

/**
 * Copies bytes between two memories, by words: they are short, and a call of the platform's own costs more than they do. Writes up to
 * {@link COPY_SLACK_BYTES} of anything behind the last byte.
 */
export function copyBytes(from: ByteArena, start: number, end: number, to: ByteArena, at: number): void {
  if (end - start >= LONG_COPY_BYTES) {
    from.bytes.copy(to.bytes, at, start, end);
    return;
  }
  const source = from.view;
  const target = to.view;
  for (let i = start, o = at; i < end; i += 4, o += 4) target.setInt32(o, source.getInt32(i, true), true);
}

/** Memory to write something of unknown size in. */
export class Scratch {
  #bytes: Uint8Array;
  readonly #it = { offset: 0 };

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /**
   * What `write` writes; valid until the next call. It is called a second time where the memory was too small: what is written beyond the end of a
   * typed array is lost, but counted.
   */
  written(write: (bytes: Uint8Array, it: { offset: number }) => void): Uint8Array {
    const it = this.#it;
    it.offset = 0;
    write(this.#bytes, it);
    if (it.offset > this.#bytes.length) {
      this.#bytes = new Uint8Array(it.offset);
      it.offset = 0;
      write(this.#bytes, it);
    }
    return this.#bytes.subarray(0, it.offset);
  }
}
