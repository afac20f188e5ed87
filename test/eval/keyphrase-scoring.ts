import { stem } from '@matome/primitives/text';

const stems = new Map<string, string>();

/**
 * A key as it is compared: lower case, cut into words of letters, digits and underscores, Porter stems joined by a space.
 */
export function stemmedKey(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  const keys = words.map((word) => {
    const known = stems.get(word) ?? stem(word);
    stems.set(word, known);
    return known;
  });
  return keys.join(' ');
}

/** Distinct stemmed keys of a list, in order. */
export function stemmedKeys(texts: readonly string[]): string[] {
  return [...new Set(texts.map(stemmedKey))].filter((key) => key !== '');
}

/** Precision, recall and F1 of the first `k` predictions against all gold keys, absent ones included. */
export function scoreDocument(predicted: readonly string[], gold: ReadonlySet<string>, k: number): number {
  const top = predicted.slice(0, k);
  let hits = 0;
  for (const key of top) if (gold.has(key)) hits++;
  if (hits === 0) return 0;
  const precision = hits / top.length;
  const recall = hits / gold.size;
  return (2 * precision * recall) / (precision + recall);
}

/** Mean F1 over documents; documents without gold keys do not count. */
export function macroF1(
  predictions: readonly (readonly string[])[],
  golds: readonly ReadonlySet<string>[],
  k: number,
): number {
  let sum = 0;
  let documents = 0;
  golds.forEach((gold, i) => {
    if (gold.size === 0) return;
    documents++;
    sum += scoreDocument(predictions[i]!, gold, k);
  });
  return documents === 0 ? 0 : sum / documents;
}

/**
 * Expected calibration error: mean gap between confidence and share of hits over bins of equal width (lo, hi].
 *
 * @see Guo et al. (2017), On calibration of modern neural networks, arXiv:1706.04599
 */
export function calibrationError(confidences: readonly number[], hits: readonly boolean[], bins = 10): number {
  const count = new Float64Array(bins);
  const confidence = new Float64Array(bins);
  const right = new Float64Array(bins);
  confidences.forEach((value, i) => {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(value * bins) - 1));
    count[bin]!++;
    confidence[bin]! += value;
    if (hits[i]) right[bin]!++;
  });
  let error = 0;
  for (let b = 0; b < bins; b++) error += Math.abs(right[b]! - confidence[b]!);
  return confidences.length === 0 ? 0 : error / confidences.length;
}
