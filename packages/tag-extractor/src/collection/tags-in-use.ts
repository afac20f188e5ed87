import { tagKey } from '../tag-names/tag-key.js';

/** A tag that articles of a collection carry. */
export interface TagInUse {
  /** The spelling that most articles use, the first of equals. */
  readonly name: string;
  /** Articles that carry it. */
  readonly count: number;
}

/** The tags of a collection. */
export interface TagsInUse {
  /** By `tagKey`. */
  readonly byKey: ReadonlyMap<string, TagInUse>;
  /** Keys of every article's tags, each once. */
  readonly keysOf: readonly ReadonlySet<string>[];
}

/**
 * Counts the tags of a collection; variants of one name are one tag.
 *
 * @param tags - names, one list an article; names without a letter or digit are left out.
 */
export function countTagsInUse(tags: readonly (readonly string[])[]): TagsInUse {
  const spellings = new Map<string, Map<string, number>>();
  const counts = new Map<string, number>();
  const keysOf = tags.map((names) => {
    const keys = new Set<string>();
    for (const raw of names) {
      const name = raw.replace(/\s+/g, ' ').trim();
      const key = tagKey(name);
      if (key === '' || keys.has(key)) continue;
      keys.add(key);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      const known = spellings.get(key) ?? new Map<string, number>();
      spellings.set(key, known.set(name, (known.get(name) ?? 0) + 1));
    }
    return keys;
  });
  const byKey = new Map<string, TagInUse>();
  for (const [key, known] of spellings) {
    let name = '';
    for (const [spelling, count] of known) if (count > (known.get(name) ?? 0)) name = spelling;
    byKey.set(key, { name, count: counts.get(key)! });
  }
  return { byKey, keysOf };
}
