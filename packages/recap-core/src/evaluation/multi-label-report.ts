import { averages, type ClassScores, classScores, type PrecisionRecall } from './classification-report.js';

/** What labelling with several labels a row reached. */
export interface MultiLabelReport {
  /** Share of rows whose labels are exactly right. */
  readonly subsetAccuracy: number;
  /** Share of rows with at least one right label. */
  readonly overlapAccuracy: number;
  /** Share of wrong decisions over all rows and labels. */
  readonly hammingLoss: number;
  readonly macro: PrecisionRecall;
  readonly micro: PrecisionRecall;
  readonly weighted: PrecisionRecall;
  /** Mean over the rows. */
  readonly samples: PrecisionRecall;
  readonly perClass: readonly ClassScores[];
  /** Rows that count: those with a true or a predicted label. */
  readonly rows: number;
}

/**
 * Compares sets of labels with the truth; a row without any label on either side is left out.
 *
 * @param truth - n sets of labels.
 * @param predicted - n sets of labels.
 * @throws RangeError if the lengths differ.
 * @remarks O(rows · labels).
 * @example
 * multiLabelReport([['a'], ['a', 'b']], [['a'], ['b']]).subsetAccuracy // => 0.5
 */
export function multiLabelReport(
  truth: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): MultiLabelReport {
  if (truth.length !== predicted.length) {
    throw new RangeError(
      `multiLabelReport needs two lists of one length. Got ${truth.length} and ${predicted.length}.`,
    );
  }
  const labels = [...new Set([...truth.flat(), ...predicted.flat()])].sort((a, b) => (a < b ? -1 : 1));
  const counts = new Map(labels.map((label) => [label, { hits: 0, extra: 0, missed: 0 }]));
  const sums = { exact: 0, overlap: 0, wrong: 0, precision: 0, recall: 0, f1: 0, rows: 0 };
  truth.forEach((labelsOfRow, i) => {
    const actual = new Set(labelsOfRow);
    const found = new Set(predicted[i]!);
    if (actual.size === 0 && found.size === 0) return;
    let hits = 0;
    for (const label of found) {
      if (actual.has(label)) hits++;
      counts.get(label)![actual.has(label) ? 'hits' : 'extra']++;
    }
    for (const label of actual) if (!found.has(label)) counts.get(label)!.missed++;
    sums.rows++;
    sums.wrong += actual.size + found.size - 2 * hits;
    if (hits === actual.size && hits === found.size) sums.exact++;
    if (hits > 0) sums.overlap++;
    sums.precision += found.size === 0 ? 0 : hits / found.size;
    sums.recall += actual.size === 0 ? 0 : hits / actual.size;
    sums.f1 += (2 * hits) / (actual.size + found.size);
  });
  const perClass = labels.map((label) => {
    const { hits, extra, missed } = counts.get(label)!;
    return classScores(label, hits, extra, missed);
  });
  const share = (sum: number) => (sums.rows === 0 ? 0 : sum / sums.rows);
  return {
    subsetAccuracy: share(sums.exact),
    overlapAccuracy: share(sums.overlap),
    hammingLoss: labels.length === 0 ? 0 : share(sums.wrong) / labels.length,
    ...averages(perClass),
    samples: { precision: share(sums.precision), recall: share(sums.recall), f1: share(sums.f1) },
    perClass,
    rows: sums.rows,
  };
}
