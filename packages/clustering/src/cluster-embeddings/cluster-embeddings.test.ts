import { type Matrix, matrixFromRows, normalizeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustedRandIndex } from '../metrics/adjusted-rand-index.js';
import { nearestNeighbors } from '../neighbors/nearest-neighbors.js';
import { clusterEmbeddings } from './cluster-embeddings.js';
import { joinOutliers } from './join-outliers.js';

/** Unit rows around `topics` directions, some rows in none. */
function topicRows(count: number, topics: number, stray: number, seed: number): { x: Matrix; truth: Int32Array } {
  const random = createRandom(seed);
  const cols = 24;
  const centers = Array.from({ length: topics }, () => Array.from({ length: cols }, () => normalSample(random)));
  const truth = Int32Array.from({ length: count }, (_, i) => (i < count - stray ? i % topics : -1));
  const rows = [...truth].map((topic) =>
    Array.from(
      { length: cols },
      (_, t) => (topic < 0 ? 0 : centers[topic]![t]!) + (topic < 0 ? 1 : 0.35) * normalSample(random),
    ),
  );
  return { x: normalizeRows(matrixFromRows(rows)), truth };
}

/** A clock that advances by one millisecond whenever it is read. */
function tickingClock(): () => number {
  let time = 0;
  return () => time++;
}

