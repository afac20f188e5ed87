/** Tags at whose end the border lies. */
const scoredTags = 10;

/**
 * How open a ranking leaves which candidates become tags: 1 less the gap in probability between the last of ten tags and the
 * first candidate behind them.
 *
 * A second look can only help by moving candidates over that border, and does so most easily where the two are alike. Of
 * eight signs compared by `recipe/train-refinement.ts` it went best with the gain; weights for several of them, learnt on one
 * half of the documents, did worse on the other.
 *
 * @param logits - log odds of all candidates, in any order.
 * @returns from 0 to 1; 0 when there is nothing behind the tags.
 */
export function contentionOf(logits: Float64Array): number {
  if (logits.length <= scoredTags) return 0;
  const sorted = logits.slice().sort();
  const at = (place: number) => 1 / (1 + Math.exp(-sorted[sorted.length - place]!));
  return 1 - (at(scoredTags) - at(scoredTags + 1));
}
