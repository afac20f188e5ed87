/**
 * What JSON keeps of a value, item by item: the text of a whole stage could be longer than a string may be, and would
 * double the memory in use.
 *
 * @returns `undefined` for what JSON cannot hold at all, as `JSON.stringify` has it.
 */
export function jsonCopy(value: unknown, depth = 2): unknown {
  if (depth > 0 && Array.isArray(value)) {
    // A loop, not `map`, which would leave the holes of a sparse array.
    const items: unknown[] = [];
    for (const item of value) items.push(jsonCopy(item, depth - 1) ?? null);
    return items;
  }
  if (depth > 0 && isPlainObject(value)) {
    const entries = Object.entries(value).map(([key, entry]) => [key, jsonCopy(entry, depth - 1)] as const);
    return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined));
  }
  const text = JSON.stringify(value);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
