import { checkInteger } from '@matome/primitives/options';

/** One bin of a reliability diagram. */
export interface ReliabilityBin {
  /** The bin holds confidences in (low, high]. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence of the bin; 0 when it is empty. */
  readonly confidence: number;
  /** Share of right answers in the bin; 0 when it is empty. */
  readonly accuracy: number;
}

/**
 * Sorts answers by their confidence into bins of equal width: where a calibrated model has accuracy = confidence.
 *
 * @param confidences - n values in [0, 1]: the probability of each answer.
 * @param correct - n: whether the answer was right.
 * @param options - `bins`, @default 15
 * @throws RangeError if the lengths differ.
 * @example
 * reliabilityBins([0.9, 0.8], [true, false], { bins: 2 })[1].accuracy // => 0.5
 */
export function reliabilityBins(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean | number>,
  options: { readonly bins?: number } = {},
): ReliabilityBin[] {
  const { bins = 15 } = options;
  checkInteger('reliabilityBins', 'bins', bins, { min: 1 });
  if (confidences.length !== correct.length) {
    throw new RangeError(
      `reliabilityBins needs as many answers as confidences. Got ${correct.length} and ${confidences.length}.`,
    );
  }
  const count = new Array<number>(bins).fill(0);
  const sum = new Array<number>(bins).fill(0);
  const right = new Array<number>(bins).fill(0);
  for (let i = 0; i < confidences.length; i++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidences[i]! * bins) - 1));
    count[bin]!++;
    sum[bin]! += confidences[i]!;
    if (correct[i]) right[bin]!++;
  }
  return count.map((n, bin) => ({
    low: bin / bins,
    high: (bin + 1) / bins,
    count: n,
    confidence: n === 0 ? 0 : sum[bin]! / n,
    accuracy: n === 0 ? 0 : right[bin]! / n,
  }));
}

/**
 * Expected calibration error: the mean distance between confidence and accuracy over the bins, weighted by their size.
 *
 * @returns a value in [0, 1]; 0 for no answers.
 * @see Naeini, Cooper, Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning
 * @example
 * expectedCalibrationError([1, 1], [true, false]) // => 0.5
 */
export function expectedCalibrationError(
  confidences: ArrayLike<number>,
  correct: ArrayLike<boolean | number>,
  options: { readonly bins?: number } = {},
): number {
  if (confidences.length === 0) return 0;
  const bins = reliabilityBins(confidences, correct, options);
  return bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.accuracy - bin.confidence), 0) / confidences.length;
}
