import { checkInteger } from '@matome/primitives/options';
import { chiSquaredTail, fairTossesCdf, fairTossesProbability } from './distributions.js';

/** Whether two classifiers differ, judged by the rows on which one of them alone is right. */
export interface McNemarResult {
  /** Rows that only the first got right. */
  readonly onlyFirst: number;
  /** Rows that only the second got right. */
  readonly onlySecond: number;
  /** Probability of so uneven a split if both were equal, exact. */
  readonly exactP: number;
  /** The same with half the probability of the split itself: less cautious. */
  readonly midP: number;
  /** The same by χ² with continuity correction. */
  readonly correctedP: number;
}

/**
 * McNemar's test on two sets of answers to the same rows.
 *
 * @param first - n: whether the first classifier was right.
 * @param second - n: whether the second was.
 * @throws RangeError if the lengths differ.
 * @see McNemar (1947), doi:10.1007/BF02295996; Fagerland, Lydersen, Laake (2013), doi:10.1186/1471-2288-13-91
 * @example
 * mcNemarTest([true, true, true], [false, false, false]).exactP // => 0.25
 */
export function mcNemarTest(first: ArrayLike<boolean | number>, second: ArrayLike<boolean | number>): McNemarResult {
  if (first.length !== second.length) {
    throw new RangeError(`mcNemarTest needs two lists of one length. Got ${first.length} and ${second.length}.`);
  }
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < first.length; i++) {
    if (first[i] && !second[i]) onlyFirst++;
    if (second[i] && !first[i]) onlySecond++;
  }
  return mcNemarCounts(onlyFirst, onlySecond);
}

/**
 * McNemar's test from its two counts.
 *
 * @example
 * mcNemarCounts(10, 2).exactP.toFixed(4) // => '0.0386'
 */
export function mcNemarCounts(onlyFirst: number, onlySecond: number): McNemarResult {
  checkInteger('mcNemarCounts', 'onlyFirst', onlyFirst, { min: 0 });
  checkInteger('mcNemarCounts', 'onlySecond', onlySecond, { min: 0 });
  const n = onlyFirst + onlySecond;
  if (n === 0) return { onlyFirst, onlySecond, exactP: 1, midP: 1, correctedP: 1 };
  const fewer = Math.min(onlyFirst, onlySecond);
  const exactP = Math.min(1, 2 * fairTossesCdf(fewer, n));
  const statistic = Math.max(0, Math.abs(onlyFirst - onlySecond) - 1) ** 2 / n;
  return {
    onlyFirst,
    onlySecond,
    exactP,
    midP: exactP - fairTossesProbability(fewer, n),
    correctedP: chiSquaredTail(statistic, 1),
  };
}
