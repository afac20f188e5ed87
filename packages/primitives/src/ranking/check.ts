import type { Matrix } from '../linalg/index.js';

/** @throws RangeError if the query is not as wide as the candidates. */
export function checkWidths(caller: string, query: ArrayLike<number>, candidates: Matrix): void {
  if (candidates.rows > 0 && query.length !== candidates.cols) {
    throw new RangeError(
      `The query of ${caller} must have ${candidates.cols} values, as the candidates. Got ${query.length}.`,
    );
  }
}

/** @throws RangeError that names the first row whose relevance is NaN: it has no place in an order. */
export function checkRelevance(caller: string, relevance: ArrayLike<number>): void {
  for (let i = 0; i < relevance.length; i++) {
    if (Number.isNaN(relevance[i])) {
      throw new RangeError(`The relevance of the candidates of ${caller} must be numbers. Row ${i} has NaN.`);
    }
  }
}
