import type { Cooperative } from '@matome/primitives/async';
import type { KdTree } from '../neighbors/kd-tree.js';
import { type NeighborLists, squaredDistance } from '../neighbors/neighbor-lists.js';
import { type BlockKernel, leastBound, slack } from '../wasm/block-kernel.js';
import {
  beyondBall,
  createExtents,
  type Extent,
  fitExtent,
  gapWithin,
  type NodeBounds,
  nodeBounds,
} from './node-bounds.js';
import { SpanningForest, type SpanningTree } from './spanning-forest.js';

/** Entries that a depth-first walk of any tree can hold: two a level of at most 2³¹ points. */
const stackSize = 64;
/** Leaves searched between two yields: a few milliseconds. */
const leavesPerStep = 16;
/** A round searches the tree once the neighbour lists alone settle less than this share of the components. */
const settledShare = 0.25;

/** What the rounds share; positions are those of the tree order, distances are squared. */
interface Search {
  readonly tree: KdTree;
  readonly kernel: BlockKernel;
  readonly core: Float64Array;
  readonly lists: NeighborLists;
  readonly forest: SpanningForest;
  /** No point outside the own component is nearer than this (mutual reachability). Only ever rises. */
  readonly floor: Float64Array;
  /** First list entry not yet seen inside the own component. */
  readonly cursor: Int32Array;
  /** 1 where the list holds the nearest point outside the component. */
  readonly exact: Uint8Array;
  /** 1 for components whose lightest edge is known. */
  readonly settled: Uint8Array;
  /** Component of all points of a node, -1 when they differ. */
  readonly nodeComponent: Int32Array;
  readonly bounds: NodeBounds;
  /** Extent of the seekers of the present leaf. */
  readonly seekerExtent: Extent;
  readonly stack: Int32Array;
  readonly seekers: Int32Array;
  readonly active: Int32Array;
  readonly widen: number;
}

/**
 * Minimum spanning tree of the mutual reachability graph, `max(core(a), core(b), distance)`, by Borůvka's rounds over a
 * k-d tree.
 *
 * The neighbour lists of the core distances settle most edges of the early rounds. Later, all unsettled points of a leaf
 * search together; nodes wholly inside the own component, beyond its best edge or of larger core distance are skipped.
 *
 * @param core - squared core distance of each position.
 * @param lists - ascending lists of the nearest other points, at least one each.
 * @returns edges between positions, with squared weights.
 * @see March, Ram, Gray (2010), Fast Euclidean minimum spanning tree, doi:10.1145/1835804.1835882
 * @see McInnes, Healy (2017), Accelerated hierarchical density based clustering, doi:10.1109/ICDMW.2017.12
 */
export function* kdTreeSpanningTree(
  tree: KdTree,
  kernel: BlockKernel,
  core: Float64Array,
  lists: NeighborLists,
): Cooperative<SpanningTree> {
  const forest = new SpanningForest(tree.rows);
  const search: Search = {
    tree,
    kernel,
    core,
    lists,
    forest,
    floor: core.slice(),
    cursor: new Int32Array(tree.rows),
    exact: new Uint8Array(tree.rows),
    settled: new Uint8Array(tree.rows),
    nodeComponent: new Int32Array(tree.nodeCount),
    bounds: nodeBounds(tree, core),
    seekerExtent: createExtents(1, tree.cols),
    stack: new Int32Array(stackSize),
    seekers: new Int32Array(kernel.lanes),
    active: new Int32Array(kernel.lanes),
    widen: slack(tree.cols),
  };
  const progress = () => ({ stage: 'spanning-tree', completed: forest.edges, total: tree.rows - 1 });
  yield progress();
  while (forest.components > 1) {
    scanLists(search);
    yield progress();
    if (settleFromLists(search) >= forest.components * settledShare) {
      forest.merge(search.settled);
    } else {
      labelNodes(search);
      for (let leaf = tree.firstLeaf; leaf < tree.nodeCount; leaf++) {
        searchFromLeaf(search, leaf);
        if (leaf % leavesPerStep === 0) yield progress();
      }
      forest.merge();
    }
    yield progress();
  }
  return forest.tree();
}

/**
 * Offers every listed neighbour in another component as an edge; marks the points whose list holds their nearest one.
 *
 * An edge whose weight is a core distance stands in the list of that point. So all shorter edges of equal weight are
 * offered here, and the tree search can skip whatever is not lighter.
 */
function scanLists(search: Search): void {
  const { core, forest, floor, cursor, exact } = search;
  const { k, indices, squared } = search.lists;
  const { component } = forest;
  for (let p = 0; p < core.length; p++) {
    const c = component[p]!;
    const own = core[p]!;
    const end = (p + 1) * k;
    let entry = p * k + cursor[p]!;
    while (entry < end && component[indices[entry]!]! === c) entry++;
    cursor[p] = entry - p * k;
    // Whatever is not in the list lies at or beyond its last entry.
    const beyond = squared[end - 1]!;
    if (beyond > floor[p]!) floor[p] = beyond;
    let least = Number.POSITIVE_INFINITY;
    for (; entry < end; entry++) {
      const distance = squared[entry]!;
      const q = indices[entry]!;
      if (component[q] === c) continue;
      const weight = Math.max(own, core[q]!, distance);
      if (weight < least) least = weight;
      forest.offer(p, q, weight, distance);
      forest.offer(q, p, weight, distance);
    }
    exact[p] = least <= floor[p]! ? 1 : 0;
  }
}

