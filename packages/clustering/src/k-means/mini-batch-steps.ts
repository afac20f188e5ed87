import type { Cooperative } from '@matome/primitives/async';
import { type RandomSource, sampleIndices } from '@matome/primitives/random';
import type { RowProducts } from '../wasm/row-products.js';
import { assignRows } from './assign-rows.js';
import { totalVariance } from './centre.js';
import { type LloydResult, lloydSteps } from './lloyd.js';
import { startCentroids } from './start-centroids.js';

/** How mini-batch k-means is run. */
export interface MiniBatchSettings {
  readonly nClusters: number;
  readonly nInit: number;
  readonly maxIterations: number;
  readonly batchSize: number;
  readonly maxNoImprovement: number;
  readonly init: 'k-means++' | 'random';
  readonly random: RandomSource;
  /** Asked after every step: true ends with the centroids of that moment. @default never */
  readonly isLate?: () => boolean;
}

/** Where the batches led. */
export interface MiniBatchWalk {
  /** `k × d`, relative to the centre of the data. */
  readonly centroids: Float64Array;
  readonly steps: number;
  readonly converged: boolean;
}

/**
 * Centroids from random batches, from the best of some starts on a sample.
 *
 * @see Sculley (2010), Web-scale k-means clustering, doi:10.1145/1772690.1772862
 */
export function* miniBatchSteps(data: RowProducts, settings: MiniBatchSettings): Cooperative<MiniBatchWalk> {
  const { centroids, iterations, converged, counts } = yield* bestStart(data, settings);
  // One batch would hold every row, and the sample of the start does: nothing is left to step through.
  if (settings.batchSize >= data.rows || settings.isLate?.()) return { centroids, steps: iterations, converged };
  return yield* stepThroughBatches(data, centroids, counts, settings);
}

function* bestStart(data: RowProducts, options: MiniBatchSettings): Cooperative<LloydResult> {
  const { nClusters, nInit, batchSize, init, random, isLate } = options;
  const size = Math.min(data.rows, Math.max(3 * batchSize, 32 * nClusters));
  const limits = {
    maxIterations: options.maxIterations,
    maxShift: (1e-4 * totalVariance(data)) / Math.max(1, data.cols),
    isLate,
  };
  const all = Uint32Array.from({ length: data.rows }, (_, i) => i);
  let best: LloydResult | undefined;
  for (let start = 0; start < nInit; start++) {
    const sample = size < data.rows ? sampleIndices(data.rows, size, random) : all;
    const first = yield* startCentroids(data, sample, { k: nClusters, init, sampleSize: size, limits, random });
    const settled: LloydResult = yield* lloydSteps(data, sample, first, limits);
    if (!best || settled.inertia < best.inertia) best = settled;
    if (isLate?.()) break;
  }
  return best!;
}

function* stepThroughBatches(
  data: RowProducts,
  start: Float64Array,
  counts: Int32Array,
  options: MiniBatchSettings,
): Cooperative<MiniBatchWalk> {
  const { nClusters, maxIterations, batchSize, maxNoImprovement, random } = options;
  const { cols } = data;
  const centroids = start.slice();
  const seen = Float64Array.from(counts);
  const maxSteps = Math.ceil((maxIterations * data.rows) / batchSize);
  // Smoothed over about one pass of the rows, as the inertia of single batches jumps.
  const share = Math.min(1, (2 * batchSize) / (data.rows + 1));
  let smoothed = Number.NaN;
  let least = Number.POSITIVE_INFINITY;
  let idle = 0;
  for (let step = 1; step <= maxSteps; step++) {
    const batch = sampleIndices(data.rows, batchSize, random);
    const { labels, squaredDistances } = assignRows(data, batch, centroids, nClusters);
    const inertia = squaredDistances.reduce((sum, value) => sum + value, 0);
    const sizes = new Float64Array(nClusters);
    data.sums.fill(0);
    for (let i = 0; i < labels.length; i++) {
      sizes[labels[i]!]!++;
      data.add(batch[i]!, labels[i]!);
    }
    // Each centroid is the mean of all rows it was given so far: the step shrinks with their number.
    for (let c = 0; c < nClusters; c++) {
      if (sizes[c] === 0) continue;
      const before = seen[c]!;
      seen[c] = before + sizes[c]!;
      for (let t = c * cols, at = c * data.sumStride; t < (c + 1) * cols; t++, at++) {
        centroids[t] = (before * centroids[t]! + data.sums[at]!) / seen[c]!;
      }
    }
    smoothed = Number.isNaN(smoothed) ? inertia : smoothed + share * (inertia - smoothed);
    idle = smoothed < least ? 0 : idle + 1;
    least = Math.min(least, smoothed);
    yield { stage: 'mini-batch-k-means', completed: step, total: maxSteps };
    if (idle >= maxNoImprovement) return { centroids, steps: step, converged: true };
    if (options.isLate?.()) return { centroids, steps: step, converged: false };
  }
  return { centroids, steps: maxSteps, converged: false };
}
