import type { Matrix } from '@matome/primitives/linalg';
import { createPanelKernel, type PanelKernel, panelLanes } from '../wasm/panel-kernel.js';

/** A kernel whose slot i holds row i. */
export function createPointPanels(x: Matrix, simd = true): PanelKernel {
  const { rows, cols, data } = x;
  const kernel = createPanelKernel(cols, rows, simd);
  const { depth, points } = kernel;
  for (let i = 0; i < rows; i++) {
    const slot = (i >> 5) * depth * panelLanes + (i & 31);
    for (let j = 0; j < depth; j++) points[slot + j * panelLanes] = j < cols ? data[i * cols + j]! : 0;
  }
  return kernel;
}
