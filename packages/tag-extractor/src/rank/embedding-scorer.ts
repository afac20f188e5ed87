import type { Embedder } from '@matome/primitives/embedding';
import { type Matrix, takeRows } from '@matome/primitives/linalg';
import type { Candidate } from '../candidates/candidate.js';
import { fusionWeights } from './fusion-weights.js';
import { articleRows, embedArticle, nearnessOf } from './meaning.js';

/** Candidates that are embedded at least: more cost time and gain nothing measurable. */
const embeddedCandidates = 20;

/** Log odds that take nearness of meaning into account, and the vectors behind them. */
export interface FusedScores {
  readonly logits: Float64Array;
  /** Vectors of candidates; those that have none yet are embedded. */
  readonly vectorsOf: (indices: readonly number[]) => Promise<Matrix>;
}

/** Adds an embedding model to a ranking. */
export interface EmbeddingScorer {
  fuse(
    fields: { readonly title: string; readonly body: string },
    candidates: readonly Candidate[],
    logits: Float64Array,
    signal?: AbortSignal,
  ): Promise<FusedScores>;
}

/**
 * Fuses a statistical ranking with the nearness of candidates to the article.
 *
 * Similarities are compared inside the article (z-scores over its best candidates), so that models with other ranges of
 * similarity need no other weights.
 *
 * @param topN - tags an article gets: a few more candidates than that are embedded.
 * @see Bennani-Smires et al. (2018), EmbedRank, doi:10.18653/v1/K18-1022
 */
export function createEmbeddingScorer(embedder: Embedder, topN: number): EmbeddingScorer {
  const count = Math.max(embeddedCandidates, topN + 5);
  return {
    async fuse(fields, candidates, logits, signal) {
      const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, count);
      const options = signal ? { signal } : {};
      const names = order.map((i) => candidates[i]!.name);
      const vectors = await embedArticle(embedder, fields, names, options);
      const [toArticle, toHeadline, toOthers] = nearnessOf(vectors).map(standardize) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const fused = logits.slice();
      order.forEach((i, place) => {
        fused[i] =
          fusionWeights.logit * logits[i]! +
          fusionWeights.article * toArticle[place]! +
          fusionWeights.headline * toHeadline[place]! +
          fusionWeights.others * toOthers[place]! +
          fusionWeights.offset;
      });
      // What was not embedded stays behind what was.
      const least = Math.min(...order.map((i) => fused[i]!));
      const known = new Map(order.map((i, place) => [i, place + articleRows]));
      for (let i = 0; i < fused.length; i++) if (!known.has(i)) fused[i] = Math.min(fused[i]!, least);
      return {
        logits: fused,
        vectorsOf: async (indices) =>
          indices.every((i) => known.has(i))
            ? takeRows(
                vectors,
                indices.map((i) => known.get(i)!),
              )
            : embedder.embed(
                indices.map((i) => candidates[i]!.name),
                options,
              ),
      };
    },
  };
}

/** Values less their mean, in units of their deviation; all 0 when they are equal. */
export function standardize(values: Float64Array): Float64Array {
  const n = Math.max(1, values.length);
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
  return values.map((value) => (deviation < 1e-9 ? 0 : (value - mean) / deviation));
}
