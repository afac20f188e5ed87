import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import { minimizeLbfgs } from './minimize-lbfgs.js';

/**
 * The weights by which the scores of several models add up to the logits of lowest log loss; with one model its weight
 * is the inverse temperature.
 *
 * @param logits - one n × classes matrix per model, of rows the models were not fitted on.
 * @param codes - n: true class of every row.
 * @returns one weight per model, at least 0.
 * @throws RangeError if there is no model, no row, or sizes disagree.
 * @remarks O(models · n · classes) a step; the loss is convex.
 * @see Wolpert (1992), Stacked generalization, doi:10.1016/S0893-6080(05)80023-1
 * @example
 * const sure = matrixFromRows([[4, 0], [4, 0], [4, 0]]);
 * fitLogitWeights([sure], [0, 0, 1])[0].toFixed(3) // => '0.173'
 */
export function fitLogitWeights(logits: readonly Matrix[], codes: ArrayLike<number>): Float64Array {
  const [first] = logits;
  if (first === undefined || first.rows === 0) throw new RangeError('fitLogitWeights needs a model and a row.');
  if (logits.some(({ rows, cols }) => rows !== codes.length || cols !== first.cols)) {
    throw new RangeError(`The logits of fitLogitWeights must be ${codes.length} × ${first.cols}.`);
  }
  // Scores differ in scale from model to model; the search starts where each has spread 1.
  const spreads = logits.map(({ data }) => Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length) || 1);
  let active = logits.map((_, m) => m);
  for (;;) {
    const start = Float64Array.from(active, (m) => 1 / (active.length * spreads[m]!));
    const chosen = active.map((m) => logits[m]!);
    const { point } = minimizeLbfgs((w, g) => stackedLoss(chosen, codes, w, g), start, { tolerance: 1e-7 });
    const kept = active.filter((_, k) => point[k]! > 0);
    if (kept.length === active.length || kept.length === 0) {
      const weights = new Float64Array(logits.length);
      active.forEach((m, k) => {
        weights[m] = Math.max(0, point[k]!);
      });
      return weights;
    }
    active = kept;
  }
}

/** Adds up scores: Σ weight · logits. */
export function addLogits(logits: readonly Matrix[], weights: ArrayLike<number>): Matrix {
  const sum = createMatrix(logits[0]!.rows, logits[0]!.cols);
  logits.forEach(({ data }, m) => {
    for (let at = 0; at < data.length; at++) sum.data[at]! += weights[m]! * data[at]!;
  });
  return sum;
}

function stackedLoss(
  logits: readonly Matrix[],
  codes: ArrayLike<number>,
  weights: Float64Array,
  gradient: Float64Array,
): number {
  const { rows, cols } = logits[0]!;
  const scores = new Float64Array(cols);
  gradient.fill(0);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    scores.fill(0);
    let highest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < cols; c++) {
      for (let m = 0; m < logits.length; m++) scores[c]! += weights[m]! * logits[m]!.data[start + c]!;
      highest = Math.max(highest, scores[c]!);
    }
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.exp(scores[c]! - highest);
    loss += (Math.log(sum) + highest - scores[codes[i]!]!) / rows;
    for (let m = 0; m < logits.length; m++) {
      const { data } = logits[m]!;
      let expected = 0;
      for (let c = 0; c < cols; c++) expected += (Math.exp(scores[c]! - highest) / sum) * data[start + c]!;
      gradient[m]! += (expected - data[start + codes[i]!]!) / rows;
    }
  }
  return loss;
}
