import { checkNumber } from '@matome/primitives/options';

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
/** Weight of the belief that nothing has to be corrected: that of so many judged tags. */
const prior = 10;

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
  const scores = tags.map(({ confidence }) =>
    logOdds(checkNumber('fitTagCalibration', 'confidence', confidence, { min: 0, max: 1 })),
  );
  let slope = 1;
  let offset = 0;
  for (let step = 0; step < 50; step++) {
    let g0 = prior * 0.25 * offset;
    let g1 = prior * (slope - 1);
    let h00 = prior * 0.25;
    let h01 = 0;
    let h11 = prior;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i]!;
      const p = 1 / (1 + Math.exp(-(slope * score + offset)));
      const error = p - (tags[i]!.good ? 1 : 0);
      const weight = p * (1 - p);
      g0 += error;
      g1 += error * score;
      h00 += weight;
      h01 += weight * score;
      h11 += weight * score * score;
    }
    const determinant = h00 * h11 - h01 * h01;
    const offsetStep = (h11 * g0 - h01 * g1) / determinant;
    const slopeStep = (h00 * g1 - h01 * g0) / determinant;
    offset -= offsetStep;
    slope -= slopeStep;
    if (Math.abs(offsetStep) + Math.abs(slopeStep) < 1e-9) break;
  }
  // A negative slope would turn the ranking around: then only the level is known.
  return slope > 0 ? { slope, offset } : { slope: 0.05, offset };
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
