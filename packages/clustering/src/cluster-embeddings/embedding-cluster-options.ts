import type { Clock, ProgressCallback } from '@matome/primitives/async';
import type { DenseEngine } from '@matome/primitives/dense';
import type { Matrix } from '@matome/primitives/linalg';
import { checkBoolean, checkInteger, checkMatrix, checkNumber, checkOneOf } from '@matome/primitives/options';
import type { RandomSource } from '@matome/primitives/random';
import type { HdbscanOptions } from '../hdbscan/hdbscan-options.js';
import { checkKnnGraph, type KnnGraph } from '../neighbors/knn-graph.js';
import { mostThreads } from '../umap/layout-team.js';
import type { UmapOptions } from '../umap/umap-options.js';

/** Options of `clusterEmbeddings`. */
export interface EmbeddingClusterOptions {
  /** @default 'cosine' */
  readonly metric?: 'euclidean' | 'cosine';
  /**
   * Options of the reduction; false clusters the rows as they are. With fewer than 10 rows nothing is reduced unless
   * options are given. @default nNeighbors 15, nComponents 5, minDist 0
   */
  readonly umap?: Pick<UmapOptions, 'nNeighbors' | 'nComponents' | 'minDist' | 'nEpochs' | 'init'> | false;
  /** @default minClusterSize max(3, √n / 3), minSamples a third of it, leaf clusters */
  readonly hdbscan?: Omit<HdbscanOptions, 'metric'>;
  /** Neighbours found before, without the rows themselves. */
  readonly knn?: KnnGraph;
  /**
   * Most rows left in no cluster, as a share: rows between clusters join the cluster of their nearest neighbours, nearest
   * first, until no more are left over. 1 leaves them all. @default 0.05
   */
  readonly maxOutlierShare?: number;
  /** When at least so many rows are left over, they are clustered by themselves. @default 30 */
  readonly noiseReclusterThreshold?: number;
  /**
   * `silhouette` joins dense groups by Ward's method while that separates clusters better, in distances and among
   * neighbours; `none` keeps them.
   * @default 'silhouette'
   */
  readonly merge?: 'silhouette' | 'none';
  /**
   * Lets rows move to the cluster with the nearest mean in the end; right for round clusters, as those of text embeddings
   * are. @default true when groups are joined under the cosine metric
   */
  readonly refine?: boolean;
  /** n non-negative weights, one a row. @default 1 each */
  readonly weights?: ArrayLike<number>;
  /**
   * Clusters heavier than this are split in two, up to three times. `auto`: 1.5 times the median weight of a row times the
   * median size of a cluster, within `clusterWeightBounds`. @default none
   */
  readonly maxClusterWeight?: number | 'auto';
  /** Bounds of an automatic `maxClusterWeight`. @default [0, Infinity] */
  readonly clusterWeightBounds?: readonly [number, number];
  /** More clusters than this are joined by Ward's method. @default none */
  readonly maxClusters?: number;
  /** Milliseconds by which clusters are wanted: near the end, density gives way to mini-batch k-means. @default none */
  readonly deadlineMs?: number;
  /** Threads of the reduction; their number does not change the result. @default 1 */
  readonly threads?: number;
  /** The engine for the neighbour search of wide rows. @default createDenseEngine() */
  readonly engine?: DenseEngine;
  /** @default createRandom(42) */
  readonly random?: RandomSource;
  /** Times the stages and the deadline. @default performance.now */
  readonly now?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressCallback;
}

/** Something that was not done as planned, and why. */
export interface Fallback {
  readonly stage: 'umap' | 'hdbscan' | 'recluster' | 'split' | 'diagnostics';
  readonly reason: string;
}

