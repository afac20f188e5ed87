import { createHashingEmbedder } from '@matome/primitives/embedding';
import { describe, expect, it } from 'vitest';
import { createTagExtractor } from '../tag-extractor.js';
import { tagKey } from '../tag-names/tag-key.js';
import { createCascade } from './cascade.js';
import { createCascadeExtractor } from './cascade-extractor.js';

const article = {
  title: 'Central bank raises key rate as food prices climb',
  body:
    'The central bank raised its key rate by a quarter point on Thursday. Food prices climbed for the fifth month. ' +
    'Economists at Example University expect another rate rise. The key rate now stands at two percent.',
};
const cheap = createTagExtractor();
const refine = createTagExtractor({ embedder: createHashingEmbedder() });
const always = () => createCascade({ maxRefineRatio: 1, minConfidence: 1 });

describe('createCascadeExtractor', () => {
  it('ranks the tags of both looks by what both say, without twins', async () => {
    const [first, second] = [await cheap.extract(article), await refine.extract(article)];
    const merged = await createCascadeExtractor({ cheap, refine, cascade: always() }).extract(article);
    expect(merged).toMatchObject({ method: 'cascade', cascade: { needsRefine: true } });
    const keys = merged.tags.flatMap((tag) => [tag.name, ...tag.aliases]).map(tagKey);
    expect(new Set(keys).size).toBe(keys.length);
    const known = new Set([...first.tags, ...second.tags].map((tag) => tag.name));
    for (const { name, confidence } of merged.tags) {
      expect(known).toContain(name);
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThan(1);
    }
    const confidences = merged.tags.map((tag) => tag.confidence);
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
  });
  it('keeps the first look where the cascade says so', async () => {
    const cascade = createCascade({ maxRefineRatio: 0 });
    const { tags, method } = await createCascadeExtractor({ cheap, refine, cascade }).extract(article);
    expect(method).toBe('cascade');
    expect(tags).toEqual((await cheap.extract(article)).tags);
  });
  it('gives at most topN tags and hands refused articles through', async () => {
    const extractor = createCascadeExtractor({ cheap, refine, cascade: always(), topN: 3 });
    expect((await extractor.extract(article)).tags).toHaveLength(3);
    expect(await extractor.extract({ title: 'x', body: '🎉'.repeat(30) })).toMatchObject({
      status: 'rejected',
      tags: [],
    });
  });
  it('keeps the first look where the second refuses the article', async () => {
    const strict = createTagExtractor({ sanitize: { maxBodyLength: 10, overlong: 'reject' } });
    const extractor = createCascadeExtractor({ cheap, refine: strict, cascade: always() });
    const { tags } = await cheap.extract(article);
    expect(await extractor.extract(article)).toMatchObject({
      status: 'extracted',
      cascade: { needsRefine: true },
      tags,
    });
  });
  it('refuses a topN of 0', () => {
    expect(() => createCascadeExtractor({ cheap, refine, topN: 0 })).toThrow(
      'The topN option of createCascadeExtractor',
    );
  });
});
