import type { CsrMatrix, Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import { multiplyGraph, normalizeDistributions, symmetricNormalized, toWeightedGraph } from './graph-product.js';

/** Options of `correctAndSmooth`. */
export interface CorrectAndSmoothOptions {
  /** Share of a node's error that its neighbours give it, in [0, 1]. @default 0.8 */
  readonly correctAlpha?: number;
  /** Share of a node's answer that its neighbours give it, in [0, 1]. @default 0.8 */
  readonly smoothAlpha?: number;
  /** Rounds of each part. @default 50 */
  readonly iterations?: number;
}

/**
 * Betters the answers of any classifier by a graph: known errors spread to neighbours and are taken off (correct), then
 * answers spread (smooth).
 *
 * @param graph - n × n weights, not negative, symmetric for the usual meaning.
 * @param probabilities - n × classes: what the classifier says, of nodes it was not fitted on where possible.
 * @param seeds - n: true class of the nodes where it is known, -1 elsewhere.
 * @returns n × classes; every row sums to 1.
 * @throws RangeError if sizes disagree or options are out of range.
 * @remarks O(iterations · edges · classes).
 * @see Huang, He, Singh, Lim, Benson (2021), Combining label propagation and simple models out-performs graph neural
 * networks, https://arxiv.org/abs/2010.13993 (the scaling of errors is its "autoscale")
 * @example
 * const triangle = csrFromRows([new Map([[1, 1], [2, 1]]), new Map([[0, 1], [2, 1]]), new Map([[0, 1], [1, 1]])], 3);
 * const weak = matrixFromRows([[0.6, 0.4], [0.6, 0.4], [0.45, 0.55]]);
 * const better = correctAndSmooth(triangle, weak, new Int32Array([0, 0, -1]));
 * better.data[4]! > better.data[5]! // => true
 */
export function correctAndSmooth(
  graph: CsrMatrix,
  probabilities: Matrix,
  seeds: Int32Array,
  options: CorrectAndSmoothOptions = {},
): Matrix {
  const { correctAlpha = 0.8, smoothAlpha = 0.8, iterations = 50 } = options;
  const caller = 'correctAndSmooth';
  checkNumber(caller, 'correctAlpha', correctAlpha, { min: 0, max: 1 });
  checkNumber(caller, 'smoothAlpha', smoothAlpha, { min: 0, max: 1 });
  checkInteger(caller, 'iterations', iterations, { min: 1 });
  const { rows, cols } = probabilities;
  if (graph.rows !== rows || seeds.length !== rows || seeds.some((seed) => seed >= cols)) {
    throw new RangeError(
      `The graph, probabilities and seeds of ${caller} must speak of the same nodes and classes. Got ${graph.rows}, ${rows} × ${cols} and ${seeds.length}.`,
    );
  }
  const walk = symmetricNormalized(toWeightedGraph(caller, graph));
  const spread = (start: Float64Array, alpha: number, low: number, high: number) => {
    let values = start.slice();
    let next = new Float64Array(start.length);
    for (let round = 0; round < iterations; round++) {
      multiplyGraph(walk, values, cols, next);
      for (let at = 0; at < next.length; at++) {
        next[at] = Math.min(high, Math.max(low, alpha * next[at]! + (1 - alpha) * start[at]!));
      }
      [values, next] = [next, values];
    }
    return values;
  };
  const errors = knownErrors(probabilities, seeds);
  const corrected = addErrors(probabilities, seeds, spread(errors, correctAlpha, -1, 1), meanError(errors, seeds));
  for (let i = 0; i < rows; i++) {
    if (seeds[i]! < 0) continue;
    corrected.fill(0, i * cols, (i + 1) * cols);
    corrected[i * cols + seeds[i]!] = 1;
  }
  const smooth = spread(corrected, smoothAlpha, 0, 1);
  normalizeDistributions(smooth, cols);
  return { data: Float32Array.from(smooth), rows, cols };
}

/** Truth − answer of the nodes whose class is known, 0 elsewhere. */
function knownErrors({ data, cols }: Matrix, seeds: Int32Array): Float64Array {
  const errors = new Float64Array(data.length);
  seeds.forEach((seed, i) => {
    if (seed < 0) return;
    for (let c = 0; c < cols; c++) errors[i * cols + c] = (c === seed ? 1 : 0) - data[i * cols + c]!;
  });
  return errors;
}

/** Mean absolute error of a known node, summed over the classes. */
function meanError(errors: Float64Array, seeds: Int32Array): number {
  const known = seeds.reduce((count, seed) => count + (seed >= 0 ? 1 : 0), 0);
  return known === 0 ? 0 : errors.reduce((sum, error) => sum + Math.abs(error), 0) / known;
}

/** Adds spread errors, scaled at every unknown node to the mean size of the known ones, and clips to [0, 1]. */
function addErrors({ data, cols }: Matrix, seeds: Int32Array, errors: Float64Array, size: number): Float64Array {
  const corrected = Float64Array.from(data);
  seeds.forEach((seed, i) => {
    if (seed >= 0) return;
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += Math.abs(errors[i * cols + c]!);
    const scale = sum === 0 ? 0 : Math.min(size / sum, 1000);
    // A node that no error reached to speak of keeps its answer: there scaling would only enlarge noise.
    if (sum < 1e-9 || scale >= 1000) return;
    for (let c = 0; c < cols; c++) {
      corrected[i * cols + c] = Math.min(1, Math.max(0, data[i * cols + c]! + scale * errors[i * cols + c]!));
    }
  });
  return corrected;
}
