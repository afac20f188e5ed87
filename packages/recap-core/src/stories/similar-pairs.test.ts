import { type CsrMatrix, csrFromRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { similarPairs } from './similar-pairs.js';

/** Rows of length 1 with up to four of six columns. */
function randomRows(n: number, seed: number): number[][] {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => {
    const row = Array.from({ length: 6 }, () => (random() < 0.4 ? random() : 0));
    const norm = Math.hypot(...row);
    return norm === 0 ? row : row.map((value) => value / norm);
  });
}

function sparse(rows: readonly (readonly number[])[]): CsrMatrix {
  return csrFromRows(
    rows.map((row) => new Map([...row.entries()].filter(([, value]) => value > 0))),
    6,
  );
}

type Pair = readonly [row: number, column: number, similarity: number];

function pairsOf({ indptr, indices, data, rows }: CsrMatrix): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i < rows; i++) {
    for (let k = indptr[i]!; k < indptr[i + 1]!; k++) pairs.push([i, indices[k]!, data[k]!]);
  }
  return pairs;
}

describe('similarPairs', () => {
  it('has the discounted cosine of every pair that reaches the least similarity, by row and column', () => {
    const discount = (a: number, b: number) => 1 / (1 + Math.abs(a - b) / 4);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.integer(), (n, seed) => {
        const rows = randomRows(n, seed);
        const expected: Pair[] = [];
        rows.forEach((x, i) => {
          rows.forEach((y, j) => {
            const similarity = x.reduce((sum, value, c) => sum + value * y[c]!, 0) * discount(i, j);
            if (i !== j && similarity >= 0.3) expected.push([i, j, similarity]);
          });
        });
        const found = pairsOf(similarPairs(sparse(rows), { minSimilarity: 0.3, discount }));
        expect(found.map(([i, j]) => [i, j])).toEqual(expected.map(([i, j]) => [i, j]));
        found.forEach(([, , similarity], at) => {
          expect(similarity).toBeCloseTo(expected[at]![2], 5);
        });
      }),
    );
  });
  it('takes no rows', () => {
    const pairs = similarPairs(sparse([]), { minSimilarity: 0.1, discount: () => 1 });
    expect([pairs.rows, pairs.cols, pairs.data.length]).toEqual([0, 0, 0]);
  });
});
