import type { CsrMatrix } from '@matome/primitives/linalg';
import { type RandomSource, randomInteger } from '@matome/primitives/random';

/** Settings of `trainLinearSvm`. */
export interface SvmTraining {
  /** Weight of an error against the size of the weights (C). */
  readonly errorCost: number;
  /** Value of the constant column that stands for the intercept; 0 for none. */
  readonly bias: number;
  readonly maxPasses: number;
  /** Largest spread of the optimality conditions that still counts as solved. */
  readonly tolerance: number;
  readonly random: RandomSource;
}

/** One class against the rest: weights of the columns and the intercept. */
export interface SeparatingPlane {
  readonly weights: Float32Array;
  readonly intercept: number;
  readonly passes: number;
  readonly converged: boolean;
}

/**
 * Trains one L2-regularised squared-hinge SVM by dual coordinate descent with shrinking: rows that are safely on their
 * side are left out until the others are solved.
 *
 * @param x - n × d.
 * @param isMember - n: 1 for a positive row.
 * @remarks O(passes · nnz) time, 4 · d bytes: sums are in float64, weights in float32. A class at a time, so that the weights stay in the cache: all classes in
 * one walk take twice as long.
 * @see Hsieh et al. (2008), A dual coordinate descent method for large-scale linear SVM, doi:10.1145/1390156.1390208
 */
export function trainPlane(x: CsrMatrix, isMember: Uint8Array, training: SvmTraining): SeparatingPlane {
  const { errorCost, bias, maxPasses, tolerance, random } = training;
  const { indptr, indices, data, rows } = x;
  const weights = new Float32Array(x.cols);
  const alpha = new Float64Array(rows);
  const diagonal = 0.5 / errorCost;
  const curvature = rowCurvature(x, bias * bias + diagonal);
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  let constant = 0;
  let active = rows;
  let shrinkAbove = Number.POSITIVE_INFINITY;
  let pass = 0;
  let converged = false;
  while (pass < maxPasses) {
    pass++;
    let highest = Number.NEGATIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    shuffleStart(order, active, random);
    for (let s = 0; s < active; s++) {
      const i = order[s]!;
      const sign = isMember[i] === 1 ? 1 : -1;
      const end = indptr[i + 1]!;
      let margin = bias * constant;
      for (let at = indptr[i]!; at < end; at++) margin += data[at]! * weights[indices[at]!]!;
      const before = alpha[i]!;
      const gradient = margin * sign - 1 + before * diagonal;
      if (before === 0 && gradient > shrinkAbove) {
        active--;
        order[s] = order[active]!;
        order[active] = i;
        s--;
        continue;
      }
      const projected = before === 0 && gradient > 0 ? 0 : gradient;
      if (projected > highest) highest = projected;
      if (projected < lowest) lowest = projected;
      if (Math.abs(projected) <= 1e-12) continue;
      const after = Math.max(before - gradient / curvature[i]!, 0);
      alpha[i] = after;
      const step = (after - before) * sign;
      constant += step * bias;
      for (let at = indptr[i]!; at < end; at++) weights[indices[at]!]! += step * data[at]!;
    }
    if (highest - lowest <= tolerance) {
      converged = active === rows;
      if (converged) break;
      // What was left out is looked at once more before the solution counts.
      active = rows;
      shrinkAbove = Number.POSITIVE_INFINITY;
    } else shrinkAbove = highest <= 0 ? Number.POSITIVE_INFINITY : highest;
  }
  return { weights, intercept: constant * bias, passes: pass, converged };
}

/** Second derivative of the dual along the variable of each row. */
function rowCurvature(x: CsrMatrix, constant: number): Float64Array {
  const result = new Float64Array(x.rows).fill(constant);
  for (let i = 0; i < x.rows; i++) {
    for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) result[i]! += x.data[at]! * x.data[at]!;
  }
  return result;
}

function shuffleStart(order: Uint32Array, count: number, random: RandomSource): void {
  for (let i = count - 1; i > 0; i--) {
    const j = randomInteger(i + 1, random);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
}
