import { type Matrix, matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, shuffle } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { trustworthiness } from './trustworthiness.js';

const digits = matrixFromRows(readFixture<{ x: number[][] }>('umap/fuzzy-digits300').x);
const { eigenvectors } = readFixture<{ eigenvectors: number[][] }>('umap/spectral-digits300');
const spectral = eigenvectors[0]!.map((value, i) => [value, eigenvectors[1]![i]!]);
interface TrustworthinessCase {
  readonly name: string;
  readonly embedding: string | number[][];
  readonly k: number;
  readonly value: number;
}
const { cases } = readFixture<{ cases: TrustworthinessCase[] }>('umap/trustworthiness');

describe('trustworthiness', () => {
  it.each(cases)('is that of the reference for $name, k = $k', ({ name, embedding, k, value }) => {
    const rows = typeof embedding === 'string' ? spectral : embedding;
    const found = trustworthiness(digits, matrixFromRows(rows), { nNeighbors: k });
    // Whole-number rows have equal distances, whose order decides.
    expect(Math.abs(found - value)).toBeLessThan(name === 'columns' ? 2e-3 : 1e-3);
  });

  it('equals the definition, by ranks of all distances', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 1, max: 4 }), (seed, k) => {
        const random = createRandom(seed);
        const cloud = (cols: number): Matrix => ({
          data: Float32Array.from({ length: 30 * cols }, () => random()),
          rows: 30,
          cols,
        });
        const [x, y] = [cloud(4), cloud(2)];
        expect(trustworthiness(x, y, { nNeighbors: k })).toBeCloseTo(byDefinition(x, y, k), 12);
      }),
      { numRuns: 30 },
    );
  });

  it('is 1 for the data itself and lower for shuffled rows', () => {
    const order = shuffle(
      Array.from({ length: 300 }, (_, i) => i),
      createRandom(3),
    );
    const shuffled = matrixFromRows(order.map((i) => digits.data.subarray(i * 64, (i + 1) * 64)));
    // Equal distances may round apart, nothing else.
    expect(trustworthiness(digits, digits)).toBeGreaterThan(1 - 1e-5);
    expect(trustworthiness(digits, shuffled)).toBeLessThan(0.6);
    expect(trustworthiness(digits, digits, { metric: 'cosine' })).toBeGreaterThan(0.97);
  });

  it('refuses what does not fit', () => {
    const two = matrixFromRows([[0], [1]]);
    expect(() => trustworthiness(two, two)).toThrow(
      new RangeError('The rows option of trustworthiness must be an integer in [3, ∞). Got 2.'),
    );
    const small = matrixFromRows([[0], [1], [2], [3]]);
    expect(() => trustworthiness(small, small, { nNeighbors: 2 })).toThrow(
      new RangeError('The nNeighbors option of trustworthiness must be an integer in [1, 1]. Got 2.'),
    );
    expect(() => trustworthiness(small, digits)).toThrow(/must have 4 rows, as the data. Got 300/);
  });
});

function byDefinition(x: Matrix, y: Matrix, k: number): number {
  const n = x.rows;
  const order = (m: Matrix, i: number) => {
    const distance = (j: number) => {
      let sum = 0;
      for (let c = 0; c < m.cols; c++) sum += (m.data[i * m.cols + c]! - m.data[j * m.cols + c]!) ** 2;
      return sum;
    };
    return Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => distance(a) - distance(b));
  };
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const ranks = order(x, i);
    for (const j of order(y, i).slice(0, k)) sum += Math.max(0, ranks.indexOf(j) + 1 - k);
  }
  return 1 - (2 * sum) / (n * k * (2 * n - 3 * k - 1));
}
