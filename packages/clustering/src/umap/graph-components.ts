import type { FuzzyGraph } from './fuzzy-graph.js';

/** Which rows hang together. */
export interface Components {
  readonly count: number;
  /** Component of each row; numbered by their first row. */
  readonly labels: Uint32Array;
}

/**
 * The connected components of a symmetric graph.
 *
 * @remarks O(edges).
 */
export function graphComponents({ starts, targets, rows }: FuzzyGraph): Components {
  const unseen = 0xffffffff;
  const labels = new Uint32Array(rows).fill(unseen);
  const queue = new Uint32Array(rows);
  let count = 0;
  for (let first = 0; first < rows; first++) {
    if (labels[first] !== unseen) continue;
    let end = 0;
    queue[end++] = first;
    labels[first] = count;
    for (let at = 0; at < end; at++) {
      const i = queue[at]!;
      for (let edge = starts[i]!; edge < starts[i + 1]!; edge++) {
        const target = targets[edge]!;
        if (labels[target] !== unseen) continue;
        labels[target] = count;
        queue[end++] = target;
      }
    }
    count++;
  }
  return { count, labels };
}
