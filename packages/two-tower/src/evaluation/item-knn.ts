import { type CsrMatrix, csrRow, topK } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import { checkUserRows, transposeCsr } from '../data/interactions.js';
import type { Scorer } from './retrieval.js';

/** Options of `itemKnnScorer`. */
export interface ItemKnnOptions {
  /** Neighbours an item keeps. @default 100 */
  readonly k?: number;
}

/**
 * Scores an item by the summed cosine between its users and those of the items a user has, over its `k` nearest items.
 *
 * @param train - users × items; its rows are the users that can be scored.
 * @throws RangeError if `k` is not positive.
 * @remarks O(Σ squared number of items of a user) time, O(items · k) memory.
 * @see Sarwar et al. (2001), Item-based collaborative filtering, doi:10.1145/371920.372071
 * @example
 * const train = interactionMatrix({ userRows: [0, 0, 1], itemRows: [0, 1, 0] }, 2, 2);
 * (await itemKnnScorer(train)(new Uint32Array([1]))).data[1].toFixed(3) // => '0.707'
 */
export function itemKnnScorer(train: CsrMatrix, options: ItemKnnOptions = {}): Scorer {
  const { k = 100 } = options;
  checkInteger('itemKnnScorer', 'k', k, { min: 1 });
  const neighbours = nearestItems(train, k);
  return (rows) => {
    checkUserRows('itemKnnScorer', rows, train.rows);
    const data = new Float32Array(rows.length * train.cols);
    for (let r = 0; r < rows.length; r++) {
      const scores = data.subarray(r * train.cols, (r + 1) * train.cols);
      for (const item of csrRow(train, rows[r]!).indices) {
        // Row `item` holds the items that count it among their nearest.
        const { indices, data: values } = csrRow(neighbours, item);
        for (let j = 0; j < indices.length; j++) scores[indices[j]!]! += values[j]!;
      }
    }
    return { data, rows: rows.length, cols: train.cols };
  };
}

/** Cosines to the `k` nearest of each item, stored under the neighbour. */
function nearestItems(train: CsrMatrix, k: number): CsrMatrix {
  const byItem = transposeCsr(train);
  const items = train.cols;
  const lengths = Float64Array.from({ length: items }, (_, i) => Math.sqrt(byItem.indptr[i + 1]! - byItem.indptr[i]!));
  const shared = new Float64Array(items);
  const indices: number[] = [];
  const values: number[] = [];
  const indptr = new Uint32Array(items + 1);
  for (let item = 0; item < items; item++) {
    const touched: number[] = [];
    for (const user of csrRow(byItem, item).indices) {
      for (const other of csrRow(train, user).indices) {
        if (shared[other] === 0) touched.push(other);
        shared[other]! += 1;
      }
    }
    const others = touched.filter((other) => other !== item).sort((a, b) => a - b);
    const cosines = others.map((other) => shared[other]! / (lengths[item]! * lengths[other]!));
    for (const place of topK(cosines, k)) {
      indices.push(others[place]!);
      values.push(cosines[place]!);
    }
    for (const other of touched) shared[other] = 0;
    indptr[item + 1] = indices.length;
  }
  const data = Float32Array.from(values);
  return transposeCsr({ rows: items, cols: items, indptr, indices: Uint32Array.from(indices), data });
}
