import { cosineSimilarities, type Matrix, row } from '../linalg/index.js';
import { checkInteger, checkNumber } from '../options/index.js';
import { checkRelevance, checkWidths } from './check.js';

/** Options of `maximalMarginalRelevance`. */
export interface MaximalMarginalRelevanceOptions {
  /** Rows to choose; all rows when there are fewer. */
  readonly k: number;
  /** From 0 (likeness to the query alone) to 1 (difference from what is chosen alone). @default 0.5 */
  readonly diversity?: number;
  /** One value a row that stands for its likeness to the query, e.g. a score in [0, 1]. @default the cosines */
  readonly relevance?: ArrayLike<number>;
}

/**
 * Chooses rows that are like the query and unlike each other.
 *
 * Starts with the row most like the query, then always adds the row with the largest
 * (1 − diversity) · cos(row, query) − diversity · max cos(row, chosen); the smaller index wins a tie.
 *
 * @param query - d values.
 * @param candidates - n × d; not modified.
 * @returns at most `k` row indices in the order of choice.
 * @throws RangeError if an option is out of range, the widths differ, or a relevance is NaN.
 * @remarks O(k · n · d) time, O(n) memory.
 * @see Carbonell, Goldstein (1998), doi:10.1145/290941.291025
 * @example
 * const rows = matrixFromRows([[1, 0], [0.99, 0.1], [0.5, 0.8]]);
 * [...maximalMarginalRelevance(Float32Array.of(1, 0.2), rows, { k: 2, diversity: 0.7 })] // => [1, 2]
 */
export function maximalMarginalRelevance(
  query: Float32Array,
  candidates: Matrix,
  options: MaximalMarginalRelevanceOptions,
): Uint32Array {
  const caller = 'maximalMarginalRelevance';
  const k = checkInteger(caller, 'k', options.k, { min: 0 });
  const diversity = checkNumber(caller, 'diversity', options.diversity ?? 0.5, { min: 0, max: 1 });
  checkWidths(caller, query, candidates);
  const n = candidates.rows;
  const count = Math.min(k, n);
  const chosen = new Uint32Array(count);
  if (count === 0) return chosen;
  const relevance = options.relevance ?? cosineSimilarities(query, candidates);
  if (relevance.length !== n) {
    throw new RangeError(`The relevance option of ${caller} must have ${n} values. Got ${relevance.length}.`);
  }
  checkRelevance(caller, relevance);
  const likest = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const taken = new Uint8Array(n);
  for (let step = 0; step < count; step++) {
    let best = -1;
    let bestScore = 0;
    for (let i = 0; i < n; i++) {
      if (taken[i] === 1) continue;
      const score = step === 0 ? relevance[i]! : (1 - diversity) * relevance[i]! - diversity * likest[i]!;
      if (best < 0 || score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    chosen[step] = best;
    taken[best] = 1;
    if (step === count - 1) break;
    const similarity = cosineSimilarities(row(candidates, best), candidates);
    for (let i = 0; i < n; i++) if (similarity[i]! > likest[i]!) likest[i] = similarity[i]!;
  }
  return chosen;
}
