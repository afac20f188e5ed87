import { createHasher } from '@matome/primitives/hashing';
import { deduplicate } from '@matome/recap-core';
import type { DuplicateRecord } from '@matome/storage';
import { newsStage } from './stage.js';

/** Finds articles that repeat another; the oldest of a group stands for it. */
export const dedupStage = newsStage<DuplicateRecord>({
  name: 'dedup',
  unit: 'duplicates',
  async run({ articles }, context) {
    const documents = articles.map(({ id, text, publishedAt }) =>
      publishedAt ? { id, text, publishedAt: new Date(publishedAt) } : { id, text },
    );
    const { groups } = deduplicate(documents, { primary: 'oldest', hash: await createHasher() });
    context.signal.throwIfAborted();
    const items = groups.flatMap(({ primaryId, duplicates }) =>
      duplicates.map(({ id, similarity, reason }) => ({ articleId: id, primaryId, similarity, reason })),
    );
    context.progress(items.length, items.length);
    return { items };
  },
  apply(work, items) {
    const repeated = new Set(items.map(({ articleId }) => articleId));
    const primaries = work.articles.flatMap(({ id }, i) => (repeated.has(id) ? [] : [i]));
    return { ...work, duplicates: items, primaries };
  },
});
