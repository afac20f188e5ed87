import { type Cooperative, runSync } from '@matome/primitives/async';
import type { RowProducts } from '../wasm/row-products.js';

/** The nearest centroid of each row and the squared distance to it. */
export interface NearestCentroids {
  readonly labels: Int32Array;
  readonly squaredDistances: Float64Array;
}

/**
 * Finds the nearest centroid of each row, ties by smaller index.
 *
 * @param ids - rows to look at; all when absent.
 * @param centroids - `k × d`, relative to the centre of the data.
 */
export function assignRows(
  data: RowProducts,
  ids: Uint32Array | undefined,
  centroids: Float64Array,
  k: number,
): NearestCentroids {
  return runSync(assignRowSteps(data, ids, centroids, k));
}

/** Blocks between two yields: a few milliseconds. */
const blocksPerStep = 8;

/** `assignRows` in steps of a few milliseconds. The data must not be multiplied otherwise in between. */
export function* assignRowSteps(
  data: RowProducts,
  ids: Uint32Array | undefined,
  centroids: Float64Array,
  k: number,
): Cooperative<NearestCentroids> {
  const { cols } = data;
  const count = ids?.length ?? data.rows;
  const norms = new Float64Array(k);
  for (let c = 0, at = 0; c < k; c++) for (let t = 0; t < cols; t++, at++) norms[c]! += centroids[at]! ** 2;
  data.setColumns(centroids, k);
  const labels = new Int32Array(count);
  const squaredDistances = new Float64Array(count);
  for (let from = 0, block = 1; from < count; from += data.blockRows, block++) {
    const to = Math.min(count, from + data.blockRows);
    if (block % blocksPerStep === 0) yield { stage: 'assign', completed: from, total: count };
    const { products, stride } = data.multiply(ids, from, to);
    for (let i = from; i < to; i++) {
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let c = 0, at = (i - from) * stride; c < k; c++, at++) {
        const score = norms[c]! - 2 * products[at]!;
        if (score < least) {
          least = score;
          best = c;
        }
      }
      labels[i] = best;
      squaredDistances[i] = Math.max(0, data.squaredNorms[ids ? ids[i]! : i]! + least);
    }
  }
  return { labels, squaredDistances };
}
