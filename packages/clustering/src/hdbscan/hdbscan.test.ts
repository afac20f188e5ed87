import { DeadlineExceededError, runAsync, runSync, withDeadline } from '@matome/primitives/async';
import { type Matrix, matrixFromRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample, shuffle } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFixture } from '../../../../test/support/read-fixture.js';
import { adjustedRandIndex } from '../metrics/adjusted-rand-index.js';
import { hdbscan, hdbscanSteps } from './hdbscan.js';

interface Run {
  readonly method: 'eom' | 'leaf';
  readonly epsilon: number;
  readonly allowSingleCluster: boolean;
  readonly labels: readonly number[];
  readonly probabilities: readonly number[];
  readonly persistence: readonly number[];
  readonly clusters: number;
  readonly noise: number;
  readonly ariBoruvka: number;
  readonly ariScikitLearn: number | string;
}
interface Fixture {
  readonly x: number[][];
  readonly minClusterSize: number;
  readonly minSamples: number;
  readonly coreDistances: readonly number[];
  readonly mstWeightsSorted: readonly number[];
  readonly singleLinkage: { readonly distance: readonly number[]; readonly size: readonly number[] };
  readonly condensed: {
    readonly parent: readonly number[];
    readonly child: readonly number[];
    readonly lambdaVal: readonly number[];
    readonly childSize: readonly number[];
  };
  readonly outlierScores: readonly number[];
  readonly outlierScoresMaxDiffBoruvka: number;
  readonly runs: readonly Run[];
}
const names = ['moons500x2', 'blobs400x5', 'noisyblobs400x5', 'digits600x64', 'digits600x64-jitter'];

/** Largest difference, relative where the expected value is above 1. */
function worst(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let most = found.length === expected.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs(found[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!)));
  }
  return most;
}

const gap = (a: ArrayLike<number>, b: Float64Array) => Math.max(...b.map((value, i) => Math.abs(value - a[i]!)));

const ascending = (values: ArrayLike<number>) => Float64Array.from(values).sort();

