/** Sigmoid of a score: probability = 1 / (1 + exp(slope · score + offset)). */
export interface PlattScaling {
  /** Negative when higher scores mean more probable. */
  readonly slope: number;
  readonly offset: number;
}

/**
 * Fits the sigmoid that turns scores of one class into probabilities, by Newton's method on smoothed targets.
 *
 * @param scores - n scores of rows the model was not fitted on.
 * @param isMember - n: whether the row is of the class.
 * @throws RangeError if the lengths differ or there is no row.
 * @remarks O(n) a step, about 10 steps.
 * @see Lin, Lin, Weng (2007), A note on Platt's probabilistic outputs for support vector machines, doi:10.1007/s10994-007-5018-6
 * @example
 * const { slope, offset } = fitPlattScaling([-2, -1, 1, 2], [false, false, true, true]);
 * (1 / (1 + Math.exp(slope * 2 + offset))).toFixed(2) // => '0.79'
 */
export function fitPlattScaling(scores: ArrayLike<number>, isMember: ArrayLike<boolean | number>): PlattScaling {
  const n = scores.length;
  if (n === 0 || n !== isMember.length) {
    throw new RangeError(`fitPlattScaling needs scores and as many labels. Got ${n} and ${isMember.length}.`);
  }
  let members = 0;
  for (let i = 0; i < n; i++) if (isMember[i]) members++;
  const high = (members + 1) / (members + 2);
  const low = 1 / (n - members + 2);
  let slope = 0;
  let offset = Math.log((n - members + 1) / (members + 1));
  let loss = plattLoss(scores, isMember, high, low, slope, offset);
  for (let step = 0; step < 100; step++) {
    const d = plattDerivatives(scores, isMember, high, low, slope, offset);
    if (Math.abs(d.bySlope) < 1e-9 && Math.abs(d.byOffset) < 1e-9) break;
    const determinant = d.slopeSlope * d.offsetOffset - d.slopeOffset * d.slopeOffset;
    const moveSlope = -(d.offsetOffset * d.bySlope - d.slopeOffset * d.byOffset) / determinant;
    const moveOffset = -(d.slopeSlope * d.byOffset - d.slopeOffset * d.bySlope) / determinant;
    const descent = d.bySlope * moveSlope + d.byOffset * moveOffset;
    let length = 1;
    for (; length >= 1e-10; length /= 2) {
      const next = plattLoss(scores, isMember, high, low, slope + length * moveSlope, offset + length * moveOffset);
      if (next > loss + 1e-4 * length * descent) continue;
      loss = next;
      break;
    }
    if (length < 1e-10) break;
    slope += length * moveSlope;
    offset += length * moveOffset;
  }
  return { slope, offset };
}

/**
 * The probability that a scaling gives a score.
 *
 * @example
 * plattProbability({ slope: -1, offset: 0 }, 0) // => 0.5
 */
export function plattProbability({ slope, offset }: PlattScaling, score: number): number {
  return 1 / (1 + Math.exp(slope * score + offset));
}

function plattLoss(
  scores: ArrayLike<number>,
  isMember: ArrayLike<boolean | number>,
  high: number,
  low: number,
  slope: number,
  offset: number,
): number {
  let loss = 0;
  for (let i = 0; i < scores.length; i++) {
    const z = slope * scores[i]! + offset;
    const target = isMember[i] ? high : low;
    loss += z >= 0 ? target * z + Math.log1p(Math.exp(-z)) : (target - 1) * z + Math.log1p(Math.exp(z));
  }
  return loss;
}

function plattDerivatives(
  scores: ArrayLike<number>,
  isMember: ArrayLike<boolean | number>,
  high: number,
  low: number,
  slope: number,
  offset: number,
) {
  // A little is added to the diagonal, so that equal scores do not make the system singular.
  const d = { bySlope: 0, byOffset: 0, slopeSlope: 1e-12, slopeOffset: 0, offsetOffset: 1e-12 };
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    const probability = 1 / (1 + Math.exp(slope * score + offset));
    const spread = probability * (1 - probability);
    const difference = (isMember[i] ? high : low) - probability;
    d.slopeSlope += score * score * spread;
    d.offsetOffset += spread;
    d.slopeOffset += score * spread;
    d.bySlope += score * difference;
    d.byOffset += difference;
  }
  return d;
}
