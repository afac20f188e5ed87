import { checkInteger } from '../options/index.js';

/** A dense matrix: `rows × cols` float32 values, row after row. */
export interface Matrix {
  /** What stands behind the last row plays no part. */
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
    const size = part.rows * part.cols;
    data.set(part.data.subarray(0, size), at);
    at += size;
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
  const own = data.subarray(0, rows * cols);
  own.set(source.subarray(0, rows * cols));
  normalizeInPlace(own, cols);
  return { data, rows, cols };
}

/**
 * Scales rows to length 1 in place; zero rows stay zero.
 *
 * @param data - row after row of `cols` numbers.
 * @remarks Four rows at once, since the sum of one row alone would wait for its last addition.
 * @example
 * const data = new Float32Array([3, 4]);
 * normalizeInPlace(data, 2);
 * [...data].map((v) => v.toFixed(1)) // => ['0.6', '0.8']
 */
export function normalizeInPlace(data: Float32Array, cols: number): void {
  if (cols === 0) return;
  const whole = data.length - (data.length % (4 * cols));
  for (let at = 0; at < whole; at += 4 * cols) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = at, end = at + cols; j < end; j++) {
      a += data[j]! * data[j]!;
      b += data[j + cols]! * data[j + cols]!;
      c += data[j + 2 * cols]! * data[j + 2 * cols]!;
      d += data[j + 3 * cols]! * data[j + 3 * cols]!;
    }
    scaleRow(data, at, cols, a);
    scaleRow(data, at + cols, cols, b);
    scaleRow(data, at + 2 * cols, cols, c);
    scaleRow(data, at + 3 * cols, cols, d);
  }
  for (let at = whole; at < data.length; at += cols) {
    let squares = 0;
    for (let j = at, end = at + cols; j < end; j++) squares += data[j]! * data[j]!;
    scaleRow(data, at, cols, squares);
  }
}

function scaleRow(data: Float32Array, at: number, cols: number, squares: number): void {
  // Also takes the signs of zeros away.
  if (squares === 0) {
    data.fill(0, at, at + cols);
    return;
  }
  const scale = 1 / Math.sqrt(squares);
  for (let j = at, end = at + cols; j < end; j++) data[j] = data[j]! * scale;
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
