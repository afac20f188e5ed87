import { runSync } from '@matome/primitives/async';
import { DisjointSet } from '@matome/primitives/collections';
import type { Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { squaredDistance } from '../neighbors/neighbor-lists.js';
import { ascendingOrder } from './ascending-order.js';
import { type MutualReachability, mutualReachability } from './mutual-reachability.js';

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly length: number;
}

/** Kruskal over all pairs, by squared distances: roots can be equal where these are not. */
function bruteForce(x: Matrix, minSamples: number): { core: number[]; edges: Edge[] } {
  const distance = (i: number, j: number) => squaredDistance(x.data, i, j, x.cols);
  const core = Array.from({ length: x.rows }, (_, i) => {
    const others = Array.from({ length: x.rows }, (_, j) => j).filter((j) => j !== i);
    return others.map((j) => distance(i, j)).sort((a, b) => a - b)[minSamples - 1]!;
  });
  const pairs: Edge[] = [];
  for (let i = 0; i < x.rows; i++) {
    for (let j = i + 1; j < x.rows; j++) {
      const length = distance(i, j);
      pairs.push({ from: i, to: j, length, weight: Math.max(core[i]!, core[j]!, length) });
    }
  }
  const sets = new DisjointSet(x.rows);
  const edges = pairs
    .sort((a, b) => a.weight - b.weight || a.length - b.length)
    .filter(({ from, to }) => sets.union(from, to))
    .map((edge) => ({ ...edge, weight: Math.sqrt(edge.weight), length: Math.sqrt(edge.length) }))
    .sort((a, b) => a.weight - b.weight || a.length - b.length);
  return { core: core.map(Math.sqrt), edges };
}

function sortedEdges({ tree }: MutualReachability): [number, number][] {
  return Array.from(tree.weights, (weight, i): [number, number] => [weight, tree.lengths[i]!]).sort(
    (a, b) => a[0] - b[0] || a[1] - b[1],
  );
}

const run = (x: Matrix, minSamples: number, algorithm: 'kd-tree' | 'dense', simd: boolean, maxListLength = 100) =>
  runSync(mutualReachability(x, { minSamples, algorithm, simd, maxListLength, pairBytes: 1e9 }));

const matrix = (value: fc.Arbitrary<number>): fc.Arbitrary<Matrix> =>
  fc
    .tuple(fc.integer({ min: 2, max: 120 }), fc.integer({ min: 1, max: 7 }))
    .chain(([rows, cols]) =>
      fc
        .array(value, { minLength: rows * cols, maxLength: rows * cols })
        .map((values) => ({ data: Float32Array.from(values), rows, cols })),
    );
const points = fc.oneof(
  matrix(fc.float({ min: -8, max: 8, noNaN: true })),
  matrix(fc.integer({ min: 0, max: 4 })),
  fc.integer().chain((seed) => {
    const random = createRandom(seed);
    // Two clouds, and rows far from both.
    const value = (row: number) => (row % 9 === 0 ? 12 : 1) * normalSample(random) + (row % 2) * 5;
    return matrix(fc.constant(0)).map((x) => ({ ...x, data: x.data.map((_, at) => value(Math.floor(at / x.cols))) }));
  }),
);

