import { cosineSimilarity, type Matrix, meanRow, quantile, row } from '@matome/primitives/linalg';
import { checkInteger, checkNumber } from '@matome/primitives/options';

/** Options of `filterOutliers`. */
export interface OutlierOptions {
  /** Share of the articles nearest to their middle that stays for sure. @default 0.8 */
  readonly keptShare?: number;
  /** Cosine with the middle from which an article stays however far others are. @default 0.5 */
  readonly coherenceThreshold?: number;
  /** Articles that stay at least, the nearest first. @default 3 */
  readonly minDocuments?: number;
}

/** Which articles of a genre hang together. */
export interface OutlierResult {
  /** Rows that stay, most similar to the middle first. */
  readonly kept: readonly number[];
  readonly removed: readonly number[];
  /** Cosine of every row with the middle. */
  readonly similarities: Float32Array;
  /** Rows that stay only because too few others would. */
  readonly readmitted: readonly number[];
}

/**
 * Removes the articles of a genre that have little to do with the others: those beyond the 80 % nearest to the mean
 * vector, unless they are coherent with it all the same.
 *
 * @param vectors - one row per article of the genre.
 * @throws RangeError for options out of range.
 * @remarks O(n · d). Fewer than three articles all stay.
 * @example
 * const vectors = matrixFromRows([[1, 0], [1, 0.1], [0.9, 0], [1, 0.05], [-1, 0.2]]);
 * [...filterOutliers(vectors).removed] // => [4]
 */
export function filterOutliers(vectors: Matrix, options: OutlierOptions = {}): OutlierResult {
  const { keptShare = 0.8, coherenceThreshold = 0.5, minDocuments = 3 } = options;
  checkNumber('filterOutliers', 'keptShare', keptShare, { min: 0, max: 1, exclusiveMin: true });
  checkNumber('filterOutliers', 'coherenceThreshold', coherenceThreshold, { min: -1, max: 1 });
  checkInteger('filterOutliers', 'minDocuments', minDocuments, { min: 0 });
  const n = vectors.rows;
  const middle = meanRow(vectors);
  const similarities = Float32Array.from({ length: n }, (_, i) => cosineSimilarity(row(vectors, i), middle));
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => similarities[b]! - similarities[a]! || a - b);
  if (n < 3) return { kept: order, removed: [], similarities, readmitted: [] };
  const least = quantile(similarities, 1 - keptShare);
  const stays = (i: number) => similarities[i]! >= Math.min(least, coherenceThreshold);
  const needed = Math.min(n, Math.max(3, minDocuments, Math.ceil(0.1 * n)));
  const fit = order.filter(stays);
  const readmitted = order.filter((i) => !stays(i)).slice(0, Math.max(0, needed - fit.length));
  const kept = [...fit, ...readmitted];
  const held = new Set(kept);
  return { kept, removed: order.filter((i) => !held.has(i)), similarities, readmitted };
}
