import type { Matrix } from '@matome/primitives/linalg';

/** A row whose label looks wrong. */
export interface LabelIssue {
  readonly row: number;
  /** Class the row is labelled with. */
  readonly given: number;
  /** Class it more probably has. */
  readonly suggested: number;
  /** Probability of the suggested class minus that of the given one, in (0, 1]. */
  readonly doubt: number;
}

/**
 * Finds rows that are probably labelled wrongly: another class is at least as probable as it is on average where it is
 * true, and the given one is less so (confident learning).
 *
 * @param probabilities - n × classes, of rows the model was not fitted on.
 * @param codes - n: labels as given.
 * @returns the most doubtful first.
 * @throws RangeError if the sizes disagree.
 * @remarks O(n · classes).
 * @see Northcutt, Jiang, Chuang (2021), Confident learning, doi:10.1613/jair.1.12125
 * @example
 * const unseen = matrixFromRows([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.05, 0.95]]);
 * findLabelIssues(unseen, [0, 0, 1, 1, 0]).map(({ row }) => row) // => [4]
 */
export function findLabelIssues(probabilities: Matrix, codes: ArrayLike<number>): LabelIssue[] {
  const { rows, cols, data } = probabilities;
  if (codes.length !== rows) {
    throw new RangeError(`findLabelIssues needs a label per row. Got ${codes.length} and ${rows}.`);
  }
  const sums = new Float64Array(cols);
  const counts = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    sums[codes[i]!]! += data[i * cols + codes[i]!]!;
    counts[codes[i]!]!++;
  }
  const usual = sums.map((sum, c) => (counts[c] === 0 ? Number.POSITIVE_INFINITY : sum / counts[c]!));
  const issues: LabelIssue[] = [];
  for (let i = 0; i < rows; i++) {
    const given = codes[i]!;
    let suggested = -1;
    for (let c = 0; c < cols; c++) {
      const probability = data[i * cols + c]!;
      if (probability < usual[c]!) continue;
      if (suggested < 0 || probability > data[i * cols + suggested]!) suggested = c;
    }
    if (suggested < 0 || suggested === given) continue;
    const doubt = data[i * cols + suggested]! - data[i * cols + given]!;
    if (doubt > 0) issues.push({ row: i, given, suggested, doubt });
  }
  return issues.sort((a, b) => b.doubt - a.doubt || a.row - b.row);
}
