/**
 * JSON text that is the same for equal values: the keys of every object stand in code unit order, without white space.
 *
 * Follows `JSON.stringify` for what it skips (`undefined` members and functions) and for `toJSON` (dates), but refuses
 * what JSON cannot carry, where `JSON.stringify` would silently write `null`.
 *
 * @throws TypeError for NaN, infinities, bigints, `undefined` or functions in a place that must have a value, and circles.
 * @remarks O(size · log keys).
 * @see RFC 8785 (JSON Canonicalization Scheme), https://www.rfc-editor.org/rfc/rfc8785
 * @example
 * stableJson({ b: 1, a: [true, null] }) // => '{"a":[true,null],"b":1}'
 */
export function stableJson(value: unknown): string {
  return write(value, '$', new Set());
}

function write(value: unknown, path: string, open: Set<object>): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(path, String(value));
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') return refuse(path, typeof value);
  const plain: unknown = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
  if (plain !== value) return write(plain, path, open);
  if (open.has(value)) refuse(path, 'a value that contains itself');
  open.add(value);
  const text = Array.isArray(value) ? writeArray(value, path, open) : writeObject(value, path, open);
  open.delete(value);
  return text;
}

function writeArray(values: readonly unknown[], path: string, open: Set<object>): string {
  return `[${Array.from(values, (value, i) => write(value, `${path}[${i}]`, open)).join(',')}]`;
}

function writeObject(value: object, path: string, open: Set<object>): string {
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined || typeof member === 'function') continue;
    members.push(`${JSON.stringify(key)}:${write(member, `${path}.${key}`, open)}`);
  }
  return `{${members.join(',')}}`;
}

function refuse(path: string, what: string): never {
  throw new TypeError(`The value of stableJson must be JSON. Got ${what} at ${path}.`);
}
