/** Tags that count for the confidence of an article. */
const first = 5;
/** So many of them must be good. */
const needed = 2;

/**
 * How likely at least two of the first five tags are good, if each is good independently with its own confidence.
 *
 * With fewer than two tags: the confidence of the tag there is, halved; 0 without tags.
 *
 * @remarks O(1).
 */
export function articleConfidence(tagConfidences: readonly number[]): number {
  const top = tagConfidences.slice(0, first);
  if (top.length < needed) return (top[0] ?? 0) / 2;
  // Probabilities of 0, 1 and at least 2 good tags.
  let none = 1;
  let one = 0;
  for (const p of top) {
    one = one * (1 - p) + none * p;
    none *= 1 - p;
  }
  return Math.min(1, Math.max(0, 1 - none - one));
}
