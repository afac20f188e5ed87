import type { Matrix } from '../linalg/index.js';
import { checkInteger, checkMatrix, checkOneOf } from '../options/index.js';
import type { NearestRowsOptions } from './dense-engine.js';

/**
 * Checks the arguments of `nearestRows`, which are the same for every engine.
 *
 * @throws RangeError with one sentence.
 */
export function checkNearestRows(queries: Matrix, targets: Matrix, options: NearestRowsOptions) {
  const { metric = 'euclidean', excludeSelf = false } = options;
  checkOneOf('nearestRows', 'metric', metric, ['euclidean', 'cosine']);
  checkSameWidth('nearestRows', queries, targets);
  if (options.blockSize !== undefined) checkInteger('nearestRows', 'blockSize', options.blockSize, { min: 1 });
  const k = checkInteger('nearestRows', 'k', options.k, { min: 1, max: targets.rows - (excludeSelf ? 1 : 0) });
  checkMatrix('nearestRows', queries);
  if (targets !== queries) checkMatrix('nearestRows', targets);
  return { k, metric, excludeSelf };
}

/** @throws RangeError if two matrices are not of one width. */
export function checkSameWidth(caller: string, a: Matrix, b: Matrix): void {
  if (a.cols !== b.cols) {
    throw new RangeError(`The matrices of ${caller} must have one width. Got ${a.cols} and ${b.cols}.`);
  }
}
