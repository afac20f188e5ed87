import type { Matrix } from '../linalg/index.js';
import type { ExactScores } from './exact-scores.js';

/**
 * Exact scores of two queries with all targets, the same to the last bit as `scoreCandidates` gives one by one.
 *
 * Two rows against four: eight sums stay in registers and every loaded value is used several times.
 */
export function scoreTwoRows(exact: ExactScores, i: number, j: number, outI: Float64Array, outJ: Float64Array): void {
  const { queries, targets } = exact;
  if (exact.metric === 'euclidean') {
    for (let at = 0; at < targets.rows; at += 4) distances(queries, targets, i, j, at, outI, outJ);
    for (let at = 0; at < targets.rows; at++) {
      outI[at] = -outI[at]!;
      outJ[at] = -outJ[at]!;
    }
    return;
  }
  dotTwoRows(queries, targets, i, j, outI, outJ);
  divideByLengths(exact, i, outI);
  divideByLengths(exact, j, outJ);
}

/** Products of two rows of one matrix with all rows of another. */
export function dotTwoRows(
  x: Matrix,
  targets: Matrix,
  i: number,
  j: number,
  outI: Float64Array,
  outJ: Float64Array,
): void {
  for (let at = 0; at < targets.rows; at += 4) dots(x, targets, i, j, at, outI, outJ);
}

function divideByLengths({ queryNorms, targetNorms }: ExactScores, i: number, out: Float64Array): void {
  const length = queryNorms[i]!;
  for (let at = 0; at < out.length; at++) {
    const lengths = targetNorms[at]! * length;
    out[at] = lengths === 0 ? 0 : out[at]! / lengths;
  }
}

function dots(
  queries: Matrix,
  targets: Matrix,
  i: number,
  j: number,
  at: number,
  outI: Float64Array,
  outJ: Float64Array,
): void {
  const { cols } = queries;
  const q = queries.data;
  const t = targets.data;
  const last = targets.rows - 1;
  const p0 = i * cols;
  const p1 = j * cols;
  const o0 = at * cols;
  const o1 = Math.min(at + 1, last) * cols;
  const o2 = Math.min(at + 2, last) * cols;
  const o3 = Math.min(at + 3, last) * cols;
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let c = 0; c < cols; c++) {
    const x = q[p0 + c]!;
    const y = q[p1 + c]!;
    const t0 = t[o0 + c]!;
    const t1 = t[o1 + c]!;
    const t2 = t[o2 + c]!;
    const t3 = t[o3 + c]!;
    a0 += x * t0;
    a1 += x * t1;
    a2 += x * t2;
    a3 += x * t3;
    b0 += y * t0;
    b1 += y * t1;
    b2 += y * t2;
    b3 += y * t3;
  }
  write(outI, at, a0, a1, a2, a3);
  write(outJ, at, b0, b1, b2, b3);
}

function distances(
  queries: Matrix,
  targets: Matrix,
  i: number,
  j: number,
  at: number,
  outI: Float64Array,
  outJ: Float64Array,
): void {
  const { cols } = queries;
  const q = queries.data;
  const t = targets.data;
  const last = targets.rows - 1;
  const p0 = i * cols;
  const p1 = j * cols;
  const o0 = at * cols;
  const o1 = Math.min(at + 1, last) * cols;
  const o2 = Math.min(at + 2, last) * cols;
  const o3 = Math.min(at + 3, last) * cols;
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let c = 0; c < cols; c++) {
    const x = q[p0 + c]!;
    const y = q[p1 + c]!;
    const t0 = t[o0 + c]!;
    const t1 = t[o1 + c]!;
    const t2 = t[o2 + c]!;
    const t3 = t[o3 + c]!;
    a0 += (x - t0) * (x - t0);
    a1 += (x - t1) * (x - t1);
    a2 += (x - t2) * (x - t2);
    a3 += (x - t3) * (x - t3);
    b0 += (y - t0) * (y - t0);
    b1 += (y - t1) * (y - t1);
    b2 += (y - t2) * (y - t2);
    b3 += (y - t3) * (y - t3);
  }
  write(outI, at, a0, a1, a2, a3);
  write(outJ, at, b0, b1, b2, b3);
}

// Writes past the end of a typed array are dropped, which is what the last block needs.
function write(out: Float64Array, at: number, s0: number, s1: number, s2: number, s3: number): void {
  out[at] = s0;
  out[at + 1] = s1;
  out[at + 2] = s2;
  out[at + 3] = s3;
}
