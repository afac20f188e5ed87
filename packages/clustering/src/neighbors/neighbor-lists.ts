/**
 * The k nearest points of each point. While a search runs, each list is a heap whose root is its farthest entry; once
 * `sortNeighborLists` ran, entries ascend by distance, then by row.
 */
export interface NeighborLists {
  readonly k: number;
  /** n × k positions; -1 where there are fewer than k others. */
  readonly indices: Int32Array;
  /** n × k squared distances; Infinity where there are fewer than k others. */
  readonly squared: Float64Array;
}

export function createNeighborLists(rows: number, k: number): NeighborLists {
  return {
    k,
    indices: new Int32Array(rows * k).fill(-1),
    squared: new Float64Array(rows * k).fill(Number.POSITIVE_INFINITY),
  };
}

/** Squared Euclidean distance of points `a` and `b`; see `squaredDistanceBetween`. */
export function squaredDistance(points: Float32Array | Float64Array, a: number, b: number, cols: number): number {
  return squaredDistanceBetween(points, a * cols, points, b * cols, cols);
}

/**
 * Squared Euclidean distance of the points that start at `p[i]` and `q[j]`.
 *
 * All exact decisions go through this one sum: float64, every fourth column to one of four partial sums (three times as
 * fast for 256 columns), so that each way of finding a neighbour gives the same bits.
 */
export function squaredDistanceBetween(
  p: Float32Array | Float64Array,
  i: number,
  q: Float32Array | Float64Array,
  j: number,
  cols: number,
): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let t = 0;
  for (const end = cols - 3; t < end; t += 4) {
    const w = p[i + t]! - q[j + t]!;
    const x = p[i + t + 1]! - q[j + t + 1]!;
    const y = p[i + t + 2]! - q[j + t + 2]!;
    const z = p[i + t + 3]! - q[j + t + 3]!;
    a += w * w;
    b += x * x;
    c += y * y;
    d += z * z;
  }
  for (; t < cols; t++) {
    const w = p[i + t]! - q[j + t]!;
    a += w * w;
  }
  return a + b + (c + d);
}

/**
 * Puts a neighbour into the list of `point` if it is nearer than the farthest one there, or as near and first by
 * `rank` (the input's row order).
 */
export function offerNeighbor(
  lists: NeighborLists,
  point: number,
  index: number,
  distance: number,
  rank: Uint32Array,
): void {
  const { k, indices, squared } = lists;
  const root = point * k;
  const farthest = squared[root]!;
  if (distance > farthest) return;
  if (distance === farthest && (indices[root] === -1 || rank[index]! >= rank[indices[root]!]!)) {
    if (indices[root] !== -1 || distance !== Number.POSITIVE_INFINITY) return;
  }
  siftDown(indices, squared, root, k, 0, index, distance, rank);
}

/** Places an entry into the heap of `size` entries from `root` whose slot `at` is free. */
function siftDown(
  indices: Int32Array,
  squared: Float64Array,
  root: number,
  size: number,
  at: number,
  index: number,
  distance: number,
  rank: Uint32Array,
): void {
  let slot = at;
  for (;;) {
    let child = 2 * slot + 1;
    if (child >= size) break;
    const right = child + 1;
    if (
      right < size &&
      farther(squared[root + right]!, indices[root + right]!, squared[root + child]!, indices[root + child]!, rank)
    ) {
      child = right;
    }
    if (!farther(squared[root + child]!, indices[root + child]!, distance, index, rank)) break;
    squared[root + slot] = squared[root + child]!;
    indices[root + slot] = indices[root + child]!;
    slot = child;
  }
  squared[root + slot] = distance;
  indices[root + slot] = index;
}

function farther(distance: number, index: number, other: number, otherIndex: number, rank: Uint32Array): boolean {
  if (distance !== other) return distance > other;
  if (index === -1 || otherIndex === -1) return index === -1 && otherIndex !== -1;
  return rank[index]! > rank[otherIndex]!;
}

/** Turns the heaps of points `from .. to - 1` into ascending lists. */
export function sortNeighborLists(lists: NeighborLists, from: number, to: number, rank: Uint32Array): void {
  const { k, indices, squared } = lists;
  for (let point = from; point < to; point++) {
    const root = point * k;
    for (let size = k - 1; size > 0; size--) {
      const index = indices[root + size]!;
      const distance = squared[root + size]!;
      indices[root + size] = indices[root]!;
      squared[root + size] = squared[root]!;
      siftDown(indices, squared, root, size, 0, index, distance, rank);
    }
  }
}
