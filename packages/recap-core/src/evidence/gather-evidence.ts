import type { Embedder } from '@matome/primitives/embedding';
import { type Matrix, takeRows } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import { groupStories, type Story, type StoryOptions } from '../stories/group-stories.js';
import { clusterTopics } from './cluster-topics.js';
import type { Evidence, EvidenceArticle, EvidenceCluster, EvidenceSentence } from './evidence.js';
import { chooseRepresentatives } from './representatives.js';
import { semanticDedup } from './semantic-dedup.js';
import { isUsableSentence } from './usable-sentence.js';

/** Options of `gatherEvidence`. */
export interface GatherEvidenceOptions {
  /** Gives the vectors of the sentences. */
  readonly embedder: Embedder;
  /** How articles are grouped, or the groups themselves, found among the same articles before. @default groupStories' own */
  readonly stories?: StoryOptions | readonly Story[];
  /** Sentences a cluster. @default 5 */
  readonly representatives?: number;
  /** Terms a cluster. @default 5 */
  readonly topTerms?: number;
  /** Sentences at least this close to an earlier one of the cluster are left out, in (0, 1]. @default 0.92 */
  readonly duplicateThreshold?: number;
  readonly signal?: AbortSignal;
}

/** Sentences of one article that are looked at: a news text says the news in front. */
const sentencesPerArticle = 12;

interface Candidate extends Omit<EvidenceSentence, 'score'> {
  readonly source: number;
  readonly position: number;
}

/**
 * Turns the articles of one genre into evidence: stories, the terms that set them apart, and sentences that stand for
 * them, each with its article and offsets.
 *
 * @throws RangeError if an option is out of range; the signal's reason when aborted; whatever the embedder throws.
 * @remarks Dominated by embedding at most 12 sentences an article.
 * @example
 * const { createHashingEmbedder } = await import('@matome/primitives/embedding');
 * const text = 'The river rose by two metres in Skelby.';
 * const article = { id: 'a', title: 'Flood', language: 'en' as const, sentences: [{ text, start: 0, end: text.length }], tokens: ['river', 'rose', 'skelby'], titleTokens: ['flood'] };
 * const { clusters } = await gatherEvidence([article], { embedder: createHashingEmbedder() });
 * clusters[0].representatives[0].articleId // => 'a'
 */
export async function gatherEvidence(
  articles: readonly EvidenceArticle[],
  options: GatherEvidenceOptions,
): Promise<Evidence> {
  const { embedder, signal } = options;
  const count = checkInteger('gatherEvidence', 'representatives', options.representatives ?? 5, { min: 1 });
  const stories = storiesOf(articles, options.stories);
  // Articles that stand in no given story tell for none.
  const labels = new Int32Array(articles.length).fill(-1);
  stories.forEach(({ members }, label) => {
    for (const member of members) labels[member] = label;
  });
  const terms = clusterTopics(
    articles.map(({ titleTokens, tokens }) => [...titleTokens, ...tokens]),
    labels,
    { topTerms: options.topTerms ?? 5 },
  );
  const candidates = stories.map(({ members }) => candidatesOf(articles, members));
  const flat = candidates.flat();
  const vectors = await embedder.embed(
    flat.map(({ text }) => text),
    signal ? { signal } : {},
  );
  if (vectors?.rows !== flat.length) {
    throw new RangeError(
      `The embedder of gatherEvidence must give one vector for each of ${flat.length} sentences. Got ${vectors?.rows}.`,
    );
  }
  const clusters: EvidenceCluster[] = [];
  let start = 0;
  let repeated = 0;
  candidates.forEach((own, id) => {
    const indices = own.map((_, i) => start + i);
    start += own.length;
    const { sentences, dropped, coherence } = represent(
      own,
      takeRows(vectors, indices),
      count,
      options.duplicateThreshold ?? 0.92,
    );
    repeated += dropped;
    clusters.push({
      id,
      articleIds: stories[id]!.articleIds,
      topTerms: terms[id] ?? [],
      representatives: sentences,
      ...(coherence === undefined ? {} : { coherence }),
    });
  });
  const sentences = articles.reduce((sum, article) => sum + Math.min(article.sentences.length, sentencesPerArticle), 0);
  return {
    clusters,
    diagnostics: {
      articles: articles.length,
      sentences,
      repeatedSentences: repeated,
      unusableSentences: sentences - flat.length,
      embeddingModel: embedder.modelId,
    },
  };
}

function storiesOf(articles: readonly EvidenceArticle[], given: GatherEvidenceOptions['stories']): readonly Story[] {
  if (!isStories(given)) return groupStories(articles, given);
  for (const { members } of given) {
    for (const member of members) {
      if (articles[member] !== undefined) continue;
      throw new RangeError(
        `The stories option of gatherEvidence must name articles by position, below ${articles.length}. Got ${member}.`,
      );
    }
  }
  return given;
}

function isStories(given: GatherEvidenceOptions['stories']): given is readonly Story[] {
  return Array.isArray(given);
}

function candidatesOf(articles: readonly EvidenceArticle[], members: readonly number[]): Candidate[] {
  return members.flatMap((source) =>
    articles[source]!.sentences.slice(0, sentencesPerArticle).flatMap(({ text, start, end }, position) =>
      isUsableSentence(text) ? [{ articleId: articles[source]!.id, text, start, end, source, position }] : [],
    ),
  );
}

function represent(
  candidates: readonly Candidate[],
  vectors: Matrix,
  count: number,
  duplicateThreshold: number,
): { sentences: EvidenceSentence[]; dropped: number; coherence?: number } {
  if (candidates.length === 0) return { sentences: [], dropped: 0 };
  const kept = semanticDedup(vectors, duplicateThreshold);
  const own = kept.map((i) => candidates[i]!);
  const chosen = chooseRepresentatives(takeRows(vectors, kept), {
    count,
    sources: own.map(({ source }) => source),
    positions: own.map(({ position }) => position),
  });
  const sentences = chosen.map(({ index, score }) => {
    const { articleId, text, start, end } = own[index]!;
    return { articleId, text, start, end, score };
  });
  const coherence = sentences.reduce((sum, { score }) => sum + score, 0) / sentences.length;
  return { sentences, dropped: candidates.length - kept.length, coherence };
}
