import { checkInteger, checkNumber } from '@matome/primitives/options';
import { betaQuantile, normalQuantile } from './distributions.js';

/** An estimate and the interval it lies in. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval of a share; zeros for no trial.
 *
 * @param successes - in [0, `trials`].
 * @param level - confidence of the interval, in (0, 1). @default 0.95
 * @throws RangeError if an argument is out of range.
 * @see Wilson (1927), doi:10.1080/01621459.1927.10502953
 * @example
 * wilsonInterval(8, 10).low.toFixed(4) // => '0.4902'
 */
export function wilsonInterval(successes: number, trials: number, level = 0.95): Interval {
  check('wilsonInterval', successes, trials, level);
  if (trials === 0) return { estimate: 0, low: 0, high: 0 };
  const z = normalQuantile((1 + level) / 2);
  const p = successes / trials;
  const scale = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / scale;
  const margin = (z / scale) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return {
    estimate: p,
    low: successes === 0 ? 0 : Math.max(0, centre - margin),
    high: successes === trials ? 1 : Math.min(1, centre + margin),
  };
}

/**
 * The exact interval of a share after Clopper and Pearson, which never covers less than its level; 0 to 1 for no trial.
 *
 * @throws RangeError if an argument is out of range.
 * @see Clopper, Pearson (1934), doi:10.1093/biomet/26.4.404
 * @example
 * clopperPearsonInterval(0, 10).high.toFixed(4) // => '0.3085'
 */
export function clopperPearsonInterval(successes: number, trials: number, level = 0.95): Interval {
  check('clopperPearsonInterval', successes, trials, level);
  const tail = (1 - level) / 2;
  return {
    estimate: trials === 0 ? 0 : successes / trials,
    low: successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1),
    high: successes === trials ? 1 : betaQuantile(1 - tail, successes + 1, trials - successes),
  };
}

function check(caller: string, successes: number, trials: number, level: number): void {
  checkInteger(caller, 'trials', trials, { min: 0 });
  checkInteger(caller, 'successes', successes, { min: 0, max: trials });
  checkNumber(caller, 'level', level, { min: 0, max: 1, exclusiveMin: true });
}
