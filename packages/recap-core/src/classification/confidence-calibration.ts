import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import { fitPlattScaling, type PlattScaling, plattProbability } from './platt-scaling.js';
import { softmaxRows } from './temperature.js';

const tiny = 1e-7;

/**
 * Learns how often the most probable class is right at each confidence, where one temperature for all rows does not
 * suit both the sure and the unsure ones.
 *
 * @param logits - n × classes, of rows the model was not fitted on.
 * @param codes - n: true class of every row.
 * @returns a sigmoid over the log odds of the highest probability; it never falls.
 * @throws RangeError if there is no row.
 * @remarks O(n · classes).
 * @see Gupta, Ramdas (2022), Top-label calibration and multiclass-to-binary reductions, https://arxiv.org/abs/2107.08353
 */
export function fitConfidence(logits: Matrix, codes: ArrayLike<number>): PlattScaling {
  const probabilities = softmaxRows(logits);
  const { rows, cols, data } = probabilities;
  const odds = new Float64Array(rows);
  const right = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    let best = 0;
    for (let c = 1; c < cols; c++) if (data[i * cols + c]! > data[i * cols + best]!) best = c;
    odds[i] = logOdds(data[i * cols + best]!);
    right[i] = best === codes[i] ? 1 : 0;
  }
  const scaling = fitPlattScaling(odds, right);
  // Noise alone must not turn the order of confidences round.
  return scaling.slope < 0 ? scaling : { slope: -1, offset: 0 };
}

/**
 * Probabilities whose highest value is the calibrated confidence: every row gets the temperature that brings this about,
 * so the order of its classes stays.
 *
 * @param logits - n × classes.
 * @returns n × classes; every row sums to 1.
 * @remarks O(24 · n · classes).
 */
export function applyConfidence(logits: Matrix, scaling: PlattScaling): Matrix {
  const { rows, cols } = logits;
  const result = createMatrix(rows, cols);
  const shifted = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    let highest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < cols; c++) highest = Math.max(highest, logits.data[start + c]!);
    for (let c = 0; c < cols; c++) shifted[c] = logits.data[start + c]! - highest;
    const confidence = plattProbability(scaling, logOdds(1 / exponentials(shifted, 1)));
    // The sum of exponentials falls as the row is sharpened; between equal classes no sharpening helps.
    let low = 1e-3;
    let high = 1e3;
    for (let step = 0; step < 24; step++) {
      const middle = Math.sqrt(low * high);
      if (1 / exponentials(shifted, middle) < confidence) low = middle;
      else high = middle;
    }
    const beta = Math.sqrt(low * high);
    const sum = exponentials(shifted, beta);
    for (let c = 0; c < cols; c++) result.data[start + c] = Math.exp(beta * shifted[c]!) / sum;
  }
  return result;
}

function exponentials(shifted: Float64Array, beta: number): number {
  let sum = 0;
  for (let c = 0; c < shifted.length; c++) sum += Math.exp(beta * shifted[c]!);
  return sum;
}

function logOdds(probability: number): number {
  const p = Math.min(1 - tiny, Math.max(tiny, probability));
  return Math.log(p / (1 - p));
}
