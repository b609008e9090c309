import { $childType, $refId, type ChangeTree, type Encoder, encode, OPERATION, type Schema } from "@colyseus/schema";

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

/** Changes, and bytes of them, that are kept for an entity at the most. A viewer that is farther behind gets the whole structure anew. */
const MAX_CHANGES = 512;
const MAX_BYTES = 1 << 16;

const SWITCH_TO_STRUCTURE = 255;

const TIERS = 4;

/**
 * Changes of the structures below an entity, oldest first. Operations on collections depend on what is there already, so unlike
 * scalar fields they are not merged: a viewer gets exactly those since it was last sent the entity, or everything from nothing.
 */
export class NestedLog {
  #changes: LoggedChange[] = [];
  /** Changes up to this frame may be forgotten. */
  #forgottenFrame = -1;
  #bytes = 0;
  /** Frame of the latest change that each tier carries, by tier number. */
  readonly #lastChange = new Float64Array(TIERS).fill(Number.NEGATIVE_INFINITY);

  append(frame: number, tier: number, bytes: Uint8Array): void {
    this.#changes.push({ frame, tier, bytes });
    this.#bytes += bytes.length;
    for (let carrier = 0; carrier <= tier; carrier++) this.#lastChange[carrier] = frame;
    if (this.#changes.length <= MAX_CHANGES && this.#bytes <= MAX_BYTES) return;
    // Half of them at once. The latest stays, however large: whoever is up to date needs it.
    const dropped = this.#changes.splice(0, Math.max(1, Math.min(this.#changes.length - 1, this.#changes.length >> 1)));
    if (this.#changes.length === 0) this.#changes.push(dropped.pop() as LoggedChange);
    for (const change of dropped) this.#bytes -= change.bytes.length;
    this.#forgottenFrame = dropped.at(-1)?.frame ?? this.#forgottenFrame;
  }

  /** Frame of the latest change that a tier carries. */
  lastChange(tier: number): number {
    return this.#lastChange[tier] as number;
  }

  /** Whether every change after a frame is still known. */
  reachesBack(frame: number): boolean {
    return frame >= this.#forgottenFrame;
  }

  /** The changes that a tier carries after a frame, in order. */
  *since(tier: number, frame: number): Generator<Uint8Array> {
    for (const change of this.#changes) if (change.tier >= tier && change.frame > frame) yield change.bytes;
  }

  /**
   * The changes of one structure since the encoder last forgot them, as the host encodes them; empty when there are none.
   * @param buffer memory to write in, if they fit.
   */
  static encodeChanges(encoder: Encoder, tree: ChangeTree, buffer: Uint8Array): Uint8Array {
    const isCollection = !tree.encDescriptor.isSchema;
    const write = isCollection && (isStatedWhole(tree) || (tree.isArray && !decodesRight(tree))) ? writeContent : writeChanges;
    if (tree.isArray) itemsBefore.set(tree, itemsOf(tree).slice());
    const it = { offset: 0 };
    write(encoder, buffer, it, tree);
    if (it.offset <= buffer.length) return buffer.slice(0, it.offset);
    // What is written beyond the end of a typed array is lost, but counted.
    const larger = new Uint8Array(it.offset);
    it.offset = 0;
    write(encoder, larger, it, tree);
    return larger;
  }
}

/** Writes the changes of a structure, and nothing when there are none. */
function writeChanges(encoder: Encoder, buffer: Uint8Array, it: Iterator, tree: ChangeTree): void {
  const before = it.offset;
  writeSwitch(tree, buffer, it);
  const start = it.offset;
  const { encoder: write, metadata } = tree.encDescriptor;
  tree.forEach((index, operation) => {
    if (index < 0) buffer[it.offset++] = Math.abs(index) & 255;
    else if (operation !== undefined) write(encoder, buffer, tree, index, operation, it, false, false, metadata);
  });
  if (it.offset === start) it.offset = before;
}

/** Writes all that is in a collection, after emptying it. */
function writeContent(encoder: Encoder, buffer: Uint8Array, it: Iterator, tree: ChangeTree): void {
  const { encoder: write, metadata } = tree.encDescriptor;
  writeSwitch(tree, buffer, it);
  buffer[it.offset++] = OPERATION.CLEAR;
  tree.forEachLive((index) => write(encoder, buffer, tree, index, OPERATION.ADD, it, true, false, metadata));
}

/**
 * Whether all that is in a collection was added since its changes were last taken: it is new, or it was taken out of the state and put back. A
 * client that gets both with one packet still has, or takes over from what stood in its place, content that nothing else would remove.
 */
function isStatedWhole(tree: ChangeTree): boolean {
  let added = 0;
  let live = 0;
  tree.forEach((index, operation) => {
    if (index >= 0 && (operation & OPERATION.ADD) !== 0) added++;
  });
  tree.forEachLive(() => live++);
  return added === live;
}

function itemsOf(tree: ChangeTree): readonly unknown[] {
  return (tree.refTarget as unknown as { items: readonly unknown[] }).items;
}

const NOBODY = {};

/** What was in each array when its changes were last taken: what a client has that is up to date. */
const itemsBefore = new WeakMap<ChangeTree, readonly unknown[]>();

/**
 * Whether a client that is up to date comes to what is in an array by the changes that the schema noted. It does not when an array was, for
 * example, shifted and sorted in one tick, or got an item that equals the one in its place: then only the whole array is right.
 */
function decodesRight(tree: ChangeTree): boolean {
  const array = tree.refTarget as unknown as { items: readonly unknown[]; tmpItems: readonly unknown[]; [$childType]: unknown };
  const { items, tmpItems } = array;
  const ofValues = typeof array[$childType] === "string";
  const before = itemsBefore.get(tree);
  if (before === undefined) return false;
  // The same as `decodeArray` of the schema, on a list, with its count of references to structures.
  const list = before.slice();
  const counts = new Map(before.map((value) => [value, 1]));
  let isRight = true;
  const letGo = (value: unknown): void => {
    const count = counts.get(value) ?? 0;
    if (!ofValues && count <= 0) isRight = false;
    counts.set(value, count - 1);
  };
  tree.forEach((index, operation) => {
    if (operation === OPERATION.CLEAR) {
      list.length = 0;
      counts.clear();
    } else if (operation === OPERATION.REVERSE) list.reverse();
    else if (operation === OPERATION.DELETE) {
      // Values are deleted by their place, structures by their id.
      const at = ofValues ? index : list.indexOf(tmpItems[index] ?? NOBODY);
      if (at < 0) isRight = false;
      else if (at < list.length) {
        letGo(list[at]);
        list[at] = undefined;
      }
    } else {
      const value = tree.getValue(index);
      const former = list[index];
      if (value === undefined) isRight = false;
      if ((operation & OPERATION.DELETE) !== 0 && former !== undefined) letGo(former);
      // A structure that the client does not have yet must be added: by any other operation it is not made.
      if ((operation & OPERATION.ADD) === 0 && !ofValues && !counts.has(value)) isRight = false;
      if (value === former) return;
      counts.set(value, (counts.get(value) ?? 0) + 1);
      if (operation === OPERATION.ADD && former !== undefined) list.splice(index, 0, value);
      else if (operation === OPERATION.DELETE_AND_MOVE) {
        list.splice(index, 1);
        list[index] = value;
      } else list[index] = value;
    }
  });
  const after = list.filter((value) => value !== undefined);
  if (!isRight || after.length !== items.length || after.some((value, i) => value !== items[i])) return false;
  // A structure that is in no place but still counted would never be forgotten.
  const there = new Set(items);
  return ofValues || [...counts].every(([value, count]) => count <= 0 || there.has(value));
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
  const { encoder: write, metadata, isSchema, names } = tree.encDescriptor;
  const children: ChangeTree[] = [];
  if (isSchema) {
    writeSwitch(tree, buffer, it);
    const live = new Set<number>();
    tree.forEachLive((index) => live.add(index));
    for (const [index, name] of names.entries()) {
      if (name === undefined) continue;
      if (live.has(index)) write(encoder, buffer, tree, index, replacing(tree, index), it, true, false, metadata);
      else buffer[it.offset++] = OPERATION.DELETE | index;
    }
  } else writeContent(encoder, buffer, it, tree);
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
