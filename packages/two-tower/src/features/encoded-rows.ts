import { type CsrMatrix, createMatrix, type Matrix } from '@matome/primitives/linalg';

/**
 * Feature vectors in two parts: the numbers that every row has, and sparse bags (tags, ids, histories) by segment name.
 * A model never has to look at the zeros of a bag.
 */
export interface EncodedRows {
  /** n × (width of all dense segments together, in schema order). */
  readonly dense: Matrix;
  /** Each n × (size of the segment). */
  readonly bags: Readonly<Record<string, CsrMatrix>>;
}

/**
 * Some rows of a sparse matrix in a given order.
 *
 * @remarks O(entries taken).
 */
export function takeSparseRows(matrix: CsrMatrix, rows: ArrayLike<number>): CsrMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    indptr[i + 1] = indptr[i]! + matrix.indptr[rows[i]! + 1]! - matrix.indptr[rows[i]!]!;
  }
  const indices = new Uint32Array(indptr[rows.length]!);
  const data = new Float32Array(indices.length);
  for (let i = 0; i < rows.length; i++) {
    const start = matrix.indptr[rows[i]!]!;
    const end = matrix.indptr[rows[i]! + 1]!;
    indices.set(matrix.indices.subarray(start, end), indptr[i]!);
    data.set(matrix.data.subarray(start, end), indptr[i]!);
  }
  return { indptr, indices, data, rows: rows.length, cols: matrix.cols };
}

/**
 * Some rows in a given order; a row may be taken more than once.
 *
 * @throws RangeError if a row does not exist.
 * @example
 * const rows = { dense: { data: new Float32Array([1, 2]), rows: 2, cols: 1 }, bags: {} };
 * [...takeEncodedRows(rows, [1, 1]).dense.data] // => [2, 2]
 */
export function takeEncodedRows(encoded: EncodedRows, rows: ArrayLike<number>): EncodedRows {
  const { data, cols, rows: count } = encoded.dense;
  const dense = createMatrix(rows.length, cols);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]!;
    if (!(from >= 0 && from < count)) {
      throw new RangeError(`The rows of takeEncodedRows must be in [0, ${count - 1}]. Got ${from}.`);
    }
    dense.data.set(data.subarray(from * cols, (from + 1) * cols), i * cols);
  }
  const bags: Record<string, CsrMatrix> = {};
  for (const [name, bag] of Object.entries(encoded.bags)) bags[name] = takeSparseRows(bag, rows);
  return { dense, bags };
}
