import { DisjointSet } from '@matome/primitives/collections';
import { checkInteger, checkNumber } from '@matome/primitives/options';

/** Merges of n rows, lowest first: merge i joins nodes `left[i] < right[i]` into node `n + i`; nodes below n are rows. */
export interface LinkageTree {
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Distance of the joined groups; ascending. */
  readonly height: Float64Array;
  /** Rows of the joined group. */
  readonly size: Int32Array;
}

/** Where to cut a tree: into so many groups, or above every merge up to a height. */
export type TreeCut = { readonly nClusters: number } | { readonly distance: number };

/**
 * Cuts a tree of n rows into groups.
 *
 * @returns labels (n), numbered by the first row of each group.
 * @throws RangeError if `nClusters` is not in [1, n] or `distance` is negative.
 * @remarks O(n).
 * @example
 * const tree = { left: new Int32Array([0, 2]), right: new Int32Array([1, 3]), height: new Float64Array([1, 9]), size: new Int32Array([2, 3]) };
 * [...cutTree(tree, { nClusters: 2 })] // => [0, 0, 1]
 */
export function cutTree(tree: LinkageTree, cut: TreeCut): Int32Array {
  const merges = tree.height.length;
  const rows = merges + 1;
  const kept = 'nClusters' in cut ? rows - checkClusters(cut.nClusters, rows) : mergesBelow(tree, cut.distance);
  const sets = new DisjointSet(rows);
  const member = new Int32Array(rows + merges).map((_, node) => node);
  for (let i = 0; i < kept; i++) {
    sets.union(member[tree.left[i]!]!, member[tree.right[i]!]!);
    member[rows + i] = member[tree.left[i]!]!;
  }
  const labels = new Int32Array(rows);
  const known = new Map<number, number>();
  for (let i = 0; i < rows; i++) {
    const root = sets.find(i);
    if (!known.has(root)) known.set(root, known.size);
    labels[i] = known.get(root)!;
  }
  return labels;
}

function checkClusters(nClusters: number, rows: number): number {
  return checkInteger('cutTree', 'nClusters', nClusters, { min: 1, max: rows });
}

function mergesBelow({ height }: LinkageTree, distance: number): number {
  checkNumber('cutTree', 'distance', distance, { min: 0 });
  let count = 0;
  while (count < height.length && height[count]! <= distance) count++;
  return count;
}
