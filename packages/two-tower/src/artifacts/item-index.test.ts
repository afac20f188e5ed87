import { matrixFromRows } from '@matome/primitives/linalg';
import { describe, expect, it } from 'vitest';
import { catalogueScore, ItemIndex, rerank } from './item-index.js';

describe('ItemIndex', () => {
  const index = new ItemIndex(
    ['a', 'b', 'c', 'd'],
    matrixFromRows([
      [1, 0],
      [0, 1],
      [0.6, 0.8],
      [0, 1],
    ]),
  );
  const user = new Float32Array([0, 1]);

  it('gives as many as asked for, best first, ties by position', () => {
    expect(index.search(user, { limit: 3 }).map(({ id }) => id)).toEqual(['b', 'd', 'c']);
    expect(index.search(user, { limit: 9 })).toHaveLength(4);
    expect(index.search(user, { limit: 2, exclude: new Set(['b', 'd']) }).map(({ id }) => id)).toEqual(['c', 'a']);
    expect(index.search(user, { limit: 2, filter: (id) => id === 'a' }).map(({ id }) => id)).toEqual(['a']);
    expect(() => index.search(new Float32Array(3), { limit: 1 })).toThrow('must have 2 numbers. Got 3.');
  });

  it('is ordered anew by a hook', () => {
    const now = new Date(Date.UTC(2024, 5, 1));
    const released: Record<string, Date | null> = { b: null, d: now, c: new Date(Date.UTC(2030, 0, 1)) };
    const ranked = rerank(index.search(user, { limit: 3 }), (item) =>
      catalogueScore(item, { price: 5000, productReleasedAt: released[item.id]! }, now),
    );
    expect(ranked.map(({ id, score }) => [id, Number(score.toFixed(4))])).toEqual([
      ['d', 1],
      ['b', 0.7],
      ['c', 0.65],
    ]);
  });
});
