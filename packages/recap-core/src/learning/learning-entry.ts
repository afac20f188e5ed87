import type { Genre, RefineStrategy } from '../genre/genre-types.js';
import type { LearningRecord, RefineTag } from '../genre/learning-record.js';

/** What thresholds are learnt from: one decision, and the truth where a person has told it. */
export interface LearningEntry {
  readonly articleId: string;
  readonly genre: Genre;
  /** The best genre of the classifier alone. */
  readonly coarseGenre: Genre;
  /** The best genre by score and boost. */
  readonly boostedGenre: Genre;
  readonly strategy: RefineStrategy;
  /** Lead of the best candidate by score and boost. */
  readonly margin: number;
  /** Boost of the best candidate. */
  readonly topBoost: number;
  /** Confidence of the classifier in the best candidate. */
  readonly topConfidence: number;
  readonly tagCount: number;
  readonly candidateCount: number;
  readonly tagEntropy: number;
  readonly topTags: readonly RefineTag[];
  readonly confidence: number;
  /** Genres that are right, by golden set or correction; `undefined` where nobody has said. */
  readonly truth?: readonly Genre[];
}

/**
 * Turns decisions into entries and attaches the truth where it is known. What the system decided itself is never taken
 * for the truth.
 *
 * @param truth - right genres by article.
 * @remarks O(records · candidates).
 * @example
 * learningEntries([], new Map()) // => []
 */
export function learningEntries(
  records: readonly LearningRecord[],
  truth: ReadonlyMap<string, readonly Genre[]>,
): LearningEntry[] {
  return records.map(({ articleId, candidates, decision, tags, tagEntropy }) => {
    const byScore = [...candidates].sort((a, b) => b.score - a.score);
    const byBoost = [...candidates].sort((a, b) => b.score + b.graphBoost - (a.score + a.graphBoost));
    const known = truth.get(articleId);
    return {
      articleId,
      genre: decision.genre,
      coarseGenre: byScore[0]?.genre ?? decision.genre,
      boostedGenre: byBoost[0]?.genre ?? decision.genre,
      strategy: decision.strategy,
      margin: Math.round(decision.margin * 1e6) / 1e6,
      topBoost: Math.round((byBoost[0]?.graphBoost ?? 0) * 1e6) / 1e6,
      topConfidence: byBoost[0]?.classifierConfidence ?? 0,
      tagCount: tags.length,
      candidateCount: candidates.length,
      tagEntropy,
      topTags: [...tags].sort((a, b) => b.confidence - a.confidence).slice(0, 5),
      confidence: decision.confidence,
      ...(known === undefined ? {} : { truth: known }),
    };
  });
}

/** A batch of entries in numbers. */
export interface LearningSummary {
  readonly records: number;
  /** Records whose truth is known. */
  readonly known: number;
  /** Share of the known records whose genre was right; `undefined` without any. */
  readonly accuracy?: number;
  readonly graphBoostCount: number;
  /** 0 to 100. */
  readonly graphBoostPercentage: number;
  readonly averageMargin?: number;
  readonly averageTopBoost?: number;
  readonly averageConfidence?: number;
  /** Share of the records with tags, 0 to 100. */
  readonly tagCoveragePercentage: number;
}

/**
 * Sums entries up.
 *
 * @example
 * summarizeLearning([]).records // => 0
 */
export function summarizeLearning(entries: readonly LearningEntry[]): LearningSummary {
  const n = entries.length;
  const average = (value: (entry: LearningEntry) => number) =>
    entries.reduce((sum, entry) => sum + value(entry), 0) / n;
  const known = entries.filter(({ truth }) => truth !== undefined);
  const boosted = entries.filter(({ strategy }) => strategy === 'graph-boost').length;
  return {
    records: n,
    known: known.length,
    ...(known.length === 0
      ? {}
      : { accuracy: known.filter(({ genre, truth }) => truth!.includes(genre)).length / known.length }),
    graphBoostCount: boosted,
    graphBoostPercentage: n === 0 ? 0 : (100 * boosted) / n,
    ...(n === 0
      ? {}
      : {
          averageMargin: average(({ margin }) => margin),
          averageTopBoost: average(({ topBoost }) => topBoost),
          averageConfidence: average(({ confidence }) => confidence),
        }),
    tagCoveragePercentage: n === 0 ? 0 : 100 * average(({ tagCount }) => (tagCount > 0 ? 1 : 0)),
  };
}
