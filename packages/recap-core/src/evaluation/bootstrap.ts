import { quantile } from '@matome/primitives/linalg';
import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource, randomInteger } from '@matome/primitives/random';
import { normalCdf, normalQuantile } from './distributions.js';
import type { Interval } from './proportion-interval.js';

/** Options of `bootstrapConfidenceInterval`. */
export interface BootstrapOptions {
  /** @default 2000 */
  readonly resamples?: number;
  /** Confidence of the interval, in (0, 1). @default 0.95 */
  readonly level?: number;
  /** How the interval is read off the resampled values: `bca` corrects bias and skew. @default 'bca' */
  readonly method?: 'percentile' | 'basic' | 'bca';
  /** @default a source seeded with 42 */
  readonly random?: RandomSource;
}

/**
 * The interval of any statistic of n rows, by drawing rows with replacement.
 *
 * @param statistic - value for the rows of the given numbers; a number may stand there more than once.
 * @param n - number of rows.
 * @throws RangeError if an argument is out of range.
 * @remarks `resamples` evaluations, and n more for `bca`.
 * @see Efron (1987), Better bootstrap confidence intervals, doi:10.1080/01621459.1987.10478410
 * @example
 * const right = [1, 1, 1, 0, 1, 1, 0, 1, 1, 1];
 * const share = (rows: Uint32Array) => rows.reduce((sum, row) => sum + right[row], 0) / rows.length;
 * bootstrapConfidenceInterval(share, 10).estimate // => 0.8
 */
export function bootstrapConfidenceInterval(
  statistic: (rows: Uint32Array) => number,
  n: number,
  options: BootstrapOptions = {},
): Interval {
  const { resamples = 2000, level = 0.95, method = 'bca', random = createRandom(42) } = options;
  const caller = 'bootstrapConfidenceInterval';
  checkInteger(caller, 'n', n, { min: 1 });
  checkInteger(caller, 'resamples', resamples, { min: 1 });
  checkNumber(caller, 'level', level, { min: 0, max: 1, exclusiveMin: true });
  checkOneOf(caller, 'method', method, ['percentile', 'basic', 'bca']);
  const estimate = statistic(Uint32Array.from({ length: n }, (_, i) => i));
  const values = new Float64Array(resamples);
  const rows = new Uint32Array(n);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < n; i++) rows[i] = randomInteger(n, random);
    values[b] = statistic(rows);
  }
  const tail = (1 - level) / 2;
  if (method === 'bca') {
    const bias = biasCorrection(values, estimate);
    const acceleration = jackknifeAcceleration(statistic, n);
    return {
      estimate,
      low: quantile(values, adjustedShare(tail, bias, acceleration)),
      high: quantile(values, adjustedShare(1 - tail, bias, acceleration)),
    };
  }
  const low = quantile(values, tail);
  const high = quantile(values, 1 - tail);
  return method === 'percentile'
    ? { estimate, low, high }
    : { estimate, low: 2 * estimate - high, high: 2 * estimate - low };
}

/** Normal score of the share of resampled values below the estimate, equal ones counting half. */
function biasCorrection(values: Float64Array, estimate: number): number {
  let below = 0;
  for (const value of values) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  return normalQuantile(Math.min(1 - 1e-10, Math.max(1e-10, below / values.length)));
}

/**
 * Skewness of the statistic, from its values without one row each.
 *
 * @see Efron (1987), equation 6.6
 */
export function jackknifeAcceleration(statistic: (rows: Uint32Array) => number, n: number): number {
  if (n < 2) return 0;
  const values = Float64Array.from({ length: n }, (_, left) =>
    statistic(Uint32Array.from({ length: n - 1 }, (_, i) => (i < left ? i : i + 1))),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  let cubes = 0;
  let squares = 0;
  for (const value of values) {
    cubes += (mean - value) ** 3;
    squares += (mean - value) ** 2;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** The share of resampled values at which the corrected interval ends. */
export function adjustedShare(share: number, bias: number, acceleration: number): number {
  const z = bias + normalQuantile(share);
  const adjusted = normalCdf(bias + z / (1 - acceleration * z));
  return Number.isFinite(adjusted) ? adjusted : share;
}
