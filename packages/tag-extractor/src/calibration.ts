import { checkNumber } from '@matome/primitives/options';
import { fitLogistic } from './collection/fit-logistic.js';

/** A correction of confidences: log odds become `slope` · log odds + `offset`. */
export interface TagCalibration {
  readonly slope: number;
  readonly offset: number;
}

/** A tag that somebody judged. */
export interface JudgedTag {
  /** As the extractor gave it. */
  readonly confidence: number;
  readonly good: boolean;
}

/** Confidences of exactly 0 or 1 have no log odds. */
const least = 1e-6;
/** Keeps the order where the judges turned it around. */
const leastSlope = 0.05;
/** The belief that nothing has to be corrected, slope and offset: it weighs as much as ten judged tags. */
const belief = { mean: [1, 0], precision: [10, 2.5] };

/**
 * Fits confidences to the judgement of the people they are meant for.
 *
 * Stored confidences say how often indexers chose such a tag; authors, editors and readers are stricter or milder. Some two
 * hundred judged tags are enough: give the result to `createTagExtractor` as `calibration`.
 *
 * @returns the correction; with few or one-sided judgements it stays near to none.
 * @throws RangeError if a confidence is outside [0, 1].
 * @remarks O(tags) a step, at most 50 steps.
 * @see Platt (1999), Probabilistic outputs for support vector machines; Lin, Lin, Weng (2007), doi:10.1007/s10994-007-5018-6
 * @example
 * const judged = [0.2, 0.4, 0.6, 0.8].flatMap((confidence) => Array(50).fill({ confidence, good: false }));
 * calibrateConfidence(0.6, fitTagCalibration(judged)) < 0.2 // => true
 */
export function fitTagCalibration(tags: readonly JudgedTag[]): TagCalibration {
  const rows = Float64Array.from({ length: 2 * tags.length }, () => 1);
  tags.forEach(({ confidence }, i) => {
    rows[2 * i] = logOdds(checkNumber('fitTagCalibration', 'confidence', confidence, { min: 0, max: 1 }));
  });
  const judged = Float64Array.from(tags, ({ good }) => (good ? 1 : 0));
  const [slope, offset] = fitLogistic(rows, judged, belief) as [number, number];
  if (slope > 0) return { slope, offset };
  // A negative slope would turn the ranking around: then only the level is known.
  const level = fitLogistic(rows, judged, { mean: [leastSlope, 0], precision: [1e12, belief.precision[1]!] });
  return { slope: leastSlope, offset: level[1]! };
}

/** @throws RangeError if a correction would not keep the order or is no number. */
export function checkCalibration(caller: string, { slope, offset }: TagCalibration): void {
  checkNumber(caller, 'calibration.slope', slope, { min: 0, exclusiveMin: true });
  checkNumber(caller, 'calibration.offset', offset);
}

/**
 * A confidence after correction.
 *
 * @returns in [0, 1].
 * @example
 * calibrateConfidence(0.5, { slope: 1, offset: 0 }) // => 0.5
 */
export function calibrateConfidence(confidence: number, { slope, offset }: TagCalibration): number {
  return 1 / (1 + Math.exp(-(slope * logOdds(confidence) + offset)));
}

/** Log odds of a confidence, finite at 0 and 1. */
export function logOdds(confidence: number): number {
  const p = Math.min(1 - least, Math.max(least, confidence));
  return Math.log(p / (1 - p));
}
