import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { RowProducts } from '../wasm/row-products.js';

/** Queries compared at once. */
const columns = 64;
/** Candidates beyond k that are measured exactly, as float32 products may swap near ties. */
const spare = 8;

/** The nearest targets of each query, nearest first, ties by smaller index. */
export interface CrossNeighbors {
  /** m × k target rows. */
  readonly indices: Uint32Array;
  /** m × k Euclidean distances. */
  readonly distances: Float32Array;
  readonly rows: number;
  readonly k: number;
}

/**
 * Finds the `k` nearest target rows of every query row.
 *
 * Candidates come from float32 products around the mean of the targets and are ranked by float64 distances.
 *
 * @param k - at most the number of targets.
 * @remarks O(m n d); memory a copy of the targets.
 */
export function* crossNeighborsSteps(queries: Matrix, targets: Matrix, k: number): Cooperative<CrossNeighbors> {
  const data = new RowProducts('crossNeighbors', targets, columns);
  const { center } = data;
  const count = Math.min(targets.rows, k + spare);
  const indices = new Uint32Array(queries.rows * k);
  const distances = new Float32Array(queries.rows * k);
  const vectors = new Float64Array(columns * queries.cols);
  const candidates = new Candidates(columns, count);
  for (let start = 0; start < queries.rows; start += columns) {
    const width = Math.min(columns, queries.rows - start);
    for (let at = 0; at < width * queries.cols; at++) {
      vectors[at] = queries.data[start * queries.cols + at]! - center[at % queries.cols]!;
    }
    data.setColumns(vectors, width);
    candidates.clear();
    for (let from = 0; from < targets.rows; from += data.blockRows) {
      const to = Math.min(targets.rows, from + data.blockRows);
      const { products, stride } = data.multiply(undefined, from, to);
      for (let i = from; i < to; i++) {
        const norm = data.squaredNorms[i]!;
        for (let c = 0, at = (i - from) * stride; c < width; c++, at++)
          candidates.offer(c, i, norm - 2 * products[at]!);
      }
    }
    for (let c = 0; c < width; c++) {
      rankExactly(queries, start + c, targets, candidates.of(c), k, indices, distances);
    }
    yield { stage: 'neighbors', completed: start + width, total: queries.rows };
  }
  return { indices, distances, rows: queries.rows, k };
}

/** The best few of each of several columns, as sorted lists. */
class Candidates {
  readonly #ids: Uint32Array;
  readonly #scores: Float64Array;

  constructor(
    lists: number,
    readonly length: number,
  ) {
    this.#ids = new Uint32Array(lists * length);
    this.#scores = new Float64Array(lists * length);
  }

  clear(): void {
    this.#scores.fill(Number.POSITIVE_INFINITY);
  }

  offer(list: number, id: number, score: number): void {
    const first = list * this.length;
    let at = first + this.length - 1;
    const scores = this.#scores;
    const ids = this.#ids;
    if (score >= scores[at]!) return;
    for (; at > first && scores[at - 1]! > score; at--) {
      scores[at] = scores[at - 1]!;
      ids[at] = ids[at - 1]!;
    }
    scores[at] = score;
    ids[at] = id;
  }

  of(list: number): Uint32Array {
    return this.#ids.subarray(list * this.length, (list + 1) * this.length);
  }
}

function rankExactly(
  queries: Matrix,
  query: number,
  targets: Matrix,
  candidates: Uint32Array,
  k: number,
  indices: Uint32Array,
  distances: Float32Array,
): void {
  const { cols } = queries;
  const found = Array.from(candidates, (id) => {
    let squared = 0;
    for (let t = 0, a = query * cols, b = id * cols; t < cols; t++, a++, b++) {
      const difference = queries.data[a]! - targets.data[b]!;
      squared += difference * difference;
    }
    return { id, squared };
  });
  found.sort((a, b) => a.squared - b.squared || a.id - b.id);
  for (let r = 0; r < k; r++) {
    indices[query * k + r] = found[r]!.id;
    distances[query * k + r] = Math.sqrt(found[r]!.squared);
  }
}
