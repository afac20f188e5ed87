import type { Embedder } from '@matome/primitives/embedding';
import { takeRows } from '@matome/primitives/linalg';
import {
  chooseRepresentatives,
  clusterTopics,
  createExtractiveSummarizer,
  groupStories,
  isUsableSentence,
  semanticDedup,
  visitItems,
} from '@matome/recap-core';
import { loadDefaultModel } from './default-model.js';
import { newsStage } from './stage.js';
import type { ArticleGenre, CitedSentence, NewsStory, StorySentence, Workspace } from './workspace.js';

/**
 * Mean similarity that keeps a story together, for words that are not stemmed: reports of one event by different papers
 * share fewer words than the default of `groupStories` asks for.
 */
const storyThreshold = 0.12;
/** Words of an article that tell its story: a news text says the news in front, and background behind it. */
const storyWords = 150;

/**
 * Groups the articles that tell of one event, then gives each story the genre that its articles agree on.
 *
 * Stories come before sections, so that a story whose articles were given different genres stays in one piece.
 */
export const storyStage = newsStage<NewsStory>({
  name: 'stories',
  unit: 'stories',
  async run(work, context) {
    const { primaries, articles, tokens, titleTokens, genres } = work;
    const stories = groupStories(
      primaries.map((i) => {
        const { id, publishedAt } = articles[i]!;
        const about = { id, tokens: tokens[i]!.slice(0, storyWords), titleTokens: titleTokens[i]! };
        return publishedAt ? { ...about, publishedAt: new Date(publishedAt) } : about;
      }),
      { threshold: storyThreshold },
    );
    const items = stories.map(({ members }): NewsStory => {
      const positions = members.map((member) => primaries[member]!);
      return { ...agreedGenre(positions.map((i) => genres[i]!)), members: positions };
    });
    context.progress(items.length, items.length);
    return { items };
  },
  apply: (work, stories) => ({ ...work, stories }),
});

function agreedGenre(genres: readonly ArticleGenre[]): { genre: string; confidence: number } {
  const sums = new Map<string, number>();
  for (const { candidates } of genres) {
    for (const { genre, probability } of candidates) sums.set(genre, (sums.get(genre) ?? 0) + probability);
  }
  const [best] = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { genre: best?.[0] ?? 'other', confidence: (best?.[1] ?? 0) / genres.length };
}

/** Finds the words that set each story apart from the others of its language. */
export const termStage = newsStage<readonly string[]>({
  name: 'terms',
  unit: 'stories',
  async run({ stories, articles, tokens, titleTokens }, context) {
    const items: (readonly string[])[] = stories.map(() => []);
    for (const language of ['en', 'ja', 'und'] as const) {
      const own = stories.map((_, s) => s).filter((s) => articles[stories[s]!.members[0]!]!.language === language);
      const members = own.flatMap((s, label) => stories[s]!.members.map((i) => ({ i, label })));
      const terms = clusterTopics(
        members.map(({ i }) => [...titleTokens[i]!, ...tokens[i]!.slice(0, storyWords)]),
        members.map(({ label }) => label),
      );
      own.forEach((s, label) => {
        items[s] = (terms[label] ?? []).map(language === 'ja' ? joined : (term) => term);
      });
      context.signal.throwIfAborted();
    }
    context.progress(items.length, items.length);
    return { items };
  },
  apply: (work, terms) => ({ ...work, terms }),
});

/** Japanese is written without spaces; Latin words inside it keep theirs. */
function joined(term: string): string {
  return term.replace(/(?<![a-z0-9]) | (?![a-z0-9])/gi, '');
}

/** Sentences of one article that are looked at: a news text says the news in front. */
const sentencesPerArticle = 12;
/** Sentences kept of one story. */
const sentencesPerStory = 5;

/** Chooses sentences that stand for each story and differ from one another. */
export const representativeStage = newsStage<readonly StorySentence[]>({
  name: 'representatives',
  unit: 'stories',
  async run(work, context) {
    const embedder = await loadDefaultModel();
    const items: (readonly StorySentence[])[] = [];
    await visitItems(work.stories, context, async (story) => {
      items.push(await represent(work, story, embedder, context.signal));
    });
    return { items };
  },
  apply: (work, representatives) => ({ ...work, representatives }),
});

async function represent(
  { articles }: Workspace,
  { members }: NewsStory,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<StorySentence[]> {
  const candidates = members.flatMap((source) =>
    articles[source]!.sentences.slice(0, sentencesPerArticle).flatMap((sentence, position) =>
      isUsableSentence(sentence.text) ? [{ ...sentence, source, position }] : [],
    ),
  );
  if (candidates.length === 0) return [];
  const vectors = await embedder.embed(
    candidates.map(({ text }) => text),
    { signal },
  );
  const kept = semanticDedup(vectors, 0.92);
  const chosen = chooseRepresentatives(takeRows(vectors, kept), {
    count: sentencesPerStory,
    sources: kept.map((i) => candidates[i]!.source),
    positions: kept.map((i) => candidates[i]!.position),
  });
  return chosen.map(({ index, score }) => {
    const { source, text, start, end } = candidates[kept[index]!]!;
    return { articleId: articles[source]!.id, text, start, end, score };
  });
}

/** Writes what each story says, in sentences that stand word for word in the articles they name. */
export const summaryStage = newsStage<readonly CitedSentence[]>({
  name: 'summary',
  unit: 'stories',
  async run({ stories, articles, representatives, terms }, context) {
    const clusters = stories.map(({ members }, id) => ({
      id,
      articleIds: members.map((i) => articles[i]!.id),
      topTerms: terms[id]!,
      representatives: representatives[id]!,
    }));
    const summarizer = createExtractiveSummarizer({ maxBullets: Math.max(1, clusters.length) });
    const diagnostics = {
      articles: articles.length,
      sentences: 0,
      repeatedSentences: 0,
      unusableSentences: 0,
      embeddingModel: '',
    };
    const { bullets } = await summarizer.summarize({ clusters, diagnostics }, { signal: context.signal });
    const items: (readonly CitedSentence[])[] = stories.map(() => []);
    for (const { clusterId, sentences } of bullets) items[clusterId] = sentences;
    context.progress(items.length, items.length);
    return { items };
  },
  apply: (work, summaries) => ({ ...work, summaries }),
});
