import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import { maximalMarginalRelevance, maxSumDistance } from '@matome/primitives/ranking';
import type { Candidate } from '../candidates/candidate.js';

/** How tags are chosen from ranked candidates. */
export interface Selection {
  readonly topN: number;
  readonly selection: 'mmr' | 'max-sum' | 'top';
  readonly diversity: number;
}

/** Candidates that diverse selections choose from, as a multiple of `topN`. */
const poolFactor = 2;

/** So many of the most likely candidates are looked at. */
export function lookedAt({ topN, selection }: Selection): number {
  return selection === 'top' ? topN : topN * poolFactor;
}

/** Candidates that are not part of another tag: the most likely first, ties by first occurrence. */
export function orderByProbability(probabilities: Float64Array, excluded: ReadonlySet<number>): number[] {
  const order: number[] = [];
  for (let i = 0; i < probabilities.length; i++) if (!excluded.has(i)) order.push(i);
  return order.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
}

/**
 * Chooses candidates: the best, or the best that differ from each other.
 *
 * @param probabilities - one a candidate.
 * @param order - the candidates to choose from, most likely first; those behind `lookedAt` are not needed.
 * @param vectorsOf - rows of length 1 for candidates; without it candidates differ by their words.
 * @returns indices, highest probability first, ties by first occurrence.
 */
export async function selectTags(
  candidates: readonly Candidate[],
  probabilities: Float64Array,
  order: readonly number[],
  { topN, selection, diversity }: Selection,
  vectorsOf?: (indices: readonly number[]) => Promise<Matrix>,
): Promise<number[]> {
  if (selection === 'top' || order.length <= topN) return order.slice(0, topN);
  const pool = order.slice(0, topN * poolFactor);
  const rows = vectorsOf ? await vectorsOf(pool) : wordRows(pool.map((i) => candidates[i]!));
  const relevance = pool.map((i) => probabilities[i]!);
  const query = new Float32Array(rows.cols);
  const chosen =
    selection === 'mmr'
      ? maximalMarginalRelevance(query, rows, { k: topN, diversity, relevance })
      : maxSumDistance(query, rows, { k: topN, nCandidates: pool.length, relevance });
  // The pool is in order of probability, so its places are too.
  return [...chosen].sort((a, b) => a - b).map((place) => pool[place]!);
}

/** One column a word: phrases are alike as far as they share words. */
function wordRows(candidates: readonly Candidate[]): Matrix {
  const columns = new Map<string, number>();
  for (const { words } of candidates) for (const word of words) if (!columns.has(word)) columns.set(word, columns.size);
  const rows = createMatrix(candidates.length, columns.size);
  candidates.forEach(({ words }, i) => {
    for (const word of words) rows.data[i * columns.size + columns.get(word)!] = 1;
  });
  return rows;
}
