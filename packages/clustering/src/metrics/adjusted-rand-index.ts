import { contingency } from './contingency.js';

/**
 * Rand index corrected for chance: 1 for equal groupings, 0 on average for random ones.
 *
 * @param truth - n labels.
 * @param found - n labels; only the grouping counts, not the numbers.
 * @returns at most 1; 1 for two empty or two one-group labellings.
 * @throws RangeError if the lengths differ.
 * @remarks O(n).
 * @see Hubert, Arabie (1985), doi:10.1007/BF01908075
 * @example
 * adjustedRandIndex([0, 0, 1, 1], [5, 5, 3, 3]) // => 1
 */
export function adjustedRandIndex(truth: ArrayLike<number>, found: ArrayLike<number>): number {
  const { n, rows, columns, cells } = contingency('adjustedRandIndex', truth, found);
  const pairs = (count: number) => (count * (count - 1)) / 2;
  let together = 0;
  for (const { count } of cells) together += pairs(count);
  const inTruth = rows.reduce((sum, count) => sum + pairs(count), 0);
  const inFound = columns.reduce((sum, count) => sum + pairs(count), 0);
  const expected = n < 2 ? 0 : (inTruth * inFound) / pairs(n);
  const highest = (inTruth + inFound) / 2;
  return highest === expected ? 1 : (together - expected) / (highest - expected);
}