describe('mutualReachability', () => {
  for (const algorithm of ['kd-tree', 'dense'] as const) {
    it(`finds core distances and a minimum spanning tree exactly (${algorithm})`, () => {
      fc.assert(
        fc.property(points, fc.integer({ min: 1, max: 8 }), fc.boolean(), (x, wanted, simd) => {
          const minSamples = Math.min(wanted, x.rows - 1);
          const found = run(x, minSamples, algorithm, simd);
          const expected = bruteForce(x, minSamples);
          expect([...found.coreDistances]).toEqual(expected.core);
          expect(sortedEdges(found)).toEqual(expected.edges.map(({ weight, length }) => [weight, length]));
        }),
        { numRuns: 60 },
      );
    });

    it(`joins all rows without a ring (${algorithm})`, () => {
      fc.assert(
        fc.property(points, (x) => {
          const { tree } = run(x, 1, algorithm, true);
          const sets = new DisjointSet(x.rows);
          for (let i = 0; i < tree.from.length; i++) expect(sets.union(tree.from[i]!, tree.to[i]!)).toBe(true);
          expect(tree.from).toHaveLength(x.rows - 1);
        }),
        { numRuns: 40 },
      );
    });
  }

  it('stays exact when the kept lists are shorter than the core rank', () => {
    const random = createRandom(3);
    const x = { data: Float32Array.from({ length: 900 }, () => normalSample(random)), rows: 300, cols: 3 };
    const short = run(x, 40, 'kd-tree', true, 5);
    const weights = (found: MutualReachability) => sortedEdges(found).map(([weight]) => weight);
    expect(weights(short)).toEqual(weights(run(x, 40, 'dense', true)));
  });

  it.each([
    { name: 'even coordinates', spike: 1 },
    { name: 'one coordinate a thousand times as large', spike: 1000 },
  ])('is exact in many columns: $name', ({ spike }) => {
    const random = createRandom(6);
    const cols = 37;
    const data = Float32Array.from(
      { length: 90 * cols },
      (_, at) => normalSample(random) * (at % cols === 5 ? spike : 1) + (Math.floor(at / cols) % 3) * 4 + 100,
    );
    const x = { data, rows: 90, cols };
    const expected = bruteForce(x, 4);
    for (const simd of [true, false]) {
      const found = run(x, 4, 'dense', simd);
      expect([...found.coreDistances]).toEqual(expected.core);
      expect(sortedEdges(found)).toEqual(expected.edges.map(({ weight, length }) => [weight, length]));
    }
  });

  it('finds the same tree, edge by edge, with and without the estimates of all pairs', () => {
    const random = createRandom(8);
    const cloud = (rows: number, cols: number, scale: number, shift: number) => ({
      data: Float32Array.from({ length: rows * cols }, (_, at) => shift + scale * (at % 3) * normalSample(random)),
      rows,
      cols,
    });
    const wide = cloud(130, 40, 1, 0);
    const twice = { ...wide, data: wide.data.map((value, at) => (at < 30 * 40 ? wide.data[at + 60 * 40]! : value)) };
    for (const x of [wide, twice, cloud(97, 300, 1e-3, 5), cloud(65, 17, 1e18, 0), cloud(64, 3, 1, 0)]) {
      for (const minSamples of [1, 5, 40, x.rows - 1]) {
        const find = (pairBytes: number) =>
          runSync(mutualReachability(x, { minSamples, algorithm: 'dense', simd: true, maxListLength: 50, pairBytes }));
        expect(find(1e9)).toEqual(find(0));
      }
    }
  });

  it('takes the tree for many rows in few columns and panels for wide rows', () => {
    const random = createRandom(4);
    const cloud = (rows: number, cols: number) => ({
      data: Float32Array.from({ length: rows * cols }, () => normalSample(random)),
      rows,
      cols,
    });
    const chosen = (x: Matrix) =>
      runSync(mutualReachability(x, { minSamples: 5, algorithm: 'auto', simd: true, maxListLength: 32, pairBytes: 0 }))
        .algorithm;
    expect(chosen(cloud(3000, 2))).toBe('kd-tree');
    expect(chosen(cloud(400, 100))).toBe('dense');
    expect(chosen(cloud(600, 40))).toBe('dense');
  });

  it('yields often enough to be stopped', () => {
    const random = createRandom(5);
    const x = { data: Float32Array.from({ length: 40_000 }, () => random()), rows: 20_000, cols: 2 };
    let steps = 0;
    for (const { stage } of mutualReachability(x, {
      minSamples: 5,
      algorithm: 'kd-tree',
      simd: true,
      maxListLength: 32,
      pairBytes: 0,
    })) {
      expect(['core-distances', 'spanning-tree']).toContain(stage);
      steps++;
    }
    expect(steps).toBeGreaterThan(20);
  });
});

describe('ascendingOrder', () => {
  it('sorts like a stable comparison sort', () => {
    for (const size of [0, 1, 100, 5000]) {
      const random = createRandom(size);
      const values = Float64Array.from({ length: size }, () =>
        random() < 0.3 ? Math.floor(random() * 4) : random() * 1e9,
      );
      if (size > 2) values[2] = Number.POSITIVE_INFINITY;
      const expected = Array.from({ length: size }, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
      expect([...ascendingOrder(values)]).toEqual(expected);
    }
  });
});
