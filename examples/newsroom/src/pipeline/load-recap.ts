import type { ArticleRecord, DuplicateRecord, Storage, TagRecord } from '@matome/storage';
import { oncePerPlace, type Problem } from '../read/raw-article.js';
import type { StageState } from '../store/stage-store.js';
import type { StageTiming } from './run-newsroom.js';
import type { SectionBody } from './store-recap.js';

/** A stored recap as it is shown. */
export interface Recap {
  readonly jobId: string;
  readonly finishedAt: Date;
  /** The most articles first. */
  readonly sections: readonly RecapSection[];
  readonly articles: ReadonlyMap<string, RecapArticle>;
  readonly timings: readonly StageTiming[];
  readonly problems: readonly Problem[];
}

/** A section with what is counted in it. */
export interface RecapSection extends SectionBody {
  readonly tags: readonly string[];
  readonly articleCount: number;
}

/** An article with its tags and the articles that repeat it. */
export interface RecapArticle extends ArticleRecord {
  readonly tags: readonly TagRecord[];
  readonly duplicates: readonly DuplicateRecord[];
}

/** Finds the job to show: the one asked for, else the newest that is complete. */
export async function findRecap(storage: Storage, jobId?: string): Promise<string | undefined> {
  if (jobId !== undefined) return (await storage.jobs.get(jobId))?.status === 'completed' ? jobId : undefined;
  const [newest] = await storage.jobs.list({ status: 'completed', limit: 1 });
  return newest?.jobId;
}

/** Loads all that is shown of a completed job. */
export async function loadRecap(storage: Storage, jobId: string): Promise<Recap> {
  const job = await storage.jobs.get(jobId);
  const stored = await storage.sections.load(jobId);
  const duplicates = await storage.duplicates.load(jobId);
  const stages = await storage.stages.list(jobId);
  const bodies = stored.map(({ body, tags }) => ({ ...(body as SectionBody), tags }));
  const ids = bodies.flatMap(({ stories }) => stories.flatMap(({ articleIds }) => articleIds));
  const articles = await loadArticles(storage, [...ids, ...duplicates.map(({ articleId }) => articleId)], duplicates);
  const states = stages.map(({ stage, state }) => ({ stage, ...(state as StageState) }));
  return {
    jobId,
    finishedAt: job?.updatedAt ?? new Date(0),
    sections: bodies.map((body) => ({ ...body, articleCount: countArticles(body) })).sort(byArticles),
    articles,
    timings: states.map(({ stage, unit, count, elapsedMs }) => ({ stage, unit, count, elapsedMs })),
    problems: oncePerPlace(states.flatMap(({ problems }) => problems)),
  };
}

async function loadArticles(storage: Storage, ids: readonly string[], duplicates: readonly DuplicateRecord[]) {
  const tags = await storage.tags.find(ids);
  const repeats = new Map<string, DuplicateRecord[]>();
  for (const duplicate of duplicates) {
    const group = repeats.get(duplicate.primaryId) ?? [];
    group.push(duplicate);
    repeats.set(duplicate.primaryId, group);
  }
  const found = await storage.articles.find(ids);
  return new Map(
    found.map((article): [string, RecapArticle] => [
      article.id,
      { ...article, tags: tags.get(article.id) ?? [], duplicates: repeats.get(article.id) ?? [] },
    ]),
  );
}

function countArticles({ stories }: SectionBody): number {
  return stories.reduce((sum, { articleIds }) => sum + articleIds.length, 0);
}

function byArticles(a: RecapSection, b: RecapSection): number {
  return b.articleCount - a.articleCount || (a.genre < b.genre ? -1 : 1);
}
