import type { Clock, Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import type { RandomSource } from '@matome/primitives/random';
import { assignRowSteps } from '../k-means/assign-rows.js';
import { miniBatchSteps } from '../k-means/mini-batch-steps.js';
import { RowProducts } from '../wasm/row-products.js';
import type { FirstClusters, RecipeSettings } from './dense-clusters.js';

const settings = {
  nInit: 3,
  maxIterations: 100,
  batchSize: 1024,
  maxNoImprovement: 10,
  init: 'k-means++',
} as const;

/** About √(n / 2) clusters, at most 50, or a tenth of the rows below 100. */
function quickClusterCount(n: number): number {
  const wanted = n < 100 ? Math.floor(n / 10) : Math.min(50, Math.floor(Math.sqrt(n / 2)));
  return Math.min(n, Math.max(2, wanted));
}

/**
 * What takes the place of density when time is up: mini-batch k-means, as many starts and batches as there is time for;
 * every membership is 1.
 *
 * @param isLate - true when only the last pass over the rows may follow.
 */
export function* quickClusterSteps(x: Matrix, random: RandomSource, isLate: () => boolean): Cooperative<FirstClusters> {
  const nClusters = quickClusterCount(x.rows);
  const data = new RowProducts('clusterEmbeddings', x, Math.max(nClusters, 8));
  yield { stage: 'mini-batch-k-means', completed: 0, total: 0 };
  const { centroids } = yield* miniBatchSteps(data, { ...settings, nClusters, random, isLate });
  const { labels } = yield* assignRowSteps(data, undefined, centroids, nClusters);
  return { labels, probabilities: new Float32Array(x.rows).fill(1), nClusters };
}

/** What the stages will take on this machine and under its present load, in milliseconds. */
export interface RecipeCosts {
  /** One start of `quickClusterSteps`, its last pass and the first diagnostics. */
  readonly quick: number;
  /** The last pass and the first diagnostics alone. */
  readonly last: number;
  /** Density: no less than this. */
  readonly density: number;
}

/** Product kernels compare a row with a candidate in the time of one product; a pass over the data takes some more. */
const passes = 40;
/** Iterations of k-means on a sample that settle most of it. */
const fewIterations = 4;
/** Native products are at most so many times as fast as those of the kernel. */
const nativeGain = 16;
/** Multiplications that moving a row along one edge of UMAP's graph once takes as long as; no more than half of it. */
const edgeProducts = 250;

/** Multiplies some rows to see how fast products are, and counts those of each stage. */
export function estimateCosts(
  x: Matrix,
  { reduce, nNeighbors }: RecipeSettings,
  knownNeighbors: boolean,
  nEpochs: number,
  now: Clock,
): RecipeCosts {
  const { rows: n, cols } = x;
  const k = quickClusterCount(n);
  const { mean, least } = measureProduct(x, now);
  const last = n * (k + passes);
  const start = Math.min(n, 3 * settings.batchSize) * (8 + fewIterations) * k;
  const neighbors = reduce && !knownNeighbors ? (n * n) / nativeGain : 0;
  const layout = reduce ? (n * nNeighbors * nEpochs * edgeProducts) / Math.max(1, cols) : 0;
  return {
    quick: mean * (start + n * passes + last),
    last: mean * last,
    density: least * (neighbors + layout),
  };
}

/** Milliseconds that the product of two rows takes, as a mean and at best. */
function measureProduct(x: Matrix, now: Clock): { readonly mean: number; readonly least: number } {
  const rows = Math.min(x.rows, 256);
  const columns = Math.min(rows, 64);
  const head = { data: x.data.subarray(0, rows * x.cols), rows, cols: x.cols };
  const data = new RowProducts('clusterEmbeddings', head, columns);
  data.setColumns(head.data.subarray(0, columns * x.cols), columns);
  const rounds = 8;
  const times = Array.from({ length: rounds }, () => {
    const start = now();
    data.multiply(undefined, 0, rows);
    return Math.max(1e-3, now() - start) / (rows * columns);
  });
  return { mean: times.reduce((sum, time) => sum + time, 0) / rounds, least: Math.min(...times) };
}
