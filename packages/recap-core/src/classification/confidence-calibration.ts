import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import { fitPlattScaling, type PlattScaling, plattProbability } from './platt-scaling.js';

/** Added to a lead before its logarithm: small leads tell their difference, large ones only their order of size. */
const leadOffset = 2;
const tolerance = 1e-7;

/**
 * Learns how often the most probable class is right at each lead over the next one, where one temperature for all rows
 * does not suit both the sure and the unsure ones: the share of right answers follows the logarithm of the lead.
 *
 * @param logits - n × classes, of rows the model was not fitted on.
 * @param codes - n: true class of every row.
 * @returns a sigmoid over the logarithm of the lead; it never falls.
 * @throws RangeError if there is no row.
 * @remarks O(n · classes).
 * @see Gupta, Ramdas (2022), Top-label calibration and multiclass-to-binary reductions, https://arxiv.org/abs/2107.08353
 */
export function fitConfidence(logits: Matrix, codes: ArrayLike<number>): PlattScaling {
  const { leads, right } = judgeAnswers(logits, codes);
  const scaling = fitPlattScaling(leads, right);
  // Noise alone must not turn the order of confidences round.
  return scaling.slope < 0 ? scaling : { slope: -1, offset: 0 };
}

/**
 * Lowers confidence to what holds in the hardest of several blocks of time: subjects drift, so tomorrow looks more like
 * the worst of the latest weeks than like their mean.
 *
 * @param blocks - n: number of the block of every row.
 * @returns the scaling with another offset, never a higher confidence, and the hardest block.
 * @remarks O(blocks · n) a step of Newton's method, some ten steps.
 */
export function guardConfidence(
  logits: Matrix,
  codes: ArrayLike<number>,
  scaling: PlattScaling,
  blocks: ArrayLike<number>,
): { readonly scaling: PlattScaling; readonly hardest: number } {
  const { leads, right } = judgeAnswers(logits, codes);
  let hardest = 0;
  let raised = Number.NEGATIVE_INFINITY;
  const count = 1 + Array.from(blocks).reduce((highest, block) => Math.max(highest, block), 0);
  for (let block = 0; block < count; block++) {
    const offset = offsetWithin(leads, right, scaling, blocks, block);
    if (offset <= raised) continue;
    raised = offset;
    hardest = block;
  }
  return { scaling: { slope: scaling.slope, offset: Math.max(scaling.offset, raised) }, hardest };
}

/**
 * Probabilities whose highest value is the calibrated confidence: every row gets the temperature that brings this about,
 * so the order of its classes stays.
 *
 * @param logits - n × classes.
 * @returns n × classes; every row sums to 1.
 * @remarks O(n · classes), some five exponentials a value.
 */
export function applyConfidence(logits: Matrix, scaling: PlattScaling): Matrix {
  const { rows, cols, data } = logits;
  const result = createMatrix(rows, cols);
  const shifted = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    const { best, lead } = leadOf(data, start, cols);
    for (let c = 0; c < cols; c++) shifted[c] = data[start + c]! - data[start + best]!;
    const confidence = plattProbability(scaling, Math.log(leadOffset + lead));
    const beta = sharpnessFor(shifted, Math.log(1 / confidence));
    let sum = 0;
    for (let c = 0; c < cols; c++) {
      shifted[c] = Math.exp(beta * shifted[c]!);
      sum += shifted[c]!;
    }
    for (let c = 0; c < cols; c++) result.data[start + c] = shifted[c]! / sum;
  }
  return result;
}

/** Logarithm of the lead, and whether the answer is right, of every row. */
function judgeAnswers(logits: Matrix, codes: ArrayLike<number>): { leads: Float64Array; right: Uint8Array } {
  const { rows, cols, data } = logits;
  const leads = new Float64Array(rows);
  const right = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    const { best, lead } = leadOf(data, i * cols, cols);
    leads[i] = Math.log(leadOffset + lead);
    right[i] = best === codes[i] ? 1 : 0;
  }
  return { leads, right };
}

function leadOf(data: Float32Array, start: number, cols: number): { best: number; lead: number } {
  let best = 0;
  let second = Number.NEGATIVE_INFINITY;
  for (let c = 1; c < cols; c++) {
    const value = data[start + c]!;
    if (value > data[start + best]!) {
      second = data[start + best]!;
      best = c;
    } else if (value > second) second = value;
  }
  return { best, lead: cols < 2 ? 0 : data[start + best]! - second };
}

/** The inverse temperature at which the logarithm of Σ exp(beta · shifted) is `wanted`: it falls and is convex in beta. */
function sharpnessFor(shifted: Float64Array, wanted: number): number {
  let beta = 0;
  // From the left Newton's steps never pass the solution; between equal classes no sharpening helps and beta ends high.
  for (let step = 0; step < 60; step++) {
    let sum = 0;
    let slope = 0;
    for (let c = 0; c < shifted.length; c++) {
      const weight = Math.exp(beta * shifted[c]!);
      sum += weight;
      slope += weight * shifted[c]!;
    }
    const excess = Math.log(sum) - wanted;
    if (excess <= tolerance || slope === 0) break;
    beta += (excess * sum) / -slope;
    if (beta > 1e3) return 1e3;
  }
  return Math.max(beta, 1e-3);
}

/** The offset under which the confidence of a block's rows is right on average. */
function offsetWithin(
  leads: Float64Array,
  right: Uint8Array,
  scaling: PlattScaling,
  blocks: ArrayLike<number>,
  block: number,
): number {
  let { offset } = scaling;
  for (let step = 0; step < 50; step++) {
    let surplus = 0;
    let curvature = 1e-9;
    let rows = 0;
    for (let i = 0; i < leads.length; i++) {
      if (blocks[i] !== block) continue;
      const probability = plattProbability({ slope: scaling.slope, offset }, leads[i]!);
      surplus += probability - right[i]!;
      curvature += probability * (1 - probability);
      rows++;
    }
    if (rows === 0) return Number.NEGATIVE_INFINITY;
    // A block without errors has no solution: bounded steps end at a confidence near 1, which raises nothing.
    const move = Math.max(-1, Math.min(1, surplus / curvature));
    offset += move;
    if (Math.abs(move) < 1e-9) break;
  }
  return offset;
}
