/** Whether a value is an object of keys: not null, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A copy of the lists and plain objects of a value, to any depth. Everything else (functions, class instances, dates) is the
 * same one in the copy. Values that contain themselves are copied once, so cycles end.
 * @param finish called on each copied list and object after its parts, for example `Object.freeze`.
 */
export function copyPlain<T>(value: T, finish: (copy: object) => void = () => {}): T {
  const copies = new Map<object, object>();
  const copyOf = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    const known = copies.get(part);
    if (known !== undefined) return known;
    const prototype: unknown = Object.getPrototypeOf(part);
    if (!Array.isArray(part) && prototype !== Object.prototype && prototype !== null) return part;
    const copy: object = Array.isArray(part) ? [] : {};
    copies.set(part, copy);
    for (const [key, inner] of Object.entries(part)) {
      // Defined, not assigned: a key named __proto__ stays a key.
      Object.defineProperty(copy, key, { value: copyOf(inner), writable: true, enumerable: true, configurable: true });
    }
    finish(copy);
    return copy;
  };
  return copyOf(value) as T;
}

/** A copy whose lists and plain objects are frozen, to any depth. The original is left as it was. */
export function frozenCopy<T>(value: T): T {
  return copyPlain(value, Object.freeze);
}
