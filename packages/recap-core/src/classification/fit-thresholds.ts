import type { Matrix } from '@matome/primitives/linalg';

/** Thresholds tried: 0.10, 0.15 … 0.90. */
const grid = Array.from({ length: 17 }, (_, i) => (10 + 5 * i) / 100);

/**
 * The probability from which each class counts as found: the one of highest F1 for that class among 0.10, 0.15 … 0.90.
 *
 * @param probabilities - n × classes, of rows the classifier was not fitted on.
 * @param members - 1 where row i belongs to class c, at `i * classes + c`.
 * @returns one threshold per class, the lowest of equally good ones; 0.5 for a class without rows.
 * @throws RangeError if the sizes disagree.
 * @remarks O(17 · n · classes).
 * @example
 * [...fitThresholds(matrixFromRows([[0.4, 0.6], [0.3, 0.7]]), new Uint8Array([1, 0, 0, 1]))].map((t) => t.toFixed(2)) // => ['0.35', '0.65']
 */
export function fitThresholds(probabilities: Matrix, members: Uint8Array): Float32Array {
  const { rows, cols, data } = probabilities;
  if (members.length !== rows * cols) {
    throw new RangeError(`The members of fitThresholds must be ${rows} × ${cols}. Got ${members.length} values.`);
  }
  return Float32Array.from({ length: cols }, (_, c) => {
    let best = 0.5;
    let bestF1 = 0;
    for (const threshold of grid) {
      let hits = 0;
      let found = 0;
      let actual = 0;
      for (let i = 0; i < rows; i++) {
        const isFound = data[i * cols + c]! >= threshold;
        const isMember = members[i * cols + c] === 1;
        if (isFound) found++;
        if (isMember) actual++;
        if (isFound && isMember) hits++;
      }
      const f1 = found + actual === 0 ? 0 : (2 * hits) / (found + actual);
      if (f1 > bestF1) {
        bestF1 = f1;
        best = threshold;
      }
    }
    return best;
  });
}
