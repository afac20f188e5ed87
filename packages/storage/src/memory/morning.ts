import { randomUUID } from 'node:crypto';
import { checkInteger } from '@matome/primitives/options';
import { checkDay, type MorningRepository, morningTimezone } from '../repositories/morning.js';
import { compareBy, jsonCopy, type MemoryTables } from './memory-tables.js';

/** Keeps the morning update in memory. */
export function memoryMorning(tables: () => MemoryTables, now: () => number): MorningRepository {
  return {
    async saveGroups(articles) {
      const { morningGroups } = tables();
      const last = new Map(articles.map((article) => [`${article.groupId}/${article.articleId}`, article]));
      let added = 0;
      for (const [key, article] of last) {
        if (morningGroups.has(key)) continue;
        morningGroups.set(key, { ...article, createdAt: new Date(now()) });
        added++;
      }
      return added;
    },
    async groupsSince(since, limit) {
      checkInteger('groupsSince', 'limit', limit, { min: 0 });
      const found = [...tables().morningGroups.values()].filter(({ createdAt }) => createdAt >= since);
      const order = [
        compareBy<(typeof found)[number]>(({ createdAt }) => createdAt.getTime()),
        compareBy<(typeof found)[number]>(({ groupId }) => groupId),
        compareBy<(typeof found)[number]>(({ isPrimary }) => (isPrimary ? 0 : 1)),
        compareBy<(typeof found)[number]>(({ articleId }) => articleId),
      ];
      found.sort((a, b) => order.reduce((sign, compare) => sign || compare(a, b), 0));
      return structuredClone(found.slice(0, limit));
    },
    async saveLetter({ sources, timezone = morningTimezone, metadata = {}, ...rest }) {
      const key = `${checkDay(rest.targetDate)} ${timezone}`;
      const copy = {
        result: jsonCopy('result of a letter', rest.result),
        metadata: jsonCopy('metadata of a letter', metadata),
      };
      const there = tables().morningLetters.get(key)?.letter;
      const id = there?.id ?? randomUUID();
      const revision = (there?.revision ?? 0) + 1;
      const complete = sources.map(({ sectionKey, articleId, sourceType = 'overnight', position }) => {
        return { sectionKey, articleId, sourceType, position };
      });
      tables().morningLetters.set(key, {
        letter: { ...rest, timezone, ...copy, id, revision, createdAt: new Date(now()) },
        sources: [...new Map(complete.map((source) => [`${source.sectionKey}\n${source.articleId}`, source])).values()],
      });
      return { id, revision };
    },
    async letter(day) {
      const timezone = day?.timezone ?? morningTimezone;
      if (day) return structuredClone(tables().morningLetters.get(`${checkDay(day.targetDate)} ${timezone}`)?.letter);
      const letters = Array.from(tables().morningLetters.values(), ({ letter }) => letter);
      letters.sort(
        (a, b) =>
          compareBy<(typeof letters)[number]>(({ targetDate }) => targetDate)(b, a) ||
          b.createdAt.getTime() - a.createdAt.getTime() ||
          compareBy<(typeof letters)[number]>(({ id }) => id)(a, b),
      );
      return structuredClone(letters[0]);
    },
    async sources(letterId) {
      const stored = [...tables().morningLetters.values()].find(({ letter }) => letter.id === letterId);
      const found = [...structuredClone(stored?.sources ?? [])];
      return found.sort(
        (a, b) =>
          compareBy<(typeof found)[number]>(({ sectionKey }) => sectionKey)(a, b) ||
          a.position - b.position ||
          compareBy<(typeof found)[number]>(({ articleId }) => articleId)(a, b),
      );
    },
  };
}
