import { createMatrix, type Matrix, topK } from '@matome/primitives/linalg';
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

/** Shares of the weight of lowest log loss that the models behind the first are tried with. */
const sharesTried = [1, 0.75, 0.5, 0.25, 0];

/**
 * The weights by which the scores of a leading model and some weaker ones add up.
 *
 * Those of lowest log loss make confidences good, but the most probable class is right more often when the models behind
 * the first weigh less: they get the largest share of it that costs no more right answers than chance explains.
 *
 * @param logits - one n × classes matrix per model, the best one first, of rows the models were not fitted on.
 * @param codes - n: true class of every row.
 * @throws RangeError if there is no model, no row, or sizes disagree.
 * @remarks As `fitLogitWeights`, six times.
 */
export function fitBlendWeights(logits: readonly Matrix[], codes: Int32Array): Float64Array {
  const together = fitLogitWeights(logits, codes);
  if (logits.length === 1) return together;
  const trials = sharesTried.map((share) => {
    const weights = together.map((weight, m) => (m === 0 ? weight : share * weight));
    const sum = addLogits(logits, weights);
    const [sharpness] = fitLogitWeights([sum], codes);
    return { weights: weights.map((weight) => weight * sharpness!), right: rightAnswers(sum, codes) };
  });
  const total = (right: Uint8Array) => right.reduce((count, one) => count + one, 0);
  const best = trials.reduce((a, b) => (total(b.right) > total(a.right) ? b : a));
  return trials.find(({ right }) => !losesTo(right, best.right))!.weights;
}

/** Whether the first answers are wrong more often than the second, beyond what chance explains. */
function losesTo(a: Uint8Array, b: Uint8Array): boolean {
  let lost = 0;
  let gained = 0;
  for (let i = 0; i < a.length; i++) {
    if (b[i]! > a[i]!) lost++;
    if (a[i]! > b[i]!) gained++;
  }
  return lost - gained > Math.sqrt(lost + gained);
}

function rightAnswers({ data, cols }: Matrix, codes: Int32Array): Uint8Array {
  return Uint8Array.from(codes, (code, i) => (topK(data.subarray(i * cols, (i + 1) * cols), 1)[0] === code ? 1 : 0));
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
