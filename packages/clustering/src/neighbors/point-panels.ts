import { type Matrix, meanRow } from '@matome/primitives/linalg';
import { PanelKernel } from '../wasm/panel-kernel.js';
import { integersSuffice, type PanelPrecision, type PanelRange } from '../wasm/panel-numbers.js';

/** Options of `createPointPanels`. */
export interface PointPanelsOptions {
  /** @default true */
  readonly simd?: boolean;
  /** True if points will be compared that lie beyond all rows. @default false */
  readonly open?: boolean;
}

/** A kernel whose slot i holds row i, with bound Infinity. */
export function createPointPanels(x: Matrix, options: PointPanelsOptions = {}): PanelKernel {
  const { rows, cols, data } = x;
  const { simd = true, open = false } = options;
  const range = panelRange(x);
  const precision = open ? 'float32' : range.precision;
  const kernel = new PanelKernel({ ...range, slots: rows, precision, simd });
  for (let i = 0; i < rows; i++) {
    kernel.setPoint(i, data, i * cols);
    kernel.setBound(i, Number.POSITIVE_INFINITY);
  }
  return kernel;
}

/** What kernels have to know of a matrix, and the numbers that suit it. */
export function panelRange(x: Matrix): PanelRange & { readonly precision: PanelPrecision } {
  const { cols, data } = x;
  const centre = meanRow(x);
  let largest = 0;
  let squares = 0;
  for (let start = 0; start < data.length; start += cols) {
    for (let j = 0; j < cols; j++) {
      const offset = data[start + j]! - centre[j]!;
      if (offset > largest) largest = offset;
      else if (-offset > largest) largest = -offset;
      squares += offset * offset;
    }
  }
  const range = { cols, centre, largest };
  return { ...range, precision: integersSuffice(range, squares / Math.max(1, data.length)) ? 'int16' : 'float32' };
}
