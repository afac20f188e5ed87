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

/** Average linkage by its definition: try every pair of groups at every step. */
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
});
