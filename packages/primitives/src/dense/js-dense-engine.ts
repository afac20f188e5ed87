import { type Matrix, topK } from '../linalg/index.js';
import type { DenseEngine, NearestRows, NearestRowsOptions } from './dense-engine.js';
import { createExactScores, distanceOfScore, type ExactScores } from './exact-scores.js';
import { checkNearestRows, checkSameWidth } from './nearest-rows-options.js';
import { scoreTwoRows } from './score-rows.js';

/**
 * A dense engine in plain JavaScript: no native code, and the same neighbours as every other engine.
 *
 * @remarks Sums in float64. 20,000 × 384 rows against themselves take about a minute, 30 to 60 times as long as the ONNX
 * engine.
 * @example
 * createJsDenseEngine().name // => 'js'
 */
export function createJsDenseEngine(): DenseEngine {
  return { name: 'js', multiplyTransposed, nearestRows, dispose: async () => undefined };
}

async function multiplyTransposed(a: Matrix, b: Matrix): Promise<Matrix> {
  checkSameWidth('multiplyTransposed', a, b);
  const data = new Float32Array(a.rows * b.rows);
  for (let i = 0; i < a.rows; i += 2) {
    for (let j = 0; j < b.rows; j += 4) dotTwoByFour(a, b, i, j, data);
  }
  return { data, rows: a.rows, cols: b.rows };
}

// Eight sums at a time stay in registers and each loaded value is used several times: 5 times a plain double loop.
function dotTwoByFour(a: Matrix, b: Matrix, i: number, j: number, out: Float32Array): void {
  const { cols } = a;
  const x = a.data;
  const y = b.data;
  const i1 = i + 1 < a.rows ? i + 1 : i;
  const lastRow = b.rows - 1;
  const p0 = i * cols;
  const p1 = i1 * cols;
  const q0 = j * cols;
  const q1 = Math.min(j + 1, lastRow) * cols;
  const q2 = Math.min(j + 2, lastRow) * cols;
  const q3 = Math.min(j + 3, lastRow) * cols;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let c = 0; c < cols; c++) {
    const x0 = x[p0 + c]!;
    const x1 = x[p1 + c]!;
    const y0 = y[q0 + c]!;
    const y1 = y[q1 + c]!;
    const y2 = y[q2 + c]!;
    const y3 = y[q3 + c]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
  }
  const m = b.rows;
  writeFour(out, i * m, j, m, s00, s01, s02, s03);
  if (i1 > i) writeFour(out, i1 * m, j, m, s10, s11, s12, s13);
}

function writeFour(
  out: Float32Array,
  at: number,
  j: number,
  m: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  out[at + j] = a;
  if (j + 1 < m) out[at + j + 1] = b;
  if (j + 2 < m) out[at + j + 2] = c;
  if (j + 3 < m) out[at + j + 3] = d;
}

async function nearestRows(queries: Matrix, targets: Matrix, options: NearestRowsOptions): Promise<NearestRows> {
  const { k, metric, excludeSelf } = checkNearestRows(queries, targets, options);
  const exact = createExactScores(queries, targets, metric);
  const indices = new Uint32Array(queries.rows * k);
  const distances = new Float32Array(queries.rows * k);
  const first = new Float64Array(targets.rows);
  const second = new Float64Array(targets.rows);
  for (let i = 0; i < queries.rows; i += 2) {
    if (i % 64 === 0) await breathe(options.signal);
    // A lone last row is scored against itself as its own partner.
    const j = Math.min(i + 1, queries.rows - 1);
    scoreTwoRows(exact, i, j, first, second);
    if (excludeSelf) {
      first[i] = Number.NaN;
      second[j] = Number.NaN;
    }
    writeBest(exact, first, i, k, indices, distances);
    if (j > i) writeBest(exact, second, j, k, indices, distances);
  }
  return { indices, distances, rows: queries.rows, k };
}

async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

function writeBest(
  exact: ExactScores,
  scores: Float64Array,
  i: number,
  k: number,
  indices: Uint32Array,
  distances: Float32Array,
): void {
  const best = topK(scores, k);
  for (let r = 0; r < k; r++) {
    indices[i * k + r] = best[r]!;
    distances[i * k + r] = distanceOfScore(exact.metric, scores[best[r]!]!);
  }
}