/** How a clustering came about and how good it is. */
export interface ClusterDiagnostics {
  /** What made the clusters; `single-rows` when no dense region was found among few rows. */
  readonly algorithm: 'hdbscan' | 'mini-batch-k-means' | 'single-rows';
  readonly umapUsed: boolean;
  readonly nNeighbors: number;
  readonly minClusterSize: number;
  readonly minSamples: number;
  /** Share of rows in no cluster, at the end and as HDBSCAN left them. */
  readonly noiseRatio: number;
  readonly denseNoiseRatio: number;
  /** Density-based validity and mean silhouette in the reduced space without outliers; null where undefined or skipped. */
  readonly dbcv: number | null;
  readonly silhouette: number | null;
  /** Rows that joined the cluster of a neighbour. */
  readonly joinedOutliers: number;
  /** Rows that moved to the cluster with the nearest mean. */
  readonly refined: number;
  /** Clusters made of left over rows, by splitting heavy clusters, and lost by joining clusters. */
  readonly reclustered: number;
  readonly splits: number;
  readonly merges: number;
  /** Milliseconds of each stage that ran, and of all. */
  readonly timingsMs: Readonly<Record<string, number>>;
  readonly fallbacks: readonly Fallback[];
}

/** What `clusterEmbeddings` found. */
export interface EmbeddingClusters {
  /** Cluster of each row, numbered by first row; -1 in none. */
  readonly labels: Int32Array;
  /** Strength of membership in [0, 1]; 0 for rows in no cluster, 1 for rows that no density speaks for. */
  readonly probabilities: Float32Array;
  readonly nClusters: number;
  /** `nClusters × d`: mean of each cluster's rows, of length 1 under the cosine metric. */
  readonly centroids: Matrix;
  readonly metric: 'euclidean' | 'cosine';
  readonly diagnostics: ClusterDiagnostics;
}

/** Checks what no later stage checks. */
export function checkEmbeddingOptions(caller: string, x: Matrix, options: EmbeddingClusterOptions): void {
  const { metric = 'cosine', maxOutlierShare = 0.05, noiseReclusterThreshold = 30, merge = 'silhouette' } = options;
  const { weights, maxClusterWeight, maxClusters, deadlineMs, threads = 1 } = options;
  checkMatrix(caller, x);
  checkOneOf(caller, 'metric', metric, ['euclidean', 'cosine']);
  checkOneOf(caller, 'merge', merge, ['silhouette', 'none']);
  checkNumber(caller, 'maxOutlierShare', maxOutlierShare, { min: 0, max: 1 });
  checkNumber(caller, 'noiseReclusterThreshold', noiseReclusterThreshold, { min: 1 });
  checkInteger(caller, 'threads', threads, { min: 1, max: mostThreads });
  if (maxClusters !== undefined) checkInteger(caller, 'maxClusters', maxClusters, { min: 1 });
  if (deadlineMs !== undefined) checkNumber(caller, 'deadlineMs', deadlineMs, { min: 0 });
  if (options.knn) checkKnnGraph(caller, options.knn, x.rows);
  if (options.refine !== undefined) checkBoolean(caller, 'refine', options.refine);
  if (maxClusterWeight !== undefined && maxClusterWeight !== 'auto') {
    checkNumber(caller, 'maxClusterWeight', maxClusterWeight, { min: 0, exclusiveMin: true });
  }
  checkWeights(caller, x.rows, weights, options.clusterWeightBounds);
}

/** Checks what clusters are split by: a weight for each row, and the bounds of an automatic limit. */
export function checkWeights(
  caller: string,
  rows: number,
  weights: ArrayLike<number> | undefined,
  bounds: readonly [number, number] | undefined,
): void {
  if (weights) {
    checkInteger(caller, 'weights.length', weights.length, { min: rows, max: rows });
    for (let i = 0; i < rows; i++) checkNumber(caller, `weights[${i}]`, weights[i]!, { min: 0 });
  }
  if (bounds) {
    const least = checkNumber(caller, 'clusterWeightBounds[0]', bounds[0], { min: 0 });
    checkNumber(caller, 'clusterWeightBounds[1]', bounds[1], { min: least });
  }
}
