import type { Matrix } from '@matome/primitives/linalg';
import { createPanelKernel, fillSlot, type PanelKernel } from '../wasm/panel-kernel.js';

/** A kernel whose slot i holds row i. */
export function createPointPanels(x: Matrix, simd = true): PanelKernel {
  const { rows, cols, data } = x;
  const kernel = createPanelKernel(cols, rows, simd);
  for (let i = 0; i < rows; i++) fillSlot(kernel, i, data, i * cols, cols);
  return kernel;
}
