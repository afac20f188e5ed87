import { contingency } from './contingency.js';

/** B-cubed scores, all in [0, 1]. */
export interface BCubed {
  /** Mean share of an item's cluster that is of its class. */
  readonly precision: number;
  /** Mean share of an item's class that is in its cluster. */
  readonly recall: number;
  readonly f1: number;
}

/**
 * Agreement as an item sees it: of those put beside me, how many belong there; of those that belong, how many are there.
 *
 * @returns zeros for no items.
 * @throws RangeError if the lengths differ.
 * @remarks O(n).
 * @see Bagga, Baldwin (1998); Amigó et al. (2009), doi:10.1007/s10791-008-9066-8
 * @example
 * bCubed([0, 0, 1, 1], [0, 0, 0, 0]).precision // => 0.5
 */
export function bCubed(truth: ArrayLike<number>, found: ArrayLike<number>): BCubed {
  const { n, rows, columns, cells } = contingency('bCubed', truth, found);
  let precision = 0;
  let recall = 0;
  for (const { row, column, count } of cells) {
    precision += (count * count) / columns[column]!;
    recall += (count * count) / rows[row]!;
  }
  if (n === 0) return { precision: 0, recall: 0, f1: 0 };
  precision /= n;
  recall /= n;
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
}
