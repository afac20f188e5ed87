import type { Matrix } from './matrix.js';

/** A sparse matrix in compressed sparse row form; the columns of a row ascend. */
export interface CsrMatrix {
  /** `rows + 1` offsets: row i is `indices[indptr[i] .. indptr[i + 1])`. */
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly data: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/**
 * Wraps compressed sparse row arrays after checking that they fit together.
 *
 * @throws RangeError if lengths disagree, offsets fall, or a column is out of range.
 * @example
 * createCsrMatrix(1, 3, new Uint32Array([0, 1]), new Uint32Array([2]), new Float32Array([5])).cols // => 3
 */
export function createCsrMatrix(
  rows: number,
  cols: number,
  indptr: Uint32Array,
  indices: Uint32Array,
  data: Float32Array,
): CsrMatrix {
  if (indptr.length !== rows + 1 || indptr[rows] !== indices.length || indices.length !== data.length) {
    throw new RangeError(
      'The arrays of createCsrMatrix must fit together: rows + 1 offsets, as many indices as values.',
    );
  }
  if (indptr[0] !== 0) throw new RangeError(`The offsets of createCsrMatrix must begin with 0. Got ${indptr[0]}.`);
  for (let i = 0; i < rows; i++) {
    if (indptr[i]! > indptr[i + 1]!) {
      throw new RangeError(
        `The offsets of createCsrMatrix must not fall. Got ${indptr[i]} and ${indptr[i + 1]} for row ${i}.`,
      );
    }
  }
  for (let k = 0; k < indices.length; k++) {
    if (indices[k]! >= cols)
      throw new RangeError(`A column of createCsrMatrix must be below ${cols}. Got ${indices[k]}.`);
  }
  return { indptr, indices, data, rows, cols };
}

/**
 * Builds a sparse matrix from one map of column to value per row.
 *
 * @example
 * [...csrFromRows([new Map([[2, 0.5], [0, 1]])], 3).indices] // => [0, 2]
 */
export function csrFromRows(rows: readonly ReadonlyMap<number, number>[], cols: number): CsrMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  rows.forEach((entries, i) => {
    indptr[i + 1] = indptr[i]! + entries.size;
  });
  const indices = new Uint32Array(indptr[rows.length]!);
  const data = new Float32Array(indices.length);
  rows.forEach((entries, i) => {
    let at = indptr[i]!;
    for (const column of [...entries.keys()].sort((a, b) => a - b)) {
      indices[at] = column;
      data[at++] = entries.get(column)!;
    }
  });
  return createCsrMatrix(rows.length, cols, indptr, indices, data);
}

/**
 * The columns and values of row `index`, as views.
 *
 * @example
 * [...csrRow(csrFromRows([new Map([[1, 2]])], 3), 0).indices] // => [1]
 */
export function csrRow(matrix: CsrMatrix, index: number): { indices: Uint32Array; data: Float32Array } {
  const start = matrix.indptr[index]!;
  const end = matrix.indptr[index + 1]!;
  return { indices: matrix.indices.subarray(start, end), data: matrix.data.subarray(start, end) };
}

/**
 * Product of a sparse `n × m` matrix and the transpose of a dense `k × m` one.
 *
 * @returns n × k.
 * @remarks O(nnz · k) time; the dense side is walked by column, so its transpose is made once.
 * @example
 * const sparse = csrFromRows([new Map([[1, 2]])], 2);
 * [...csrTimesDense(sparse, { data: new Float32Array([3, 4]), rows: 1, cols: 2 }).data] // => [8]
 */
export function csrTimesDense(sparse: CsrMatrix, dense: Matrix): Matrix {
  if (sparse.cols !== dense.cols) {
    throw new RangeError(`The matrices of csrTimesDense must have one width. Got ${sparse.cols} and ${dense.cols}.`);
  }
  const k = dense.rows;
  const { cols } = dense;
  const transposed = new Float32Array(k * cols);
  for (let r = 0; r < k; r++) for (let c = 0; c < cols; c++) transposed[c * k + r] = dense.data[r * cols + c]!;
  const data = new Float32Array(sparse.rows * k);
  const sums = new Float64Array(k);
  for (let i = 0; i < sparse.rows; i++) {
    sums.fill(0);
    for (let at = sparse.indptr[i]!; at < sparse.indptr[i + 1]!; at++) {
      const value = sparse.data[at]!;
      const start = sparse.indices[at]! * k;
      for (let r = 0; r < k; r++) sums[r]! += value * transposed[start + r]!;
    }
    data.set(sums, i * k);
  }
  return { data, rows: sparse.rows, cols: k };
}
