import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { nearestInPanels } from '../neighbors/dense-neighbors.js';
import { buildKdTree, type KdTree } from '../neighbors/kd-tree.js';
import { comparisonsPerPoint, nearestInTree } from '../neighbors/kd-tree-neighbors.js';
import { createLeafBlocks } from '../neighbors/leaf-blocks.js';
import { fewRows, widestTree } from '../neighbors/nearest-lists.js';
import type { NeighborLists } from '../neighbors/neighbor-lists.js';
import { createPointPanels } from '../neighbors/point-panels.js';
import { createRowDistances } from '../neighbors/row-distances.js';
import type { BlockKernel } from '../wasm/block-kernel.js';
import { PairEstimates } from '../wasm/pair-estimates.js';
import { denseSpanningTree } from './dense-spanning-tree.js';
import { kdTreeSpanningTree } from './kd-tree-spanning-tree.js';
import { estimatePairs, pairCoreDistances, pairSpanningTree } from './pair-spanning-tree.js';
import type { SpanningTree } from './spanning-forest.js';

/** How the spanning tree was found; both ways are exact. */
export type SpanningTreeAlgorithm = 'kd-tree' | 'dense';

/** A minimum spanning tree between rows, by mutual reachability distance, and what it was made from. */
export interface MutualReachability {
  readonly algorithm: SpanningTreeAlgorithm;
  /** Distance of each row to its `minSamples`-th nearest other row. */
  readonly coreDistances: Float64Array;
  readonly tree: SpanningTree;
}

/** Options of `mutualReachability`. */
export interface MutualReachabilityOptions {
  /** Rank of the neighbour that sets the core distance, below the number of rows. */
  readonly minSamples: number;
  readonly algorithm: SpanningTreeAlgorithm | 'auto';
  /** False keeps to plain JavaScript; the result is the same. */
  readonly simd: boolean;
  /** Longest neighbour lists the tree search may keep. */
  readonly maxListLength: number;
  /** Bytes that estimates of all pairs may take; never more than `mostPairBytes` are. */
  readonly pairBytes: number;
}

/** Bytes of all pairs up to which they are kept: 2,880 rows. */
const mostPairBytes = 2 ** 24;

/** A neighbour that the tree search compares stands for about this many dense distances, measured at 5 to 50 columns. */
const treeOverhead = (cols: number) => Math.max(3, 0.6 * cols);

/** Core distances and minimum spanning tree of at least two rows, by whichever algorithm is estimated to be cheaper. */
export function* mutualReachability(x: Matrix, options: MutualReachabilityOptions): Cooperative<MutualReachability> {
  const { algorithm, simd, minSamples } = options;
  if (algorithm === 'dense' || (algorithm === 'auto' && (x.cols > widestTree || x.rows < fewRows))) {
    return yield* byPanels(x, options);
  }
  const tree = buildKdTree(x, { leafSize: x.cols <= 3 ? 16 : 32 });
  yield { stage: 'core-distances', completed: 0, total: x.rows };
  const kernel = createLeafBlocks(tree, simd);
  if (algorithm === 'auto' && treeOverhead(x.cols) * comparisonsPerPoint(tree, kernel, minSamples) > x.rows) {
    return yield* byPanels(x, options);
  }
  return yield* byTree(tree, kernel, options);
}

function* byPanels(x: Matrix, options: MutualReachabilityOptions): Cooperative<MutualReachability> {
  const { minSamples, simd, pairBytes } = options;
  const pairs = simd ? PairEstimates.of(x, Math.min(pairBytes, mostPairBytes)) : undefined;
  if (pairs) return yield* byPairs(x, pairs, minSamples);
  const kernel = createPointPanels(x, { simd });
  const distances = createRowDistances(x, simd);
  const core = farthestListed(yield* nearestInPanels(x, kernel, minSamples, distances));
  const tree = yield* denseSpanningTree(x, kernel, distances, core);
  return { algorithm: 'dense', coreDistances: core.map(Math.sqrt), tree: withRoots(tree) };
}

/** Every pair is measured once, not for core distances and spanning tree each. */
function* byPairs(x: Matrix, pairs: PairEstimates, minSamples: number): Cooperative<MutualReachability> {
  try {
    const distances = createRowDistances(x, true, pairs.placed);
    yield* estimatePairs(pairs, x.cols);
    const core = yield* pairCoreDistances(pairs, x.rows, minSamples, distances);
    const tree = yield* pairSpanningTree(pairs, distances, core);
    return { algorithm: 'dense', coreDistances: core.map(Math.sqrt), tree: withRoots(tree) };
  } finally {
    pairs.release();
  }
}

function* byTree(
  tree: KdTree,
  kernel: BlockKernel,
  { minSamples, maxListLength }: MutualReachabilityOptions,
): Cooperative<MutualReachability> {
  const { order } = tree;
  const lists = yield* nearestInTree(tree, kernel, minSamples);
  const core = farthestListed(lists);
  const edges = withRoots(yield* kdTreeSpanningTree(tree, kernel, core, shorten(lists, maxListLength)));
  const coreDistances = new Float64Array(core.length);
  for (let p = 0; p < core.length; p++) coreDistances[order[p]!] = Math.sqrt(core[p]!);
  const rowsOf = (positions: Int32Array) => positions.map((p) => order[p]!);
  const spanning = { from: rowsOf(edges.from), to: rowsOf(edges.to), weights: edges.weights, lengths: edges.lengths };
  return { algorithm: 'kd-tree', coreDistances, tree: spanning };
}

function farthestListed({ k, squared }: NeighborLists): Float64Array {
  const core = new Float64Array(squared.length / k);
  for (let p = 0; p < core.length; p++) core[p] = squared[p * k + k - 1]!;
  return core;
}

/** Keeps the nearest `length` entries of each list, so that long lists do not outlive the core distances. */
function shorten(lists: NeighborLists, length: number): NeighborLists {
  const { k, indices, squared } = lists;
  if (k <= length) return lists;
  const rows = indices.length / k;
  const short = { k: length, indices: new Int32Array(rows * length), squared: new Float64Array(rows * length) };
  for (let p = 0; p < rows; p++) {
    short.indices.set(indices.subarray(p * k, p * k + length), p * length);
    short.squared.set(squared.subarray(p * k, p * k + length), p * length);
  }
  return short;
}

function withRoots(tree: SpanningTree): SpanningTree {
  return { ...tree, weights: tree.weights.map(Math.sqrt), lengths: tree.lengths.map(Math.sqrt) };
}
