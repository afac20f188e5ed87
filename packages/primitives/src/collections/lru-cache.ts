import { checkInteger } from '../options/index.js';

/**
 * A map that forgets the entry unused for longest once it holds more than `maxEntries`.
 *
 * @remarks O(1) an operation: a Map keeps insertion order, a read re-inserts.
 * @example
 * const cache = new LruCache<string, number>(1);
 * cache.set('a', 1);
 * cache.set('b', 2);
 * cache.get('a') // => undefined
 */
export class LruCache<K, V> {
  private readonly entries = new Map<K, V>();
  private readonly maxEntries: number;

  /** @throws RangeError if `maxEntries` is below 1. */
  constructor(maxEntries: number) {
    this.maxEntries = checkInteger('LruCache', 'maxEntries', maxEntries, { min: 1 });
  }

  /** Number of entries held. */
  get size(): number {
    return this.entries.size;
  }

  /** The value of `key`, marked as just used; undefined when absent. */
  get(key: K): V | undefined {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }

  /** Stores a value and drops the oldest entry when the cache is full. */
  set(key: K, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.maxEntries) this.entries.delete(this.entries.keys().next().value as K);
  }

  /** Forgets everything. */
  clear(): void {
    this.entries.clear();
  }
}
