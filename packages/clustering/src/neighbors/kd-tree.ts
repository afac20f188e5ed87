import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkMatrix } from '@matome/primitives/options';

/**
 * A balanced k-d tree whose rows stand in tree order, so that a node is a contiguous range.
 *
 * Nodes are numbered as in a binary heap: the children of node i are 2i + 1 and 2i + 2, and every node from `firstLeaf`
 * on is a leaf.
 */
export interface KdTree {
  readonly rows: number;
  readonly cols: number;
  /** n × d coordinates in tree order, widened once so that hot loops load float64. */
  readonly points: Float64Array;
  /** Row of the input at each position of the tree order. */
  readonly order: Uint32Array;
  readonly nodeCount: number;
  readonly firstLeaf: number;
  /** `nodeCount + 1` heap-ordered ranges: node i holds positions `starts[i] .. ends[i]`. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Tight bounding box of node i: d lower bounds, then d upper bounds, from `i · 2d`. */
  readonly boxes: Float64Array;
}

/** Options of `buildKdTree`. */
export interface KdTreeOptions {
  /** Most rows a leaf holds. @default 16 */
  readonly leafSize?: number;
}

/**
 * Builds a k-d tree by median splits along the widest side of each bounding box.
 *
 * @param x - n × d, finite; not modified.
 * @throws RangeError if a value is not finite or `leafSize` is below 1.
 * @remarks O(n log n) time; memory 8 bytes a value for the reordered copy and 16 d bytes a node. Useful up to about 16
 * columns; beyond, a query touches most leaves.
 * @see Friedman, Bentley, Finkel (1977), doi:10.1145/355744.355745
 * @example
 * const tree = buildKdTree({ data: new Float32Array([5, 1, 3]), rows: 3, cols: 1 }, { leafSize: 1 });
 * [...tree.points] // => [1, 3, 5]
 */
export function buildKdTree(x: Matrix, options: KdTreeOptions = {}): KdTree {
  const leafSize = checkInteger('buildKdTree', 'leafSize', options.leafSize ?? 16, { min: 1 });
  checkMatrix('buildKdTree', x);
  const { rows, cols } = x;
  let levels = 0;
  while (rows > leafSize * 2 ** levels) levels++;
  const firstLeaf = 2 ** levels - 1;
  const nodeCount = 2 ** (levels + 1) - 1;
  const starts = new Int32Array(nodeCount);
  const ends = new Int32Array(nodeCount);
  ends[0] = rows;
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  const boxes = new Float64Array(nodeCount * 2 * cols);
  const keys = new Float64Array(rows);
  for (let node = 0; node < nodeCount; node++) {
    const start = starts[node]!;
    const end = ends[node]!;
    const side = fitBox(x, order, start, end, boxes, node * 2 * cols);
    if (node >= firstLeaf) continue;
    const middle = (start + end) >> 1;
    if (cols > 0 && end - start > 1) {
      for (let i = start; i < end; i++) keys[i] = x.data[order[i]! * cols + side]!;
      partition(keys, order, start, end - 1, middle);
    }
    starts[2 * node + 1] = start;
    ends[2 * node + 1] = middle;
    starts[2 * node + 2] = middle;
    ends[2 * node + 2] = end;
  }
  return { rows, cols, points: inOrder(x, order), order, nodeCount, firstLeaf, starts, ends, boxes };
}

function inOrder(x: Matrix, order: Uint32Array): Float64Array {
  const { rows, cols, data } = x;
  const points = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const from = order[i]! * cols;
    for (let j = 0; j < cols; j++) points[i * cols + j] = data[from + j]!;
  }
  return points;
}

/** Writes the bounding box of a range and returns its widest side; an empty range gets an empty (inverted) box. */
function fitBox(
  x: Matrix,
  order: Uint32Array,
  start: number,
  end: number,
  boxes: Float64Array,
  offset: number,
): number {
  const { data, cols } = x;
  for (let j = 0; j < cols; j++) {
    boxes[offset + j] = Number.POSITIVE_INFINITY;
    boxes[offset + cols + j] = Number.NEGATIVE_INFINITY;
  }
  for (let i = start; i < end; i++) {
    const from = order[i]! * cols;
    for (let j = 0; j < cols; j++) {
      const value = data[from + j]!;
      if (value < boxes[offset + j]!) boxes[offset + j] = value;
      if (value > boxes[offset + cols + j]!) boxes[offset + cols + j] = value;
    }
  }
  let widest = 0;
  let width = -1;
  for (let j = 0; j < cols; j++) {
    const side = boxes[offset + cols + j]! - boxes[offset + j]!;
    if (side > width) {
      width = side;
      widest = j;
    }
  }
  return widest;
}

/** Quickselect (Hoare): afterwards no key before `middle` is above a key from `middle` on. */
function partition(keys: Float64Array, order: Uint32Array, left: number, right: number, middle: number): void {
  let low = left;
  let high = right;
  while (low < high) {
    const pivot = medianOfThree(keys[low]!, keys[(low + high) >> 1]!, keys[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (keys[i]! < pivot) i++;
      while (keys[j]! > pivot) j--;
      if (i > j) break;
      const key = keys[i]!;
      keys[i] = keys[j]!;
      keys[j] = key;
      const index = order[i]!;
      order[i] = order[j]!;
      order[j] = index;
      i++;
      j--;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** Square of the distance between the boxes of two nodes: no point of one is nearer to a point of the other. */
export function boxGap(tree: KdTree, a: number, b: number): number {
  const { boxes, cols } = tree;
  const width = 2 * cols;
  let gap = 0;
  for (let j = 0, i = a * width, o = b * width; j < cols; j++, i++, o++) {
    const side = Math.max(0, boxes[o]! - boxes[i + cols]!, boxes[i]! - boxes[o + cols]!);
    gap += side * side;
  }
  return gap;
}
