import type { Matrix } from './matrix.js';
import { cosineSimilarity } from './vector.js';

/** How far two rows are apart. */
export type Metric = 'euclidean' | 'cosine' | 'manhattan';

/**
 * Square of the Euclidean distance.
 *
 * @example
 * squaredEuclideanDistance([0, 0], [3, 4]) // => 25
 */
export function squaredEuclideanDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    sum += difference * difference;
  }
  return sum;
}

/**
 * Euclidean distance.
 *
 * @example
 * euclideanDistance([0, 0], [3, 4]) // => 5
 */
export function euclideanDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.sqrt(squaredEuclideanDistance(a, b));
}

/**
 * Sum of absolute differences.
 *
 * @example
 * manhattanDistance([0, 0], [3, 4]) // => 7
 */
export function manhattanDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum;
}

/**
 * One minus the cosine, in [0, 2]; 1 when one vector is zero.
 *
 * @example
 * cosineDistance([1, 0], [2, 0]) // => 0
 */
export function cosineDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return 1 - cosineSimilarity(a, b);
}

/**
 * Cosine of `query` with every row.
 *
 * @param query - d values.
 * @param matrix - n × d.
 * @returns n values in [-1, 1]; 0 for zero rows.
 * @example
 * [...cosineSimilarities(new Float32Array([1, 0]), { data: new Float32Array([2, 0, 0, 3]), rows: 2, cols: 2 })] // => [1, 0]
 */
export function cosineSimilarities(query: Float32Array, matrix: Matrix): Float32Array {
  const { rows, cols, data } = matrix;
  const result = new Float32Array(rows);
  let qq = 0;
  for (let j = 0; j < cols; j++) qq += query[j]! * query[j]!;
  if (qq === 0) return result;
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    let ab = 0;
    let bb = 0;
    for (let j = 0; j < cols; j++) {
      const value = data[start + j]!;
      ab += query[j]! * value;
      bb += value * value;
    }
    result[i] = bb === 0 ? 0 : ab / Math.sqrt(qq * bb);
  }
  return result;
}
