import { createHash } from 'node:crypto';
import { stableJson } from '@matome/primitives/hashing';
import type { EvidenceRecord, SectionRecord, Storage } from '@matome/storage';
import { type NewsStage, newsStage } from './stage.js';
import type { CitedSentence, NewsArticle, NewsStory, Workspace } from './workspace.js';

/** A story as it is stored in its section. */
export interface SectionStory {
  readonly id: string;
  readonly title: string;
  readonly language: string;
  /** Mean probability of the genre, in [0, 1]. */
  readonly confidence: number;
  readonly terms: readonly string[];
  readonly sentences: readonly CitedSentence[];
  /** The first is the one that tells most. */
  readonly articleIds: readonly string[];
  /** Place on the map, in [0, 1]. */
  readonly place: { readonly x: number; readonly y: number };
}

/** The body of a stored section. */
export interface SectionBody {
  readonly genre: string;
  readonly stories: readonly SectionStory[];
}

/** The last stage: all or nothing of the recap is stored, with the end of the job. */
export function storeStage(storage: Storage, jobId: string): NewsStage {
  return newsStage<string>({
    name: 'store',
    unit: 'sections',
    // What it leaves is the recap itself.
    saved: false,
    async run(work) {
      return { items: [], count: await storage.transaction((inside) => storeRecap(inside, jobId, work)) };
    },
  });
}

/** Stores everything that the stages found and marks the job as completed. @returns the number of sections. */
async function storeRecap(storage: Storage, jobId: string, work: Workspace): Promise<number> {
  const { articles } = work;
  await storage.articles.save(
    articles.map(({ id, title, text, url, source, language, publishedAt }) => ({
      id,
      title,
      body: text,
      url,
      feedId: source ?? '',
      language,
      publishedAt: publishedAt ? new Date(publishedAt) : null,
    })),
  );
  await storage.tags.save(work.primaries.map((i) => ({ articleId: articles[i]!.id, tags: work.tags[i]! })));
  await storage.duplicates.replace(jobId, work.duplicates);
  await storage.genreLearning.save(jobId, genreRecords(work));
  const genres = [...new Set(work.stories.map(({ genre }) => genre))].sort();
  const sections: SectionRecord[] = [];
  const job = await storage.jobs.get(jobId);
  for (const genre of genres) {
    const stories = work.stories.flatMap((story, s) => (story.genre === genre ? [s] : []));
    await storage.evidence.replace(jobId, evidenceOf(work, genre, stories));
    sections.push(sectionOf(work, genre, stories, job?.windowDays ?? 1));
  }
  await storage.sections.save(jobId, sections);
  await storage.jobs.setStatus(jobId, 'completed', { stage: 'store' });
  return sections.length;
}

function genreRecords({ articles, genres, stories, tags }: Workspace) {
  const storyOf = new Map(stories.flatMap((story) => story.members.map((i) => [i, story] as const)));
  return articles.map(({ id }, i) => {
    const { genre, confidence, candidates, belowThreshold } = genres[i]!;
    const story = storyOf.get(i);
    const decision =
      story && story.genre !== genre
        ? { genre: story.genre, confidence: story.confidence, strategy: 'story-vote' }
        : { genre, confidence, strategy: 'coarse-only', belowThreshold };
    return {
      articleId: id,
      coarseCandidates: candidates.map((candidate) => ({ genre: candidate.genre, score: candidate.probability })),
      refineDecision: decision,
      tagProfile: { topTags: tags[i]! },
    };
  });
}

function evidenceOf(work: Workspace, genre: string, stories: readonly number[]): EvidenceRecord {
  const byId = new Map(work.articles.map((article) => [article.id, article]));
  return {
    genre,
    diagnostics: {
      stories: stories.length,
      articles: stories.reduce((n, s) => n + work.stories[s]!.members.length, 0),
    },
    clusters: stories.map((s, clusterId) => ({
      clusterId,
      size: work.stories[s]!.members.length,
      label: leadOf(work, s).title || null,
      topTerms: work.terms[s]!,
      stats: { confidence: work.stories[s]!.confidence },
      sentences: work.representatives[s]!.map(({ articleId, text, start, score }) => ({
        articleId,
        sentenceId: byId.get(articleId)!.sentences.findIndex((sentence) => sentence.start === start),
        paragraphIndex: null,
        text,
        language: byId.get(articleId)!.language,
        score,
      })),
      articles: membersOf(work, s).map(({ id, title, url, publishedAt, language }, rank) => ({
        articleId: id,
        title,
        url,
        publishedAt: publishedAt ? new Date(publishedAt) : null,
        language,
        rank,
      })),
    })),
  };
}

function sectionOf(work: Workspace, genre: string, stories: readonly number[], windowDays: number): SectionRecord {
  const body: SectionBody = { genre, stories: stories.map((s) => storyOf(work, s)) };
  const bullets = body.stories.map(({ id, sentences }) => ({ story: id, sentences }));
  return {
    genre,
    responseId: createHash('sha256').update(stableJson(body)).digest('hex').slice(0, 32),
    title: body.stories
      .slice(0, 3)
      .flatMap(({ terms }) => terms.slice(0, 1))
      .join(' · '),
    summary: body.stories.flatMap(({ sentences }) => sentences.slice(0, 1).map(({ text }) => text)).join('\n'),
    bullets,
    body,
    tags: mostFrequentTags(work, stories),
    windowDays,
  };
}

function storyOf(work: Workspace, s: number): SectionStory {
  const { confidence } = work.stories[s]!;
  const members = membersOf(work, s);
  const ids = members.map(({ id }) => id);
  const id = createHash('sha256')
    .update([...ids].sort().join('\n'))
    .digest('hex')
    .slice(0, 12);
  const { title, language } = leadOf(work, s);
  const common = { confidence, terms: work.terms[s]!, sentences: work.summaries[s]!, place: work.places[s]! };
  return { id, title, language, ...common, articleIds: ids };
}

/** The article that the summary begins with, else the first. */
function leadOf(work: Workspace, s: number): NewsArticle {
  return membersOf(work, s)[0]!;
}

/** Articles of a story, the one that the summary begins with first. */
function membersOf({ articles, stories, summaries }: Workspace, s: number): NewsArticle[] {
  const story: NewsStory = stories[s]!;
  const members = story.members.map((i) => articles[i]!);
  const leadId = summaries[s]![0]?.citations[0]?.articleId;
  return [...members.filter(({ id }) => id === leadId), ...members.filter(({ id }) => id !== leadId)];
}

/** Tags that most articles of the section share. */
function mostFrequentTags({ stories, tags }: Workspace, own: readonly number[]): string[] {
  const weights = new Map<string, number>();
  for (const s of own) {
    for (const i of stories[s]!.members) {
      for (const { name, confidence } of tags[i]!) weights.set(name, (weights.get(name) ?? 0) + confidence);
    }
  }
  const sorted = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return sorted.slice(0, 12).map(([name]) => name);
}
