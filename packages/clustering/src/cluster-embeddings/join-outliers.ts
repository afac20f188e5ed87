import { BinaryHeap } from '@matome/primitives/collections';
import type { KnnGraph } from '../neighbors/knn-graph.js';

/**
 * Lets rows in no cluster join that of a near neighbour, the nearest pair first, until at most `keep` are left.
 *
 * A row that has joined passes its cluster on, so that a string of outliers follows its near end.
 *
 * @param labels - changed in place.
 * @returns the rows that joined.
 * @remarks O(n k log n).
 */
export function joinOutliers(labels: Int32Array, knn: KnnGraph, keep: number): Uint32Array {
  const { indices, distances, rows, k } = knn;
  const reverse = reverseEdges(knn);
  let left = 0;
  for (const label of labels) if (label < 0) left++;
  const joined: number[] = [];
  const heap = new BinaryHeap(rows * 2);
  // An entry is an edge number: from the row whose list it stands in to the neighbour.
  const offer = (i: number) => {
    if (labels[i]! >= 0) {
      for (let at = reverse.starts[i]!; at < reverse.starts[i + 1]!; at++) {
        const edge = reverse.edges[at]!;
        if (labels[Math.floor(edge / k)]! < 0) heap.push(edge, distances[edge]!);
      }
    }
  };
  for (let i = 0; i < rows; i++) offer(i);
  while (left > keep && heap.size > 0) {
    const edge = heap.pop();
    const row = Math.floor(edge / k);
    if (labels[row]! >= 0) continue;
    labels[row] = labels[indices[edge]!]!;
    joined.push(row);
    left--;
    offer(row);
  }
  return Uint32Array.from(joined);
}

interface ReverseEdges {
  readonly starts: Uint32Array;
  /** Edge numbers by the neighbour they lead to. */
  readonly edges: Uint32Array;
}

function reverseEdges({ indices, rows }: KnnGraph): ReverseEdges {
  const starts = new Uint32Array(rows + 1);
  for (const target of indices) starts[target + 1]!++;
  for (let i = 0; i < rows; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice(0, rows);
  const edges = new Uint32Array(indices.length);
  for (let edge = 0; edge < indices.length; edge++) edges[next[indices[edge]!]!++] = edge;
  return { starts, edges };
}
