import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dot, norm, row } from '../linalg/index.js';
import { createHashingEmbedder } from './hashing-embedder.js';

describe('createHashingEmbedder', () => {
  it('brings texts with shared words and word parts near, in both languages', async () => {
    const { embed } = createHashingEmbedder();
    const near = async (a: string, b: string) => {
      const vectors = await embed([a, b]);
      return dot(row(vectors, 0), row(vectors, 1));
    };
    expect(await near('The central bank raised rates', 'Central banks raise rates again')).toBeGreaterThan(0.4);
    expect(await near('The central bank raised rates', 'Rain falls in the north')).toBeLessThan(0.25);
    expect(await near('日本銀行が利上げを決定した', '日本銀行の利上げ決定')).toBeGreaterThan(0.4);
    expect(await near('日本銀行が利上げを決定した', '新しい映画が公開')).toBeLessThan(0.25);
  });
  it('folds width and case', async () => {
    const vectors = await createHashingEmbedder().embed(['ＡＩ system', 'AI System']);
    expect(dot(row(vectors, 0), row(vectors, 1))).toBeCloseTo(1, 5);
  });
  it('gives rows of length 1, or 0 for a text without words, and the same bytes alone and in a batch', async () => {
    const { embed } = createHashingEmbedder({ dimensions: 64 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 6 }), async (texts) => {
        const together = await embed(texts);
        for (const [i, text] of texts.entries()) {
          const alone = await embed([text]);
          expect(row(together, i)).toEqual(row(alone, 0));
          const length = norm(row(together, i));
          expect(length === 0 || Math.abs(length - 1) < 1e-5).toBe(true);
        }
      }),
    );
    expect(norm((await embed(['  !? '])).data)).toBe(0);
  });
  it('names its width in its fingerprint and stops when asked', async () => {
    const embedder = createHashingEmbedder({ dimensions: 32 });
    expect(embedder.fingerprint).toBe('hashing-32-v1');
    await expect(embedder.embed(['a'], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect((await embedder.embed([])).rows).toBe(0);
    expect(() => createHashingEmbedder({ dimensions: 4 })).toThrow('The dimensions option of createHashingEmbedder');
  });
});
