import { contingency } from './contingency.js';
import { entropy, mutualInformation } from './mutual-information.js';

/** Parts of the V-measure, all in [0, 1]. */
export interface VMeasure {
  /** 1 when every cluster holds members of one class only. */
  readonly homogeneity: number;
  /** 1 when all members of a class are in one cluster. */
  readonly completeness: number;
  /** Harmonic mean of the two. */
  readonly vMeasure: number;
}

/**
 * How pure the clusters are and how whole the classes stay.
 *
 * @throws RangeError if the lengths differ.
 * @remarks O(n).
 * @see Rosenberg, Hirschberg (2007), V-Measure, EMNLP-CoNLL
 * @example
 * vMeasure([0, 0, 1, 1], [0, 0, 0, 0]) // => { homogeneity: 0, completeness: 1, vMeasure: 0 }
 */
export function vMeasure(truth: ArrayLike<number>, found: ArrayLike<number>): VMeasure {
  const table = contingency('vMeasure', truth, found);
  const information = mutualInformation(table);
  const share = (whole: number) => (whole === 0 ? 1 : Math.min(1, information / whole));
  const homogeneity = share(entropy(table.rows, table.n));
  const completeness = share(entropy(table.columns, table.n));
  const sum = homogeneity + completeness;
  return { homogeneity, completeness, vMeasure: sum === 0 ? 0 : (2 * homogeneity * completeness) / sum };
}
