import type { Matrix } from '../linalg/index.js';
import { floatTensor, type OnnxTensor } from '../onnx/index.js';

/** Rows of a matrix as a tensor over the same memory. */
export function rowsTensor({ data, cols }: Matrix, from: number, to: number): OnnxTensor {
  return floatTensor([to - from, cols], data.subarray(from * cols, to * cols));
}
