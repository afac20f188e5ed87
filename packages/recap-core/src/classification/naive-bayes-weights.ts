import type { CsrMatrix } from '@matome/primitives/linalg';

/**
 * How telling each column is for each class: |log-count ratio| of naive Bayes, blended with 1.
 *
 * @param x - n × d, values not negative; only whether a value is there counts.
 * @param members - 1 where row i belongs to class c, at `i * classes + c`.
 * @param plainShare - in [0, 1]: 1 gives every column weight 1, 0 the bare ratio.
 * @returns d × classes, column after column: weight of column j for class c at `j * classes + c`.
 * @remarks O(nnz + d · classes).
 * @see Wang, Manning (2012), Baselines and bigrams: simple, good sentiment and topic classification, https://aclanthology.org/P12-2018
 */
export function naiveBayesWeights(
  x: CsrMatrix,
  members: Uint8Array,
  classes: number,
  plainShare: number,
): Float32Array {
  const total = new Float64Array(x.cols);
  const own = new Float32Array(x.cols * classes);
  const mine: number[] = [];
  for (let i = 0; i < x.rows; i++) {
    mine.length = 0;
    for (let c = 0; c < classes; c++) if (members[i * classes + c] === 1) mine.push(c);
    for (let at = x.indptr[i]!; at < x.indptr[i + 1]!; at++) {
      const column = x.indices[at]!;
      total[column]!++;
      for (const c of mine) own[column * classes + c]!++;
    }
  }
  // One is added to every count, so that a column unseen in a class has a finite ratio.
  const all = total.reduce((sum, count) => sum + count, 0);
  const inside = new Float64Array(classes).fill(x.cols);
  for (let at = 0; at < own.length; at++) inside[at % classes]! += own[at]!;
  for (let column = 0; column < x.cols; column++) {
    for (let c = 0; c < classes; c++) {
      const at = column * classes + c;
      const outside = all + 2 * x.cols - inside[c]!;
      const ratio = (own[at]! + 1) / inside[c]! / ((total[column]! - own[at]! + 1) / outside);
      own[at] = plainShare + (1 - plainShare) * Math.abs(Math.log(ratio));
    }
  }
  return own;
}
