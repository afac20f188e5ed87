import { type Cooperative, runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { assignRowSteps } from './assign-rows.js';
import { toMatrix } from './centre.js';
import { type CentroidModel, centroidModelFromJson, centroidModelToJson, nearestCentroids } from './centroid-model.js';
import { type MiniBatchSettings, miniBatchSteps } from './mini-batch-steps.js';
import { scaledProducts, scaleMatrix } from './scaled-products.js';

/** Options of `MiniBatchKMeans.fit`. */
export interface MiniBatchKMeansOptions {
  /** Number of clusters, in [1, n]. */
  readonly nClusters: number;
  /** Starts tried on a sample of three batches; the one of least inertia there is kept. @default 1 */
  readonly nInit?: number;
  /** Most passes over the rows. @default 100 */
  readonly maxIterations?: number;
  /** Rows of one step. @default 1024 */
  readonly batchSize?: number;
  /** Stops after so many steps without a smaller smoothed inertia. @default 10 */
  readonly maxNoImprovement?: number;
  /** @default 'k-means++' */
  readonly init?: 'k-means++' | 'random';
  /** @default createRandom(42) */
  readonly random?: RandomSource;
}

/**
 * k-means from small random batches: a little less exact than `KMeans`, for many rows or little time.
 *
 * @see Sculley (2010), Web-scale k-means clustering, doi:10.1145/1772690.1772862
 * @example
 * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
 * MiniBatchKMeans.fit(x, { nClusters: 2 }).inertia // => 1
 */
export class MiniBatchKMeans implements CentroidModel {
  /** `k × d`. */
  readonly centroids: Matrix;
  /** Nearest centroid of each training row. */
  readonly labels: Int32Array;
  /** Sum of the squared distances of the training rows to their centroids. */
  readonly inertia: number;
  /** Steps taken. */
  readonly iterations: number;
  /** Whether the inertia stopped falling before `maxIterations`. */
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
   * @param x - n × d, finite, n ≥ 1; not modified.
   * @throws RangeError if `nClusters` is not in [1, n], another option is out of range, or a value is not finite.
   * @remarks O(batchSize · k · d) a step and one last pass over all rows; memory one copy of `x`.
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * MiniBatchKMeans.fit(x, { nClusters: 2 }).labels.length // => 4
   */
  static fit(x: Matrix, options: MiniBatchKMeansOptions): MiniBatchKMeans {
    return runSync(MiniBatchKMeans.fitSteps(x, options));
  }

  /**
   * `fit` as a task that yields its progress, for `runAsync` and `withDeadline`.
   *
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * runSync(MiniBatchKMeans.fitSteps(x, { nClusters: 1 })).inertia // => 101
   */
  static *fitSteps(x: Matrix, options: MiniBatchKMeansOptions): Cooperative<MiniBatchKMeans> {
    const checked = checkOptions(x, options);
    const { nClusters } = checked;
    const { data, scale } = scaledProducts('MiniBatchKMeans.fit', x, Math.max(nClusters, 8));
    try {
      const walk = yield* miniBatchSteps(data, checked);
      const { labels, squaredDistances } = yield* assignRowSteps(data, undefined, walk.centroids, nClusters);
      return new MiniBatchKMeans({
        centroids: scaleMatrix(toMatrix(walk.centroids, data.center, nClusters), 1 / scale),
        labels,
        inertia: squaredDistances.reduce((sum, value) => sum + value, 0) / scale ** 2,
        iterations: walk.steps,
        converged: walk.converged,
      });
    } finally {
      data.release();
    }
  }

  /**
   * Restores a model from `toJSON`.
   *
   * @throws TypeError if the value is not a mini-batch k-means model of a version this package reads.
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * const model = MiniBatchKMeans.fit(x, { nClusters: 2 });
   * MiniBatchKMeans.fromJSON(JSON.parse(JSON.stringify(model))).inertia === model.inertia // => true
   */
  static fromJSON(json: unknown): MiniBatchKMeans {
    return new MiniBatchKMeans(centroidModelFromJson(json, 'mini-batch-k-means'));
  }

  /**
   * The nearest centroid of each row, ties by smaller index.
   *
   * @param x - m × d, finite.
   * @throws RangeError if the width is not that of the training rows or a value is not finite.
   * @remarks O(m k d).
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * MiniBatchKMeans.fit(x, { nClusters: 2 }).predict(x).length // => 4
   */
  predict(x: Matrix): Int32Array {
    return nearestCentroids('MiniBatchKMeans.predict', x, this.centroids).labels;
  }

  /** A JSON value from which `fromJSON` restores the model. */
  toJSON(): object {
    return centroidModelToJson(this, 'mini-batch-k-means');
  }
}

function checkOptions(x: Matrix, options: MiniBatchKMeansOptions): MiniBatchSettings {
  const caller = 'MiniBatchKMeans.fit';
  const { nClusters, nInit = 1, maxIterations = 100, batchSize = 1024, maxNoImprovement = 10 } = options;
  const { init = 'k-means++', random = createRandom() } = options;
  checkInteger(caller, 'rows', x.rows, { min: 1 });
  checkInteger(caller, 'nClusters', nClusters, { min: 1, max: x.rows });
  checkInteger(caller, 'nInit', nInit, { min: 1 });
  checkInteger(caller, 'maxIterations', maxIterations, { min: 1 });
  checkInteger(caller, 'batchSize', batchSize, { min: 1 });
  checkInteger(caller, 'maxNoImprovement', maxNoImprovement, { min: 1 });
  checkOneOf(caller, 'init', init, ['k-means++', 'random']);
  return { nClusters, nInit, maxIterations, batchSize, maxNoImprovement, init, random };
}