/** Spearman's: equal values share the mean of their ranks. */
function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ranks = (values: ArrayLike<number>) => {
    const sorted = ascending(values);
    return Array.from(values, (value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
  };
  const [x, y] = [ranks(a), ranks(b)];
  const centre = (x.length - 1) / 2;
  const covariance = (p: number[], q: number[]) => p.reduce((sum, v, i) => sum + (v - centre) * (q[i]! - centre), 0);
  return covariance(x, y) / Math.sqrt(covariance(x, x) * covariance(y, y));
}

describe.each(names)('hdbscan on %s', (name) => {
  const fixture = readFixture<Fixture>(`hdbscan/${name}`);
  const x = matrixFromRows(fixture.x);
  const { minClusterSize, minSamples } = fixture;

  describe.each(['kd-tree', 'dense'] as const)('by %s', (algorithm) => {
    const result = hdbscan(x, { minClusterSize, minSamples, algorithm });

    it('has the core distances, tree weights and merge heights of the reference', () => {
      expect(result.algorithm).toBe(algorithm);
      expect(worst(result.coreDistances, fixture.coreDistances)).toBeLessThan(1e-6);
      expect(worst(ascending(result.spanningTree.weights), fixture.mstWeightsSorted)).toBeLessThan(1e-6);
      expect(worst(result.singleLinkageTree.distance, fixture.singleLinkage.distance)).toBeLessThan(1e-6);
    });

    it('has the condensed tree of the reference', () => {
      const { parent, child, lambdaVal, childSize } = fixture.condensed;
      const tree = result.condensedTree;
      const rows = child.map((c, i) => ({ point: c, lambda: lambdaVal[i]!, size: childSize[i]! }));
      // Whole-number data has equal distances: there the order of ties decides on the smallest clusters.
      if (name !== 'digits600x64') {
        expect(tree.parent).toHaveLength(new Set(parent).size);
        const splits = rows.filter(({ size }) => size > 1);
        const births = ascending(splits.map(({ lambda }) => lambda));
        const sizes = ascending(splits.map(({ size }) => size));
        expect(worst(ascending(tree.birth.subarray(1)), births)).toBeLessThan(1e-5);
        expect(gap(ascending(tree.size.subarray(1)), sizes)).toBeLessThan(10);
      }
      const leaving = new Float64Array(x.rows);
      for (const { point, lambda, size } of rows) if (size === 1) leaving[point] = lambda;
      expect(worst(tree.pointLambda, leaving)).toBeLessThan(1e-5);
    });

    it('scores outliers like the reference, ties aside', () => {
      if (fixture.outlierScoresMaxDiffBoruvka < 1e-9) {
        expect(worst(result.outlierScores, fixture.outlierScores)).toBeLessThan(1e-6);
      }
      expect(rankCorrelation(result.outlierScores, fixture.outlierScores)).toBeGreaterThan(0.95);
    });

    it.each(fixture.runs)('$method, epsilon $epsilon, single cluster $allowSingleCluster', (run) => {
      const found = hdbscan(x, {
        minClusterSize,
        minSamples,
        algorithm,
        clusterSelectionMethod: run.method,
        clusterSelectionEpsilon: run.epsilon,
        allowSingleCluster: run.allowSingleCluster,
      });
      const agreed = typeof run.ariScikitLearn === 'number' ? run.ariScikitLearn : 1;
      const ari = adjustedRandIndex(run.labels, found.labels);
      expect(ari).toBeGreaterThanOrEqual(Math.min(run.ariBoruvka, agreed) - 0.01);
      // Without a cluster the reference still states a persistence.
      if (ari < 1 || run.clusters === 0) return;
      expect(worst(found.probabilities, run.probabilities)).toBeLessThan(2e-6);
      expect(worst(ascending(found.persistence), ascending(run.persistence))).toBeLessThan(2e-6);
      expect(found.nClusters).toBe(run.clusters);
      expect(Math.round(found.outlierShare * x.rows)).toBe(run.noise);
    });
  });

  it('gives one answer whatever the algorithm, with and without vectors', () => {
    const variants = (['kd-tree', 'dense'] as const).flatMap((algorithm) =>
      [true, false].map((simd) => hdbscan(x, { minClusterSize, minSamples, algorithm, simd })),
    );
    for (const { labels, probabilities, outlierScores } of variants) {
      expect(labels).toEqual(variants[0]!.labels);
      expect(probabilities).toEqual(variants[0]!.probabilities);
      expect(outlierScores).toEqual(variants[0]!.outlierScores);
    }
  });
});

it('equals the reference in more than labels wherever implementations agree', () => {
  // All runs but those that single tied rows decide; counted so that a change for the worse is seen.
  let exact = 0;
  for (const name of names) {
    const { x, minClusterSize, minSamples, runs } = readFixture<Fixture>(`hdbscan/${name}`);
    for (const { method, epsilon, allowSingleCluster, labels } of runs) {
      const found = hdbscan(matrixFromRows(x), {
        minClusterSize,
        minSamples,
        clusterSelectionMethod: method,
        clusterSelectionEpsilon: epsilon,
        allowSingleCluster,
      });
      if (adjustedRandIndex(labels, found.labels) === 1) exact++;
    }
  }
  expect(exact).toBeGreaterThanOrEqual(40);
});

function blobs(seed: number, rows: number, cols: number): Matrix {
  const random = createRandom(seed);
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const centre = (i % 3) * 10;
    for (let j = 0; j < cols; j++) data[i * cols + j] = i % 11 === 0 ? random() * 30 : centre + normalSample(random);
  }
  return { data, rows, cols };
}

