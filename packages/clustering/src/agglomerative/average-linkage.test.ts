import { type CsrMatrix, csrFromRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averageLinkage } from './average-linkage.js';

function fromDense(dense: readonly (readonly number[])[]): CsrMatrix {
  const rows = dense.map((values, i) => new Map([...values.entries()].filter(([j, v]) => j !== i && v > 0)));
  return csrFromRows(rows, dense.length);
}

function randomSimilarities(n: number, seed: number, density: number): number[][] {
  const random = createRandom(seed);
  const dense = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) dense[i]![j] = dense[j]![i] = random() < density ? random() : 0;
  }
  return dense;
}

/** Similarities that are multiples of a quarter: many means are equal, and none is rounded before the division. */
function quarters(n: number, seed: number): number[][] {
  return randomSimilarities(n, seed, 0.7).map((row) => row.map((value) => Math.round(4 * value) / 4));
}

/** Average linkage by its definition: try every pair of groups at every step, the oldest groups first. */
function naive(dense: readonly (readonly number[])[], threshold: number): number[][] {
  let groups = dense.map((_, i) => [i]);
  const average = (a: number[], b: number[]) =>
    a.reduce((sum, i) => sum + b.reduce((s, j) => s + dense[i]![j]!, 0), 0) / (a.length * b.length);
  for (;;) {
    let best = { value: -1, a: -1, b: -1 };
    for (let a = 0; a < groups.length; a++) {
      for (let b = a + 1; b < groups.length; b++) {
        const value = average(groups[a]!, groups[b]!);
        if (value > best.value + 1e-9) best = { value, a, b };
      }
    }
    if (best.value < threshold) return groups.map((g) => g.toSorted((x, y) => x - y)).sort((x, y) => x[0]! - y[0]!);
    const joined = [...groups[best.a]!, ...groups[best.b]!];
    groups = [...groups.filter((_, at) => at !== best.a && at !== best.b), joined];
  }
}

function asGroups(labels: Int32Array): number[][] {
  const groups: number[][] = [];
  labels.forEach((label, i) => {
    groups[label] = [...(groups[label] ?? []), i];
  });
  return groups;
}

describe('averageLinkage', () => {
  it('equals the definition on random graphs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 14 }),
        fc.integer(),
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        (n, seed, threshold) => {
          const dense = randomSimilarities(n, seed, 0.6);
          expect(asGroups(averageLinkage(fromDense(dense), { threshold }))).toEqual(naive(dense, threshold));
        },
      ),
    );
  });
  it('breaks ties as the definition does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16 }),
        fc.integer(),
        fc.constantFrom(0.125, 0.25, 0.3, 0.5, 0.75),
        (n, seed, threshold) => {
          const dense = quarters(n, seed);
          expect(asGroups(averageLinkage(fromDense(dense), { threshold }))).toEqual(naive(dense, threshold));
        },
      ),
      { numRuns: 300 },
    );
  });
  it.each([0.02, 0.15, 0.35, 0.5])('equals the definition on 70 items in groups, threshold %d', (threshold) => {
    const dense = randomSimilarities(70, 5, 0.5).map((row, i) =>
      row.map((value, j) => (i % 6 === j % 6 ? value : value / 4)),
    );
    expect(asGroups(averageLinkage(fromDense(dense), { threshold }))).toEqual(naive(dense, threshold));
  });
  it('groups graphs that do not touch as it groups each alone', () => {
    const left = randomSimilarities(20, 1, 0.6);
    const right = randomSimilarities(15, 2, 0.6);
    const both = [
      ...left.map((row) => [...row, ...right.map(() => 0)]),
      ...right.map((row) => [...left.map(() => 0), ...row]),
    ];
    const alone = [left, right].map((dense) => asGroups(averageLinkage(fromDense(dense), { threshold: 0.3 })));
    expect(asGroups(averageLinkage(fromDense(both), { threshold: 0.3 }))).toEqual([
      ...alone[0]!,
      ...alone[1]!.map((group) => group.map((i) => i + left.length)),
    ]);
  });
  it('joins all when every pair is equal, and leaves its input as it was', () => {
    const matrix = fromDense(Array.from({ length: 9 }, () => new Array<number>(9).fill(0.5)));
    const data = matrix.data.slice();
    expect([...averageLinkage(matrix, { threshold: 0.5 })]).toEqual(new Array(9).fill(0));
    expect(matrix.data).toEqual(data);
  });
  it('takes no notice of a diagonal or of listed zeros', () => {
    const matrix = csrFromRows(
      [
        new Map([
          [0, 1],
          [1, 0],
        ]),
        new Map([
          [0, 0],
          [1, 1],
          [2, 0.6],
        ]),
        new Map([
          [1, 0.6],
          [2, 1],
        ]),
      ],
      3,
    );
    expect([...averageLinkage(matrix, { threshold: 0.4 })]).toEqual([0, 1, 1]);
  });
  it('leaves items alone when nothing is similar and takes an empty graph', () => {
    expect([
      ...averageLinkage(
        fromDense([
          [0, 0],
          [0, 0],
        ]),
        { threshold: 0.1 },
      ),
    ]).toEqual([0, 1]);
    expect(averageLinkage(csrFromRows([], 0), { threshold: 0.1 }).length).toBe(0);
  });
  it('refuses a threshold of zero and a matrix that is not square', () => {
    expect(() => averageLinkage(fromDense([[0]]), { threshold: 0 })).toThrow(
      'The threshold option of averageLinkage must be a number in (0, ∞). Got 0.',
    );
    expect(() => averageLinkage(csrFromRows([new Map()], 2), { threshold: 0.5 })).toThrow('must be square. Got 1 × 2.');
  });
  it('refuses pairs that are none', () => {
    const pairs = (index: number, value: number) => ({
      indptr: new Uint32Array([0, 1, 2]),
      indices: new Uint32Array([1, index]),
      data: new Float32Array([0.5, value]),
      rows: 2,
      cols: 2,
    });
    expect(averageLinkage(pairs(0, 0.5), { threshold: 0.4 })).toEqual(Int32Array.of(0, 0));
    expect(() => averageLinkage(pairs(2, 0.5), { threshold: 0.4 })).toThrow(
      'The similarities of averageLinkage must be finite and of items below 2. Item 1 has 0.5 for item 2.',
    );
    expect(() => averageLinkage(pairs(0, Number.NaN), { threshold: 0.4 })).toThrow('Item 1 has NaN for item 0.');
  });
});
