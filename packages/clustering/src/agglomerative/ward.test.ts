import { runSync } from '@matome/primitives/async';
import { type Matrix, matrixFromRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { adjustedRandIndex } from '../metrics/adjusted-rand-index.js';
import { cutTree } from './cut-tree.js';
import { wardClustering, wardLinkage, wardLinkageSteps } from './ward.js';

interface LinkageCase {
  readonly data: string;
  readonly method: string;
  readonly left: number[];
  readonly height: number[];
  readonly size: number[];
  readonly ties: number;
  readonly cuts: Record<string, number[]>;
}
const cases = readFixture<{ cases: LinkageCase[] }>('clustering/linkage').cases.filter((c) => c.method === 'ward');

function rowsOf({ data, left }: LinkageCase): Matrix {
  const name = data.startsWith('hdbscan/blobs') ? 'hdbscan/blobs400x5' : 'hdbscan/digits600x64';
  return matrixFromRows(readFixture<{ x: number[][] }>(name).x.slice(0, left.length + 1));
}

describe.each(cases)('wardLinkage on $data', (c) => {
  it.each([true, false])('has the heights, sizes and cuts of the reference (vectors: %s)', (simd) => {
    const tree = wardLinkage(rowsOf(c), { simd });
    c.height.forEach((height, i) => {
      expect(Math.abs(tree.height[i]! - height) / height).toBeLessThan(1e-5);
    });
    if (c.ties === 0) expect([...tree.size]).toEqual(c.size);
    for (const [k, labels] of Object.entries(c.cuts)) {
      const found = cutTree(tree, { nClusters: Number(k) });
      expect(new Set(found).size).toBe(Number(k));
      if (c.ties === 0) expect(adjustedRandIndex(labels, found)).toBe(1);
    }
  });
});

/** The textbook: every distance again after every merge. */
function bruteForce(x: Matrix, weights: readonly number[]): number[] {
  let groups = Array.from({ length: x.rows }, (_, i) => ({
    weight: weights[i]!,
    centroid: Array.from(x.data.subarray(i * x.cols, (i + 1) * x.cols)),
  }));
  const heights: number[] = [];
  while (groups.length > 1) {
    let best = { distance: Number.POSITIVE_INFINITY, a: 0, b: 0 };
    for (let a = 0; a < groups.length; a++) {
      for (let b = a + 1; b < groups.length; b++) {
        const [p, q] = [groups[a]!, groups[b]!];
        const apart = p.centroid.reduce((sum, value, j) => sum + (value - q.centroid[j]!) ** 2, 0);
        const distance = ((2 * p.weight * q.weight) / (p.weight + q.weight)) * apart;
        if (distance < best.distance) best = { distance, a, b };
      }
    }
    const [p, q] = [groups[best.a]!, groups[best.b]!];
    heights.push(Math.sqrt(best.distance));
    const weight = p.weight + q.weight;
    const centroid = p.centroid.map((value, j) => (p.weight * value + q.weight * q.centroid[j]!) / weight);
    groups = [...groups.filter((_, i) => i !== best.a && i !== best.b), { weight, centroid }];
  }
  return heights;
}

function cloud(seed: number, rows: number, cols: number): Matrix {
  const random = createRandom(seed);
  return { data: Float32Array.from({ length: rows * cols }, () => normalSample(random)), rows, cols };
}

describe('wardLinkage', () => {
  const sizes = fc.tuple(fc.nat(1e6), fc.integer({ min: 2, max: 70 }), fc.integer({ min: 1, max: 5 }));

  it('merges as the textbook algorithm does, with any weights', () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.boolean(), ([seed, rows, cols], weighted, simd) => {
        const x = cloud(seed, rows, cols);
        const random = createRandom(seed + 1);
        const weights = Array.from({ length: rows }, () => (weighted ? 0.2 + 5 * random() : 1));
        const { height } = wardLinkage(x, { weights, simd });
        bruteForce(x, weights).forEach((expected, i) => {
          expect(Math.abs(height[i]! - expected)).toBeLessThan(1e-6 * (1 + expected));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('takes a weight for as many equal rows', () => {
    const x = cloud(5, 30, 3);
    const weights = Array.from({ length: 30 }, (_, i) => 1 + (i % 4));
    const copies = weights.flatMap((weight, i) => new Array<number>(weight).fill(i));
    const once = wardLinkage(x, { weights }).height;
    const repeated = wardLinkage(takeRows(x, copies)).height.filter((height) => height > 0);
    expect(repeated).toHaveLength(29);
    repeated.forEach((height, i) => {
      expect(height).toBeCloseTo(once[i]!, 6);
    });
  });

  it('numbers nodes as a tree: every node but the last is joined once', () => {
    const { left, right, size } = wardLinkage(cloud(6, 200, 2));
    expect([...left, ...right].sort((a, b) => a - b)).toEqual(Array.from({ length: 398 }, (_, i) => i));
    expect(size[198]).toBe(200);
    left.forEach((node, i) => {
      expect(node).toBeLessThan(right[i]!);
    });
  });

  it('survives equal rows, one row and one column', () => {
    expect([...wardLinkage({ data: new Float32Array(40).fill(2), rows: 20, cols: 2 }).height]).toEqual(
      new Array(19).fill(0),
    );
    expect(wardLinkage(matrixFromRows([[3]])).height).toHaveLength(0);
    expect([...wardClustering(matrixFromRows([[3]]), { nClusters: 1 })]).toEqual([0]);
  });

  it('refuses bad input with one sentence', () => {
    const x = matrixFromRows([[0], [1]]);
    expect(() => wardLinkage({ data: new Float32Array(0), rows: 0, cols: 1 })).toThrow(
      'The input of wardLinkage must have at least one row.',
    );
    expect(() => wardLinkage(matrixFromRows([[0], [Number.NaN]]))).toThrow(/Row 1 holds NaN/);
    expect(() => wardLinkage(x, { weights: [1] })).toThrow('Got 1 for 2 rows.');
    expect(() => wardLinkage(x, { weights: [1, 0] })).toThrow(RangeError);
    expect(() => wardClustering(x, { nClusters: 3 })).toThrow(
      new RangeError('The nClusters option of cutTree must be an integer in [1, 2]. Got 3.'),
    );
  });

  it('can be stopped between steps', () => {
    const steps = [...wardLinkageSteps(cloud(7, 400, 3))];
    expect(steps.length).toBeGreaterThan(5);
    expect(runSync(wardLinkageSteps(cloud(7, 400, 3))).height).toHaveLength(399);
  });
});

describe('cutTree', () => {
  it('cuts at a height: groups are joined by merges up to it', () => {
    const tree = wardLinkage(matrixFromRows([[0], [1], [10], [12], [100]]));
    expect([...cutTree(tree, { distance: 0.5 })]).toEqual([0, 1, 2, 3, 4]);
    expect([...cutTree(tree, { distance: 1 })]).toEqual([0, 0, 1, 2, 3]);
    expect([...cutTree(tree, { distance: 2.5 })]).toEqual([0, 0, 1, 1, 2]);
    expect([...cutTree(tree, { distance: 1e9 })]).toEqual([0, 0, 0, 0, 0]);
  });

  it('gives as many groups as asked, each nested in the coarser one', () => {
    const tree = wardLinkage(cloud(8, 60, 2));
    for (let k = 1; k < 60; k++) {
      const [coarse, fine] = [cutTree(tree, { nClusters: k }), cutTree(tree, { nClusters: k + 1 })];
      expect(new Set(fine).size).toBe(k + 1);
      const parents = new Map<number, number>();
      fine.forEach((label, i) => {
        expect(parents.get(label) ?? coarse[i]).toBe(coarse[i]);
        parents.set(label, coarse[i]!);
      });
    }
  });
});
