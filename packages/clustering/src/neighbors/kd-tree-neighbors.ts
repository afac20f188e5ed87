import type { Cooperative } from '@matome/primitives/async';
import { type BlockKernel, leastBound, slack } from '../wasm/block-kernel.js';
import { boxGap, type KdTree } from './kd-tree.js';
import {
  createNeighborLists,
  type NeighborLists,
  offerNeighbor,
  sortNeighborLists,
  squaredDistance,
} from './neighbor-lists.js';

/** Entries that a depth-first walk of any tree can hold: two a level of at most 2³¹ points. */
const stackSize = 64;
/** Leaves searched between two yields: a few milliseconds. */
const leavesPerStep = 16;

interface LeafSearch {
  /** Distances named or ruled out by the kernel so far. */
  compared: number;
  readonly tree: KdTree;
  readonly kernel: BlockKernel;
  readonly lists: NeighborLists;
  readonly stack: Int32Array;
  readonly seekers: Int32Array;
  readonly widen: number;
}

/**
 * Finds the `k` nearest other points of every point of a tree.
 *
 * All points of a leaf search together: from their own leaf up towards the root, down into each sibling that may hold
 * something nearer. The kernel names candidates, float64 decides.
 *
 * @param k - below the number of rows.
 * @returns positions of the tree order.
 */
export function* nearestInTree(tree: KdTree, kernel: BlockKernel, k: number): Cooperative<NeighborLists> {
  const search = startSearch(tree, kernel, k);
  // The tree took its time as well.
  yield { stage: 'core-distances', completed: 0, total: tree.rows };
  for (let leaf = tree.firstLeaf; leaf < tree.nodeCount; leaf++) {
    searchFromLeaf(search, leaf);
    sortNeighborLists(search.lists, tree.starts[leaf]!, tree.ends[leaf]!, tree.order);
    if ((leaf - tree.firstLeaf) % leavesPerStep === leavesPerStep - 1) {
      yield { stage: 'core-distances', completed: tree.ends[leaf]!, total: tree.rows };
    }
  }
  return search.lists;
}

/**
 * How many distances a point takes part in when the `k` nearest of all are looked for, measured on a few leaves spread
 * over the tree.
 */
export function comparisonsPerPoint(tree: KdTree, kernel: BlockKernel, k: number, sampledLeaves = 16): number {
  const search = startSearch(tree, kernel, k);
  const leaves = tree.nodeCount - tree.firstLeaf;
  const samples = Math.min(leaves, sampledLeaves);
  let points = 0;
  for (let i = 0; i < samples; i++) {
    const leaf = tree.firstLeaf + Math.floor(((i + 0.5) * leaves) / samples);
    searchFromLeaf(search, leaf);
    points += tree.ends[leaf]! - tree.starts[leaf]!;
  }
  return search.compared / Math.max(1, points);
}

function startSearch(tree: KdTree, kernel: BlockKernel, k: number): LeafSearch {
  return {
    compared: 0,
    tree,
    kernel,
    lists: createNeighborLists(tree.rows, k),
    stack: new Int32Array(stackSize),
    seekers: new Int32Array(kernel.lanes),
    widen: slack(tree.cols),
  };
}

function searchFromLeaf(search: LeafSearch, leaf: number): void {
  const { tree, stack } = search;
  let bound = Number.POSITIVE_INFINITY;
  let node = leaf;
  let top = 0;
  stack[top++] = leaf;
  for (;;) {
    while (top > 0) {
      const near = stack[--top]!;
      const gap = boxGap(tree, leaf, near);
      if (gap > bound) continue;
      if (near < tree.firstLeaf) {
        stack[top++] = 2 * near + 1;
        stack[top++] = 2 * near + 2;
      } else {
        bound = visitLeaf(search, leaf, near, gap);
      }
    }
    if (node === 0) return;
    stack[top++] = node & 1 ? node + 1 : node - 1;
    node = (node - 1) >> 1;
  }
}

/** Offers the points of leaf `near` to those of `leaf`; returns the largest distance that still matters to one of them. */
function visitLeaf(search: LeafSearch, leaf: number, near: number, gap: number): number {
  const { tree, kernel, lists, seekers, widen } = search;
  const { points, cols, starts, ends, order, firstLeaf } = tree;
  const { lanes, queries, bounds, masks } = kernel;
  const { k, squared } = lists;
  const start = starts[leaf]!;
  const end = ends[leaf]!;
  const own = (leaf - firstLeaf) * cols * lanes;
  let count = 0;
  for (let p = start; p < end; p++) {
    const farthest = squared[p * k]!;
    if (farthest < gap) continue;
    seekers[count] = p;
    queries[count] = own + p - start;
    bounds[count++] = farthest * widen + leastBound;
  }
  kernel.run(count, near - firstLeaf);
  search.compared += count * lanes;
  const first = starts[near]!;
  for (let s = 0; s < count; s++) {
    let mask = masks[s]!;
    const p = seekers[s]!;
    while (mask !== 0) {
      const q = first + 31 - Math.clz32(mask & -mask);
      mask &= mask - 1;
      if (q !== p) offerNeighbor(lists, p, q, squaredDistance(points, p, q, cols), order);
    }
  }
  let bound = 0;
  for (let p = start; p < end; p++) if (squared[p * k]! > bound) bound = squared[p * k]!;
  return bound;
}
