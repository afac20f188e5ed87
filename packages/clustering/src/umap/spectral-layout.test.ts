import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { runSync } from '@matome/primitives/async';
import { createRandom } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { fuzzyGraphSteps, weakenEdges } from './fuzzy-graph.js';
import { graphComponents } from './graph-components.js';
import { largestEigenpairSteps } from './lanczos.js';
import { laplacianEigenpairSteps, spectralLayoutSteps } from './spectral-layout.js';
import { symmetricEigen } from './symmetric-eigen.js';

function readFixture<T>(name: string): T {
  const path = new URL(`../../../../test/fixtures/umap/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as T;
}

const digits = readFixture<{
  knnIndices: number[][];
  knnDistances: number[][];
  supervised: { target: number[] };
}>('fuzzy-digits300');
const digitsKnn: KnnGraph = {
  indices: Uint32Array.from(digits.knnIndices.flatMap((own) => own.slice(1))),
  distances: Float32Array.from(digits.knnDistances.flatMap((own) => own.slice(1))),
  rows: 300,
  k: 14,
};

/** Rows on a line in groups: each knows its neighbours in the group only. */
function islands(sizes: readonly number[]): KnnGraph {
  const k = 3;
  const indices: number[] = [];
  const distances: number[] = [];
  let start = 0;
  for (const size of sizes) {
    for (let i = 0; i < size; i++) {
      for (let j = 1; j <= k; j++) {
        indices.push(start + ((i + j) % size));
        distances.push(j);
      }
    }
    start += size;
  }
  return { indices: Uint32Array.from(indices), distances: Float32Array.from(distances), rows: start, k };
}

describe('symmetricEigen', () => {
  it('rebuilds any symmetric matrix', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer(), (n, seed) => {
        const random = createRandom(seed);
        const matrix = new Float64Array(n * n);
        for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random() - 0.5;
        const { values, vectors } = symmetricEigen(matrix, n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let c = 0; c < n; c++) sum += values[c]! * vectors[i * n + c]! * vectors[j * n + c]!;
            expect(sum).toBeCloseTo(matrix[i * n + j]!, 10);
          }
        }
        expect([...values]).toEqual([...values].sort((a, b) => b - a));
      }),
    );
  });
});

describe('largestEigenpairSteps', () => {
  it('finds the top of a diagonal with a restart, beside a deflated vector', () => {
    const n = 400;
    const operator = (x: Float64Array, into: Float64Array) => {
      for (let i = 0; i < n; i++) into[i] = x[i]! / (1 + i);
    };
    const first = new Float64Array(n);
    first[0] = 1;
    const options = { random: createRandom(), deflated: [first], tolerance: 1e-10, maxProducts: 1000 };
    const { values, vectors, converged } = runSync(largestEigenpairSteps(operator, n, 3, options));
    expect(converged).toBe(true);
    for (const [i, value] of [...values].entries()) expect(value).toBeCloseTo(1 / (2 + i), 10);
    expect(Math.abs(vectors[0]![1]!)).toBeCloseTo(1, 8);
  });

  it('returns its best guess when the products are used up', () => {
    const n = 2000;
    const operator = (x: Float64Array, into: Float64Array) => {
      for (let i = 0; i < n; i++) into[i] = x[i]! * (1 - i * 1e-6);
    };
    const options = { random: createRandom(), tolerance: 1e-14, maxProducts: 60 };
    expect(runSync(largestEigenpairSteps(operator, n, 2, options)).converged).toBe(false);
  });

  it('takes the whole space when it is small', () => {
    const operator = (x: Float64Array, into: Float64Array) => into.set(x.map((value, i) => value * (i + 1)));
    const { values } = runSync(
      largestEigenpairSteps(operator, 3, 3, { random: createRandom(), tolerance: 0, maxProducts: 9 }),
    );
    for (const [i, value] of [3, 2, 1].entries()) expect(values[i]).toBeCloseTo(value, 10);
  });
});

describe('the spectral layout', () => {
  it('has the eigenvalues and eigenvectors of the reference', () => {
    const expected = readFixture<{ eigenvalues: number[]; eigenvectors: number[][] }>('spectral-digits300');
    // The generator took the spectrum after the reference had weakened the same graph in place.
    const graph = weakenEdges(runSync(fuzzyGraphSteps(digitsKnn)), { target: digits.supervised.target });
    const pairs = runSync(
      laplacianEigenpairSteps(graph, 7, {
        random: createRandom(),
        tolerance: 1e-9,
        maxProducts: 5000,
      }),
    );
    expected.eigenvalues.slice(1).forEach((value, i) => {
      expect(Math.abs(pairs.values[i]! - value)).toBeLessThan(1e-6);
    });
    expected.eigenvectors.forEach((vector, i) => {
      const sign = Math.sign(vector.reduce((sum, value, at) => sum + value * pairs.vectors[i]![at]!, 0));
      vector.forEach((value, at) => {
        expect(Math.abs(sign * pairs.vectors[i]![at]! - value)).toBeLessThan(1e-4);
      });
    });
  });

  it('counts components by their first row', () => {
    expect(graphComponents(runSync(fuzzyGraphSteps(digitsKnn))).count).toBe(1);
    const { count, labels } = graphComponents(runSync(fuzzyGraphSteps(islands([5, 9, 4]))));
    expect(count).toBe(3);
    expect([...labels]).toEqual([...new Array(5).fill(0), ...new Array(9).fill(1), ...new Array(4).fill(2)]);
  });

  it('keeps components apart and inside the bounds', () => {
    const layout = runSync(
      spectralLayoutSteps(runSync(fuzzyGraphSteps(islands([40, 40, 4]))), 2, { random: createRandom() }),
    );
    expect(layout.every((value) => Math.abs(value) <= 10)).toBe(true);
    const mean = (from: number, to: number) => {
      const own = layout.subarray(2 * from, 2 * to);
      return [0, 1].map((t) => own.filter((_, at) => at % 2 === t).reduce((a, b) => a + b) / (to - from));
    };
    const [a, b] = [mean(0, 40), mean(40, 80)];
    expect(Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!)).toBeGreaterThan(1);
  });
});
