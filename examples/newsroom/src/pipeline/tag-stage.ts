import { visitItems } from '@matome/recap-core';
import type { TagRecord } from '@matome/storage';
import { createTagExtractor } from '@matome/tag-extractor';
import { newsStage } from './stage.js';

/** Tags kept of each article. */
const tagsPerArticle = 8;

/** Finds the keyphrases of each article that repeats no other. */
export const tagStage = newsStage<readonly TagRecord[]>({
  name: 'tags',
  unit: 'articles',
  async run({ articles, primaries }, context) {
    const extractor = createTagExtractor({ topN: tagsPerArticle });
    const items: (readonly TagRecord[])[] = articles.map(() => []);
    await visitItems(primaries, context, async (i) => {
      const { title, text } = articles[i]!;
      const { tags } = await extractor.extract({ title, body: text }, { signal: context.signal });
      items[i] = tags.map(({ name, confidence }) => ({ name, confidence }));
    });
    return { items, count: primaries.length };
  },
  apply: (work, tags) => ({ ...work, tags }),
});
