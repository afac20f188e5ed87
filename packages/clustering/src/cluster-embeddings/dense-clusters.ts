import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { hdbscanSteps } from '../hdbscan/hdbscan.js';
import type { HdbscanOptions } from '../hdbscan/hdbscan-options.js';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { nearestNeighbors } from '../neighbors/nearest-neighbors.js';
import { createLayoutTeam } from '../umap/layout-team.js';
import { embedSteps } from '../umap/umap.js';
import { clampNeighbors, umapSettings } from '../umap/umap-options.js';
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
  const { engine, random } = options;
  const k = Math.min(nNeighbors, x.rows) - 1;
  const signal = budget.boundedSignal();
  const onProgress = budget.paced(options.onProgress);
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
