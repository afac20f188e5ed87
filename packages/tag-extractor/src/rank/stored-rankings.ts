import type { Embedder } from '@matome/primitives/embedding';
import statisticalRanking from '../data/english-ranking.json';
import staticRanking from '../data/english-static-ranking.json';
import tokenRanking from '../data/english-token-ranking.json';
import { statisticalFeatures } from './features.js';
import { meaningFeatures } from './meaning.js';
import { readingFeatures, type TokenReading } from './token-reading.js';
import type { TreeEnsembleJson } from './tree-ensemble.js';

/** A ranking as the recipe stores it. */
export interface StoredRanking {
  /** Embedders whose vectors the ranking knows. */
  readonly fingerprints?: readonly string[];
  readonly features: readonly string[];
  readonly indexer: TreeEnsembleJson;
  readonly author: TreeEnsembleJson;
  readonly topics: TreeEnsembleJson;
  readonly calibration: readonly { readonly breadth: number; readonly slope: number; readonly offset: number }[];
}

/** What a ranking looks at beside the statistics. */
export type RankingKind = 'statistical' | 'static' | 'tokens';

/** The English rankings; columns are those of the features, in this order. */
export const storedRankings: Readonly<Record<RankingKind, StoredRanking>> = {
  statistical: statisticalRanking,
  static: staticRanking,
  tokens: tokenRanking,
};

/** The readings of `readingFeatures`: of words by the vectors of the static model, of tokens by those of MiniLM. */
export const storedReadings: Readonly<Record<Exclude<RankingKind, 'statistical'>, readonly TokenReading[]>> = {
  static: staticRanking.readings,
  tokens: tokenRanking.readings,
};

/** Columns that each ranking must have been learnt with. */
export const rankingColumns: Readonly<Record<RankingKind, readonly string[]>> = {
  statistical: statisticalFeatures,
  static: [...statisticalFeatures, ...readingFeatures, ...meaningFeatures],
  tokens: [...statisticalFeatures, ...readingFeatures],
};

/**
 * The ranking that was learnt with the vectors of an embedder: told by its fingerprint, as another model, another version or
 * other settings would give the columns another meaning. Statistics for every other embedder.
 */
export function rankingFor(embedder: Embedder | undefined): RankingKind {
  const knows = (ranking: StoredRanking) => ranking.fingerprints?.includes(embedder?.fingerprint ?? '') ?? false;
  if (embedder?.embedTokens && knows(storedRankings.tokens)) return 'tokens';
  return knows(storedRankings.static) ? 'static' : 'statistical';
}
