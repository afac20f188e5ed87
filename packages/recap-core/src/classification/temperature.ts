import type { Matrix } from '@matome/primitives/linalg';

/**
 * The temperature that makes the softmax of `logits / temperature` fit the labels best: lowest mean log loss.
 *
 * @param logits - n × classes: scores of rows that the model was not fitted on.
 * @param codes - n: the true class of every row.
 * @returns a temperature in [1e-4, 1e4].
 * @throws RangeError if there is no row, or another number of classes.
 * @remarks O(n · classes) a step, some 20 steps; the loss is convex in the inverse temperature.
 * @see Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, https://arxiv.org/abs/1706.04599
 * @example
 * fitTemperature(matrixFromRows([[4, 0], [4, 0], [4, 0]]), [0, 0, 1]).toFixed(2) // => '5.77'
 */
export function fitTemperature(logits: Matrix, codes: ArrayLike<number>): number {
  if (logits.rows === 0 || logits.rows !== codes.length) {
    throw new RangeError(`fitTemperature needs rows and as many labels. Got ${logits.rows} and ${codes.length}.`);
  }
  let low = 1e-4;
  let high = 1e4;
  let beta = 1;
  // Newton's steps in the inverse temperature, kept inside a bracket that the sign of the slope shrinks.
  for (let step = 0; step < 200; step++) {
    const { slope, curvature } = lossDerivatives(logits, codes, beta);
    if (slope > 0) high = beta;
    else low = beta;
    const newton = beta - slope / curvature;
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - beta) <= 1e-12 * beta) break;
    beta = next;
  }
  return 1 / beta;
}

function lossDerivatives(logits: Matrix, codes: ArrayLike<number>, beta: number) {
  const { rows, cols, data } = logits;
  let slope = 0;
  let curvature = 0;
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    let highest = Number.NEGATIVE_INFINITY;
    for (let j = start; j < start + cols; j++) highest = Math.max(highest, data[j]!);
    let sum = 0;
    let first = 0;
    let second = 0;
    for (let j = start; j < start + cols; j++) {
      const z = data[j]! - highest;
      const weight = Math.exp(beta * z);
      sum += weight;
      first += weight * z;
      second += weight * z * z;
    }
    const mean = first / sum;
    slope += mean - (data[start + codes[i]!]! - highest);
    curvature += second / sum - mean * mean;
  }
  return { slope, curvature: Math.max(curvature, 1e-300) };
}

/**
 * Probabilities of scores: every row becomes the softmax of `scores / temperature`.
 *
 * @param logits - n × classes.
 * @returns n × classes; every row sums to 1.
 * @example
 * [...softmaxRows(matrixFromRows([[0, 0]])).data] // => [0.5, 0.5]
 */
export function softmaxRows(logits: Matrix, temperature = 1): Matrix {
  const { rows, cols } = logits;
  const data = new Float32Array(logits.data.length);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    let highest = Number.NEGATIVE_INFINITY;
    for (let j = start; j < start + cols; j++) highest = Math.max(highest, logits.data[j]!);
    let sum = 0;
    for (let j = start; j < start + cols; j++) sum += Math.exp((logits.data[j]! - highest) / temperature);
    for (let j = start; j < start + cols; j++) data[j] = Math.exp((logits.data[j]! - highest) / temperature) / sum;
  }
  return { data, rows, cols };
}
