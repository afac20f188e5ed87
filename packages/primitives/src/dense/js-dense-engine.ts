import { nextTurn } from '../async/index.js';
import { type Matrix, topK } from '../linalg/index.js';
import type { DenseEngine, NearestRows, NearestRowsOptions } from './dense-engine.js';
import { createExactScores, distanceOfScore, type ExactScores } from './exact-scores.js';
import { checkNearestRows, checkSameWidth } from './nearest-rows-options.js';
import { dotTwoRows, scoreTwoRows } from './score-rows.js';

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
  const first = new Float64Array(b.rows);
  const second = new Float64Array(b.rows);
  for (let i = 0; i < a.rows; i += 2) {
    // A lone last row is multiplied as its own partner.
    const j = Math.min(i + 1, a.rows - 1);
    dotTwoRows(a, b, i, j, first, second);
    data.set(first, i * b.rows);
    data.set(second, j * b.rows);
  }
  return { data, rows: a.rows, cols: b.rows };
}

async function nearestRows(queries: Matrix, targets: Matrix, options: NearestRowsOptions): Promise<NearestRows> {
  const { k, metric, excludeSelf } = checkNearestRows(queries, targets, options);
  const exact = createExactScores(queries, targets, metric);
  const indices = new Uint32Array(queries.rows * k);
  const distances = new Float32Array(queries.rows * k);
  const first = new Float64Array(targets.rows);
  const second = new Float64Array(targets.rows);
  for (let i = 0; i < queries.rows; i += 2) {
    if (i % 64 === 0) await nextTurn(options.signal);
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
