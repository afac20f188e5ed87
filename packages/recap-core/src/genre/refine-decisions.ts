import { normalizeLabel } from '../label-graph/build-label-graph.js';
import type { Genre, GenreAssignment, GenreScore, RefineStrategy } from './genre-types.js';
import type { CandidateRecord, RefineReason, RefineTag } from './learning-record.js';
import type { RefineSettings } from './refine-settings.js';
import { isInRollout } from './rollout.js';

/** An article as refining reads it; every prepared article is one. */
export interface RefinableArticle {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly tags: readonly RefineTag[];
}

/** What a tie-breaker is asked. */
export interface TieBreakRequest {
  readonly article: RefinableArticle;
  /** The tied genres, best first. */
  readonly candidates: readonly GenreScore[];
}

/**
 * Decides between tied genres, e.g. by a language model.
 *
 * @returns one of the candidates; `undefined` when it cannot tell.
 */
export type TieBreaker = (
  request: TieBreakRequest,
  options: { readonly signal?: AbortSignal },
) => Promise<{ readonly genre: Genre; readonly confidence: number; readonly traceId?: string } | undefined>;

/** A genre and what chose it. */
export interface Decision {
  readonly genre: Genre;
  readonly confidence: number;
  readonly strategy: RefineStrategy;
  readonly traceId?: string;
}

/** Score and boost of a candidate together. */
export const total = ({ score, graphBoost }: CandidateRecord) => score + graphBoost;
const clamp = (value: number) => Math.min(1, Math.max(0, value));

/** Out of the rollout, or without tags: the coarse genre stays. */
export function keepCoarse(
  assignment: GenreAssignment,
  { tags }: RefinableArticle,
  key: string,
  { rolloutPercent, requireTags }: RefineSettings,
  reasons: RefineReason[],
): Decision | undefined {
  const allowed = isInRollout(key, rolloutPercent);
  reasons.push({ check: 'rollout', passed: allowed, limit: rolloutPercent });
  if (allowed) {
    reasons.push({ check: 'has-tags', passed: tags.length > 0, value: tags.length, limit: requireTags ? 1 : 0 });
    if (tags.length > 0 || !requireTags) return undefined;
  }
  return { genre: assignment.genre, confidence: assignment.confidence, strategy: 'coarse-only' };
}

/** Nothing to choose from: the fallback genre. */
export function withoutCandidates(
  ranked: readonly CandidateRecord[],
  { fallbackGenre }: RefineSettings,
  reasons: RefineReason[],
): Decision | undefined {
  if (ranked.length > 0) return undefined;
  reasons.push({ check: 'has-candidates', passed: false });
  return { genre: fallbackGenre, confidence: 0, strategy: 'fallback-other' };
}

/** A sure tag that is the name of exactly one candidate. */
export function byTagName(
  { tags }: RefinableArticle,
  candidates: readonly CandidateRecord[],
  { tagConfidenceGate }: RefineSettings,
  reasons: RefineReason[],
): Decision | undefined {
  const named = new Map<Genre, { candidate: CandidateRecord; confidence: number }>();
  for (const { name, confidence } of tags) {
    if (confidence < tagConfidenceGate) continue;
    const candidate = candidates.find(({ genre }) => normalizeLabel(genre) === normalizeLabel(name));
    if (candidate === undefined) continue;
    const best = Math.max(confidence, named.get(candidate.genre)?.confidence ?? 0);
    named.set(candidate.genre, { candidate, confidence: best });
  }
  const [only] = named.values();
  const passed = named.size === 1;
  reasons.push({
    check: 'tag-names-genre',
    passed,
    value: named.size,
    limit: 1,
    ...(passed ? { note: only!.candidate.genre } : {}),
  });
  if (!passed) return undefined;
  const { candidate, confidence } = only!;
  return {
    genre: candidate.genre,
    confidence: clamp(Math.max(confidence, candidate.classifierConfidence)),
    strategy: 'tag-consistency',
  };
}

