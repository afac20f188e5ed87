import { dot, type Matrix, row } from '@matome/primitives/linalg';
import { checkNumber } from '@matome/primitives/options';

/**
 * Keeps the first of rows that say the same: row j is dropped when an earlier kept row has a cosine of at least
 * `threshold` with it.
 *
 * @param vectors - n × d, unit rows; zero rows are never dropped.
 * @returns indices of the rows kept, ascending.
 * @throws RangeError if `threshold` is outside (0, 1].
 * @remarks O(n · kept · d): meant for the sentences of one genre, some thousands.
 * @example
 * const vectors = { data: new Float32Array([1, 0, 0, 1, 1, 0]), rows: 3, cols: 2 };
 * semanticDedup(vectors, 0.92) // => [0, 1]
 */
export function semanticDedup(vectors: Matrix, threshold: number): number[] {
  checkNumber('semanticDedup', 'threshold', threshold, { min: 0, max: 1, exclusiveMin: true });
  const kept: number[] = [];
  for (let j = 0; j < vectors.rows; j++) {
    const candidate = row(vectors, j);
    if (!kept.some((i) => dot(row(vectors, i), candidate) >= threshold)) kept.push(j);
  }
  return kept;
}
