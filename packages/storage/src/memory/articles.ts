import { checkInteger } from '@matome/primitives/options';
import { type ArticleRecord, type ArticleRepository, checkArticle, checkWindow } from '../repositories/articles.js';
import { articleMissing, type TagRepository, tagEntries } from '../repositories/tags.js';
import type { MemoryTables } from './memory-tables.js';

const at = (date: Date | null) => date?.getTime() ?? Number.NaN;
const newestFirst = (a: ArticleRecord, b: ArticleRecord) =>
  at(b.createdAt) - at(a.createdAt) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
const oldestPublishedFirst = (a: ArticleRecord, b: ArticleRecord) =>
  at(a.publishedAt) - at(b.publishedAt) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Keeps articles in memory. */
export function memoryArticles(tables: () => MemoryTables, now: () => number): ArticleRepository {
  return {
    async save(articles) {
      articles.forEach(checkArticle);
      const createdAt = new Date(now());
      let added = 0;
      for (const article of articles) {
        if (tables().articles.has(article.id)) continue;
        const { id, title, body, url = null, feedId = '', language = null, publishedAt = null } = article;
        tables().articles.set(id, { id, title, body, url, feedId, language, publishedAt, createdAt });
        added++;
      }
      return added;
    },
    async find(ids) {
      return ids.flatMap((id) => tables().articles.get(id) ?? []);
    },
    async *fetchWindow({ from, to }, { pageSize = 500, signal } = {}) {
      checkInteger('ArticleRepository.fetchWindow', 'pageSize', pageSize, { min: 1 });
      checkWindow({ from, to });
      const inside = [...tables().articles.values()]
        .filter(({ publishedAt }) => publishedAt !== null && publishedAt >= from && publishedAt <= to)
        .sort(oldestPublishedFirst);
      for (let start = 0; start < inside.length; start += pageSize) {
        signal?.throwIfAborted();
        yield inside.slice(start, start + pageSize);
      }
    },
    async count() {
      return tables().articles.size;
    },
  };
}

/** Keeps tags in memory. */
export function memoryTags(tables: () => MemoryTables): TagRepository {
  return {
    async findUntagged({ after, limit }) {
      checkInteger('TagRepository.findUntagged', 'limit', limit, { min: 1 });
      return [...tables().articles.values()]
        .filter(({ id }) => !tables().tags.get(id)?.length)
        .sort(newestFirst)
        .filter((article) => !after || newestFirst({ ...article, ...after }, article) < 0)
        .slice(0, limit);
    },
    async save(entries) {
      const flat = tagEntries(entries);
      for (const { articleId } of entries) if (!tables().articles.has(articleId)) throw articleMissing(articleId);
      for (const { articleId } of entries) {
        const own = flat.filter((entry) => entry.articleId === articleId);
        tables().tags.set(
          articleId,
          own.map(({ name, confidence }) => ({ name, confidence })),
        );
      }
    },
    async find(articleIds) {
      const found = [...articleIds].sort().map((id) => [id, tables().tags.get(id) ?? []] as const);
      return new Map(found.filter(([, tags]) => tags.length > 0));
    },
  };
}
