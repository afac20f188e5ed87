import { type Matrix, row, topK } from '../linalg/index.js';
import { checkInteger } from '../options/index.js';
import type { DenseEngine, NearestRows, NearestRowsOptions } from './dense-engine.js';

/**
 * A dense engine in plain JavaScript: no native code, about a tenth of the speed of the ONNX one.
 *
 * @example
 * createJsDenseEngine().name // => 'js'
 */
export function createJsDenseEngine(): DenseEngine {
  return { name: 'js', multiplyTransposed, nearestRows, dispose: async () => undefined };
}

async function multiplyTransposed(a: Matrix, b: Matrix): Promise<Matrix> {
  const data = new Float32Array(a.rows * b.rows);
  for (let i = 0; i < a.rows; i++) {
    const x = row(a, i);
    for (let j = 0; j < b.rows; j++) {
      const start = j * b.cols;
      let sum = 0;
      for (let t = 0; t < x.length; t++) sum += x[t]! * b.data[start + t]!;
      data[i * b.rows + j] = sum;
    }
  }
  return { data, rows: a.rows, cols: b.rows };
}

async function nearestRows(queries: Matrix, targets: Matrix, options: NearestRowsOptions): Promise<NearestRows> {
  const { metric = 'euclidean', excludeSelf = false } = options;
  const k = checkInteger('nearestRows', 'k', options.k, { min: 1, max: targets.rows - (excludeSelf ? 1 : 0) });
  const indices = new Uint32Array(queries.rows * k);
  const distances = new Float32Array(queries.rows * k);
  const scores = new Float64Array(targets.rows);
  const norms = Float64Array.from({ length: targets.rows }, (_, j) =>
    Math.sqrt(sumProduct(targets, j, row(targets, j))),
  );
  for (let i = 0; i < queries.rows; i++) {
    options.signal?.throwIfAborted();
    const query = row(queries, i);
    const length = Math.sqrt(sumProduct(queries, i, query));
    for (let j = 0; j < targets.rows; j++) {
      scores[j] =
        metric === 'cosine' ? cosineScore(targets, j, query, norms[j]! * length) : -squaredDistance(targets, j, query);
    }
    if (excludeSelf) scores[i] = Number.NaN;
    const best = topK(scores, k);
    for (let r = 0; r < k; r++) {
      indices[i * k + r] = best[r]!;
      const score = scores[best[r]!]!;
      distances[i * k + r] = metric === 'cosine' ? Math.max(0, 1 - score) : Math.sqrt(-score);
    }
  }
  return { indices, distances, rows: queries.rows, k };
}

function sumProduct(x: Matrix, index: number, query: Float32Array): number {
  const start = index * x.cols;
  let sum = 0;
  for (let t = 0; t < query.length; t++) sum += x.data[start + t]! * query[t]!;
  return sum;
}

function cosineScore(x: Matrix, index: number, query: Float32Array, lengths: number): number {
  return lengths === 0 ? 0 : sumProduct(x, index, query) / lengths;
}

function squaredDistance(x: Matrix, index: number, query: Float32Array): number {
  const start = index * x.cols;
  let sum = 0;
  for (let t = 0; t < query.length; t++) {
    const difference = x.data[start + t]! - query[t]!;
    sum += difference * difference;
  }
  return sum;
}
