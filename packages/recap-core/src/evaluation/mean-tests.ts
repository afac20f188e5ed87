import { mean, standardDeviation } from '@matome/primitives/linalg';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import { noncentralStudentTail, studentQuantile, studentTail } from './distributions.js';

/** A test statistic and the probability of one as extreme if nothing differed. */
export interface TestResult {
  readonly statistic: number;
  /** Two-sided. */
  readonly p: number;
}

/** Options of `tTest`. */
export interface TTestOptions {
  /** `welch` lets the spreads differ, `pooled` takes them as equal, `paired` compares value by value. @default 'welch' */
  readonly kind?: 'welch' | 'pooled' | 'paired';
}

/**
 * Student's t test of two means.
 *
 * @throws RangeError if a sample has fewer than two values, or pairs do not match.
 * @see Student (1908), doi:10.2307/2331554; Welch (1947), doi:10.1093/biomet/34.1-2.28
 * @example
 * tTest([1, 2, 3], [1, 2, 3]).p // => 1
 */
export function tTest(a: ArrayLike<number>, b: ArrayLike<number>, options: TTestOptions = {}): TestResult {
  const { kind = 'welch' } = options;
  if (a.length < 2 || b.length < 2 || (kind === 'paired' && a.length !== b.length)) {
    throw new RangeError(
      `tTest needs samples of at least two values${kind === 'paired' ? ' in pairs' : ''}. Got ${a.length} and ${b.length}.`,
    );
  }
  if (kind === 'paired') {
    const differences = Float64Array.from(a, (value, i) => value - b[i]!);
    return fromT(mean(differences), standardDeviation(differences, 1) / Math.sqrt(a.length), a.length - 1);
  }
  const [va, vb] = [standardDeviation(a, 1) ** 2, standardDeviation(b, 1) ** 2];
  const difference = mean(a) - mean(b);
  if (kind === 'pooled') {
    const df = a.length + b.length - 2;
    const pooled = ((a.length - 1) * va + (b.length - 1) * vb) / df;
    return fromT(difference, Math.sqrt(pooled * (1 / a.length + 1 / b.length)), df);
  }
  const [ea, eb] = [va / a.length, vb / b.length];
  const df = (ea + eb) ** 2 / (ea ** 2 / (a.length - 1) + eb ** 2 / (b.length - 1));
  return fromT(difference, Math.sqrt(ea + eb), df);
}

function fromT(difference: number, error: number, df: number): TestResult {
  if (error === 0)
    return {
      statistic: difference === 0 ? 0 : Math.sign(difference) * Number.POSITIVE_INFINITY,
      p: difference === 0 ? 1 : 0,
    };
  const statistic = difference / error;
  return { statistic, p: 2 * studentTail(Math.abs(statistic), df) };
}

/**
 * Cohen's d: difference of two means in pooled standard deviations.
 *
 * @throws RangeError if a sample has fewer than two values.
 * @example
 * cohensD([2, 4], [1, 3]).toFixed(4) // => '0.7071'
 */
export function cohensD(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length < 2 || b.length < 2) {
    throw new RangeError(`cohensD needs samples of at least two values. Got ${a.length} and ${b.length}.`);
  }
  const df = a.length + b.length - 2;
  const pooled = ((a.length - 1) * standardDeviation(a, 1) ** 2 + (b.length - 1) * standardDeviation(b, 1) ** 2) / df;
  return pooled === 0 ? 0 : (mean(a) - mean(b)) / Math.sqrt(pooled);
}

/**
 * The chance that a two-sided t test finds an effect.
 *
 * @param effect - Cohen's d.
 * @param perGroup - values in each of two groups, from 2.
 * @param alpha - in (0, 1). @default 0.05
 * @example
 * tTestPower(0.5, 64).toFixed(3) // => '0.801'
 */
export function tTestPower(effect: number, perGroup: number, alpha = 0.05): number {
  checkInteger('tTestPower', 'perGroup', perGroup, { min: 2 });
  checkNumber('tTestPower', 'alpha', alpha, { min: 0, max: 1, exclusiveMin: true });
  const df = 2 * perGroup - 2;
  const shift = effect * Math.sqrt(perGroup / 2);
  const critical = studentQuantile(1 - alpha / 2, df);
  return noncentralStudentTail(critical, df, shift) + noncentralStudentTail(critical, df, -shift);
}

/**
 * Values per group that a two-sided t test needs to find an effect with the wanted chance.
 *
 * @param effect - Cohen's d, not 0.
 * @param power - in (0, 1). @default 0.8
 * @throws RangeError if the effect is 0 or needs more than 10 million values.
 * @example
 * requiredPerGroup(0.5) // => 64
 */
export function requiredPerGroup(effect: number, power = 0.8, alpha = 0.05): number {
  checkNumber('requiredPerGroup', 'power', power, { min: 0, max: 1, exclusiveMin: true });
  if (effect === 0 || !Number.isFinite(effect)) {
    throw new RangeError(`The effect of requiredPerGroup must be a number other than 0. Got ${effect}.`);
  }
  let high = 2;
  while (tTestPower(effect, high, alpha) < power) {
    if (high > 10_000_000) throw new RangeError(`An effect of ${effect} needs more than 10 million values per group.`);
    high *= 2;
  }
  let low = Math.max(1, high >> 1);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (middle < 2 || tTestPower(effect, middle, alpha) < power) low = middle;
    else high = middle;
  }
  return high;
}
