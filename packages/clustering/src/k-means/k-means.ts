import { type Cooperative, runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkMatrix, checkNumber, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { toMatrix, totalVariance } from './centre.js';
import { type CentroidModel, centroidModelFromJson, centroidModelToJson, nearestCentroids } from './centroid-model.js';
import { type LloydResult, lloydSteps } from './lloyd.js';
import { scaledProducts, scaleMatrix } from './scaled-products.js';
import { startCentroids } from './start-centroids.js';

const sampleSize = 8192;

/** Options of `KMeans.fit`. */
export interface KMeansOptions {
  /** Number of clusters, in [1, n]. */
  readonly nClusters: number;
  /** Starts tried; the one of least inertia is kept. Ignored when `init` is a matrix. @default 3 */
  readonly nInit?: number;
  /** Most iterations of one start. @default 300 */
  readonly maxIterations?: number;
  /** Centroids stand still when the sum of their squared moves is at most this share of the variance of a column. @default 1e-4 */
  readonly tolerance?: number;
  /** How the first centroids are found; a matrix holds them (`nClusters × d`). @default 'k-means++' */
  readonly init?: 'k-means++' | 'random' | Matrix;
  /** @default createRandom(42) */
  readonly random?: RandomSource;
}

/**
 * Clusters of least squared distance to their means (Lloyd's algorithm from greedy k-means++ seeds).
 *
 * @see Lloyd (1982), doi:10.1109/TIT.1982.1056489
 * @see Arthur, Vassilvitskii (2007), https://theory.stanford.edu/~sergei/papers/kMeansPP-soda.pdf
 * @example
 * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
 * const model = KMeans.fit(x, { nClusters: 2 });
 * model.inertia // => 1
 */
export class KMeans implements CentroidModel {
  /** `k × d`. */
  readonly centroids: Matrix;
  /** Cluster of each training row, in [0, k). */
  readonly labels: Int32Array;
  /** Sum of the squared distances of the training rows to their centroids. */
  readonly inertia: number;
  readonly iterations: number;
  /** Whether the centroids stood still before `maxIterations`. */
  readonly converged: boolean;

  private constructor(parts: CentroidModel) {
    this.centroids = parts.centroids;
    this.labels = parts.labels;
    this.inertia = parts.inertia;
    this.iterations = parts.iterations;
    this.converged = parts.converged;
  }

  /**
   * Clusters the rows of `x`.
   *
   * Clusters beyond the number of different rows stay empty. A cluster that empties on the way takes the row farthest
   * from its centroid.
   *
   * @param x - n × d, finite, n ≥ 1; not modified.
   * @throws RangeError if `nClusters` is not in [1, n], another option is out of range, or a value is not finite.
   * @remarks O(nInit · n · k · d · iterations) at most, less where bounds settle rows; memory one copy of `x` and
   * 30 bytes a row. 20,000 × 384 rows and 50 clusters take about 0.3 s a start on one core.
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * const { labels } = KMeans.fit(x, { nClusters: 2 });
   * labels[0] === labels[1] && labels[2] === labels[3] && labels[0] !== labels[2] // => true
   */
  static fit(x: Matrix, options: KMeansOptions): KMeans {
    return runSync(KMeans.fitSteps(x, options));
  }

  /**
   * `fit` as a task that yields its progress, for `runAsync` and `withDeadline`.
   *
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * runSync(KMeans.fitSteps(x, { nClusters: 1 })).inertia // => 101
   */
  static *fitSteps(x: Matrix, options: KMeansOptions): Cooperative<KMeans> {
    const { nClusters, nInit = 3, maxIterations = 300, tolerance = 1e-4, init = 'k-means++' } = options;
    const random = options.random ?? createRandom();
    const caller = 'KMeans.fit';
    checkInteger(caller, 'rows', x.rows, { min: 1 });
    checkInteger(caller, 'nClusters', nClusters, { min: 1, max: x.rows });
    checkInteger(caller, 'nInit', nInit, { min: 1 });
    checkInteger(caller, 'maxIterations', maxIterations, { min: 1 });
    checkNumber(caller, 'tolerance', tolerance, { min: 0 });
    const given = typeof init === 'string' ? undefined : init;
    if (given) checkGivenCentroids(given, nClusters, x.cols);
    else checkOneOf(caller, 'init', init as string, ['k-means++', 'random']);
    const { data, scale } = scaledProducts(caller, x, Math.max(nClusters, 8));
    try {
      const { center } = data;
      // Copying the rows took its time.
      yield { stage: 'k-means', completed: 0, total: maxIterations };
      const ids = Uint32Array.from({ length: x.rows }, (_, i) => i);
      const limits = { maxIterations, maxShift: (tolerance * totalVariance(data)) / Math.max(1, x.cols) };
      let best: LloydResult | undefined;
      for (let start = 0; start < (given ? 1 : nInit); start++) {
        const first = given
          ? relativeTo(scaleMatrix(given, scale), center)
          : yield* startCentroids(data, ids, { k: nClusters, init: init as 'k-means++', sampleSize, limits, random });
        const result: LloydResult = yield* lloydSteps(data, ids, first, limits);
        if (!best || result.inertia < best.inertia) best = result;
      }
      const { labels, inertia, iterations, converged } = best!;
      return new KMeans({
        centroids: scaleMatrix(toMatrix(best!.centroids, center, nClusters), 1 / scale),
        labels,
        inertia: inertia / scale ** 2,
        iterations,
        converged,
      });
    } finally {
      data.release();
    }
  }

  /**
   * Restores a model from `toJSON`.
   *
   * @throws TypeError if the value is not a k-means model of a version this package reads.
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * const model = KMeans.fit(x, { nClusters: 2 });
   * KMeans.fromJSON(JSON.parse(JSON.stringify(model))).inertia === model.inertia // => true
   */
  static fromJSON(json: unknown): KMeans {
    return new KMeans(centroidModelFromJson(json, 'k-means'));
  }

  /**
   * The nearest centroid of each row, ties by smaller index.
   *
   * @param x - m × d, finite.
   * @returns m cluster numbers.
   * @throws RangeError if the width is not that of the training rows or a value is not finite.
   * @remarks O(m k d).
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * const model = KMeans.fit(x, { nClusters: 2 });
   * model.predict({ data: new Float32Array([9]), rows: 1, cols: 1 })[0] === model.labels[2] // => true
   */
  predict(x: Matrix): Int32Array {
    return nearestCentroids('KMeans.predict', x, this.centroids).labels;
  }

  /** A JSON value from which `fromJSON` restores the model. */
  toJSON(): object {
    return centroidModelToJson(this, 'k-means');
  }
}

function checkGivenCentroids(init: Matrix, nClusters: number, cols: number): void {
  if (init.rows !== nClusters || init.cols !== cols) {
    throw new RangeError(
      `The init option of KMeans.fit must be a matrix of ${nClusters} × ${cols} values. Got ${init.rows} × ${init.cols}.`,
    );
  }
  checkMatrix('KMeans.fit', init);
}

function relativeTo(centroids: Matrix, center: Float64Array): Float64Array {
  const { data, rows, cols } = centroids;
  return Float64Array.from(data.subarray(0, rows * cols), (value, at) => value - center[at % cols]!);
}
