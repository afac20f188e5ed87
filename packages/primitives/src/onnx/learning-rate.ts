import { checkInteger, checkNumber } from '../options/index.js';

/** The learning rate of a step; the first step is 1. */
export type LearningRate = number | ((step: number) => number);

/** Options of `linearSchedule`. */
export interface LinearScheduleOptions {
  /** The rate reached after the warm-up. */
  readonly learningRate: number;
  readonly totalSteps: number;
  /** Steps over which the rate rises from 0. @default 0 */
  readonly warmupSteps?: number;
  /** Rate of the last step as a share of `learningRate`. @default 0 */
  readonly finalShare?: number;
}

/**
 * Rises linearly over the warm-up, then falls linearly to `finalShare` at `totalSteps`.
 *
 * @throws RangeError if a number is out of range.
 * @see Devlin et al. (2019), BERT, arXiv:1810.04805, appendix A.2
 * @example
 * linearSchedule({ learningRate: 1, totalSteps: 4, warmupSteps: 2 })(3) // => 0.5
 */
export function linearSchedule(options: LinearScheduleOptions): (step: number) => number {
  const { learningRate, totalSteps, warmupSteps = 0, finalShare = 0 } = options;
  checkNumber('linearSchedule', 'learningRate', learningRate, { min: 0 });
  checkInteger('linearSchedule', 'totalSteps', totalSteps, { min: 1 });
  checkInteger('linearSchedule', 'warmupSteps', warmupSteps, { min: 0, max: totalSteps });
  checkNumber('linearSchedule', 'finalShare', finalShare, { min: 0, max: 1 });
  return (step) => {
    if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
    const rest = Math.max(0, (totalSteps - step) / (totalSteps - warmupSteps));
    return learningRate * (finalShare + (1 - finalShare) * rest);
  };
}

/** The rate of one step. */
export function rateAt(rate: LearningRate, step: number): number {
  return typeof rate === 'number' ? rate : rate(step);
}
