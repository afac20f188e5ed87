import type { CsrMatrix } from '@matome/primitives/linalg';
import { checkNumber } from '@matome/primitives/options';
import { SimilarityHeap } from './similarity-heap.js';

/** Options of `averageLinkage`. */
export interface AverageLinkageOptions {
  /** Two groups join while the mean similarity of their pairs is at least this. */
  readonly threshold: number;
}

/**
 * Groups items by average linkage over a sparse similarity graph, merging the most similar pair of groups first.
 *
 * A pair that is absent counts as similarity 0, so only pairs that share something have to be listed: unlike the dense
 * form, nothing of size n × n is held.
 *
 * @param similarities - n × n, symmetric, without the diagonal; values in [0, 1].
 * @returns labels (n), numbered by first member.
 * @throws RangeError if the matrix is not square or `threshold` is not above 0.
 * @remarks O(e log e) for e listed pairs on usual data; O(e) memory.
 * @see Sokal, Michener (1958), A statistical method for evaluating systematic relationships (UPGMA).
 * @example
 * const pairs = { indptr: new Uint32Array([0, 1, 2, 2]), indices: new Uint32Array([1, 0]), data: new Float32Array([0.9, 0.9]), rows: 3, cols: 3 };
 * [...averageLinkage(pairs, { threshold: 0.5 })] // => [0, 0, 1]
 */
export function averageLinkage(similarities: CsrMatrix, options: AverageLinkageOptions): Int32Array {
  const n = similarities.rows;
  if (n !== similarities.cols) {
    throw new RangeError(`The similarities of averageLinkage must be square. Got ${n} × ${similarities.cols}.`);
  }
  const threshold = checkNumber('averageLinkage', 'threshold', options.threshold, { min: 0, exclusiveMin: true });
  // Group g < n is item g; each merge makes the next group. `parents` leads from a group to the one that swallowed it.
  const parents = new Int32Array(2 * n).fill(-1);
  const sizes = new Uint32Array(2 * n).fill(1, 0, n);
  const links = firstLinks(similarities);
  const heap = new SimilarityHeap();
  for (let a = 0; a < n; a++) {
    for (const [b, sum] of links[a]!) if (a < b && sum >= threshold) heap.push(sum, a, b);
  }
  let next = n;
  while (heap.pop()) {
    const { a, b } = heap;
    if (parents[a] !== -1 || parents[b] !== -1) continue;
    parents[a] = next;
    parents[b] = next;
    sizes[next] = sizes[a]! + sizes[b]!;
    const merged = mergeLinks(links[a]!, links[b]!, a, b);
    links[a] = links[b] = empty;
    links[next] = merged;
    for (const [c, sum] of merged) {
      const others = links[c]!;
      others.delete(a);
      others.delete(b);
      others.set(next, sum);
      const average = sum / (sizes[next]! * sizes[c]!);
      // The mean of a merged pair lies between the means of its parts, so a pair below the threshold never comes back.
      if (average >= threshold) heap.push(average, c, next);
    }
    next++;
  }
  return labelsOf(parents, n);
}

const empty: Map<number, number> = new Map();

function firstLinks({ indptr, indices, data, rows }: CsrMatrix): Map<number, number>[] {
  return Array.from({ length: rows }, (_, i) => {
    const links = new Map<number, number>();
    for (let k = indptr[i]!; k < indptr[i + 1]!; k++) if (indices[k] !== i) links.set(indices[k]!, data[k]!);
    return links;
  });
}

/** Sums of the similarities from the union of two groups to every other group. */
function mergeLinks(x: Map<number, number>, y: Map<number, number>, a: number, b: number): Map<number, number> {
  const [large, small] = x.size >= y.size ? [x, y] : [y, x];
  const merged = new Map(large);
  for (const [c, sum] of small) merged.set(c, (merged.get(c) ?? 0) + sum);
  merged.delete(a);
  merged.delete(b);
  return merged;
}

function labelsOf(parents: Int32Array, n: number): Int32Array {
  const labels = new Int32Array(n);
  const numbers = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    let root = i;
    while (parents[root] !== -1) root = parents[root]!;
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    labels[i] = number;
  }
  return labels;
}
