import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { nearestInPanels } from './dense-neighbors.js';
import { buildKdTree } from './kd-tree.js';
import { comparisonsPerPoint, nearestInTree } from './kd-tree-neighbors.js';
import { createLeafBlocks } from './leaf-blocks.js';
import type { NeighborLists } from './neighbor-lists.js';
import { createPointPanels } from './point-panels.js';
import { createRowDistances } from './row-distances.js';

/** Widest data for which the tree is considered: beyond, boxes overlap so much that nothing is pruned. */
export const widestTree = 64;
/** Rows below which building a tree does not pay. */
export const fewRows = 256;
/** A distance of the tree search costs about this many dense ones, which come two for one. */
const treeOverhead = (cols: number) => Math.max(3, 0.4 * cols);

/**
 * The `k` nearest other rows of every row, exactly, by whichever of tree and panels is estimated to be cheaper.
 *
 * @param k - below the number of rows.
 * @returns lists of row numbers.
 */
export function* nearestLists(x: Matrix, k: number, simd = true): Cooperative<NeighborLists> {
  if (x.cols <= widestTree && x.rows >= fewRows) {
    const tree = buildKdTree(x, { leafSize: x.cols <= 3 ? 16 : 32 });
    const kernel = createLeafBlocks(tree, simd);
    if (treeOverhead(x.cols) * comparisonsPerPoint(tree, kernel, k) < x.rows) {
      return inRowOrder(yield* nearestInTree(tree, kernel, k), tree.order);
    }
  }
  return yield* nearestInPanels(x, createPointPanels(x, { simd }), k, createRowDistances(x, simd));
}

/** Lists of positions, in tree order, as lists of rows. */
function inRowOrder({ k, indices, squared }: NeighborLists, order: Uint32Array): NeighborLists {
  const rows: NeighborLists = { k, indices: new Int32Array(indices.length), squared: new Float64Array(squared.length) };
  order.forEach((row, p) => {
    for (let r = 0; r < k; r++) rows.indices[row * k + r] = order[indices[p * k + r]!]!;
    rows.squared.set(squared.subarray(p * k, (p + 1) * k), row * k);
  });
  return rows;
}
