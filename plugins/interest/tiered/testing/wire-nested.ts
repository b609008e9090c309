import { ArraySchema, MapSchema, type Schema, schema, t } from "@colyseus/schema";
import { type FieldSpecs, TIER_NAMES, type WireType } from "../../../../rooms/index.ts";
import type { Random } from "./random.ts";
import { plain, type Values } from "./wire-world.ts";

/** What is below an entity: a structure with a text, a number and a list of its own. */
export interface ItemState extends Schema {
  label: string | undefined;
  count: number | undefined;
  marks: ArraySchema<number>;
}

/** Makes an item; its class is the same for all. */
const Item = schema({ label: t.string(), count: t.uint8(), marks: t.array("number") }, "Item") as unknown as new () => ItemState;

/** The four ways to have something below an entity. */
export const SHAPES = ["bag", "list", "items", "child"] as const;
export type Shape = (typeof SHAPES)[number];

const TYPE_OF_SHAPE: Record<Shape, () => WireType> = {
  bag: () => t.map("number") as unknown as WireType,
  list: () => t.array("number") as unknown as WireType,
  items: () => t.array(Item as never) as unknown as WireType,
  child: () => t.ref(Item as never) as unknown as WireType,
};

/** `visualItems` and so on: every shape at every tier. */
export const nestedName = (tier: string, shape: Shape): string => `${tier}${shape[0]?.toUpperCase()}${shape.slice(1)}`;

/** Fields of a plugin with every shape at every tier. */
export function nestedFields(): FieldSpecs {
  const fields: Record<string, FieldSpecs[string]> = {};
  for (const tier of TIER_NAMES)
    for (const shape of SHAPES) fields[nestedName(tier, shape)] = { type: TYPE_OF_SHAPE[shape], tier, text: "nested" };
  return fields;
}

export function itemOf(label: string, count: number | undefined, marks: readonly number[] = []): ItemState {
  const item = new Item();
  item.label = label;
  if (count !== undefined) item.count = count;
  item.marks = new ArraySchema<number>(...marks);
  return item;
}

/** New content of a shape. */
export function contentOf(shape: Shape, random: Random): unknown {
  const numbers = Array.from({ length: random.whole(0, 4) }, () => random.whole(0, 1e6));
  if (shape === "bag") return new MapSchema<number>(Object.fromEntries(numbers.map((number, i) => [`k${i}`, number])) as never);
  if (shape === "list") return new ArraySchema<number>(...numbers);
  if (shape === "items") return new ArraySchema<ItemState>(...numbers.map((number) => itemOf(`i${number}`, number % 256, numbers)));
  return itemOf(`c${numbers.length}`, numbers.length, numbers);
}

/** What was taken out of fields and lists and may be put back later: by field name. */
export type Shelf = Map<string, unknown>;

/** One change of what a field holds, as a plugin would make it; says what it did. */
export function changeNested(holder: Values, tier: string, shape: Shape, random: Random, shelf: Shelf = new Map()): string {
  const name = nestedName(tier, shape);
  const held = holder[name];
  if (random.chance(0.1) && shelf.has(name)) {
    const other = shelf.get(name);
    shelf.delete(name);
    if (held) shelf.set(name, held);
    holder[name] = other;
    return `${name} = what it was before`;
  }
  if (!held || random.chance(0.06)) {
    if (held) shelf.set(name, held);
    holder[name] = random.chance(0.3) ? undefined : contentOf(shape, random);
    return `${name} = ${JSON.stringify(plain(holder[name]))}`;
  }
  if (shape === "bag") return `${name}: ${changeBag(held as MapSchema<number>, random)}`;
  if (shape === "list")
    return `${name}: ${changeArray(
      held as ArraySchema<number>,
      () => random.whole(0, 1e6),
      (n) => n,
      random,
    )}`;
  if (shape === "child") return `${name}: ${changeItem(held as ItemState, random)}`;
  const items = held as ArraySchema<ItemState>;
  const shelved = `${name} item`;
  if (random.chance(0.2)) {
    const item = shelf.get(shelved) as ItemState | undefined;
    if (item) {
      shelf.delete(shelved);
      items.push(item);
      return `${name}: push the one that was taken out`;
    }
    if (items.length > 0) {
      shelf.set(shelved, items.shift());
      return `${name}: shift, and keep it`;
    }
  }
  const fresh = () => itemOf(`n${random.whole(0, 99)}`, random.whole(0, 255), [random.whole(0, 1e6), random.whole(0, 1e6)]);
  if (items.length > 0 && random.chance(0.4)) {
    const at = random.whole(0, items.length - 1);
    return `${name}[${at}]: ${changeItem(items[at] as ItemState, random)}`;
  }
  return `${name}: ${changeArray(items, fresh, (item) => item.count ?? 0, random)}`;
}

function changeItem(item: ItemState, random: Random): string {
  const what = random.whole(0, 4);
  if (what === 0) item.label = random.pick([undefined, "new", "x".repeat(40)]);
  else if (what === 1) item.count = random.pick([undefined, random.whole(0, 255)]);
  else if (what === 2) item.marks = new ArraySchema<number>(random.whole(0, 1e6));
  else
    return changeArray(
      item.marks,
      () => random.whole(0, 1e6),
      (n) => n,
      random,
    );
  return `item.${["label", "count", "marks"][what]}`;
}

function changeBag(bag: MapSchema<number>, random: Random): string {
  const key = `k${random.whole(0, 5)}`;
  const what = random.whole(0, 9);
  if (what === 0) bag.clear();
  else if (what < 4) bag.delete(key);
  else bag.set(key, random.whole(0, 1e6));
  return `bag ${what} ${key}`;
}

function changeArray<T>(array: ArraySchema<T>, fresh: () => T, keyOf: (value: T) => number, random: Random): string {
  const at = random.whole(0, Math.max(0, array.length - 1));
  const what = random.pick(["push", "push", "push2", "pop", "shift", "splice", "spliceIn", "unshift", "reverse", "sort", "clear", "set"]);
  if (what === "push") array.push(fresh());
  else if (what === "push2") array.push(fresh(), fresh());
  else if (what === "pop") array.pop();
  else if (what === "shift") array.shift();
  else if (what === "splice" && array.length > 0) array.splice(at, random.whole(1, Math.min(2, array.length - at)));
  else if (what === "spliceIn") array.splice(at, 0, fresh());
  else if (what === "unshift") array.unshift(fresh());
  else if (what === "reverse") array.reverse();
  else if (what === "sort") array.sort((a, b) => keyOf(a) - keyOf(b));
  else if (what === "clear") array.clear();
  else if (array.length > 0) array[at] = fresh();
  return `${what} ${at}`;
}
