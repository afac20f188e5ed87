import { createEmbedder, createHashingEmbedder, type LoadedEmbedder } from '@matome/primitives/embedding';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTagExtractor } from '../tag-extractor.js';
import { rankingFor, storedReadings } from './stored-rankings.js';
import { readingFeatures, readPlaces } from './token-reading.js';

let fast: LoadedEmbedder;
let minilm: LoadedEmbedder;
beforeAll(async () => {
  [fast, minilm] = await Promise.all([createEmbedder(), createEmbedder({ model: 'minilm', threads: 1 })]);
});
afterAll(() => minilm.dispose());

describe('rankingFor', () => {
  it('knows the models that the rankings were learnt with', () => {
    expect([rankingFor(undefined), rankingFor(fast), rankingFor(minilm)]).toEqual(['statistical', 'static', 'tokens']);
  });
  it('falls back on statistics for another model under the same name', () => {
    const namesake = { ...createHashingEmbedder(), modelId: fast.modelId };
    expect(rankingFor(namesake)).toBe('statistical');
    expect(rankingFor({ ...minilm, fingerprint: 'all-MiniLM-L6-v2-other' })).toBe('statistical');
  });
  it('falls back on statistics where an embedder hands no token vectors out', () => {
    const { embed, modelId, dimensions, fingerprint } = minilm;
    expect(rankingFor({ embed, modelId, dimensions, fingerprint })).toBe('statistical');
  });
});

describe('storedReadings', () => {
  it('hold a weight for every number of a vector at every place', async () => {
    const [tokens] = await minilm.embedTokens!(['tea']);
    for (const [kind, width] of [
      ['static', fast.dimensions],
      ['tokens', tokens!.vectors.cols],
    ] as const) {
      expect(storedReadings[kind].map(({ weights }) => weights.map(({ length }) => length))).toEqual(
        readingFeatures.map(() => readPlaces.map(() => width)),
      );
    }
  });
});

describe('createTagExtractor with the static model', () => {
  const articles = ['Sparse attention helps.', 'Memory use of sparse attention in encoders.', 'Key rates fell again.'];
  it('gives an article the same tags whatever it has read before', async () => {
    const extractor = createTagExtractor({ embedder: fast });
    const first = await Promise.all(articles.map((body) => extractor.extract({ title: '', body })));
    for (const [i, body] of [...articles.entries()].reverse()) {
      const alone = await createTagExtractor({ embedder: fast }).extract({ title: '', body });
      expect(alone.tags).toEqual(first[i]!.tags);
      expect((await extractor.extract({ title: '', body })).tags).toEqual(alone.tags);
    }
  });
});

describe('createTagExtractor with MiniLM', () => {
  const article = {
    title: 'Sparse attention for long documents',
    body: 'We study sparse attention in transformer encoders. Memory use falls while retrieval accuracy stays the same.',
  };
  it('embeds the tokens of an article once, and phrases only for a choice that compares them', async () => {
    const calls: string[] = [];
    const spied: LoadedEmbedder = {
      ...minilm,
      embed: (texts, options) => {
        calls.push('phrases');
        return minilm.embed(texts, options);
      },
      embedTokens: (texts, options) => {
        calls.push(...texts);
        return minilm.embedTokens!(texts, options);
      },
    };
    const { tags, modelName } = await createTagExtractor({ embedder: spied, topN: 3 }).extract(article);
    expect(modelName).toBe(minilm.modelId);
    expect(tags.map(({ name }) => name.toLowerCase())).toContain('sparse attention');
    expect(calls).toEqual([`${article.title}\n${article.body}`]);
    await createTagExtractor({ embedder: spied, topN: 3, selection: 'mmr' }).extract(article);
    expect(calls.at(-1)).toBe('phrases');
  });
  it('tags an article that is longer than the model reads', async () => {
    const body = Array.from({ length: 400 }, (_, i) => `Paragraph ${i} is about retrieval accuracy.`).join(' ');
    const { tags, status } = await createTagExtractor({ embedder: minilm }).extract({ title: '', body });
    expect(status).toBe('extracted');
    expect(tags.length).toBeGreaterThan(0);
    for (const { confidence } of tags) expect(confidence).toBeGreaterThan(0);
  });
});
