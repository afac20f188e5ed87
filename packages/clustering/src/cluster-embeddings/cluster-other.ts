import type { Clock, ProgressCallback } from '@matome/primitives/async';
import type { DenseEngine } from '@matome/primitives/dense';
import { type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { checkMatrix, checkNumber, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { searchClusters } from '../search/search-clusters.js';
import { renumber } from './clusters.js';
import { checkWeights } from './embedding-cluster-options.js';
import { RunBudget } from './run-budget.js';
import { splitHeavySteps } from './split-heavy.js';

/** Options of `clusterOther`. */
export interface ClusterOtherOptions {
  /** @default 'cosine' */
  readonly metric?: 'euclidean' | 'cosine';
  /** n non-negative weights (tokens, say): clusters that weigh much more than usual are split. @default none are */
  readonly weights?: ArrayLike<number>;
  /** Bounds of the weight from which clusters are split. @default [400, 4000] */
  readonly clusterWeightBounds?: readonly [number, number];
  /** Milliseconds after which no further setting is tried. @default none */
  readonly deadlineMs?: number;
  /** @default createDenseEngine() */
  readonly engine?: DenseEngine;
  /** @default createRandom(42) */
  readonly random?: RandomSource;
  /** @default performance.now */
  readonly now?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressCallback;
}

/** What `clusterOther` found. */
export interface OtherClusters {
  /** Cluster of each row, numbered by first row; -1 in none. */
  readonly labels: Int32Array;
  readonly probabilities: Float32Array;
  readonly nClusters: number;
  readonly diagnostics: {
    readonly dbcv: number | null;
    readonly silhouette: number | null;
    readonly minClusterSize: number;
    readonly minSamples: number;
    readonly splits: number;
  };
}

/** What the rows of a mixed bag are searched with: small clusters, and a single one if that is all there is. */
const grid = { minClusterSize: [3, 4, 5], minSamples: [1, 2], nNeighbors: [10, 15], nComponents: [5, 8] } as const;

/**
 * Groups what fits no genre: searches small leaf clusters over a fixed grid, then splits heavy ones.
 *
 * @param x - n × d, finite; not modified. Fewer than three rows are in no cluster.
 * @throws RangeError if a value is not finite or an option is out of range; the signal's reason when aborted; when the
 * deadline passes before the first setting is tried, DeadlineExceededError.
 * @remarks Four reductions and 24 runs of HDBSCAN; meant for up to some thousand rows.
 * @example
 * const rows = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? [1, i / 200, 0] : [0, i / 200, 1]));
 * const { labels } = await clusterOther(matrixFromRows(rows));
 * labels[0] !== labels[1] // => true
 */
export async function clusterOther(x: Matrix, options: ClusterOtherOptions = {}): Promise<OtherClusters> {
  const { weights, clusterWeightBounds: bounds = [400, 4000], metric = 'cosine' } = options;
  const { random = createRandom(), now = () => performance.now(), signal, onProgress } = options;
  checkMatrix('clusterOther', x);
  checkOneOf('clusterOther', 'metric', metric, ['euclidean', 'cosine']);
  if (options.deadlineMs !== undefined) checkNumber('clusterOther', 'deadlineMs', options.deadlineMs, { min: 0 });
  checkWeights('clusterOther', x.rows, weights, bounds);
  signal?.throwIfAborted();
  if (x.rows < 3) return tooFew(x.rows);
  const { best, clusters } = await searchClusters(x, {
    ...{ ...options, ...grid, metric, random, method: 'grid' as const },
    clusterSelectionMethod: 'leaf',
    allowSingleCluster: true,
  });
  const labels = clusters.labels.slice();
  const probabilities = clusters.probabilities.slice();
  const split = { splits: 0, touched: new Uint32Array(0) };
  if (weights) {
    const rows = metric === 'cosine' ? normalizeRows(x) : x;
    const task = splitHeavySteps(rows, labels, clusters.nClusters, { weights, maxWeight: 'auto', bounds }, random);
    Object.assign(split, await new RunBudget(now, undefined, signal, onProgress).finish('split', task));
    for (const row of split.touched) probabilities[row] = 1;
  }
  const { dbcv, silhouette, minClusterSize, minSamples } = best;
  const diagnostics = { dbcv, silhouette, minClusterSize, minSamples, splits: split.splits };
  return { labels, probabilities, nClusters: renumber(labels), diagnostics };
}

function tooFew(rows: number): OtherClusters {
  return {
    labels: new Int32Array(rows).fill(-1),
    probabilities: new Float32Array(rows),
    nClusters: 0,
    diagnostics: { dbcv: null, silhouette: null, minClusterSize: 3, minSamples: 1, splits: 0 },
  };
}