describe('clusterEmbeddings', () => {
  it('finds the topics without being told how many, with few outliers', async () => {
    const { x, truth } = topicRows(400, 6, 20, 1);
    const result = await clusterEmbeddings(x);
    const known = [...truth.keys()].filter((i) => truth[i]! >= 0);
    const labels = known.map((i) => result.labels[i]!);
    expect(
      adjustedRandIndex(
        known.map((i) => truth[i]!),
        labels,
      ),
    ).toBeGreaterThan(0.95);
    expect(result.diagnostics.noiseRatio).toBeLessThanOrEqual(0.05);
    expect(result.diagnostics.silhouette).toBeGreaterThan(0.5);
    expect(result.diagnostics.algorithm).toBe('hdbscan');
    expect(result.diagnostics.umapUsed).toBe(true);
    expect(result.centroids.rows).toBe(result.nClusters);
    expect(Object.keys(result.diagnostics.timingsMs)).toEqual(
      expect.arrayContaining(['neighbors', 'umap', 'hdbscan', 'merge', 'diagnostics', 'total']),
    );
  });

  it('numbers clusters by first row and gives outliers no probability', async () => {
    const { x } = topicRows(120, 4, 10, 2);
    const { labels, probabilities, nClusters } = await clusterEmbeddings(x, {
      maxOutlierShare: 1,
      noiseReclusterThreshold: Number.POSITIVE_INFINITY,
    });
    const firsts = Array.from({ length: nClusters }, (_, c) => labels.indexOf(c));
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(0);
    labels.forEach((label, i) => {
      if (label < 0) expect(probabilities[i]).toBe(0);
    });
  });

  it('gives the same labels for the same seed and any number of threads', async () => {
    const { x } = topicRows(200, 3, 0, 3);
    const run = async (threads: number) => [
      ...(await clusterEmbeddings(x, { threads, random: createRandom(4) })).labels,
    ];
    expect(await run(2)).toEqual(await run(1));
  });

  it('keeps dense groups apart when told not to join them, and joins surplus ones', async () => {
    const { x } = topicRows(300, 12, 0, 5);
    const fine = await clusterEmbeddings(x, { merge: 'none' });
    expect(fine.nClusters).toBeGreaterThan(8);
    const few = await clusterEmbeddings(x, { merge: 'none', maxClusters: 5 });
    expect(few.nClusters).toBe(5);
    expect(few.diagnostics.merges).toBe(fine.nClusters - 5);
  });

  it.each([
    { topics: 8, apart: 4 },
    { topics: 12, apart: 2 },
  ])('keeps $topics topics of two families apart, $apart times as far from each other', async ({ topics, apart }) => {
    const random = createRandom(11);
    const direction = () => Array.from({ length: 24 }, () => normalSample(random));
    const families = [direction(), direction()];
    const centers = Array.from({ length: topics }, direction);
    const rows = Array.from({ length: 400 }, (_, i) =>
      centers[i % topics]!.map((value, t) => apart * families[i % 2]![t]! + value + 0.8 * normalSample(random)),
    );
    const { labels, nClusters } = await clusterEmbeddings(matrixFromRows(rows));
    const truth = rows.map((_, i) => i % topics);
    expect(nClusters).toBe(topics);
    expect(adjustedRandIndex(truth, labels)).toBeGreaterThan(0.9);
  });

  it('splits clusters that weigh too much, at most into eighths', async () => {
    const { x } = topicRows(240, 3, 0, 6);
    const weights = Float64Array.from({ length: 240 }, () => 10);
    const { labels, diagnostics } = await clusterEmbeddings(x, { weights, maxClusterWeight: 300 });
    const sums = new Map<number, number>();
    for (const [i, label] of labels.entries()) sums.set(label, (sums.get(label) ?? 0) + weights[i]!);
    expect(diagnostics.splits).toBeGreaterThan(0);
    expect(Math.max(...sums.values())).toBeLessThanOrEqual(300);
    const auto = await clusterEmbeddings(x, { weights, maxClusterWeight: 'auto', clusterWeightBounds: [0, 100] });
    expect(auto.diagnostics.splits).toBeGreaterThan(0);
  });

  it('clusters what is left over by itself', async () => {
    const { x } = topicRows(300, 3, 90, 7);
    const options = { maxOutlierShare: 1, merge: 'none' as const, umap: false as const };
    const kept = await clusterEmbeddings(x, { ...options, noiseReclusterThreshold: 1000 });
    expect(kept.diagnostics.noiseRatio).toBeGreaterThan(0.1);
    const again = await clusterEmbeddings(x, options);
    expect(again.diagnostics.reclustered).toBeGreaterThanOrEqual(2);
    expect(again.diagnostics.noiseRatio).toBe(0);
    expect(again.diagnostics.denseNoiseRatio).toBe(kept.diagnostics.denseNoiseRatio);
  });

  it('falls back to mini-batch k-means when the deadline passes, and says so', async () => {
    const { x } = topicRows(400, 4, 0, 8);
    const { labels, probabilities, diagnostics, nClusters } = await clusterEmbeddings(x, {
      deadlineMs: 20,
      now: tickingClock(),
    });
    expect(diagnostics.algorithm).toBe('mini-batch-k-means');
    expect(diagnostics.fallbacks[0]!.reason).toContain('the deadline of 20 ms');
    expect(nClusters).toBe(14);
    expect(labels.every((label) => label >= 0)).toBe(true);
    expect(probabilities.every((value) => value === 1)).toBe(true);
    expect(diagnostics.timingsMs['mini-batch-k-means']).toBeGreaterThan(0);
  });

  it('does not begin with density when that takes longer than there is', async () => {
    const { x } = topicRows(400, 4, 0, 8);
    const stages = new Set<string>();
    const { diagnostics, labels } = await clusterEmbeddings(x, {
      ...{ deadlineMs: 300, now: tickingClock() },
      umap: { nEpochs: 1e6 },
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect(diagnostics.fallbacks[0]).toMatchObject({
      stage: 'umap',
      reason: expect.stringMatching(/^Density takes \d+ ms at least/),
    });
    expect([...stages]).not.toContain('umap');
    expect(labels.every((label) => label >= 0)).toBe(true);
  });

  it('gives up a reduction whose pace is too slow long before the deadline', async () => {
    const { x } = topicRows(3000, 4, 0, 8);
    let time = 0;
    const { diagnostics } = await clusterEmbeddings(x, {
      ...{ deadlineMs: 100_000, now: () => time },
      // An epoch takes a second: the 500 of them would not be done.
      onProgress: ({ stage }) => (time += stage === 'umap' ? 1000 : 0),
    });
    expect(diagnostics.algorithm).toBe('mini-batch-k-means');
    expect(diagnostics.fallbacks[0]!.stage).toBe('umap');
    expect(diagnostics.timingsMs.total).toBeLessThan(100_000);
  });

  it('says by which stage the deadline was missed', async () => {
    const { x } = topicRows(300, 4, 0, 8);
    let time = 0;
    const { diagnostics } = await clusterEmbeddings(x, {
      ...{ deadlineMs: 1000, now: () => time },
      onProgress: ({ stage }) => (time += stage === 'core-distances' || stage === 'spanning-tree' ? 2000 : 0),
    });
    expect(diagnostics.fallbacks.map(({ stage }) => stage)).toEqual(['hdbscan', 'diagnostics']);
  });

  it('measures rows of zeros, which the cosine puts into a column of their own', async () => {
    const { x } = topicRows(60, 3, 0, 4);
    x.data.fill(0, 0, x.cols);
    const { centroids, nClusters } = await clusterEmbeddings(x);
    expect([centroids.rows, centroids.cols]).toEqual([nClusters, x.cols]);
  });

  it('meets a deadline that leaves enough time by density', async () => {
    const { x } = topicRows(100, 4, 0, 9);
    const { diagnostics } = await clusterEmbeddings(x, { deadlineMs: 1e9, now: tickingClock() });
    expect(diagnostics.algorithm).toBe('hdbscan');
    expect(diagnostics.fallbacks).toEqual([]);
  });

  it('stops with the reason of an abort', async () => {
    const { x } = topicRows(2000, 4, 0, 10);
    const controller = new AbortController();
    const run = clusterEmbeddings(x, {
      signal: controller.signal,
      onProgress: ({ stage }) => stage === 'umap' && controller.abort(new Error('enough')),
    });
    await expect(run).rejects.toThrow('enough');
    await expect(clusterEmbeddings(x, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  it('answers for few rows, equal rows, rows of zeros and many duplicates', async () => {
    const empty = await clusterEmbeddings({ data: new Float32Array(0), rows: 0, cols: 4 });
    expect([empty.nClusters, empty.labels.length, empty.diagnostics.noiseRatio]).toEqual([0, 0, 0]);
    for (const rows of [1, 2]) {
      const few = await clusterEmbeddings(
        matrixFromRows(
          [
            [1, 0],
            [0, 1],
          ].slice(0, rows),
        ),
      );
      expect([...few.labels]).toEqual([0, 1].slice(0, rows));
      expect(few.diagnostics.algorithm).toBe('single-rows');
    }
    const equal = await clusterEmbeddings({ data: new Float32Array(120).fill(1), rows: 60, cols: 2 });
    expect(equal.diagnostics.noiseRatio).toBeLessThanOrEqual(0.05);
    const zeros = await clusterEmbeddings({ data: new Float32Array(80), rows: 20, cols: 4 });
    expect(zeros.labels.length).toBe(20);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 50 }), async (values) => {
        const { labels, nClusters } = await clusterEmbeddings(matrixFromRows(values.map((v) => [v, 1])), {
          umap: { nEpochs: 5 },
        });
        expect(labels.length).toBe(values.length);
        expect(Math.max(...labels)).toBe(nClusters - 1);
      }),
      { numRuns: 40 },
    );
  });

  it('names the option or the row that is wrong', async () => {
    const x = matrixFromRows([[1], [Number.NaN]]);
    await expect(clusterEmbeddings(x)).rejects.toThrow('Row 1 holds NaN');
    const { x: good } = topicRows(20, 2, 0, 1);
    await expect(clusterEmbeddings(good, { maxOutlierShare: 2 })).rejects.toThrow(
      'The maxOutlierShare option of clusterEmbeddings must be a number in [0, 1]. Got 2.',
    );
    await expect(clusterEmbeddings(good, { weights: [1] })).rejects.toThrow('weights.length');
    const limit = 'heavy' as 'auto';
    await expect(clusterEmbeddings(good, { maxClusterWeight: limit })).rejects.toThrow(
      'The maxClusterWeight option of clusterEmbeddings must be a number in (0, ∞). Got "heavy".',
    );
    await expect(clusterEmbeddings(good, { clusterWeightBounds: [5, 1] })).rejects.toThrow(
      'The clusterWeightBounds[1] option of clusterEmbeddings must be a number in [5, ∞). Got 1.',
    );
    const knn = await nearestNeighbors(good, { k: 2 });
    const broken = { ...knn, indices: knn.indices.map(() => 20) };
    await expect(clusterEmbeddings(good, { knn: broken, umap: false })).rejects.toThrow('Row 0 has row 20');
  });
});

describe('joinOutliers', () => {
  it('passes a cluster on along a string of outliers, the nearest first', async () => {
    const x = matrixFromRows([[0], [0.1], [1], [2], [9], [50]]);
    const knn = await nearestNeighbors(x, { k: 2 });
    const labels = Int32Array.from([0, 0, -1, -1, -1, -1]);
    expect([...joinOutliers(labels, knn, 2)]).toEqual([2, 3]);
    expect([...labels]).toEqual([0, 0, 0, 0, -1, -1]);
    joinOutliers(labels, knn, 0);
    expect([...labels]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
