import { createHashingEmbedder, type Embedder } from '@matome/primitives/embedding';
import { matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, shuffle } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { type DedupDocument, deduplicate } from './deduplicate.js';
import { deduplicateWithEmbedder } from './deduplicate-with-embedder.js';
import { DuplicateIndex } from './duplicate-index.js';

/** Text of made-up words, the same for the same seed. */
function prose(seed: number, length = 80): string {
  const random = createRandom(seed);
  const word = () => Math.floor(random() * 3000).toString(26);
  // Letters alone: words with digits count as numbers.
  return Array.from({ length }, () => `word${word().replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)]!)}`).join(' ');
}

const day = (n: number) => new Date(Date.UTC(2025, 0, n));
const article = (id: string, text: string, published: number): DedupDocument => ({
  id,
  text,
  publishedAt: day(published),
});

describe('DuplicateIndex', () => {
  it('tells a new document which it repeats and why', () => {
    const index = new DuplicateIndex();
    expect(index.add(article('a', prose(1), 1))).toEqual([]);
    expect(index.add(article('b', prose(2), 1))).toEqual([]);
    expect(index.add(article('c', prose(1), 2))).toEqual([{ id: 'a', similarity: 1, reason: 'exact' }]);
    const hits = index.add(article('d', `Updated: ${prose(1)}`, 2));
    expect(hits.map(({ id, reason }) => [id, reason])).toEqual([
      ['a', 'near'],
      ['c', 'near'],
    ]);
  });

  it('forgets what was published before a moment', () => {
    const index = new DuplicateIndex();
    index.add(article('a', prose(1), 1));
    index.add(article('b', prose(2), 3));
    expect(index.expire(day(2))).toBe(1);
    expect(index.size).toBe(1);
    expect(index.add(article('c', prose(1), 3))).toEqual([]);
    expect(index.add(article('d', prose(2), 3)).map((hit) => hit.id)).toEqual(['b']);
  });

  it('changes nothing when a document comes twice, and replaces one whose text changed', () => {
    const index = new DuplicateIndex();
    index.add(article('a', prose(1), 1));
    expect(index.add(article('a', prose(1), 1))).toEqual([]);
    expect(index.size).toBe(1);
    index.add(article('a', prose(5), 1));
    expect(index.add(article('b', prose(1), 1))).toEqual([]);
    expect(index.add(article('c', prose(5), 1)).map((hit) => hit.id)).toEqual(['a']);
  });

  it('stays right while thousands of documents pass through its window', () => {
    const index = new DuplicateIndex();
    for (let n = 0; n < 3000; n++) {
      const hits = index.add(article(`${n}`, prose(n % 2 === 0 ? n : n - 1, 40), n));
      expect(hits.map((hit) => hit.id)).toEqual(n % 2 === 0 ? [] : [`${n - 1}`]);
      index.expire(day(n - 50));
      expect(index.size).toBeLessThanOrEqual(51);
    }
  });

  it('gives the groups of a batch, in whatever order the documents came', () => {
    const documents = [1, 2, 3].flatMap((seed) => [
      article(`${seed}a`, prose(seed), 1),
      article(`${seed}b`, `${prose(seed)} The end.`, 2),
      article(`${seed}c`, prose(seed), 3),
    ]);
    const expected = deduplicate(documents).groups;
    for (const seed of [1, 2, 3]) {
      const index = new DuplicateIndex();
      for (const document of shuffle(documents, createRandom(seed))) index.add(document);
      index.add(article('gone', prose(9), 1));
      index.remove('gone');
      expect(index.groups()).toEqual(expected);
    }
  });
});

describe('deduplicateWithEmbedder', () => {
  const half = (seed: number, tail: number) => `${prose(seed, 60)} ${prose(tail, 40)}`;
  const documents = [article('a', half(1, 2), 1), article('b', half(1, 3), 2), article('c', prose(4, 90), 3)];

  it('joins texts of the grey zone whose vectors lie close together', async () => {
    const embedded: string[] = [];
    const embedder: Embedder = {
      ...createHashingEmbedder({ dimensions: 64 }),
      embed: async (texts) => {
        embedded.push(...texts);
        return matrixFromRows(texts.map(() => [1, 0]));
      },
    };
    expect(deduplicate(documents).groups).toEqual([]);
    const { groups } = await deduplicateWithEmbedder(documents, { embedder });
    expect(groups).toEqual([
      { primaryId: 'b', duplicates: [{ id: 'a', similarity: 1, exact: false, reason: 'reworded' }] },
    ]);
    expect(embedded).toHaveLength(2);
  });

  it('keeps them apart when the vectors differ', async () => {
    const embedder: Embedder = {
      ...createHashingEmbedder({ dimensions: 64 }),
      embed: async (texts) => matrixFromRows(texts.map((_, i) => (i === 0 ? [1, 0] : [0, 1]))),
    };
    expect((await deduplicateWithEmbedder(documents, { embedder })).groups).toEqual([]);
  });

  it('refuses a cosine outside [-1, 1] and stops when it is aborted', async () => {
    const embedder = createHashingEmbedder();
    await expect(deduplicateWithEmbedder([], { embedder, minCosine: 3 })).rejects.toThrow('in [-1, 1]. Got 3.');
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(deduplicateWithEmbedder(documents, { embedder, signal })).rejects.toThrow('stopped');
  });
});
