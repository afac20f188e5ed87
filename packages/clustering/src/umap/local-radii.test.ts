import { runSync } from '@matome/primitives/async';
import { type Matrix, matrixFromRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { nearestNeighbors } from '../neighbors/nearest-neighbors.js';
import { fuzzyGraphSteps, superviseGraph } from './fuzzy-graph.js';
import { densityCorrelation, localRadii } from './local-radii.js';
import { logRadii } from './log-radii.js';

interface DigitsFixture {
  readonly x: number[][];
  readonly k: number;
  readonly knnIndices: number[][];
  readonly knnDistances: number[][];
  readonly supervised: { readonly target: number[] };
}

interface RadiiFixture {
  readonly cases: readonly { readonly name: string; readonly logRadii: number[] }[];
}

const digits = readFixture<DigitsFixture>('umap/fuzzy-digits300');
const known = Object.fromEntries(
  readFixture<RadiiFixture>('umap/local-radii').cases.map(({ name, logRadii: values }) => [name, values]),
);
const x = matrixFromRows(digits.x);
const knn: KnnGraph = {
  indices: Uint32Array.from(digits.knnIndices.flatMap((row) => row.slice(1))),
  distances: Float32Array.from(digits.knnDistances.flatMap((row) => row.slice(1))),
  rows: x.rows,
  k: digits.k - 1,
};

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce((most, value) => Math.max(most, value), 0);

function scattered(rows: number, seed: number): Matrix {
  const random = createRandom(seed);
  return matrixFromRows(
    Array.from({ length: rows }, (_, i) => Array.from({ length: 3 }, () => (1 + (i % 4)) * normalSample(random))),
  );
}

describe('localRadii against umap-learn', () => {
  it.each([
    ['union', {}],
    ['mix0.5', { setOperationMix: 0.5 }],
    ['localConnectivity2', { localConnectivity: 2 }],
  ] as const)('finds the radii of %s on the same neighbours', async (name, options) => {
    expect(largestDifference(await localRadii(x, { knn, ...options }), known[name]!)).toBeLessThan(1e-4);
  });

  it('weighs by the weakened memberships of a supervised graph', () => {
    const graph = superviseGraph(runSync(fuzzyGraphSteps(knn)), { target: digits.supervised.target });
    expect(largestDifference(logRadii(graph, knn), known.supervised!)).toBeLessThan(1e-4);
  });
});

describe('localRadii', () => {
  it('grows by the logarithm of a squared scale, and not by a shift', async () => {
    const rows = scattered(120, 1);
    const radii = await localRadii(rows);
    const scaled = await localRadii({ ...rows, data: rows.data.map((value) => 8 * value + 64) });
    radii.forEach((value, i) => {
      expect(Math.abs(scaled[i]! - value - 2 * Math.log(8))).toBeLessThan(1e-3);
    });
  });

  it('follows the rows when they change places', async () => {
    const rows = scattered(90, 2);
    const order = Array.from({ length: 90 }, (_, i) => (i * 37) % 90);
    const radii = await localRadii(rows);
    const permuted = await localRadii(takeRows(rows, order));
    expect(
      largestDifference(
        permuted,
        order.map((row) => radii[row]!),
      ),
    ).toBeLessThan(1e-6);
  });

  it('compares angles under the cosine metric', async () => {
    const rows = scattered(60, 3);
    const longer = { ...rows, data: rows.data.map((value, at) => value * (1 + (Math.floor(at / 3) % 5))) };
    const [radii, same] = [
      await localRadii(rows, { metric: 'cosine' }),
      await localRadii(longer, { metric: 'cosine' }),
    ];
    expect(largestDifference(radii, same)).toBeLessThan(0.05);
  });

  it('answers for every number of rows and for duplicates', async () => {
    for (const rows of [0, 1, 2, 3, 4, 7]) {
      const radii = await localRadii({ data: Float32Array.from({ length: rows }, (_, i) => i * i), rows, cols: 1 });
      expect(radii).toHaveLength(rows);
      expect(radii.every(Number.isFinite)).toBe(true);
    }
    const equal = await localRadii({ data: new Float32Array(80).fill(3), rows: 40, cols: 2 });
    expect([...equal]).toEqual(new Array(40).fill(Math.log(1e-8)));
  });

  it('names the option or the row that is wrong and stops with the reason of an abort', async () => {
    await expect(localRadii(x, { nNeighbors: 1 })).rejects.toThrow('The nNeighbors option of localRadii');
    await expect(localRadii(matrixFromRows([[1], [Number.NaN]]))).rejects.toThrow('Row 1');
    await expect(localRadii(x, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

describe('densityCorrelation', () => {
  it('is 1 for the rows themselves, at any scale', async () => {
    const rows = scattered(150, 4);
    const scaled = { ...rows, data: rows.data.map((value) => 4 * value) };
    expect(await densityCorrelation(rows, scaled)).toBeCloseTo(1, 6);
  });

  it('is low for an embedding that has forgotten the densities', async () => {
    const rows = scattered(400, 5);
    expect(
      Math.abs(
        await densityCorrelation(
          rows,
          takeRows(
            scattered(400, 6),
            Array.from({ length: 400 }, (_, i) => (i * 7) % 399),
          ),
        ),
      ),
    ).toBeLessThan(0.3);
  });

  it('takes neighbours of the rows found before, and their number for the embedding', async () => {
    const rows = scattered(100, 7);
    const embedding = scattered(100, 8);
    const found = await nearestNeighbors(rows, { k: 9 });
    const expected = await densityCorrelation(rows, embedding, { nNeighbors: 10 });
    expect(await densityCorrelation(rows, embedding, { knn: found })).toBe(expected);
  });

  it('is NaN where radii do not differ', async () => {
    const equal = { data: new Float32Array(60), rows: 30, cols: 2 };
    expect(await densityCorrelation(equal, scattered(30, 9))).toBeNaN();
    expect(await densityCorrelation(scattered(1, 1), scattered(1, 2))).toBeNaN();
  });

  it('refuses an embedding of other rows', async () => {
    await expect(densityCorrelation(scattered(20, 1), scattered(19, 1))).rejects.toThrow('must have 20 rows');
  });
});
