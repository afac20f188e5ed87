import { KMeans, silhouette } from '@matome/clustering';
import { type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import { createRandom } from '@matome/primitives/random';

/** Options of `subdivideGenre`. */
export interface SubdivideOptions {
  /** Most parts. @default 10 */
  readonly maxParts?: number;
  /** Articles a part should have about. @default 50 */
  readonly targetSize?: number;
  /** Articles that a part needs; those of a smaller one stay with the parent. @default 2 */
  readonly minSize?: number;
  /** @default 42 */
  readonly seed?: number;
}

/** The parts of a genre. */
export interface GenreParts {
  /** Part of every row, -1 for one that stays with the parent. */
  readonly parts: Int32Array;
  readonly count: number;
  /** Mean silhouette of the chosen division, in [-1, 1]; 0 for a single part. */
  readonly silhouette: number;
}

/**
 * Divides the articles of one genre into groups of similar ones, by k-means on unit vectors; the number of groups is the
 * one of best silhouette around size / `targetSize`. Groups are numbered by their first article.
 *
 * @param vectors - one row per article.
 * @throws RangeError for options out of range.
 * @remarks O(n · d · parts) per try, and O(n² · d) for the silhouette of up to 2,000 articles.
 * @example
 * const vectors = matrixFromRows([[1, 0], [0, 1], [1, 0.1], [0.1, 1], [0.9, 0], [0, 0.9]]);
 * [...subdivideGenre(vectors, { targetSize: 3 }).parts] // => [0, 1, 0, 1, 0, 1]
 */
export function subdivideGenre(vectors: Matrix, options: SubdivideOptions = {}): GenreParts {
  const { maxParts = 10, targetSize = 50, minSize = 2, seed = 42 } = options;
  checkInteger('subdivideGenre', 'maxParts', maxParts, { min: 1 });
  checkInteger('subdivideGenre', 'targetSize', targetSize, { min: 1 });
  checkInteger('subdivideGenre', 'minSize', minSize, { min: 1 });
  const n = vectors.rows;
  const wanted = Math.min(maxParts, Math.ceil(n / targetSize));
  const x = normalizeRows(vectors);
  const highest = Math.min(maxParts, wanted + 2, Math.floor(n / Math.max(2, minSize)));
  let best: { labels: Int32Array; score: number } | undefined;
  for (let k = Math.max(2, wanted - 2); k <= highest; k++) {
    const { labels } = KMeans.fit(x, { nClusters: k, random: createRandom(seed) });
    const mean = silhouette(x, labels).mean;
    const score = Number.isNaN(mean) ? -1 : mean;
    if (best === undefined || score > best.score) best = { labels, score };
  }
  if (best === undefined) return { parts: new Int32Array(n), count: n === 0 ? 0 : 1, silhouette: 0 };
  return { ...renumber(best.labels, minSize), silhouette: best.score };
}

function renumber(labels: Int32Array, minSize: number): { parts: Int32Array; count: number } {
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const numbers = new Map<number, number>();
  const parts = Int32Array.from(labels, (label) => {
    if (sizes.get(label)! < minSize) return -1;
    if (!numbers.has(label)) numbers.set(label, numbers.size);
    return numbers.get(label)!;
  });
  return { parts, count: numbers.size };
}
