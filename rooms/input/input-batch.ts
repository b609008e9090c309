/**
 * Several input frames of the stock channel in one message, for clients that would rather send ten packets a second than
 * sixty. The frames are the stock ones, byte for byte, so that encoding, acknowledgement and prediction stay the SDK's.
 *
 * Message `movement:inputs` (bytes): a sequence of `[uint8 length][frame]`, oldest first.
 */

/** The message type that carries a batch. */
export const INPUT_BATCH_MESSAGE = "movement:inputs";

/** Frames in one batch at the most: a second's worth and some. */
export const MAX_BATCH_FRAMES = 64;

/** Joins frames of 1 to 255 bytes each. */
export function packInputBatch(frames: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const frame of frames) size += 1 + frame.byteLength;
  const out = new Uint8Array(size);
  let at = 0;
  for (const frame of frames) {
    out[at++] = frame.byteLength;
    out.set(frame, at);
    at += frame.byteLength;
  }
  return out;
}

/**
 * Takes a batch apart. Returns undefined where the bytes are no batch: an empty frame, a length past the end, more than
 * {@link MAX_BATCH_FRAMES} frames, or none.
 */
export function unpackInputBatch<T extends Uint8Array>(bytes: T): T[] | undefined {
  const frames: T[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const length = bytes[at++] as number;
    if (length === 0 || at + length > bytes.byteLength || frames.length === MAX_BATCH_FRAMES) return undefined;
    frames.push(bytes.subarray(at, at + length) as T);
    at += length;
  }
  return frames.length === 0 ? undefined : frames;
}
