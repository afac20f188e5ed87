/** Precision, recall and F1, each in [0, 1]; 0 where nothing was predicted or nothing was true. */
export interface PrecisionRecall {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** What one class reached. */
export interface ClassScores extends PrecisionRecall {
  readonly label: string;
  /** Rows that truly have the label. */
  readonly support: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/** What a labelling reached. */
export interface ClassificationReport {
  /** Share of rows labelled exactly as they are. */
  readonly accuracy: number;
  /** Unweighted mean over the classes. */
  readonly macro: PrecisionRecall;
  /** Over all decisions. */
  readonly micro: PrecisionRecall;
  /** Mean over the classes weighted by support. */
  readonly weighted: PrecisionRecall;
  /** Mean recall of the classes that occur. */
  readonly balancedAccuracy: number;
  /** Matthews correlation, in [-1, 1]. */
  readonly matthews: number;
  /** Cohen's kappa, in [-1, 1]. */
  readonly kappa: number;
  readonly perClass: readonly ClassScores[];
  /** Classes in code point order: names of rows and columns of `confusion`. */
  readonly labels: readonly string[];
  /** `confusion[i][j]`: rows of class i that were labelled j. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Compares labels with the truth, one label a row.
 *
 * @param truth - n labels.
 * @param predicted - n labels.
 * @throws RangeError if the lengths differ or there is no row.
 * @remarks O(n + classes²).
 * @see Matthews (1975), doi:10.1016/0005-2795(75)90109-9; Cohen (1960), doi:10.1177/001316446002000104
 * @example
 * classificationReport(['a', 'a', 'b', 'b'], ['a', 'b', 'b', 'b']).accuracy // => 0.75
 */
export function classificationReport(truth: readonly string[], predicted: readonly string[]): ClassificationReport {
  if (truth.length === 0 || truth.length !== predicted.length) {
    throw new RangeError(
      `classificationReport needs as many predicted labels as true ones, at least one. Got ${truth.length} and ${predicted.length}.`,
    );
  }
  const labels = [...new Set([...truth, ...predicted])].sort((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const confusion = labels.map(() => new Array<number>(labels.length).fill(0));
  truth.forEach((label, i) => {
    confusion[numbers.get(label)!]![numbers.get(predicted[i]!)!]!++;
  });
  const perClass = labels.map((label, c) => {
    const truePositives = confusion[c]![c]!;
    const support = confusion[c]!.reduce((sum, count) => sum + count, 0);
    const falsePositives = confusion.reduce((sum, row) => sum + row[c]!, 0) - truePositives;
    return classScores(label, truePositives, falsePositives, support - truePositives);
  });
  return { ...averages(perClass), ...agreement(confusion, truth.length, perClass), perClass, labels, confusion };
}

/** Scores of one class from its counts. */
export function classScores(
  label: string,
  truePositives: number,
  falsePositives: number,
  falseNegatives: number,
): ClassScores {
  const support = truePositives + falseNegatives;
  return {
    label,
    ...ratios(truePositives, truePositives + falsePositives, support),
    support,
    truePositives,
    falsePositives,
    falseNegatives,
  };
}

/** Macro, micro and weighted means of the scores of classes. */
export function averages(perClass: readonly ClassScores[]): Pick<ClassificationReport, 'macro' | 'micro' | 'weighted'> {
  const sum = (value: (scores: ClassScores) => number) => perClass.reduce((total, scores) => total + value(scores), 0);
  const support = sum((scores) => scores.support);
  const mean = (weight: (scores: ClassScores) => number, total: number): PrecisionRecall => ({
    precision: total === 0 ? 0 : sum((scores) => weight(scores) * scores.precision) / total,
    recall: total === 0 ? 0 : sum((scores) => weight(scores) * scores.recall) / total,
    f1: total === 0 ? 0 : sum((scores) => weight(scores) * scores.f1) / total,
  });
  const hits = sum((scores) => scores.truePositives);
  return {
    macro: mean(() => 1, perClass.length),
    micro: ratios(hits, hits + sum((scores) => scores.falsePositives), support),
    weighted: mean((scores) => scores.support, support),
  };
}

function ratios(hits: number, predicted: number, actual: number): PrecisionRecall {
  return {
    precision: predicted === 0 ? 0 : hits / predicted,
    recall: actual === 0 ? 0 : hits / actual,
    f1: predicted + actual === 0 ? 0 : (2 * hits) / (predicted + actual),
  };
}

function agreement(confusion: readonly (readonly number[])[], n: number, perClass: readonly ClassScores[]) {
  const hits = perClass.reduce((sum, scores) => sum + scores.truePositives, 0);
  const predicted = perClass.map((scores) => scores.truePositives + scores.falsePositives);
  const actual = perClass.map((scores) => scores.support);
  let chance = 0;
  let squaredPredicted = 0;
  let squaredActual = 0;
  for (let c = 0; c < confusion.length; c++) {
    chance += predicted[c]! * actual[c]!;
    squaredPredicted += predicted[c]! ** 2;
    squaredActual += actual[c]! ** 2;
  }
  const spread = Math.sqrt((n * n - squaredPredicted) * (n * n - squaredActual));
  const present = perClass.filter((scores) => scores.support > 0);
  return {
    accuracy: hits / n,
    balancedAccuracy: present.reduce((sum, scores) => sum + scores.recall, 0) / present.length,
    matthews: spread === 0 ? 0 : (hits * n - chance) / spread,
    kappa: chance === n * n ? 1 : (hits / n - chance / (n * n)) / (1 - chance / (n * n)),
  };
}
