import type { Matrix } from '@matome/primitives/linalg';
import type { RowProducts } from '../wasm/row-products.js';

/** Mean of every column, summed in float64. */
export function columnMeans(x: Matrix): Float64Array {
  const { rows, cols, data } = x;
  const means = new Float64Array(cols);
  for (let i = 0, at = 0; i < rows; i++) for (let t = 0; t < cols; t++, at++) means[t]! += data[at]!;
  for (let t = 0; t < cols; t++) means[t]! /= Math.max(1, rows);
  return means;
}

/** Sum of the variances of the columns of data held relative to its mean. */
export function totalVariance(data: RowProducts): number {
  let sum = 0;
  for (const norm of data.squaredNorms) sum += norm;
  return sum / Math.max(1, data.rows);
}

/** Moves `rows` centroids back to where the data stood before centring. */
export function toMatrix(centroids: Float64Array, center: Float64Array, rows: number): Matrix {
  const cols = center.length;
  const data = Float32Array.from(centroids, (value, at) => value + center[at % cols]!);
  return { data, rows, cols };
}