describe('hdbscan as a function of its rows', () => {
  const seeds = fc.integer({ min: 0, max: 1e6 });
  const options = { minClusterSize: 5, minSamples: 3 };

  it('gives permuted rows permuted labels', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 4 }), (seed, cols) => {
        const x = blobs(seed, 150, cols);
        const order = shuffle(
          Array.from({ length: 150 }, (_, i) => i),
          createRandom(seed + 1),
        );
        const straight = hdbscan(x, options);
        const permuted = hdbscan(takeRows(x, order), options);
        const expected = order.map((i) => straight.labels[i]!);
        expect(adjustedRandIndex(expected, permuted.labels)).toBe(1);
        expect(expected.map((label) => label < 0)).toEqual(Array.from(permuted.labels, (label) => label < 0));
        expect([...permuted.outlierScores]).toEqual(order.map((i) => straight.outlierScores[i]!));
      }),
      { numRuns: 40 },
    );
  });

  it('is not moved by translation, scaling by two or exchanged axes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        // Whole numbers, so that float32 holds the moved points exactly.
        const x = blobs(seed, 150, 2);
        const whole = { ...x, data: x.data.map((v) => Math.round(v * 64)) };
        const { labels } = hdbscan(whole, options);
        const moved = { ...whole, data: whole.data.map((v, i) => v + (i % 2 === 0 ? 1000 : -512)) };
        const scaled = { ...whole, data: whole.data.map((v) => v * 2) };
        const turned = { ...whole, data: whole.data.map((_, i, all) => (i % 2 === 0 ? -all[i + 1]! : all[i - 1]!)) };
        for (const other of [moved, scaled, turned]) expect(hdbscan(other, options).labels).toEqual(labels);
      }),
      { numRuns: 30 },
    );
  });

  it('is not moved by a rotation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 6.3, noNaN: true }), (seed, angle) => {
        const x = blobs(seed, 90, 4);
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
        const data = x.data.slice();
        for (let at = 0; at < data.length; at += 4) {
          for (const [a, b] of [
            [0, 2],
            [1, 3],
          ] as const) {
            const [p, q] = [data[at + a]!, data[at + b]!];
            data[at + a] = cos * p - sin * q;
            data[at + b] = sin * p + cos * q;
          }
        }
        // Rounding may move distances that nearly tie: then single rows change sides.
        const { labels } = hdbscan(x, { minClusterSize: 5 });
        const turned = hdbscan({ ...x, data }, { minClusterSize: 5 }).labels;
        expect(labels.filter((label, i) => label !== turned[i]).length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it('survives duplicated rows and gives equal rows equal answers', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 9 }), (seed, copies) => {
        const x = blobs(seed, 40, 2);
        const order = Array.from({ length: 40 * copies }, (_, i) => i % 40);
        const { labels, probabilities } = hdbscan(takeRows(x, order), { minClusterSize: 4, minSamples: 3 });
        for (let i = 40; i < order.length; i++) {
          expect(labels[i]).toBe(labels[i - 40]);
          expect(probabilities[i]).toBe(probabilities[i - 40]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('keeps probabilities in [0, 1] and at 0 exactly for rows in no cluster', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('eom' as const, 'leaf' as const), (seed, clusterSelectionMethod) => {
        const { labels, probabilities, nClusters } = hdbscan(blobs(seed, 120, 2), {
          ...options,
          clusterSelectionMethod,
        });
        labels.forEach((label, i) => {
          expect(label).toBeGreaterThanOrEqual(-1);
          expect(label).toBeLessThan(nClusters);
          expect(probabilities[i]! > 0).toBe(label >= 0);
          expect(probabilities[i]).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it('numbers clusters by their first row', () => {
    const { labels } = hdbscan(blobs(9, 150, 2), options);
    const seen = [...new Set(labels)].filter((label) => label >= 0);
    expect(seen).toEqual(seen.map((_, i) => i));
  });
});

describe('hdbscan on degenerate input', () => {
  const rowsOf = (values: number[][]) => matrixFromRows(values);

  it('puts nothing into clusters when there are too few rows', () => {
    expect(hdbscan({ data: new Float32Array(0), rows: 0, cols: 2 }).labels).toHaveLength(0);
    expect(hdbscan({ data: new Float32Array(0), rows: 0, cols: 2 }).outlierShare).toBe(0);
    expect([...hdbscan(rowsOf([[1, 2]])).labels]).toEqual([-1]);
    expect([...hdbscan(rowsOf([[1], [2]])).labels]).toEqual([-1, -1]);
    expect([...hdbscan(rowsOf([[1], [2], [3]]), { minClusterSize: 10 }).labels]).toEqual([-1, -1, -1]);
  });

  it('calls equal rows one cluster only where a single cluster is allowed', () => {
    const x = { data: new Float32Array(60).fill(3), rows: 30, cols: 2 };
    expect(new Set(hdbscan(x).labels)).toEqual(new Set([-1]));
    const single = hdbscan(x, { allowSingleCluster: true });
    expect(new Set(single.labels)).toEqual(new Set([0]));
    expect(new Set(single.probabilities)).toEqual(new Set([1]));
  });

  it('separates groups of equal rows', () => {
    const x = { data: Float32Array.from({ length: 40 }, (_, i) => (i % 2) * 5), rows: 40, cols: 1 };
    const { labels, probabilities, persistence } = hdbscan(x);
    expect([...labels]).toEqual(Array.from({ length: 40 }, (_, i) => i % 2));
    expect(new Set(probabilities)).toEqual(new Set([1]));
    expect([...persistence]).toEqual([1, 1]);
  });

  it('does not push the other members of a cluster with equal rows to probability 0', () => {
    const near = Array.from({ length: 20 }, (_, i) => [i * 0.01]);
    const equal = Array.from({ length: 10 }, () => [0.05]);
    const far = Array.from({ length: 20 }, (_, i) => [50 + i * 0.01]);
    const { labels, probabilities } = hdbscan(rowsOf([...near, ...equal, ...far]), {
      minClusterSize: 8,
      minSamples: 3,
    });
    expect(Array.from(labels, (label) => label >= 0)).toEqual(Array.from(probabilities, (value) => value > 0));
  });

  it('names the first row that is not finite', () => {
    expect(() => hdbscan(rowsOf([[0], [1], [Number.POSITIVE_INFINITY]]))).toThrow(
      new RangeError('The input of hdbscan must hold finite numbers. Row 2 holds Infinity in column 0.'),
    );
  });

  it('refuses rows that are not there', () => {
    expect(() => hdbscan({ data: new Float32Array(10), rows: 10, cols: 3 })).toThrow(
      new RangeError('The input of hdbscan must hold 10 × 3 values. Got 10.'),
    );
  });

  it('caps minSamples at the number of other rows', () => {
    const { settings, coreDistances } = hdbscan(rowsOf([[0], [1], [3]]), { minSamples: 50 });
    expect(settings.minSamples).toBe(2);
    expect([...coreDistances]).toEqual([3, 2, 3]);
  });

  it('takes one column and very many', () => {
    expect(hdbscan(blobs(1, 90, 1), { minClusterSize: 8 }).labels).toHaveLength(90);
    const wide = blobs(2, 60, 10_000);
    expect(hdbscan(wide, { minClusterSize: 5, minSamples: 2 }).nClusters).toBe(3);
  });

  it('takes no columns as equal rows', () => {
    expect(hdbscan({ data: new Float32Array(0), rows: 12, cols: 0 }, { allowSingleCluster: true }).nClusters).toBe(1);
  });

  it('refuses options out of range with one sentence', () => {
    const x = rowsOf([[0], [1]]);
    expect(() => hdbscan(x, { minClusterSize: 1 })).toThrow(
      new RangeError('The minClusterSize option of hdbscan must be an integer in [2, ∞). Got 1.'),
    );
    expect(() => hdbscan(x, { minSamples: 0 })).toThrow(RangeError);
    expect(() => hdbscan(x, { clusterSelectionEpsilon: -1 })).toThrow(RangeError);
    expect(() => hdbscan(x, { clusterSelectionMethod: 'best' as never })).toThrow(RangeError);
    expect(() => hdbscan(x, { metric: 'manhattan' as never })).toThrow(RangeError);
  });
});

describe('hdbscan options', () => {
  it('measures cosine distance on rows of any length', () => {
    const random = createRandom(6);
    const data = Float32Array.from({ length: 240 }, (_, i) => {
      const angle = (Math.floor(i / 2) % 2) * 1.5 + normalSample(createRandom(Math.floor(i / 2))) * 0.03;
      return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    });
    for (let i = 0; i < 120; i++) {
      const length = 0.1 + 10 * random();
      data[2 * i]! *= length;
      data[2 * i + 1]! *= length;
    }
    const { labels, spanningTree } = hdbscan({ data, rows: 120, cols: 2 }, { metric: 'cosine', minClusterSize: 20 });
    expect(
      adjustedRandIndex(
        labels,
        Array.from(labels, (label, i) => (label < 0 ? -1 : i % 2)),
      ),
    ).toBe(1);
    expect(Math.max(...spanningTree.weights)).toBeGreaterThan(0.6);
    expect(Math.max(...spanningTree.weights)).toBeLessThan(1 - Math.cos(1.5));
  });

  it('keeps rows of zeros at cosine distance 1 from all others', () => {
    const x = matrixFromRows([
      [0, 0],
      [0, 0],
      [3, 0],
      [2, 0.1],
      [5, 0.2],
    ]);
    const { spanningTree } = hdbscan(x, { metric: 'cosine', minClusterSize: 2, minSamples: 1 });
    expect(Math.max(...spanningTree.weights)).toBeCloseTo(1, 6);
    expect(Math.min(...spanningTree.weights)).toBe(0);
  });

  it('breaks up clusters above maxClusterSize', () => {
    const x = blobs(12, 600, 2);
    const sizes = (maxClusterSize?: number) => {
      const { labels, nClusters } = hdbscan(x, {
        minClusterSize: 5,
        minSamples: 3,
        ...(maxClusterSize ? { maxClusterSize } : {}),
      });
      return Array.from({ length: nClusters }, (_, c) => labels.filter((label) => label === c).length);
    };
    expect(Math.max(...sizes())).toBeGreaterThan(100);
    expect(Math.max(...sizes(100))).toBeLessThanOrEqual(100);
  });
});

describe('hdbscanSteps', () => {
  const x = blobs(3, 3000, 3);

  it('can be stopped by a deadline', () => {
    let time = 0;
    expect(() => runSync(withDeadline(hdbscanSteps(x), 3, () => time++))).toThrow(DeadlineExceededError);
  });

  it('can be aborted', async () => {
    const controller = new AbortController();
    const stopped = runAsync(hdbscanSteps(x), {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
  });

  it('gives what hdbscan gives', async () => {
    expect((await runAsync(hdbscanSteps(x))).labels).toEqual(hdbscan(x).labels);
  });
});
