import { createHashingEmbedder } from '@matome/primitives/embedding';
import { createTagExtractor, type TagExtraction } from '@matome/tag-extractor';
import { describe, expect, it } from 'vitest';
import { collectionFolds } from './collection-folds.js';

const crops = ['wheat', 'maize', 'barley', 'rye', 'millet', 'soy', 'flax', 'hop'];
const articles = crops.flatMap((crop) => [
  { title: `Good ${crop} harvest`, body: `Farmers sell more ${crop} than last year.`, tags: ['agriculture'] },
  { title: `${crop} cup final`, body: `A late goal gave ${crop} the cup.`, tags: ['football'] },
]);
const extractor = createTagExtractor();
const embedder = createHashingEmbedder();

async function readAll(): Promise<TagExtraction[]> {
  return Promise.all(articles.map((article) => extractor.extract(article)));
}

describe('collectionFolds', () => {
  it('gives every article the tags of the other folds, in the order of the articles', async () => {
    const found = await collectionFolds(articles, await readAll(), { folds: 4, embedder, topN: 3 });
    expect(found).toHaveLength(articles.length);
    found.forEach(({ sanitized, tags }, i) => {
      expect(sanitized.title).toBe(articles[i]!.title);
      expect(tags.map(({ name }) => name)).toContain(articles[i]!.tags[0]);
      expect(tags.length).toBeLessThanOrEqual(3);
    });
  });
  it('never shows an article its own tags', async () => {
    const secret = articles.map((article, i) => (i === 5 ? { ...article, tags: ['secret'] } : article));
    const found = await collectionFolds(secret, await readAll(), { folds: 4, embedder, topN: 15 });
    expect(found[5]!.tags.map(({ name }) => name)).not.toContain('secret');
  });
});
