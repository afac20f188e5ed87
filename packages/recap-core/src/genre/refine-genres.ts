import { mapConcurrent } from '@matome/primitives/async';
import { checkInteger } from '@matome/primitives/options';
import type { LabelGraph } from '../label-graph/label-graph.js';
import type { Genre, GenreAssignment } from './genre-types.js';
import { type CandidateRecord, type LearningRecord, type RefineReason, tagEntropy } from './learning-record.js';
import {
  byGraph,
  byRank,
  byTagName,
  byTieBreak,
  byWeights,
  type Decision,
  keepCoarse,
  type RefinableArticle,
  type TieBreaker,
  total,
  withoutCandidates,
} from './refine-decisions.js';
import { type RefineSettings, refineSettings } from './refine-settings.js';

/** Options of `refineGenres`. */
export interface RefineOptions {
  readonly settings?: Partial<RefineSettings>;
  readonly tieBreak?: TieBreaker;
  /** Tie-breakers under way at a time. @default 4 */
  readonly concurrency?: number;
  /** What decides whether an article is refined. @default its id */
  readonly rolloutKey?: (article: RefinableArticle) => string;
  /** Keywords of a genre found in an article. @default none */
  readonly keywordSupport?: (article: RefinableArticle, genre: Genre) => number;
  readonly signal?: AbortSignal;
}

/** A refined genre with the record of how it came about. */
export interface RefinedGenre {
  readonly assignment: GenreAssignment;
  readonly record: LearningRecord;
}

/**
 * Betters coarse genres by the tags of the articles: a tag may name the genre, the label graph may favour it, a
 * tie-breaker may decide what is left open. An article out of the rollout, or without tags, keeps its coarse genre.
 *
 * @param assignments - the coarse genre of every article, in the order of `articles`.
 * @returns in the same order; the same input gives the same output in any order.
 * @throws RangeError if lengths or ids disagree, or a setting is out of range.
 * @remarks O(tags · edges of a tag) per article beside the tie-breaker.
 * @example
 * const coarse = { articleId: 'a', genre: 'sports', confidence: 0.5, candidates: [{ genre: 'sports', probability: 0.5 }, { genre: 'education', probability: 0.4 }], strategy: 'coarse-only' as const, belowThreshold: false, accepted: false, plausible: ['sports', 'education'] };
 * const article = { id: 'a', title: 'Cup', text: '', tags: [{ name: 'Education', confidence: 0.9 }] };
 * const [refined] = await refineGenres([coarse], [article], new LabelGraph([], new Date(0)));
 * refined.assignment.strategy // => 'tag-consistency'
 */
export async function refineGenres(
  assignments: readonly GenreAssignment[],
  articles: readonly RefinableArticle[],
  graph: LabelGraph,
  options: RefineOptions = {},
): Promise<RefinedGenre[]> {
  const settings = refineSettings(options.settings);
  const { concurrency = 4, signal } = options;
  checkInteger('refineGenres', 'concurrency', concurrency, { min: 1 });
  if (assignments.length !== articles.length || assignments.some(({ articleId }, i) => articleId !== articles[i]!.id)) {
    throw new RangeError('refineGenres needs one assignment per article, in the same order.');
  }
  return mapConcurrent(
    assignments.map((assignment, i) => ({ assignment, article: articles[i]! })),
    concurrency,
    ({ assignment, article }, aborted) => refineOne(assignment, article, graph, settings, options, aborted),
    signal ? { signal } : {},
  );
}

async function refineOne(
  assignment: GenreAssignment,
  article: RefinableArticle,
  graph: LabelGraph,
  settings: RefineSettings,
  options: RefineOptions,
  signal: AbortSignal,
): Promise<RefinedGenre> {
  const reasons: RefineReason[] = [];
  const boosts = graph.boosts(article.tags);
  const original = assignment.candidates.map(({ genre, probability }) => ({
    genre,
    score: probability,
    classifierConfidence: probability,
  }));
  const expanded = [...boosts]
    .filter(
      ([genre, weight]) => weight >= settings.expansionThreshold && !original.some((held) => held.genre === genre),
    )
    .map(([genre, weight]) => ({ genre, score: 0, classifierConfidence: Math.min(weight, 1) }));
  const support = options.keywordSupport;
  const candidates: CandidateRecord[] = [...original, ...expanded].map((candidate) => ({
    ...candidate,
    graphBoost: boosts.get(candidate.genre) ?? 0,
    tagOverlap: article.tags.filter(({ name }) => graph.weight(candidate.genre, name) > 0).length,
    keywordSupport: support ? support(article, candidate.genre) : 0,
  }));
  const ranked = [...candidates].sort((a, b) => b.score + b.graphBoost - (a.score + a.graphBoost));
  const margin = ranked.length > 1 ? total(ranked[0]!) - total(ranked[1]!) : 0;
  const key = (options.rolloutKey ?? (({ id }: RefinableArticle) => id))(article);
  const decision =
    keepCoarse(assignment, article, key, settings, reasons) ??
    withoutCandidates(ranked, settings, reasons) ??
    byTagName(article, candidates, settings, reasons) ??
    byGraph(article, ranked, margin, settings, reasons) ??
    (await byTieBreak(article, ranked, settings, options.tieBreak, signal, reasons)) ??
    byWeights(article, candidates.slice(0, original.length), ranked, margin, settings, reasons) ??
    byRank(ranked[0]!, settings);
  return {
    assignment: withDecision(assignment, decision),
    record: toRecord(article, candidates, decision, margin, reasons),
  };
}

function withDecision(assignment: GenreAssignment, { genre, confidence, strategy }: Decision): GenreAssignment {
  const changed = genre !== assignment.genre;
  const plausible = assignment.plausible.includes(genre) ? assignment.plausible : [genre, ...assignment.plausible];
  return {
    ...assignment,
    genre,
    confidence,
    strategy,
    plausible,
    // The error bound speaks of the classifier's own answer alone.
    accepted: assignment.accepted && !changed,
    belowThreshold: assignment.belowThreshold && strategy === 'coarse-only',
  };
}

function toRecord(
  { id, tags }: RefinableArticle,
  candidates: readonly CandidateRecord[],
  { genre, confidence, strategy, traceId }: Decision,
  margin: number,
  reasons: readonly RefineReason[],
): LearningRecord {
  return {
    articleId: id,
    candidates,
    decision: { genre, confidence, strategy, margin, ...(traceId === undefined ? {} : { traceId }) },
    reasons,
    tags,
    tagEntropy: tagEntropy(tags),
  };
}
