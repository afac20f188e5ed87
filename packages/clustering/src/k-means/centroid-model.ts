import type { Matrix } from '@matome/primitives/linalg';
import { assignRows, type NearestCentroids } from './assign-rows.js';
import { columnMeans } from './centre.js';
import { scaledProducts } from './scaled-products.js';

/** What every k-means model knows. */
export interface CentroidModel {
  /** `k × d`. */
  readonly centroids: Matrix;
  /** Cluster of each training row. */
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Finds the nearest centroid of each row, ties by smaller index.
 *
 * @throws RangeError if the widths differ or a value is not finite.
 */
export function nearestCentroids(caller: string, x: Matrix, centroids: Matrix): NearestCentroids {
  if (x.rows > 0 && x.cols !== centroids.cols) {
    throw new RangeError(`The rows of ${caller} must have ${centroids.cols} columns. Got ${x.cols}.`);
  }
  const columns = { vectors: centroids, center: columnMeans(centroids) };
  const { data, scale } = scaledProducts(caller, x, centroids.rows, columns);
  const { center } = data;
  const relative = Float64Array.from(centroids.data, (value, at) => value * scale - center[at % centroids.cols]!);
  const found = assignRows(data, undefined, relative, centroids.rows);
  data.release();
  if (scale === 1) return found;
  return { ...found, squaredDistances: found.squaredDistances.map((squared) => squared / scale ** 2) };
}

/** The JSON form of a model. */
export function centroidModelToJson(model: CentroidModel, kind: string): object {
  const { centroids, labels, inertia, iterations, converged } = model;
  return {
    kind,
    version: 1,
    rows: centroids.rows,
    cols: centroids.cols,
    centroids: Array.from(centroids.data),
    labels: Array.from(labels),
    inertia,
    iterations,
    converged,
  };
}

/** @throws TypeError if the value is not a model of this kind and version. */
export function centroidModelFromJson(json: unknown, kind: string): CentroidModel {
  const value = json as Partial<Record<string, unknown>> | null;
  if (typeof value !== 'object' || value === null || value.kind !== kind || value.version !== 1) {
    throw new TypeError(`The value must be a ${kind} model of version 1.`);
  }
  const { rows, cols, centroids, labels, inertia, iterations, converged } = value;
  const whole = Array.isArray(centroids) && centroids.length === Number(rows) * Number(cols) && Array.isArray(labels);
  if (!whole || typeof inertia !== 'number' || typeof iterations !== 'number' || typeof converged !== 'boolean') {
    throw new TypeError(`The ${kind} model is incomplete.`);
  }
  return {
    centroids: { data: Float32Array.from(centroids as number[]), rows: Number(rows), cols: Number(cols) },
    labels: Int32Array.from(labels as number[]),
    inertia,
    iterations,
    converged,
  };
}
