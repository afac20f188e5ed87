import { gainWeights } from './fusion-weights.js';

/** Tags over which the gain is counted. */
const scoredTags = 10;
/** Candidates behind the tags that could still take a place. */
const rivals = 10;

/**
 * What a ranking says about how much a second look could change: the misses among the tags, the hits behind them, how near the
 * first ones behind come to the last ones before, how much text and how many candidates there are.
 *
 * @param logits - log odds of all candidates, in any order.
 * @param topN - tags that the article gets.
 * @param length - words of the article.
 */
export function gainFeatures(logits: Float64Array, topN: number, length: number): number[] {
  const p = Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit))).sort((a, b) => b - a);
  const top = p.slice(0, topN);
  const behind = p.slice(topN, topN + rivals);
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const misses = top.length - total(top);
  const hits = total(behind);
  // Swaps happen at the border: as many as the few last tags and the first rivals are alike.
  const border = Math.max(0, 1 - ((p[topN - 3] ?? 0) - (p[topN + 2] ?? 0)) * 5) * Math.min(1, behind.length / 3);
  return [1, misses, hits, Math.min(misses, hits), border, p[0] ?? 0, Math.log1p(behind.length), Math.log1p(length)];
}

/**
 * How much F1 over ten tags a second look by a transformer is expected to gain, from the first look alone.
 *
 * @param logits - log odds of all candidates.
 * @param length - words of the article.
 */
export function expectedGain(logits: Float64Array, length: number): number {
  return gainFeatures(logits, scoredTags, length).reduce((sum, value, k) => sum + value * gainWeights[k]!, 0);
}
