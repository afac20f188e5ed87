import { type Cooperative, runSync } from '@matome/primitives/async';
import { BinaryHeap } from '@matome/primitives/collections';
import type { Matrix } from '@matome/primitives/linalg';
import { checkMatrix, checkNumber } from '@matome/primitives/options';
import { nearestLists } from '../neighbors/nearest-lists.js';
import { cutTree, type LinkageTree, type TreeCut } from './cut-tree.js';
import { WardClusters } from './ward-clusters.js';

/** Options of `wardLinkage`. */
export interface WardOptions {
  /** Mass of each row (n values above 0), as if it stood there as often. @default 1 for every row */
  readonly weights?: ArrayLike<number>;
  /** False keeps to plain JavaScript; the tree is the same. @default true */
  readonly simd?: boolean;
}

/** Neighbours of each row that are looked up at the start. */
const firstNeighbors = 16;
/** Merges between two yields: a few milliseconds. */
const mergesPerStep = 64;

/**
 * Joins rows into ever larger groups so that the squares inside of groups grow least (Ward's method).
 *
 * Each group remembers its nearest candidates and a bound for all others, so that most merges measure few distances;
 * the nearest pair comes from a heap. The tree is that of the textbook algorithm.
 *
 * @param x - n × d, finite; not modified.
 * @returns n - 1 merges by ascending height; heights of single rows are their Euclidean distance. Ties by row.
 * @throws RangeError if x has no row, a value is not finite, or a weight is not above 0.
 * @remarks At most O(n² d) time, 0.3 s for 5,000 × 64; O(n d) memory, where others hold n² / 2 distances.
 * @see Ward (1963), doi:10.1080/01621459.1963.10500845
 * @see Müllner (2011), Modern hierarchical, agglomerative clustering algorithms, https://arxiv.org/abs/1109.2378
 * @example
 * const x = { data: new Float32Array([0, 1, 10]), rows: 3, cols: 1 };
 * wardLinkage(x).height[0] // => 1
 */
export function wardLinkage(x: Matrix, options: WardOptions = {}): LinkageTree {
  return runSync(wardLinkageSteps(x, options));
}

/**
 * `wardLinkage` in steps of a few milliseconds, for `runAsync` and `withDeadline`.
 *
 * @example
 * const x = { data: new Float32Array([0, 1, 10]), rows: 3, cols: 1 };
 * (await runAsync(wardLinkageSteps(x))).size[1] // => 3
 */
export function* wardLinkageSteps(x: Matrix, options: WardOptions = {}): Cooperative<LinkageTree> {
  const weights = checkedWeights(x, options.weights);
  const simd = options.simd ?? true;
  const merges = x.rows - 1;
  const tree: LinkageTree = {
    left: new Int32Array(merges),
    right: new Int32Array(merges),
    height: new Float64Array(merges),
    size: new Int32Array(merges),
  };
  if (merges === 0) return tree;
  const lists = yield* nearestLists(x, Math.min(firstNeighbors, merges), simd);
  const clusters = new WardClusters(x, weights, lists, simd);
  const heap = new BinaryHeap(2 * x.rows);
  for (let slot = 0; slot < x.rows; slot++) heap.push(slot, clusters.distance[slot]!);
  const node = Int32Array.from({ length: x.rows }, (_, i) => i);
  const size = new Int32Array(x.rows).fill(1);
  while (clusters.merges < merges) {
    const slot = nextPair(clusters, heap);
    const other = clusters.nearest[slot]!;
    const [a, b] = slot < other ? [slot, other] : [other, slot];
    const i = clusters.merges;
    tree.left[i] = Math.min(node[a]!, node[b]!);
    tree.right[i] = Math.max(node[a]!, node[b]!);
    size[a]! += size[b]!;
    tree.size[i] = size[a]!;
    const squared = clusters.distance[slot]!;
    // Rounding must not let a later merge seem lower.
    tree.height[i] = Math.max(Math.sqrt(squared), i > 0 ? tree.height[i - 1]! : 0);
    node[a] = x.rows + i;
    clusters.merge(a, b, squared);
    heap.push(a, clusters.distance[a]!);
    if (i % mergesPerStep === 0) yield { stage: 'ward', completed: i + 1, total: merges };
  }
  return tree;
}

/** The slot whose nearest cluster is nearer than that of any other; bounds that come up are replaced by distances. */
function nextPair(clusters: WardClusters, heap: BinaryHeap): number {
  for (;;) {
    const distance = heap.peekPriority;
    const slot = heap.pop();
    if (!clusters.isActive(slot) || clusters.distance[slot] !== distance) continue;
    if (clusters.isCurrent(slot)) return slot;
    if (clusters.nearest[slot] === -1) clusters.scan(slot);
    else clusters.lookUp(slot);
    heap.push(slot, clusters.distance[slot]!);
  }
}

/**
 * Groups rows by Ward's method, cut into a number of groups or at a height.
 *
 * @returns labels (n), numbered by the first row of each group.
 * @throws RangeError if x has no row, a value is not finite, a weight is not above 0 or the cut is out of range.
 * @remarks As `wardLinkage`; keep its tree to cut more than once.
 * @example
 * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
 * [...wardClustering(x, { nClusters: 2 })] // => [0, 0, 1, 1]
 */
export function wardClustering(x: Matrix, options: WardOptions & TreeCut): Int32Array {
  return cutTree(wardLinkage(x, options), options);
}

function checkedWeights(x: Matrix, weights: ArrayLike<number> | undefined): Float64Array {
  if (x.rows === 0) throw new RangeError('The input of wardLinkage must have at least one row.');
  checkMatrix('wardLinkage', x);
  if (weights === undefined) return new Float64Array(x.rows).fill(1);
  if (weights.length !== x.rows) {
    throw new RangeError(
      `The weights of wardLinkage must be as many as rows. Got ${weights.length} for ${x.rows} rows.`,
    );
  }
  return Float64Array.from({ length: x.rows }, (_, i) =>
    checkNumber('wardLinkage', `weights[${i}]`, weights[i]!, { min: 0, exclusiveMin: true, max: Number.MAX_VALUE }),
  );
}
