/** What the streams need of a Redis client; `ioredis` fits as it is. */
export interface RedisLike {
  /** Sends a command and gives the raw reply: text, numbers, `null` and lists of these. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/** A reply that lists text, or an error that names the command. */
export function asList(command: string, reply: unknown): readonly unknown[] {
  if (reply === null || reply === undefined) return [];
  if (Array.isArray(reply)) return reply;
  throw new TypeError(`The reply to ${command} must be a list. Got ${typeof reply}.`);
}

/** Entry of a stream as Redis sends it: `[id, [name, value, …]]`; `undefined` for one that was deleted. */
export function readEntry(
  entry: unknown,
): { readonly id: string; readonly fields: Readonly<Record<string, string>> } | undefined {
  const [id, flat] = asList('XREADGROUP', entry);
  if (typeof id !== 'string' || !Array.isArray(flat)) return undefined;
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([String(flat[i]), String(flat[i + 1])]);
  // Unlike an assignment, this keeps a field of the name `__proto__`.
  return { id, fields: Object.fromEntries(pairs) };
}

/** Entries of the streams in a reply to `XREADGROUP`: pairs in RESP2, a map or its pairs laid flat in RESP3. */
export function readStreams(reply: unknown): readonly unknown[] {
  if (reply instanceof Map) return [...reply.values()].flat();
  if (typeof reply === 'object' && reply !== null && !Array.isArray(reply)) return Object.values(reply).flat();
  const list = asList('XREADGROUP', reply);
  if (typeof list[0] === 'string') return list.filter((_, i) => i % 2 === 1).flat();
  return list.flatMap((pair) => asList('XREADGROUP', asList('XREADGROUP', pair)[1]));
}
