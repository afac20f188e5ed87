import { createJsDenseEngine } from '@matome/primitives/dense';
import { matrixFromRows, normalizeRows } from '@matome/primitives/linalg';
import { describe, expect, it } from 'vitest';
import { createArticleSpace } from './article-space.js';

// Two kinds of articles that have most in common, and a text without any known word.
const vectors = normalizeRows(
  matrixFromRows([
    [5, 1, 0],
    [5, 1.1, 0],
    [5, 0, 1],
    [5, 0, 1.1],
    [0, 0, 0],
  ]),
);
const engine = createJsDenseEngine();
const space = createArticleSpace(vectors, 3);
const articles = (neighbors: readonly { readonly article: number }[]) => neighbors.map(({ article }) => article);

describe('createArticleSpace', () => {
  it('finds articles by what sets them apart, never those that are unlike', () => {
    const query = normalizeRows(matrixFromRows([[5, 1.2, 0]]));
    const found = space.nearest(query);
    expect(articles(found)).toEqual([1, 0]);
    for (const { similarity } of found) expect(similarity).toBeGreaterThan(0.9);
  });
  it('leaves an article out of its own neighbours', async () => {
    const found = await space.nearestOf([0, 3], engine);
    expect(found.map(articles)).toEqual([[1], [2]]);
  });
  it('has no neighbours for a text without any known word', async () => {
    expect(space.nearest(matrixFromRows([[0, 0, 0]]))).toEqual([]);
    expect(await space.nearestOf([4], engine)).toEqual([[]]);
  });
  it('gives at most as many as asked for, and all when there are fewer', async () => {
    const one = createArticleSpace(vectors, 1);
    expect(articles(one.nearest(normalizeRows(matrixFromRows([[5, 1.2, 0]]))))).toEqual([1]);
    const many = createArticleSpace(vectors, 99);
    expect((await many.nearestOf([2], engine)).map(articles)).toEqual([[3]]);
  });
  it('does not write to its input', () => {
    expect(vectors.data[0]).toBeCloseTo(5 / Math.hypot(5, 1), 5);
  });
});
