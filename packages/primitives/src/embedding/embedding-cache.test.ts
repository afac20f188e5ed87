import { describe, expect, it } from 'vitest';
import type { Embedder } from './embedder.js';
import { withEmbeddingCache } from './embedding-cache.js';
import { createHashingEmbedder } from './hashing-embedder.js';

function recording(inner: Embedder): { embedder: Embedder; calls: string[][] } {
  const calls: string[][] = [];
  const embedder: Embedder = {
    ...inner,
    embed: (texts, options) => {
      calls.push([...texts]);
      return inner.embed(texts, options);
    },
  };
  return { embedder, calls };
}

describe('withEmbeddingCache', () => {
  it('asks for each text once and gives what the embedder gives', async () => {
    const inner = createHashingEmbedder({ dimensions: 16 });
    const { embedder, calls } = recording(inner);
    const cached = withEmbeddingCache(embedder);
    const texts = ['a', 'b', 'a'];
    expect(await cached.embed(texts)).toEqual(await inner.embed(texts));
    expect(await cached.embed(['c', 'b'])).toEqual(await inner.embed(['c', 'b']));
    expect(calls).toEqual([['a', 'b'], ['c']]);
  });
  it('gives right vectors when one call holds more texts than the cache', async () => {
    const inner = createHashingEmbedder({ dimensions: 16 });
    const cached = withEmbeddingCache(inner, { maxEntries: 2 });
    await cached.embed(['a', 'b']);
    const texts = ['a', 'c', 'd', 'e', 'b'];
    expect(await cached.embed(texts)).toEqual(await inner.embed(texts));
    expect(cached.cacheStatistics().size).toBe(2);
  });
  it('is not harmed by writing into a result', async () => {
    const cached = withEmbeddingCache(createHashingEmbedder({ dimensions: 16 }));
    const first = await cached.embed(['word']);
    const copy = first.data.slice();
    first.data.fill(9);
    expect((await cached.embed(['word'])).data).toEqual(copy);
  });
  it('remembers nothing of a failed call', async () => {
    let failing = true;
    const inner = createHashingEmbedder({ dimensions: 16 });
    const cached = withEmbeddingCache({
      ...inner,
      embed: async (texts) => {
        if (failing) throw new Error('down');
        return inner.embed(texts);
      },
    });
    await expect(cached.embed(['a'])).rejects.toThrow('down');
    failing = false;
    expect(await cached.embed(['a'])).toEqual(await inner.embed(['a']));
    expect(cached.cacheStatistics()).toEqual({ requested: 1, computed: 1, size: 1 });
  });
  it('hands token vectors through where the embedder has them', async () => {
    const inner = createHashingEmbedder({ dimensions: 16 });
    expect(withEmbeddingCache(inner).embedTokens).toBeUndefined();
    const embedTokens = async () => [];
    expect(await withEmbeddingCache({ ...inner, embedTokens }).embedTokens?.(['a'])).toEqual([]);
  });
});
