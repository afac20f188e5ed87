import type { KdTree } from '../neighbors/kd-tree.js';
import { squaredDistanceBetween } from '../neighbors/neighbor-lists.js';

/** Boxes and balls around groups of points, one after the other. */
export interface Extent {
  /** Lower sides, then upper sides; inverted for no points. */
  readonly boxes: Float64Array;
  readonly centres: Float64Array;
  readonly radii: Float64Array;
}

/** What is known of the points of each node of a tree. */
export interface NodeBounds {
  /** Squared core distance above which a point counts as sparse. */
  readonly sparseLimit: number;
  /** Least squared core distance. */
  readonly leastCore: Float64Array;
  /** Least squared core distance of the sparse points; Infinity where there are none. */
  readonly sparseCore: Float64Array;
  readonly all: Extent;
  /** Of the dense points alone: a single far point makes the extent of its node useless. */
  readonly dense: Extent;
}

/** Points of more than twice the median core distance count as sparse. */
const sparseFactor = 4;
/** Columns from which a ball often fits tighter than a box. */
const fewestForBalls = 4;
/** Covers the rounding of a radius. */
const slack = 1 + 1e-9;

export function createExtents(count: number, cols: number): Extent {
  return {
    boxes: new Float64Array(count * 2 * cols),
    centres: new Float64Array(count * cols),
    radii: new Float64Array(count),
  };
}

/** @param core - squared core distance of each position. */
export function nodeBounds(tree: KdTree, core: Float64Array): NodeBounds {
  const { nodeCount, cols, starts, ends } = tree;
  const limit = sparseFactor * (core.slice().sort()[core.length >> 1] ?? 0);
  const bounds: NodeBounds = {
    sparseLimit: limit,
    leastCore: new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY),
    sparseCore: new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY),
    all: createExtents(nodeCount, cols),
    dense: createExtents(nodeCount, cols),
  };
  const positions = new Int32Array(core.length);
  for (let node = 0; node < nodeCount; node++) {
    let count = 0;
    for (let p = starts[node]!; p < ends[node]!; p++) {
      if (core[p]! < bounds.leastCore[node]!) bounds.leastCore[node] = core[p]!;
      if (core[p]! <= limit) positions[count++] = p;
      else if (core[p]! < bounds.sparseCore[node]!) bounds.sparseCore[node] = core[p]!;
    }
    fitExtent(tree, positions, count, bounds.dense, node);
    if (count === ends[node]! - starts[node]!) {
      copyExtent(bounds.dense, bounds.all, node, cols);
      continue;
    }
    count = 0;
    for (let p = starts[node]!; p < ends[node]!; p++) positions[count++] = p;
    fitExtent(tree, positions, count, bounds.all, node);
  }
  return bounds;
}

function copyExtent(from: Extent, to: Extent, index: number, cols: number): void {
  const width = 2 * cols;
  to.boxes.set(from.boxes.subarray(index * width, (index + 1) * width), index * width);
  to.centres.set(from.centres.subarray(index * cols, (index + 1) * cols), index * cols);
  to.radii[index] = from.radii[index]!;
}

/** Writes box and ball of the first `count` positions as extent `index`. */
export function fitExtent(
  { points, cols }: KdTree,
  positions: Int32Array,
  count: number,
  { boxes, centres, radii }: Extent,
  index: number,
): void {
  const low = index * 2 * cols;
  const high = low + cols;
  const centre = index * cols;
  boxes.fill(Number.POSITIVE_INFINITY, low, high);
  boxes.fill(Number.NEGATIVE_INFINITY, high, high + cols);
  for (let i = 0; i < count; i++) {
    for (let j = 0, at = positions[i]! * cols; j < cols; j++, at++) {
      if (points[at]! < boxes[low + j]!) boxes[low + j] = points[at]!;
      if (points[at]! > boxes[high + j]!) boxes[high + j] = points[at]!;
    }
  }
  if (cols < fewestForBalls) return;
  centres.fill(0, centre, centre + cols);
  for (let i = 0; i < count; i++) {
    for (let j = 0, at = positions[i]! * cols; j < cols; j++, at++) centres[centre + j]! += points[at]! / count;
  }
  let radius = 0;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = 0, at = positions[i]! * cols; j < cols; j++, at++) {
      const difference = points[at]! - centres[centre + j]!;
      sum += difference * difference;
    }
    if (sum > radius) radius = sum;
  }
  radii[index] = Math.sqrt(radius) * slack;
}

/**
 * Square of a distance below which no point of an extent is near any point of a node whose core distance is below `bound`:
 * sparse points beyond it do not count.
 */
export function gapWithin(
  cols: number,
  { sparseCore, all, dense }: NodeBounds,
  own: Extent,
  node: number,
  bound: number,
): number {
  const { boxes, centres, radii } = sparseCore[node]! >= bound ? dense : all;
  const { boxes: box, centres: centre, radii: radius } = own;
  let gap = 0;
  for (let j = 0, at = node * 2 * cols; j < cols; j++, at++) {
    const side = Math.max(0, boxes[at]! - box[cols + j]!, box[j]! - boxes[at + cols]!);
    gap += side * side;
  }
  if (cols < fewestForBalls || gap >= bound) return gap;
  let apart = 0;
  for (let j = 0, at = node * cols; j < cols; j++, at++) {
    const difference = centres[at]! - centre[j]!;
    apart += difference * difference;
  }
  const between = Math.sqrt(apart) - radii[node]! - radius[0]!;
  return between > 0 ? Math.max(gap, between * between) : gap;
}

/**
 * Whether the ball of a node shows that nothing in it is nearer to a point than `bound`. One point reaches less far than
 * the ball of its leaf: among many columns most leaves fall to this test only.
 */
export function beyondBall(
  { points, cols }: KdTree,
  { sparseCore, all, dense }: NodeBounds,
  position: number,
  node: number,
  bound: number,
): boolean {
  if (cols < fewestForBalls) return false;
  const { centres, radii } = sparseCore[node]! >= bound ? dense : all;
  const apart = squaredDistanceBetween(points, position * cols, centres, node * cols, cols);
  const between = Math.sqrt(apart) - radii[node]!;
  return between > 0 && between * between >= bound * slack;
}
