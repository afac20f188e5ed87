import { LruCache } from '../collections/index.js';
import { createMatrix, row } from '../linalg/index.js';
import type { Embedder } from './embedder.js';

/** Options of `withEmbeddingCache`. */
export interface EmbeddingCacheOptions {
  /** Vectors kept; the least recently used goes first. One takes 4 · dimensions bytes and its text. @default 10_000 */
  readonly maxEntries?: number;
}

/** An embedder that remembers, and how often that helped. */
export interface CachedEmbedder extends Embedder {
  /** Texts asked for and found, since the start. */
  readonly cacheStatistics: () => { readonly requested: number; readonly computed: number; readonly size: number };
}

/**
 * Remembers the vectors of an embedder: a text is embedded once, also within one call.
 *
 * Wrap one embedder for each model; the vectors of another are never mixed in. A failed call leaves nothing behind.
 *
 * @remarks O(text) for a remembered text; memory `maxEntries · dimensions · 4` bytes at most, plus the texts.
 * @throws RangeError if `maxEntries` is below 1.
 * @example
 * const embedder = withEmbeddingCache(createHashingEmbedder());
 * await embedder.embed(['a', 'b', 'a']);
 * embedder.cacheStatistics() // => { requested: 3, computed: 2, size: 2 }
 */
export function withEmbeddingCache(embedder: Embedder, options: EmbeddingCacheOptions = {}): CachedEmbedder {
  const cache = new LruCache<string, Float32Array>(options.maxEntries ?? 10_000);
  const { modelId, dimensions, fingerprint } = embedder;
  let requested = 0;
  let computed = 0;
  return {
    modelId,
    dimensions,
    fingerprint,
    ...(embedder.embedTokens && { embedTokens: embedder.embedTokens.bind(embedder) }),
    cacheStatistics: () => ({ requested, computed, size: cache.size }),
    async embed(texts, embedOptions) {
      // Found vectors are held here: storing new ones may push them out of the cache.
      const found = new Map<string, Float32Array>();
      const missing: string[] = [];
      for (const text of new Set(texts)) {
        const vector = cache.get(text);
        if (vector) found.set(text, vector);
        else missing.push(text);
      }
      if (missing.length > 0) {
        const fresh = await embedder.embed(missing, embedOptions);
        missing.forEach((text, i) => {
          const vector = row(fresh, i).slice();
          found.set(text, vector);
          cache.set(text, vector);
        });
      }
      requested += texts.length;
      computed += missing.length;
      const result = createMatrix(texts.length, dimensions);
      texts.forEach((text, i) => {
        result.data.set(found.get(text)!, i * dimensions);
      });
      return result;
    },
  };
}
