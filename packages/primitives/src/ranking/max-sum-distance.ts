import { cosineSimilarities, type Matrix, row, takeRows, topK } from '../linalg/index.js';
import { checkFinite, checkInteger } from '../options/index.js';
import { checkRelevance, checkWidths } from './check.js';

/** Options of `maxSumDistance`. */
export interface MaxSumDistanceOptions {
  /** Rows to choose; all rows when there are fewer. */
  readonly k: number;
  /** The rows most like the query from which the choice is made; at least `k`. @default 20 */
  readonly nCandidates?: number;
  /** One value a row that stands for its likeness to the query, e.g. a score in [0, 1]. @default the cosines */
  readonly relevance?: ArrayLike<number>;
}

/** Combinations up to this number are all tried, in less than about a second. */
const exactLimit = 2_000_000;

/**
 * Chooses, among the rows most like the query, the `k` rows whose pairwise similarities sum to the least.
 *
 * Exact up to two million combinations; beyond, rows are exchanged one by one as long as the sum falls.
 *
 * @param query - d values.
 * @param candidates - n × d; not modified.
 * @returns at most `k` row indices, the row most like the query first.
 * @throws RangeError if an option is out of range, the widths differ, or a number is NaN.
 * @remarks O(n d + C(nCandidates, k)) time: 20 over 10 are 184,756 combinations, about 5 ms; 24 over 8 about 20 ms.
 * @see Borodin, Lee, Ye (2012), Max-sum diversification, arXiv:1203.6397
 * @example
 * const rows = matrixFromRows([[1, 0], [0.99, 0.1], [0.5, 0.8]]);
 * [...maxSumDistance(Float32Array.of(1, 0.2), rows, { k: 2, nCandidates: 3 })] // => [0, 2]
 */
export function maxSumDistance(query: Float32Array, candidates: Matrix, options: MaxSumDistanceOptions): Uint32Array {
  const k = checkInteger('maxSumDistance', 'k', options.k, { min: 0 });
  const nCandidates = checkInteger('maxSumDistance', 'nCandidates', options.nCandidates ?? Math.max(20, k), { min: k });
  checkWidths('maxSumDistance', query, candidates);
  const n = Math.min(nCandidates, candidates.rows);
  const count = Math.min(k, n);
  if (count === 0) return new Uint32Array(0);
  const relevance = options.relevance ?? cosineSimilarities(query, candidates);
  if (relevance.length !== candidates.rows) {
    throw new RangeError(
      `The relevance option of maxSumDistance must have ${candidates.rows} values. Got ${relevance.length}.`,
    );
  }
  checkRelevance('maxSumDistance', relevance);
  // Ascending row order makes the first of equal choices the one with the smallest indices.
  const pool = topK(relevance, n).sort();
  const rows = takeRows(candidates, pool);
  checkFinite('maxSumDistance', rows.data, rows.cols);
  const similarity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) similarity.set(cosineSimilarities(row(rows, i), rows), i * n);
  const exact = combinations(n, count) <= exactLimit;
  const chosen = exact ? chooseExactly(similarity, n, count) : chooseByExchange(similarity, n, count);
  return Uint32Array.from(chosen, (i) => pool[i]!).sort((a, b) => relevance[b]! - relevance[a]! || a - b);
}

function combinations(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) result = (result * (n - i + 1)) / i;
  return result;
}

function chooseExactly(similarity: Float64Array, n: number, k: number): number[] {
  const current = new Uint32Array(k);
  const sums = new Float64Array(k + 1);
  let best: number[] = [];
  let bestSum = Number.POSITIVE_INFINITY;
  // Depth-first over ascending index lists; `sums[depth]` is the pairwise sum of the first `depth` rows.
  let depth = 0;
  let next = 0;
  for (;;) {
    if (depth === k) {
      if (sums[k]! < bestSum) {
        bestSum = sums[k]!;
        best = [...current];
      }
    } else if (n - next >= k - depth) {
      let sum = sums[depth]!;
      for (let i = 0; i < depth; i++) sum += similarity[current[i]! * n + next]!;
      current[depth++] = next++;
      sums[depth] = sum;
      continue;
    }
    if (depth === 0) return best;
    next = current[--depth]! + 1;
  }
}

function chooseByExchange(similarity: Float64Array, n: number, k: number): number[] {
  const chosen = Array.from({ length: k }, (_, i) => i);
  const inside = new Uint8Array(n).fill(1, 0, k);
  const load = (i: number, without: number) =>
    chosen.reduce((sum, j) => (j === without || j === i ? sum : sum + similarity[i * n + j]!), 0);
  for (let improved = true; improved; ) {
    improved = false;
    for (let at = 0; at < k; at++) {
      const old = chosen[at]!;
      let bestRow = old;
      // A gain below rounding noise could go round in a circle.
      let bestLoad = load(old, old) - 1e-12;
      for (let i = 0; i < n; i++) {
        if (inside[i] === 1) continue;
        const candidate = load(i, old);
        if (candidate < bestLoad) {
          bestLoad = candidate;
          bestRow = i;
        }
      }
      if (bestRow === old) continue;
      inside[old] = 0;
      inside[bestRow] = 1;
      chosen[at] = bestRow;
      improved = true;
    }
  }
  return chosen;
}
