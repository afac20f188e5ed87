import type { Clock, Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { hdbscanSteps } from '../hdbscan/hdbscan.js';
import type { HdbscanOptions } from '../hdbscan/hdbscan-options.js';
import { unitRows } from '../hdbscan/unit-rows.js';
import { MiniBatchKMeans } from '../k-means/mini-batch-k-means.js';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { nearestNeighbors } from '../neighbors/nearest-neighbors.js';
import { createLayoutTeam } from '../umap/layout-team.js';
import { embedSteps } from '../umap/umap.js';
import { clampNeighbors, umapSettings } from '../umap/umap-options.js';
import { RowProducts } from '../wasm/row-products.js';
import type { EmbeddingClusterOptions } from './embedding-cluster-options.js';
import type { RunBudget } from './run-budget.js';

/** Fewest rows that are reduced without being asked to. */
const fewestReduced = 10;
/** Rows are never reduced below this number. */
const fewestRows = 3;

/** Settings that depend on the number of rows. */
export interface RecipeSettings {
  readonly metric: 'euclidean' | 'cosine';
  readonly reduce: boolean;
  readonly nNeighbors: number;
  readonly hdbscan: HdbscanOptions & { readonly minClusterSize: number; readonly minSamples: number };
}

/** Fills in defaults: larger sets have larger clusters. */
export function recipeSettings(x: Matrix, options: EmbeddingClusterOptions): RecipeSettings {
  const { metric = 'cosine', umap, merge = 'silhouette' } = options;
  const minClusterSize = options.hdbscan?.minClusterSize ?? Math.max(3, Math.round(Math.sqrt(x.rows) / 3));
  const minSamples = options.hdbscan?.minSamples ?? Math.max(1, Math.round(minClusterSize / 3));
  const nNeighbors = options.knn ? options.knn.k + 1 : clampNeighbors((umap || undefined)?.nNeighbors ?? 15, x.rows);
  const clusterSelectionMethod = merge === 'silhouette' ? 'leaf' : 'eom';
  return {
    metric,
    reduce: umap !== false && x.rows >= (umap ? fewestRows : fewestReduced),
    nNeighbors,
    hdbscan: { clusterSelectionMethod, ...options.hdbscan, minClusterSize, minSamples },
  };
}

/** Neighbours under the deadline. */
export async function recipeNeighbors(
  x: Matrix,
  settings: RecipeSettings,
  options: EmbeddingClusterOptions,
  budget: RunBudget,
): Promise<KnnGraph> {
  const { metric, nNeighbors } = settings;
  const { engine, random, onProgress } = options;
  const k = Math.min(nNeighbors, x.rows) - 1;
  const signal = budget.boundedSignal();
  return budget.time('neighbors', () => nearestNeighbors(x, { k, metric, engine, random, onProgress, signal }));
}

/** Rows in few dimensions, under the deadline. */
export async function reduceRows(
  x: Matrix,
  knn: KnnGraph,
  options: EmbeddingClusterOptions,
  budget: RunBudget,
): Promise<Matrix> {
  const { threads = 1, random, metric = 'cosine', umap } = options;
  const settings = umapSettings('clusterEmbeddings', x, {
    ...{ nComponents: 5, minDist: 0, metric, knn, random },
    ...(umap || undefined),
  });
  const team = threads > 1 ? await createLayoutTeam(threads) : undefined;
  try {
    return await budget.run('umap', embedSteps(x, knn, settings, team));
  } finally {
    await team?.close();
  }
}

/** Labels and memberships of one way to cluster. */
export interface FirstClusters {
  readonly labels: Int32Array;
  readonly probabilities: Float32Array;
  readonly nClusters: number;
}

/** HDBSCAN on reduced rows, or on the rows themselves under their own metric. */
export function* denseClusterSteps(
  space: Matrix,
  settings: RecipeSettings,
  reduced: boolean,
): Cooperative<FirstClusters> {
  const metric = reduced ? 'euclidean' : settings.metric;
  const { labels, probabilities, nClusters } = yield* hdbscanSteps(space, { ...settings.hdbscan, metric });
  return { labels: labels.slice(), probabilities: probabilities.slice(), nClusters };
}

/** Starts of the k-means that takes the place of density. */
const quickStarts = 3;

/** About √(n / 2) clusters, at most 50, or a tenth of the rows below 100. */
function quickClusterCount(n: number): number {
  const wanted = n < 100 ? Math.floor(n / 10) : Math.min(50, Math.floor(Math.sqrt(n / 2)));
  return Math.min(n, Math.max(2, wanted));
}

/** What takes the place of density when time is up: mini-batch k-means; every membership is 1. */
export function* quickClusterSteps(x: Matrix, options: EmbeddingClusterOptions): Cooperative<FirstClusters> {
  const { metric = 'cosine', random } = options;
  const nClusters = quickClusterCount(x.rows);
  const rows = metric === 'cosine' ? unitRows(x) : x;
  const { labels } = yield* MiniBatchKMeans.fitSteps(rows, { nClusters, nInit: quickStarts, random });
  return { labels: labels.slice(), probabilities: new Float32Array(x.rows).fill(1), nClusters };
}

/**
 * Milliseconds that `quickClusterSteps` will take, on this machine and under its present load.
 *
 * Multiplies some rows to see how fast products are, and counts those of the seeds, the batches and the last pass.
 */
export function estimateQuickClusters(x: Matrix, now: Clock): number {
  const n = x.rows;
  const k = quickClusterCount(n);
  const sample = Math.min(n, 3072);
  const products = quickStarts * sample * (8 + 6) * k + 40 * Math.min(n, 1024) * k + n * k;
  // Copies and checks pass over all values about as often as this.
  const passes = 40 * n;
  const tried = Math.min(n, 256);
  const rows = { data: x.data.subarray(0, tried * x.cols), rows: tried, cols: x.cols };
  const data = new RowProducts('clusterEmbeddings', rows, 64);
  data.setColumns(rows.data.subarray(0, Math.min(tried, 64) * x.cols), Math.min(tried, 64));
  const start = now();
  for (let round = 0; round < 8; round++) data.multiply(undefined, 0, tried);
  const measured = Math.max(0.01, now() - start) / (8 * tried * Math.min(tried, 64));
  return measured * (products + passes);
}
