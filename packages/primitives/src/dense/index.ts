export { createDenseEngine, type DenseEngine, type NearestRows, type NearestRowsOptions } from './dense-engine.js';
export { createJsDenseEngine } from './js-dense-engine.js';
