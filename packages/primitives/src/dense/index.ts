export {
  createDenseEngine,
  type DenseEngine,
  type DenseEngineOptions,
  type NearestRows,
  type NearestRowsOptions,
} from './dense-engine.js';
export { createJsDenseEngine } from './js-dense-engine.js';
export { createOnnxDenseEngine } from './onnx-dense-engine.js';
