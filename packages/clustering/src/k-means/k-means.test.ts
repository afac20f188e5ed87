import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { DeadlineExceededError, runSync, withDeadline } from '@matome/primitives/async';
import { type Matrix, matrixFromRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BisectingKMeans } from './bisecting-k-means.js';
import { KMeans } from './k-means.js';
import { MiniBatchKMeans } from './mini-batch-k-means.js';

interface KMeansCase {
  readonly data: string;
  readonly k: number;
  readonly inertiaNInit10: number;
  readonly inertiaBestOf150: number;
  readonly bisecting: { readonly min: number; readonly max: number };
}
interface LloydCase {
  readonly initRows: number[];
  readonly labels: number[];
  readonly centers: number[][];
  readonly inertia: number;
}

function readFixture<T>(name: string): T {
  const path = new URL(`../../../../test/fixtures/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as T;
}

const fixture = readFixture<{ cases: KMeansCase[]; lloydFixedStart: LloydCase }>('clustering/kmeans');
const points = new Map<string, Matrix>();
for (const name of ['hdbscan/blobs400x5', 'hdbscan/digits600x64']) {
  points.set(name, matrixFromRows(readFixture<{ x: number[][] }>(name).x));
}

function gaussians(count: number, cols: number, centers: number, seed: number): Matrix {
  const random = createRandom(seed);
  const means = Array.from({ length: centers }, () => Array.from({ length: cols }, () => 8 * normalSample(random)));
  const rows = Array.from({ length: count }, (_, i) => means[i % centers]!.map((m) => m + normalSample(random)));
  return matrixFromRows(rows);
}

function inertiaOf(x: Matrix, centroids: Matrix, labels: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.rows; i++) {
    for (let t = 0; t < x.cols; t++) {
      sum += (x.data[i * x.cols + t]! - centroids.data[labels[i]! * x.cols + t]!) ** 2;
    }
  }
  return sum;
}

const smallMatrix = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, cols]) =>
    fc
      .array(fc.integer({ min: -3, max: 3 }), { minLength: rows * cols, maxLength: rows * cols })
      .map((values) => ({ data: Float32Array.from(values), rows, cols })),
  );

describe('KMeans against scikit-learn', () => {
  it.each(fixture.cases)('finds an inertia as low as ten starts there: $data, k = $k', (reference) => {
    const model = KMeans.fit(points.get(reference.data)!, { nClusters: reference.k, nInit: 10 });
    expect(model.inertia).toBeLessThanOrEqual(reference.inertiaNInit10 * 1.02);
    expect(model.inertia).toBeGreaterThanOrEqual(reference.inertiaBestOf150 * 0.9999);
    expect(model.converged).toBe(true);
  });

  it.each(fixture.cases)('finds the best of 150 starts there within 0.5 % in 50: $data, k = $k', (reference) => {
    const model = KMeans.fit(points.get(reference.data)!, { nClusters: reference.k, nInit: 50 });
    expect(model.inertia).toBeLessThanOrEqual(reference.inertiaBestOf150 * 1.005);
  });

  it('gives the same labels, centroids and inertia from the same first rows', () => {
    const { initRows, labels, centers, inertia } = fixture.lloydFixedStart;
    const x = points.get('hdbscan/blobs400x5')!;
    const model = KMeans.fit(x, { nClusters: 6, init: takeRows(x, initRows), tolerance: 0 });
    expect([...model.labels]).toEqual(labels);
    expect(model.inertia).toBeCloseTo(inertia, 2);
    for (const [at, value] of centers.flat().entries()) expect(model.centroids.data[at]!).toBeCloseTo(value, 4);
  });

  it.each(fixture.cases)('bisects within the spread of twenty seeds there: $data, k = $k', (reference) => {
    const model = BisectingKMeans.fit(points.get(reference.data)!, { nClusters: reference.k, nInit: 5 });
    expect(model.inertia).toBeLessThanOrEqual(reference.bisecting.max * 1.02);
    expect(model.inertia).toBeGreaterThanOrEqual(reference.inertiaBestOf150 * 0.9999);
  });
});

describe('KMeans', () => {
  const x = gaussians(600, 7, 6, 1);

  it('reports the inertia of its labels and centroids', () => {
    const model = KMeans.fit(x, { nClusters: 6 });
    expect(model.inertia / inertiaOf(x, model.centroids, model.labels)).toBeCloseTo(1, 5);
  });

  it('predicts its own labels', () => {
    const model = KMeans.fit(x, { nClusters: 6 });
    expect([...model.predict(x)]).toEqual([...model.labels]);
  });

  it('keeps the differences between rows far from the origin', () => {
    const near = gaussians(200, 3, 2, 5);
    const far = { ...near, data: near.data.map((value) => value + 30_000) };
    const labels = KMeans.fit(near, { nClusters: 2 }).labels;
    const shifted = KMeans.fit(far, { nClusters: 2 }).labels;
    expect([...shifted].map((label) => (label === shifted[0] ? 0 : 1))).toEqual(
      [...labels].map((label) => (label === labels[0] ? 0 : 1)),
    );
  });

  it('starts from random rows when asked to', () => {
    const model = KMeans.fit(x, { nClusters: 6, init: 'random', nInit: 20 });
    expect(model.inertia).toBeLessThan(KMeans.fit(x, { nClusters: 6 }).inertia * 1.01);
  });

  it('seeds from a sample when there are many rows', () => {
    const many = gaussians(12_000, 4, 8, 3);
    const model = KMeans.fit(many, { nClusters: 8, nInit: 1 });
    expect(model.inertia / (many.rows * many.cols)).toBeLessThan(1.02);
  });

  it('gives the same bytes for the same seed', () => {
    const fit = () => JSON.stringify(KMeans.fit(x, { nClusters: 5, random: createRandom(9) }));
    expect(fit()).toBe(fit());
  });

  it.each([2 ** -110, 2 ** 110])('finds the same clusters in data times %d', (factor) => {
    const times = (m: Matrix): Matrix => ({ ...m, data: m.data.map((value) => value * factor) });
    const options = { nClusters: 3 };
    for (const kind of [KMeans, MiniBatchKMeans, BisectingKMeans]) {
      const [model, scaled] = [kind.fit(x, options), kind.fit(times(x), options)];
      expect(scaled.labels).toEqual(model.labels);
      expect(scaled.inertia / factor ** 2 / model.inertia).toBeCloseTo(1, 4);
      expect(scaled.predict(times(x))).toEqual(scaled.labels);
    }
    const init = takeRows(x, [0, 1]);
    const given = KMeans.fit(times(x), { nClusters: 2, init: times(init) });
    expect(given.labels).toEqual(KMeans.fit(x, { nClusters: 2, init }).labels);
  });

  it('takes no columns as equal rows', () => {
    const none = { data: new Float32Array(0), rows: 5, cols: 0 };
    expect(KMeans.fit(none, { nClusters: 2 }).centroids).toMatchObject({ rows: 2, cols: 0 });
    expect(BisectingKMeans.fit(none, { nClusters: 2 }).nClusters).toBe(1);
  });

  it('does not look behind the last row of the first centroids', () => {
    const init = { data: x.data.slice(0, 20), rows: 2, cols: 7 };
    expect(KMeans.fit(x, { nClusters: 2, init }).centroids).toEqual(
      KMeans.fit(x, { nClusters: 2, init: takeRows(x, [0, 1]) }).centroids,
    );
  });

  it('comes back from JSON and refuses another kind', () => {
    const model = KMeans.fit(x, { nClusters: 3 });
    const restored = KMeans.fromJSON(JSON.parse(JSON.stringify(model)));
    expect([...restored.predict(x)]).toEqual([...model.labels]);
    expect(() => KMeans.fromJSON({ kind: 'other', version: 1 })).toThrow('must be a k-means model of version 1');
    expect(() => KMeans.fromJSON({ kind: 'k-means', version: 1 })).toThrow('incomplete');
  });

  it('can be stopped by a deadline', () => {
    let time = 0;
    const task = withDeadline(KMeans.fitSteps(x, { nClusters: 6 }), 1, () => time++);
    expect(() => runSync(task)).toThrow(DeadlineExceededError);
  });

  it('names the option that is wrong', () => {
    expect(() => KMeans.fit(x, { nClusters: 0 })).toThrow(
      'The nClusters option of KMeans.fit must be an integer in [1, 600]. Got 0.',
    );
    expect(() => KMeans.fit(x, { nClusters: 601 })).toThrow(RangeError);
    expect(() => KMeans.fit(matrixFromRows([[1], [Number.NaN]]), { nClusters: 1 })).toThrow('Row 1 holds NaN');
    expect(() => KMeans.fit({ data: new Float32Array(0), rows: 0, cols: 3 }, { nClusters: 1 })).toThrow('rows');
    expect(() => KMeans.fit(x, { nClusters: 2, init: takeRows(x, [1]) })).toThrow('2 × 7');
    expect(() => KMeans.fit(x, { nClusters: 2 }).predict(matrixFromRows([[1]]))).toThrow('7 columns');
  });

  it('leaves clusters empty when there are fewer different rows', () => {
    const equal = matrixFromRows(Array.from({ length: 10 }, () => [2, 3]));
    const model = KMeans.fit(equal, { nClusters: 4 });
    expect(new Set(model.labels).size).toBe(1);
    expect(model.inertia).toBe(0);
    expect([...model.centroids.data]).toEqual([2, 3, 2, 3, 2, 3, 2, 3]);
  });

  it('gives permuted rows permuted labels from the same first centroids', () => {
    const init = takeRows(x, [0, 1, 2, 3, 4, 5]);
    const { labels } = KMeans.fit(x, { nClusters: 6, init });
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = createRandom(seed);
        const order = Array.from({ length: x.rows }, (_, i) => i).sort(() => random() - 0.5);
        const permuted = KMeans.fit(takeRows(x, order), { nClusters: 6, init });
        expect([...permuted.labels]).toEqual(order.map((i) => labels[i]!));
      }),
      { numRuns: 20 },
    );
  });

  it('bears ten thousand columns and a single one', () => {
    const random = createRandom(2);
    const wide = { data: Float32Array.from({ length: 8 * 10_000 }, () => random()), rows: 8, cols: 10_000 };
    expect(KMeans.fit(wide, { nClusters: 8 }).inertia).toBeLessThan(1);
    expect(KMeans.fit(matrixFromRows([[1], [2], [9]]), { nClusters: 2 }).inertia).toBeCloseTo(0.5, 6);
  });

  it('gives every row to its nearest centroid, each centroid being the mean of its rows', () => {
    fc.assert(
      fc.property(smallMatrix, fc.integer({ min: 1, max: 6 }), fc.integer(), (matrix, clusters, seed) => {
        const nClusters = Math.min(clusters, matrix.rows);
        const model = KMeans.fit(matrix, { nClusters, tolerance: 0, random: createRandom(seed) });
        const least = inertiaOf(matrix, model.centroids, model.predict(matrix));
        expect(model.inertia).toBeGreaterThanOrEqual(least - 1e-3);
        expect(model.inertia).toBeLessThanOrEqual(least + 1e-3);
      }),
    );
  });
});

describe('MiniBatchKMeans', () => {
  const x = gaussians(5000, 6, 9, 4);

  it('comes within three percent of the inertia of KMeans', () => {
    const full = KMeans.fit(x, { nClusters: 9, nInit: 10 }).inertia;
    const model = MiniBatchKMeans.fit(x, { nClusters: 9, nInit: 3, batchSize: 256 });
    expect(model.inertia).toBeLessThan(full * 1.03);
    expect(model.inertia / inertiaOf(x, model.centroids, model.labels)).toBeCloseTo(1, 4);
  });

  it('predicts its own labels and comes back from JSON', () => {
    const model = MiniBatchKMeans.fit(x, { nClusters: 4 });
    const restored = MiniBatchKMeans.fromJSON(JSON.parse(JSON.stringify(model)));
    expect([...restored.predict(x)]).toEqual([...model.labels]);
  });

  it('takes all rows at once when they fit one batch', () => {
    const few = takeRows(x, [0, 1, 2, 9, 10, 11]);
    const model = MiniBatchKMeans.fit(few, { nClusters: 3 });
    expect(new Set(model.labels).size).toBe(3);
    expect(model.converged).toBe(true);
  });

  it('stops after the passes it is allowed', () => {
    const model = MiniBatchKMeans.fit(x, { nClusters: 9, maxIterations: 1, batchSize: 500, maxNoImprovement: 99 });
    expect(model.iterations).toBe(10);
    expect(model.converged).toBe(false);
  });

  it('names the option that is wrong', () => {
    expect(() => MiniBatchKMeans.fit(x, { nClusters: 3, batchSize: 0 })).toThrow(
      'The batchSize option of MiniBatchKMeans.fit must be an integer in [1, ∞). Got 0.',
    );
  });
});

describe('BisectingKMeans', () => {
  const x = gaussians(300, 3, 5, 2);

  it('splits until no cluster is too heavy', () => {
    const weights = Float64Array.from({ length: x.rows }, (_, i) => 1 + (i % 7));
    const { labels } = BisectingKMeans.fit(x, { maxWeight: 100, weights });
    const sums = new Map<number, number>();
    for (const [i, label] of labels.entries()) sums.set(label, (sums.get(label) ?? 0) + weights[i]!);
    expect(Math.max(...sums.values())).toBeLessThanOrEqual(100);
  });

  it('sends the training rows down to their own clusters, also after JSON', () => {
    const model = BisectingKMeans.fit(x, { nClusters: 12 });
    expect(model.nClusters).toBe(12);
    const restored = BisectingKMeans.fromJSON(JSON.parse(JSON.stringify(model)));
    expect([...restored.predict(x)]).toEqual([...model.labels]);
    expect(restored.inertia).toBe(model.inertia);
    expect(model.inertia / inertiaOf(x, model.centroids, model.labels)).toBeCloseTo(1, 4);
  });

  it('never splits equal rows or clusters below the smallest size', () => {
    const equal = matrixFromRows(Array.from({ length: 9 }, () => [1, 1]));
    expect(BisectingKMeans.fit(equal, { maxWeight: 2 }).nClusters).toBe(1);
    const { labels } = BisectingKMeans.fit(x, { maxWeight: 1, minSplitSize: 40 });
    const sizes = new Map<number, number>();
    for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBeLessThan(40);
  });

  it('asks for a goal and for weights that fit', () => {
    expect(() => BisectingKMeans.fit(x, {})).toThrow('must hold nClusters or maxWeight');
    expect(() => BisectingKMeans.fit(x, { maxWeight: 5, weights: [1] })).toThrow('weights.length');
    expect(() => BisectingKMeans.fit(matrixFromRows([[1]]), { maxWeight: 5, weights: [-1] })).toThrow('weights[0]');
  });
});