/** The best candidate leads clearly, is favoured by the graph, and the classifier does not speak against it. */
export function byGraph(
  { tags }: RefinableArticle,
  ranked: readonly CandidateRecord[],
  margin: number,
  settings: RefineSettings,
  reasons: RefineReason[],
): Decision | undefined {
  const [top, second] = ranked;
  if (second === undefined) return undefined;
  const checks: RefineReason[] = [
    { check: 'graph-margin', passed: margin >= settings.graphMargin, value: margin, limit: settings.graphMargin },
    {
      check: 'graph-boost',
      passed: top!.graphBoost >= settings.boostThreshold,
      value: top!.graphBoost,
      limit: settings.boostThreshold,
    },
    {
      check: 'tag-count',
      passed: tags.length >= settings.tagCountThreshold,
      value: tags.length,
      limit: settings.tagCountThreshold,
    },
    {
      check: 'classifier-confidence',
      passed: top!.classifierConfidence >= settings.minClassifierConfidence,
      value: top!.classifierConfidence,
      limit: settings.minClassifierConfidence,
    },
  ];
  reasons.push(...checks);
  if (!checks.every(({ passed }) => passed)) return undefined;
  const confidence = clamp(0.6 * top!.classifierConfidence + 0.4 * top!.graphBoost);
  return { genre: top!.genre, confidence, strategy: 'graph-boost' };
}

/** The judgement of a tie-breaker between candidates too close to call. */
export async function byTieBreak(
  article: RefinableArticle,
  ranked: readonly CandidateRecord[],
  { weightedTieBreakMargin }: RefineSettings,
  tieBreak: TieBreaker | undefined,
  signal: AbortSignal,
  reasons: RefineReason[],
): Promise<Decision | undefined> {
  const tied = ranked.filter((candidate) => total(ranked[0]!) - total(candidate) < weightedTieBreakMargin);
  if (tieBreak === undefined || tied.length < 2) return undefined;
  const candidates = tied.map(({ genre, classifierConfidence }) => ({ genre, probability: classifierConfidence }));
  try {
    const answer = await tieBreak({ article, candidates }, { signal });
    const known = answer !== undefined && tied.some(({ genre }) => genre === answer.genre);
    reasons.push({
      check: 'tie-break',
      passed: known,
      value: tied.length,
      ...(known ? {} : { note: answer ? `unknown genre ${answer.genre}` : 'no answer' }),
    });
    if (!known) return undefined;
    const { genre, confidence, traceId } = answer;
    return {
      genre,
      confidence: clamp(confidence),
      strategy: 'tie-break',
      ...(traceId === undefined ? {} : { traceId }),
    };
  } catch (error) {
    signal.throwIfAborted();
    // A judge that cannot be asked must not cost the article its genre; the record keeps what happened.
    reasons.push({ check: 'tie-break', passed: false, note: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

/** Of tied candidates that the classifier named, the one that keywords, classifier, graph and tags favour together. */
export function byWeights(
  { tags }: RefinableArticle,
  original: readonly CandidateRecord[],
  ranked: readonly CandidateRecord[],
  margin: number,
  { weightedTieBreakMargin, tagConfidenceGate }: RefineSettings,
  reasons: RefineReason[],
): Decision | undefined {
  const tied = ranked.length > 1 && margin < weightedTieBreakMargin;
  reasons.push({ check: 'tie', passed: tied, value: margin, limit: weightedTieBreakMargin });
  if (!tied || original.length === 0) return undefined;
  const sure = tags.filter(({ confidence }) => confidence >= tagConfidenceGate);
  let best: { candidate: CandidateRecord; score: number } | undefined;
  for (const candidate of original) {
    const score =
      0.2 * Math.min(candidate.keywordSupport / 10, 1) +
      0.4 * clamp(candidate.classifierConfidence) +
      0.2 * clamp(candidate.graphBoost) +
      0.2 * nameScore(sure, candidate.genre);
    if (best === undefined || score > best.score) best = { candidate, score };
  }
  return { genre: best!.candidate.genre, confidence: best!.score, strategy: 'weighted-score' };
}

/** How far tags carry the name of a genre: whole, or the one inside the other for half. */
function nameScore(tags: readonly RefineTag[], genre: Genre): number {
  const name = normalizeLabel(genre);
  let sum = 0;
  for (const tag of tags) {
    const label = normalizeLabel(tag.name);
    if (label === name) sum += tag.confidence;
    else if (label !== '' && (label.includes(name) || name.includes(label))) sum += 0.5 * tag.confidence;
  }
  return Math.min(1, sum);
}

/** Nothing decided: the candidate of highest score and boost. */
export function byRank(top: CandidateRecord, { minClassifierConfidence }: RefineSettings): Decision {
  const favoured = top.graphBoost > 0 && top.classifierConfidence >= minClassifierConfidence;
  return { genre: top.genre, confidence: top.classifierConfidence, strategy: favoured ? 'graph-boost' : 'coarse-only' };
}
