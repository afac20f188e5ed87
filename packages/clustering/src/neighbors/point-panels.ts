import { type Matrix, meanRow } from '@matome/primitives/linalg';
import { PanelKernel } from '../wasm/panel-kernel.js';

/** A kernel whose slot i holds row i, with bound Infinity. */
export function createPointPanels(x: Matrix, simd = true): PanelKernel {
  const { rows, cols, data } = x;
  const centre = meanRow(x);
  const kernel = new PanelKernel({ cols, slots: rows, centre, largest: largestOffset(x, centre), simd });
  for (let i = 0; i < rows; i++) {
    kernel.setPoint(i, data, i * cols);
    kernel.setBound(i, Number.POSITIVE_INFINITY);
  }
  return kernel;
}

/** Largest absolute coordinate after subtracting `centre`. */
export function largestOffset({ data, cols }: Matrix, centre: ArrayLike<number>): number {
  let largest = 0;
  for (let start = 0; start < data.length; start += cols) {
    for (let j = 0; j < cols; j++) largest = Math.max(largest, Math.abs(data[start + j]! - centre[j]!));
  }
  return largest;
}
