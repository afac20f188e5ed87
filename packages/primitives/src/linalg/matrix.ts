import { checkInteger } from '../options/index.js';

/** A dense matrix: `rows × cols` float32 values, row after row. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/**
 * A matrix of zeros.
 *
 * @throws RangeError if a size is negative or not an integer.
 * @example
 * createMatrix(2, 3).data.length // => 6
 */
export function createMatrix(rows: number, cols: number): Matrix {
  checkInteger('createMatrix', 'rows', rows, { min: 0 });
  checkInteger('createMatrix', 'cols', cols, { min: 0 });
  return { data: new Float32Array(rows * cols), rows, cols };
}

/**
 * Copies rows of equal length into a matrix.
 *
 * @throws RangeError that names the first row of another length.
 * @example
 * matrixFromRows([[1, 2], [3, 4]]).cols // => 2
 */
export function matrixFromRows(rows: readonly ArrayLike<number>[]): Matrix {
  const cols = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * cols);
  rows.forEach((values, i) => {
    if (values.length !== cols) {
      throw new RangeError(
        `The rows of matrixFromRows must have one length. Row 0 has ${cols}, row ${i} has ${values.length}.`,
      );
    }
    data.set(values, i * cols);
  });
  return { data, rows: rows.length, cols };
}

/**
 * Row `index` as a view: writing to it writes to the matrix.
 *
 * @example
 * [...row(matrixFromRows([[1, 2], [3, 4]]), 1)] // => [3, 4]
 */
export function row(matrix: Matrix, index: number): Float32Array {
  return matrix.data.subarray(index * matrix.cols, (index + 1) * matrix.cols);
}

/**
 * Copies the rows at `indices`, in that order.
 *
 * @example
 * [...takeRows(matrixFromRows([[1], [2], [3]]), [2, 0]).data] // => [3, 1]
 */
export function takeRows(matrix: Matrix, indices: ArrayLike<number>): Matrix {
  const { cols } = matrix;
  const data = new Float32Array(indices.length * cols);
  for (let i = 0; i < indices.length; i++) data.set(row(matrix, indices[i]!), i * cols);
  return { data, rows: indices.length, cols };
}

/**
 * Joins matrices of one width below each other.
 *
 * @throws RangeError if the widths differ.
 * @example
 * concatRows([matrixFromRows([[1]]), matrixFromRows([[2]])]).rows // => 2
 */
export function concatRows(parts: readonly Matrix[]): Matrix {
  const cols = parts.find((part) => part.rows > 0)?.cols ?? parts[0]?.cols ?? 0;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const data = new Float32Array(rows * cols);
  let at = 0;
  for (const part of parts) {
    if (part.rows > 0 && part.cols !== cols) {
      throw new RangeError(`The matrices of concatRows must have one width. Got ${cols} and ${part.cols}.`);
    }
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, rows, cols };
}

/**
 * Scales every row to Euclidean length 1; a row of zeros stays zero. The input is not modified.
 *
 * @example
 * [...normalizeRows(matrixFromRows([[3, 4]])).data].map((v) => v.toFixed(1)) // => ['0.6', '0.8']
 */
export function normalizeRows(matrix: Matrix): Matrix {
  const { rows, cols, data: source } = matrix;
  const data = new Float32Array(source.length);
  for (let i = 0; i < rows; i++) {
    const start = i * cols;
    let sum = 0;
    for (let j = start; j < start + cols; j++) sum += source[j]! * source[j]!;
    if (sum === 0) continue;
    const scale = 1 / Math.sqrt(sum);
    for (let j = start; j < start + cols; j++) data[j] = source[j]! * scale;
  }
  return { data, rows, cols };
}

/**
 * The mean of the rows at `indices` (all rows when absent), summed in float64; zeros when there is no row.
 *
 * @returns `cols` values.
 * @example
 * [...meanRow(matrixFromRows([[1, 2], [3, 4]]))] // => [2, 3]
 */
export function meanRow(matrix: Matrix, indices?: ArrayLike<number>): Float32Array {
  const { cols, data } = matrix;
  const count = indices ? indices.length : matrix.rows;
  const startOf = (i: number) => (indices ? indices[i]! : i) * cols;
  const sums = new Float64Array(cols);
  let i = 0;
  // Four rows a round read and write each sum once, adding in the same order.
  for (; i + 3 < count; i += 4) {
    const [a, b, c, d] = [startOf(i), startOf(i + 1), startOf(i + 2), startOf(i + 3)];
    for (let j = 0; j < cols; j++) sums[j] = sums[j]! + data[a + j]! + data[b + j]! + data[c + j]! + data[d + j]!;
  }
  for (; i < count; i++) {
    const start = startOf(i);
    for (let j = 0; j < cols; j++) sums[j]! += data[start + j]!;
  }
  const mean = new Float32Array(cols);
  for (let j = 0; j < cols; j++) mean[j] = count === 0 ? 0 : sums[j]! / count;
  return mean;
}
