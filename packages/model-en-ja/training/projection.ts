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

/**
 * Divides every direction of a table by the fourth root of its mean square over `texts`, in place: what nearly all texts
 * share then counts less in a cosine, what tells them apart more. Half of a whitening: a full one would raise noise.
 *
 * @param table - terms × dimensions.
 * @param texts - unit rows in the same directions.
 * @see Mu, Viswanath (2018), All-but-the-top, ICLR, arXiv:1702.01417, which removes the first directions altogether
 */
export function evenDirections(table: Float32Array, texts: Matrix): void {
  const { rows, cols, data } = texts;
  const squares = new Float64Array(cols);
  for (let at = 0; at < data.length; at++) squares[at % cols]! += data[at]! ** 2 / rows;
  const factors = squares.map((mean) => mean ** -0.25);
  for (let at = 0; at < table.length; at++) table[at]! *= factors[at % cols]!;
}
