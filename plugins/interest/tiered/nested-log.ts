import { $refId, type ChangeTree, type Encoder, encode, OPERATION, type Schema } from "@colyseus/schema";

interface Iterator {
  offset: number;
}

/** What an entity refers to changed: the operations of one frame, complete with the structure that they are for. */
interface LoggedChange {
  frame: number;
  /** Number of the farthest tier that carries the field through which the entity refers to it. */
  tier: number;
  bytes: Uint8Array;
}

/** Changes that are kept for an entity at the most. A viewer that is farther behind gets the whole structure anew. */
const MAX_CHANGES = 512;

const SWITCH_TO_STRUCTURE = 255;

/**
 * Changes of the structures below an entity, oldest first. Operations on collections depend on what is there already, so unlike
 * scalar fields they are not merged: a viewer gets exactly those since it was last sent the entity, or everything from nothing.
 */
export class NestedLog {
  #changes: LoggedChange[] = [];
  /** Changes up to this frame may be forgotten. */
  #forgottenFrame = -1;

  append(frame: number, tier: number, bytes: Uint8Array): void {
    this.#changes.push({ frame, tier, bytes });
    if (this.#changes.length <= MAX_CHANGES) return;
    const dropped = this.#changes.splice(0, MAX_CHANGES / 2);
    this.#forgottenFrame = (dropped.at(-1) as LoggedChange).frame;
  }

  /** Whether every change after a frame is still known. */
  reachesBack(frame: number): boolean {
    return frame >= this.#forgottenFrame;
  }

  /** Whether there is a change that a tier carries within (after, upTo]. */
  changedWithin(tier: number, after: number, upTo: number): boolean {
    return this.#changes.some((change) => change.tier >= tier && change.frame > after && change.frame <= upTo);
  }

  /** The changes that a tier carries after a frame, in order. */
  *since(tier: number, frame: number): Generator<Uint8Array> {
    for (const change of this.#changes) if (change.tier >= tier && change.frame > frame) yield change.bytes;
  }

  /** The changes of one structure since the encoder last forgot them, as the host encodes them; empty when there are none. */
  static encodeChanges(encoder: Encoder, tree: ChangeTree, buffer: Uint8Array): Uint8Array {
    const it = { offset: 0 };
    writeSwitch(tree, buffer, it);
    const start = it.offset;
    const { encoder: write, metadata } = tree.encDescriptor;
    tree.forEach((index, operation) => {
      if (index < 0) buffer[it.offset++] = Math.abs(index) & 255;
      else if (operation !== undefined) write(encoder, buffer, tree, index, operation, it, false, false, metadata);
    });
    return it.offset === start ? buffer.slice(0, 0) : buffer.slice(0, it.offset);
  }
}

/** Writes one field that refers to a structure: the operation and the structure's id, or that it is cleared. */
export function writeReference(
  encoder: Encoder,
  buffer: Uint8Array,
  it: Iterator,
  tree: ChangeTree,
  index: number,
  operation: number,
): void {
  const { encoder: write, metadata } = tree.encDescriptor;
  write(encoder, buffer, tree, index, operation, it, false, false, metadata);
}

/**
 * Writes a structure and everything below it so that whoever decodes it has exactly that, whatever it had before: collections are emptied first, and
 * fields of nested entities that have no value are cleared.
 * @param but a structure right below that is left out.
 */
export function writeWholeStructure(encoder: Encoder, buffer: Uint8Array, it: Iterator, tree: ChangeTree, but?: unknown): void {
  writeSwitch(tree, buffer, it);
  const { encoder: write, metadata, isSchema, names } = tree.encDescriptor;
  const children: ChangeTree[] = [];
  if (isSchema) {
    const live = new Set<number>();
    tree.forEachLive((index) => live.add(index));
    for (const [index, name] of names.entries()) {
      if (name === undefined) continue;
      if (live.has(index)) write(encoder, buffer, tree, index, replacing(tree, index), it, true, false, metadata);
      else buffer[it.offset++] = OPERATION.DELETE | index;
    }
  } else {
    buffer[it.offset++] = OPERATION.CLEAR;
    tree.forEachLive((index) => write(encoder, buffer, tree, index, OPERATION.ADD, it, true, false, metadata));
  }
  tree.forEachChild((child) => {
    if (child.ref !== but) children.push(child);
  });
  for (const child of children) writeWholeStructure(encoder, buffer, it, child);
}

/** A nested entity that may take the place of another is announced as a replacement, so that the decoder lets go of the former. */
export function replacing(tree: ChangeTree, index: number): number {
  const type = tree.encDescriptor.types[index];
  return typeof type === "function" ? OPERATION.DELETE_AND_ADD : OPERATION.ADD;
}

function writeSwitch(tree: ChangeTree, buffer: Uint8Array, it: Iterator): void {
  buffer[it.offset++] = SWITCH_TO_STRUCTURE;
  encode.number(buffer, (tree.ref as Schema & { [$refId]: number })[$refId], it);
}
