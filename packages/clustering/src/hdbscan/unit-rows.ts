import { type Matrix, normalizeRows } from '@matome/primitives/linalg';

/**
 * Rows of length 1, so that half the squared Euclidean distance is the cosine distance.
 *
 * A row of zeros has cosine distance 1 to all others: it gets a coordinate of its own, in a further column.
 *
 * @param widen - adds that column even if no row needs it. @default false
 */
export function unitRows(x: Matrix, widen = false): Matrix {
  const unit = normalizeRows(x);
  const zeros: number[] = [];
  for (let i = 0; i < x.rows; i++) {
    if (unit.data.subarray(i * x.cols, (i + 1) * x.cols).every((value) => value === 0)) zeros.push(i);
  }
  if (zeros.length === 0 && !widen) return unit;
  const cols = x.cols + 1;
  const data = new Float32Array(x.rows * cols);
  for (let i = 0; i < x.rows; i++) data.set(unit.data.subarray(i * x.cols, (i + 1) * x.cols), i * cols);
  for (const i of zeros) data[i * cols + x.cols] = 1;
  return { data, rows: x.rows, cols };
}
