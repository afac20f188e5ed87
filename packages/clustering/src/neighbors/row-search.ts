import type { Matrix } from '@matome/primitives/linalg';
import { type PanelKernel, panelLanes } from '../wasm/panel-kernel.js';
import { buildKdTree, type KdTree } from './kd-tree.js';
import {
  createNeighborLists,
  type NeighborLists,
  offerNeighbor,
  sortNeighborLists,
  squaredDistanceBetween,
} from './neighbor-lists.js';
import { createPointPanels } from './point-panels.js';

/** Widest rows that are searched by a tree. */
const widestTree = 16;
const stackSize = 64;

/** Finds the rows of a matrix that are nearest to points that need not be among them. */
export interface RowSearch {
  /** Ascending list of the `k` rows nearest to `point` (d values), ties by row. */
  nearest(point: Float32Array, k: number): NeighborLists;
}

/** Prepares a search: a k-d tree for few columns, panels of all rows for many. */
export function createRowSearch(x: Matrix): RowSearch {
  if (x.cols > widestTree) return panelSearch(x);
  const tree = buildKdTree(x);
  const rank = Uint32Array.from({ length: x.rows }, (_, i) => i);
  return {
    nearest: (point, k) => {
      const lists = createNeighborLists(1, k);
      searchTree(tree, point, lists, rank);
      sortNeighborLists(lists, 0, 1, rank);
      return lists;
    },
  };
}

function searchTree(tree: KdTree, point: Float32Array, lists: NeighborLists, rank: Uint32Array): void {
  const { points, cols, starts, ends, order, firstLeaf } = tree;
  const stack = new Int32Array(stackSize);
  let top = 0;
  stack[top++] = 0;
  while (top > 0) {
    const node = stack[--top]!;
    if (pointGap(tree, point, node) > lists.squared[0]!) continue;
    if (node < firstLeaf) {
      const [left, right] = [2 * node + 1, 2 * node + 2];
      const leftFirst = pointGap(tree, point, left) <= pointGap(tree, point, right);
      stack[top++] = leftFirst ? right : left;
      stack[top++] = leftFirst ? left : right;
      continue;
    }
    for (let p = starts[node]!; p < ends[node]!; p++) {
      offerNeighbor(lists, 0, order[p]!, squaredDistanceBetween(point, 0, points, p * cols, cols), rank);
    }
  }
}

function pointGap({ boxes, cols }: KdTree, point: Float32Array, node: number): number {
  let gap = 0;
  for (let j = 0, at = node * 2 * cols; j < cols; j++, at++) {
    const side = Math.max(0, boxes[at]! - point[j]!, point[j]! - boxes[at + cols]!);
    gap += side * side;
  }
  return gap;
}

function panelSearch(x: Matrix): RowSearch {
  const kernel = createPointPanels(x, { open: true });
  const rank = Uint32Array.from({ length: x.rows }, (_, i) => i);
  return {
    nearest: (point, k) => {
      const lists = createNeighborLists(1, k);
      kernel.setQuery(point, 0);
      for (let panel = 0; panel < kernel.panels; panel++) comparePanel(x, kernel, panel, point, lists, rank);
      sortNeighborLists(lists, 0, 1, rank);
      return lists;
    },
  };
}

function comparePanel(
  x: Matrix,
  kernel: PanelKernel,
  panel: number,
  point: Float32Array,
  lists: NeighborLists,
  rank: Uint32Array,
): void {
  const { cols, data } = x;
  const end = Math.min(x.rows, (panel + 1) * panelLanes);
  for (let slot = panel * panelLanes; slot < end; slot++) kernel.setBound(slot, lists.squared[0]!);
  kernel.row(panel, panel + 1);
  for (let mask = kernel.masks[panel]!; mask !== 0; mask &= mask - 1) {
    const row = panel * panelLanes + 31 - Math.clz32(mask & -mask);
    offerNeighbor(lists, 0, row, squaredDistanceBetween(point, 0, data, row * cols, cols), rank);
  }
}
