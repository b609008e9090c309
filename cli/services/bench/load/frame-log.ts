/** Size of a piece of memory that frames are copied into. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Before each frame: where the same client's next one is (chunk, offset), its length, and when it came. Four 32-bit numbers. */
const HEAD_BYTES = 16;
/** Unit of the time of a frame: 10 µs, so that 32 bits hold half a day. */
const TICKS_PER_MS = 100;

interface Place {
  chunk: number;
  offset: number;
}

/**
 * Every frame of every client as it came, copied into a few large pieces of memory outside the heap: thousands of small buffers
 * would keep the collector busy, and that is time which is measured. Appending is O(bytes) and allocates a chunk now and then.
 */
export class FrameLog {
  /** Frames were left out because {@link FrameLog.bytes} reached its limit. */
  overflowed = false;
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #at = CHUNK_BYTES;
  #bytes = 0;
  readonly #first: (Place | undefined)[] = [];
  readonly #last: (Place | undefined)[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Memory that is held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps a frame. @param atMs milliseconds of the process. */
  append(client: number, frame: Buffer, atMs: number): void {
    // Once something is missing, what follows it makes no sense.
    if (this.overflowed) return;
    const size = (HEAD_BYTES + frame.byteLength + 3) & ~3;
    const fresh = this.#at + size > CHUNK_BYTES;
    // A frame larger than a chunk gets one of its own.
    if (fresh && !this.#grow(Math.max(size, CHUNK_BYTES))) return;
    const chunk = this.#chunks.length - 1;
    const memory = this.#chunks[chunk] as Buffer;
    const offset = this.#at;
    memory.writeUInt32LE(0xffff_ffff, offset);
    memory.writeUInt32LE(frame.byteLength, offset + 8);
    memory.writeUInt32LE(Math.round(atMs * TICKS_PER_MS), offset + 12);
    memory.set(frame, offset + HEAD_BYTES);
    this.#at += size;
    const last = this.#last[client];
    if (last === undefined) {
      this.#first[client] = { chunk, offset };
      this.#last[client] = { chunk, offset };
      return;
    }
    const before = this.#chunks[last.chunk] as Buffer;
    before.writeUInt32LE(chunk, last.offset);
    before.writeUInt32LE(offset, last.offset + 4);
    last.chunk = chunk;
    last.offset = offset;
  }

  /** Every frame of a client, in order. The bytes are those of the log: they must not be changed. */
  *of(client: number): Generator<{ frame: Buffer; atMs: number }> {
    let place = this.#first[client];
    while (place !== undefined) {
      const memory = this.#chunks[place.chunk] as Buffer;
      const { offset } = place;
      const length = memory.readUInt32LE(offset + 8);
      yield {
        frame: memory.subarray(offset + HEAD_BYTES, offset + HEAD_BYTES + length),
        atMs: memory.readUInt32LE(offset + 12) / TICKS_PER_MS,
      };
      const chunk = memory.readUInt32LE(offset);
      place = chunk === 0xffff_ffff ? undefined : { chunk, offset: memory.readUInt32LE(offset + 4) };
    }
  }

  #grow(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) {
      this.overflowed = true;
      return false;
    }
    this.#chunks.push(Buffer.allocUnsafeSlow(bytes));
    this.#bytes += bytes;
    this.#at = 0;
    return true;
  }
}
