import { createMatrix, type Matrix, normalizeRows } from '@matome/primitives/linalg';
import { EigenvalueDecomposition, Matrix as SmallMatrix } from 'ml-matrix';

/** A linear map onto the directions in which unit vectors spread most, without centring: cosines are nearly kept. */
export interface Projection {
  /** Share of the squared length that is kept, in [0, 1]. */
  readonly kept: number;
  /** Projects rows and scales them to length 1. */
  readonly apply: (x: Matrix) => Matrix;
}

/** Finds the projection of rows onto `dimensions` directions. */
export function fitProjection(x: Matrix, dimensions: number): Projection {
  const { rows, cols, data } = x;
  const moments = new Float64Array(cols * cols);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    for (let a = 0; a < cols; a++) {
      const value = data[start + a]!;
      for (let b = 0; b <= a; b++) moments[a * cols + b]! += value * data[start + b]!;
    }
  }
  const symmetric = new SmallMatrix(cols, cols);
  for (let a = 0; a < cols; a++) {
    for (let b = 0; b <= a; b++) {
      const value = moments[a * cols + b]! / rows;
      symmetric.set(a, b, value);
      symmetric.set(b, a, value);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const total = realEigenvalues.reduce((sum, value) => sum + value, 0);
  const chosen = order.slice(0, dimensions);
  const basis = chosen.map((column) => Float64Array.from(eigenvectorMatrix.getColumn(column)));
  return {
    kept: chosen.reduce((sum, column) => sum + realEigenvalues[column]!, 0) / total,
    apply: (input) => normalizeRows(project(input, basis)),
  };
}

function project(x: Matrix, basis: readonly Float64Array[]): Matrix {
  const result = createMatrix(x.rows, basis.length);
  for (let i = 0; i < x.rows; i++) {
    const start = i * x.cols;
    basis.forEach((direction, k) => {
      let sum = 0;
      for (let j = 0; j < x.cols; j++) sum += x.data[start + j]! * direction[j]!;
      result.data[i * basis.length + k] = sum;
    });
  }
  return result;
}
