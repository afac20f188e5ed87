import type { Genre, RefineStrategy } from './genre-types.js';

/** A tag of an article. */
export interface RefineTag {
  readonly name: string;
  /** In [0, 1]. */
  readonly confidence: number;
}

/** One condition that was looked at on the way to a genre. */
export interface RefineReason {
  readonly check:
    | 'rollout'
    | 'has-tags'
    | 'has-candidates'
    | 'tag-names-genre'
    | 'graph-margin'
    | 'graph-boost'
    | 'tag-count'
    | 'classifier-confidence'
    | 'tie'
    | 'tie-break';
  readonly passed: boolean;
  /** What was found, where it is a number. */
  readonly value?: number;
  /** What was asked for. */
  readonly limit?: number;
  /** What else there is to say: the tag that names the genre, or the error of a tie-breaker. */
  readonly note?: string;
}

/** A genre that was considered. */
export interface CandidateRecord {
  readonly genre: Genre;
  /** Score of the classifier; 0 for a genre that only tags brought in. */
  readonly score: number;
  readonly classifierConfidence: number;
  /** Σ edge weight · tag confidence. */
  readonly graphBoost: number;
  /** Tags with an edge to the genre. */
  readonly tagOverlap: number;
  /** Keywords of the genre found in the article. */
  readonly keywordSupport: number;
}

/** All that led to the genre of an article: what thresholds are learnt from. */
export interface LearningRecord {
  readonly articleId: string;
  readonly candidates: readonly CandidateRecord[];
  readonly decision: {
    readonly genre: Genre;
    readonly confidence: number;
    readonly strategy: RefineStrategy;
    /** Lead of the best candidate in score + boost. */
    readonly margin: number;
    readonly traceId?: string;
  };
  readonly reasons: readonly RefineReason[];
  readonly tags: readonly RefineTag[];
  /** Entropy of the confidence shares of the tags, in bits. */
  readonly tagEntropy: number;
}

/**
 * Entropy of the shares of the tags' confidences, in bits; 0 without tags.
 *
 * @example
 * tagEntropy([{ name: 'a', confidence: 0.5 }, { name: 'b', confidence: 0.5 }]) // => 1
 */
export function tagEntropy(tags: readonly RefineTag[]): number {
  const total = tags.reduce((sum, { confidence }) => sum + confidence, 0);
  if (!(total > 0)) return 0;
  let bits = 0;
  for (const { confidence } of tags) if (confidence > 0) bits -= (confidence / total) * Math.log2(confidence / total);
  return bits;
}
