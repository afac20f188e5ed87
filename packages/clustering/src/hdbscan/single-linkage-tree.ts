import { DisjointSet } from '@matome/primitives/collections';
import { ascendingOrder } from './ascending-order.js';
import type { SpanningTree } from './spanning-forest.js';

/**
 * Merges of n points in order of distance: merge i joins nodes `left[i]` and `right[i]` into node `n + i`; nodes below n
 * are points.
 */
export interface SingleLinkageTree {
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Ascending. */
  readonly distance: Float64Array;
  /**
   * By how much the edge behind each merge is longer than the smaller core distance of its ends; descends among merges
   * of one distance.
   */
  readonly excess: Float64Array;
  /** Points of the merged node. */
  readonly size: Int32Array;
}

/**
 * Single linkage from a minimum spanning tree: its edges in ascending order are the merges.
 *
 * A core distance often is the weight of several edges, and single linkage leaves their order free. Here the edge that
 * is longest for the denser of its ends comes first: so the result does not depend on the order of the rows, and stays
 * within the differences between the reference implementations on all their fixtures.
 *
 * @param coreDistances - one for each row.
 *
 * @see Gower, Ross (1969), doi:10.2307/2346439
 */
export function singleLinkageTree(tree: SpanningTree, coreDistances: Float64Array): SingleLinkageTree {
  const merges = tree.weights.length;
  const rows = merges + 1;
  const order = ascendingOrder(tree.weights);
  const excesses = tree.lengths.map(
    (length, edge) => length - Math.min(coreDistances[tree.from[edge]!]!, coreDistances[tree.to[edge]!]!),
  );
  orderTies(order, tree.weights, excesses);
  const left = new Int32Array(merges);
  const right = new Int32Array(merges);
  const distance = new Float64Array(merges);
  const excess = new Float64Array(merges);
  const size = new Int32Array(merges);
  const sets = new DisjointSet(rows);
  const node = Int32Array.from({ length: rows }, (_, i) => i);
  for (let i = 0; i < merges; i++) {
    const edge = order[i]!;
    const a = sets.find(tree.from[edge]!);
    const b = sets.find(tree.to[edge]!);
    left[i] = Math.min(node[a]!, node[b]!);
    right[i] = Math.max(node[a]!, node[b]!);
    distance[i] = tree.weights[edge]!;
    excess[i] = excesses[edge]!;
    sets.union(a, b);
    const root = sets.find(a);
    size[i] = sets.sizeOf(root);
    node[root] = rows + i;
  }
  return { left, right, distance, excess, size };
}

/** Sorts each run of equal weights by descending excess. */
function orderTies(order: Uint32Array, weights: Float64Array, excesses: Float64Array): void {
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && weights[order[end]!] === weights[order[start]!]) end++;
    if (end - start > 1) order.subarray(start, end).sort((a, b) => excesses[b]! - excesses[a]! || a - b);
    start = end;
  }
}
