import { nearestNeighbors } from '@matome/clustering';
import { type CsrMatrix, csrFromRows } from '@matome/primitives/linalg';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import { type FeatureRows, isSparse, unitRows } from '../classification/sparse-rows.js';

/** Options of `similarityGraph`. */
export interface SimilarityGraphOptions {
  /** Least cosine of an edge, in (0, 1]. @default 0.85 */
  readonly threshold?: number;
  /** Most similar neighbours kept per row; an edge stays when either end keeps it. @default 20 */
  readonly maxNeighbors?: number;
}

/**
 * Joins rows that are similar: a symmetric n × n matrix of cosines without a diagonal.
 *
 * @param x - n × d, dense or sparse, values of a sparse one not negative.
 * @throws RangeError for options out of range.
 * @remarks Sparse: O(Σ df²) over the columns, by an inverted index. Dense: as `nearestNeighbors`.
 * @example
 * const graph = await similarityGraph(matrixFromRows([[1, 0], [1, 0.1], [0, 1]]));
 * [...graph.indices] // => [1, 0]
 */
export async function similarityGraph(x: FeatureRows, options: SimilarityGraphOptions = {}): Promise<CsrMatrix> {
  const { threshold = 0.85, maxNeighbors = 20 } = options;
  checkNumber('similarityGraph', 'threshold', threshold, { min: 0, max: 1, exclusiveMin: true });
  checkInteger('similarityGraph', 'maxNeighbors', maxNeighbors, { min: 1 });
  const rows = Array.from({ length: x.rows }, () => new Map<number, number>());
  const join = (i: number, j: number, similarity: number) => {
    rows[i]!.set(j, similarity);
    rows[j]!.set(i, similarity);
  };
  if (isSparse(x)) joinSparse(unitRows(x), threshold, maxNeighbors, join);
  else if (x.rows > 1) {
    const k = Math.min(maxNeighbors, x.rows - 1);
    const { indices, distances } = await nearestNeighbors(x, { k, metric: 'cosine' });
    indices.forEach((j, at) => {
      const similarity = 1 - distances[at]!;
      if (similarity >= threshold) join(Math.floor(at / k), j, similarity);
    });
  }
  return csrFromRows(rows, x.rows);
}

function joinSparse(
  x: CsrMatrix,
  threshold: number,
  maxNeighbors: number,
  join: (i: number, j: number, similarity: number) => void,
): void {
  const { starts, rows, values } = invert(x);
  const sums = new Float64Array(x.rows);
  const touched = new Uint32Array(x.rows);
  for (let i = 0; i < x.rows; i++) {
    let count = 0;
    for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) {
      const column = x.indices[at]!;
      const value = x.data[at]!;
      for (let p = starts[column]!; p < starts[column + 1]!; p++) {
        const j = rows[p]!;
        if (sums[j] === 0) touched[count++] = j;
        sums[j]! += value * values[p]!;
      }
    }
    const found: number[] = [];
    for (let k = 0; k < count; k++) if (touched[k] !== i && sums[touched[k]!]! >= threshold) found.push(touched[k]!);
    found.sort((a, b) => sums[b]! - sums[a]! || a - b);
    for (const j of found.slice(0, maxNeighbors)) join(i, j, Math.min(1, sums[j]!));
    for (let k = 0; k < count; k++) sums[touched[k]!] = 0;
  }
}

/** The rows and values of every column. */
function invert(x: CsrMatrix): { starts: Uint32Array; rows: Uint32Array; values: Float32Array } {
  const starts = new Uint32Array(x.cols + 1);
  for (const column of x.indices) starts[column + 1]!++;
  for (let j = 0; j < x.cols; j++) starts[j + 1]! += starts[j]!;
  const next = starts.slice();
  const rows = new Uint32Array(x.indices.length);
  const values = new Float32Array(x.indices.length);
  for (let i = 0; i < x.rows; i++) {
    for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) {
      const slot = next[x.indices[at]!]!++;
      rows[slot] = i;
      values[slot] = x.data[at]!;
    }
  }
  return { starts, rows, values };
}