/** Marks the components whose lightest edge is proved: no other point of theirs can have a lighter one. */
function settleFromLists(search: Search): number {
  const { forest, floor, exact, settled } = search;
  const { component, bestWeight, components } = forest;
  settled.fill(1, 0, components);
  for (let p = 0; p < component.length; p++) {
    const c = component[p]!;
    if (exact[p] === 0 && floor[p]! < bestWeight[c]!) settled[c] = 0;
  }
  let count = 0;
  for (let c = 0; c < components; c++) count += settled[c]!;
  return count;
}

function labelNodes(search: Search): void {
  const { tree, forest, nodeComponent } = search;
  const { component } = forest;
  for (let node = tree.nodeCount - 1; node >= 0; node--) {
    if (node < tree.firstLeaf) {
      const left = nodeComponent[2 * node + 1]!;
      nodeComponent[node] = left === nodeComponent[2 * node + 2]! ? left : -1;
      continue;
    }
    const start = tree.starts[node]!;
    let common = component[start]!;
    for (let p = start + 1; p < tree.ends[node]!; p++) if (component[p]! !== common) common = -1;
    nodeComponent[node] = common;
  }
}

/** Lets the unsettled points of a leaf search: the dense ones together, each sparse one by itself, as it reaches far. */
function searchFromLeaf(search: Search, leaf: number): void {
  const { tree, core, forest, floor, exact, settled, seekers } = search;
  const { component, bestWeight } = forest;
  const { sparseLimit } = search.bounds;
  let seeking = 0;
  for (let p = tree.starts[leaf]!; p < tree.ends[leaf]!; p++) {
    const c = component[p]!;
    if (core[p]! > sparseLimit || exact[p] === 1 || settled[c] === 1 || floor[p]! >= bestWeight[c]!) continue;
    seekers[seeking++] = p;
  }
  if (seeking > 0) searchTogether(search, leaf, seeking);
  if (search.bounds.sparseCore[leaf] === Number.POSITIVE_INFINITY) return;
  for (let p = tree.starts[leaf]!; p < tree.ends[leaf]!; p++) {
    const c = component[p]!;
    if (core[p]! <= sparseLimit || exact[p] === 1 || settled[c] === 1 || floor[p]! >= bestWeight[c]!) continue;
    seekers[0] = p;
    searchTogether(search, leaf, 1);
  }
}

/** Looks for edges of the first `seeking` seekers, all of them in `leaf`: up from there, down into what may be near. */
function searchTogether(search: Search, leaf: number, seeking: number): void {
  const { tree, forest, floor, nodeComponent, stack, seekers } = search;
  const { leastCore } = search.bounds;
  const { component, bestWeight } = forest;
  let common = component[seekers[0]!]!;
  let bound = 0;
  for (let s = 0; s < seeking; s++) {
    const c = component[seekers[s]!]!;
    if (c !== common) common = -1;
    if (bestWeight[c]! > bound) bound = bestWeight[c]!;
  }
  fitExtent(tree, seekers, seeking, search.seekerExtent, 0);
  let node = leaf;
  let top = 0;
  stack[top++] = leaf;
  for (;;) {
    while (top > 0) {
      const near = stack[--top]!;
      if ((common !== -1 && nodeComponent[near] === common) || leastCore[near]! >= bound) continue;
      const gap = gapWithin(tree.cols, search.bounds, search.seekerExtent, near, bound);
      if (gap >= bound) continue;
      if (near < tree.firstLeaf) {
        stack[top++] = 2 * near + 1;
        stack[top++] = 2 * near + 2;
      } else {
        bound = visitLeaf(search, leaf, seeking, near, gap);
      }
    }
    if (node === 0) break;
    stack[top++] = node & 1 ? node + 1 : node - 1;
    node = (node - 1) >> 1;
  }
  for (let s = 0; s < seeking; s++) {
    const p = seekers[s]!;
    const reached = bestWeight[component[p]!]!;
    if (reached > floor[p]!) floor[p] = reached;
  }
}

/** Looks for lighter edges into leaf `near`; returns the largest weight that still matters to a seeker. */
function visitLeaf(search: Search, leaf: number, seeking: number, near: number, gap: number): number {
  const { tree, kernel, core, forest, floor, seekers, active, widen } = search;
  const { points, cols, starts, firstLeaf } = tree;
  const { component, bestWeight } = forest;
  const { lanes, queries, bounds, masks } = kernel;
  const nearComponent = search.nodeComponent[near]!;
  const own = (leaf - firstLeaf) * cols * lanes - starts[leaf]!;
  let bound = 0;
  let count = 0;
  for (let s = 0; s < seeking; s++) {
    const p = seekers[s]!;
    const c = component[p]!;
    const best = bestWeight[c]!;
    if (floor[p]! >= best) continue;
    if (best > bound) bound = best;
    if (gap >= best || nearComponent === c || beyondBall(tree, search.bounds, p, near, best)) continue;
    active[count] = p;
    queries[count] = own + p;
    bounds[count++] = best * widen + leastBound;
  }
  if (count === 0) return bound;
  kernel.run(count, near - firstLeaf);
  const first = starts[near]!;
  for (let s = 0; s < count; s++) {
    const p = active[s]!;
    const c = component[p]!;
    for (let mask = masks[s]!; mask !== 0; mask &= mask - 1) {
      const q = first + 31 - Math.clz32(mask & -mask);
      const best = bestWeight[c]!;
      if (component[q] === c || core[q]! >= best || core[p]! >= best) continue;
      const distance = squaredDistance(points, p, q, cols);
      forest.offer(p, q, Math.max(core[p]!, core[q]!, distance), distance);
    }
  }
  return bound;
}
