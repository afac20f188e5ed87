import { createHashingEmbedder } from '@matome/primitives/embedding';
import { describe, expect, it } from 'vitest';
import type { TagExtraction } from '../tag.js';
import { createTagExtractor, type TagExtractor } from '../tag-extractor.js';
import { tagKey } from '../tag-names/tag-key.js';
import { toTagOutcome } from '../wire.js';
import {
  type CollectionExtractorOptions,
  createCollectionExtractor,
  type TaggedArticle,
} from './collection-extractor.js';

const farming = (crop: string) => ({
  title: `Good ${crop} harvest`,
  body: `Farmers sell more ${crop} than last year.`,
});
const sport = (club: string) => ({ title: `${club} win the cup`, body: `A late goal gave ${club} the cup.` });
const crops = ['wheat', 'maize', 'barley', 'rye', 'millet', 'soy', 'flax', 'hop'];
const clubs = ['Riga', 'Oslo', 'Porto', 'Graz', 'Turin', 'Lyon', 'Bern', 'Gent'];
const articles: TaggedArticle[] = crops.flatMap((crop, i) => [
  { ...farming(crop), tags: ['Agriculture', crop, 'farmer'] },
  { ...sport(clubs[i]!), tags: ['football', clubs[i]!] },
]);
const extractor = createTagExtractor({ now: () => 0 });
const embedder = createHashingEmbedder();
const build = (options: Partial<CollectionExtractorOptions> = {}) =>
  createCollectionExtractor({ extractor, embedder, articles, ...options });
const names = ({ tags }: TagExtraction) => tags.map(({ name }) => name);

describe('createCollectionExtractor', () => {
  it('gives a tag that similar articles carry, marked and without offsets', async () => {
    const withCollection = await build();
    const { tags } = await withCollection.extract(farming('rice'));
    const given = tags.find(({ name }) => name === 'Agriculture');
    expect(given).toMatchObject({ source: 'neighbours', offsets: [], aliases: [] });
    expect(names(await withCollection.extract(farming('rice')))).not.toContain('football');
    for (const { source, offsets } of tags) expect(offsets.length === 0).toBe(source === 'neighbours');
  });
  it('writes own tags as the collection writes them, without twins', async () => {
    const { tags } = await (await build()).extract(farming('rice'));
    const farmer = tags.find(({ name }) => name === 'farmer');
    expect(farmer).toMatchObject({ aliases: [], offsets: [{ field: 'body', start: 0, end: 7 }] });
    const keys = tags.flatMap(({ name, aliases }) => [name, ...aliases]).map(tagKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
  it('gives offsets to a tag in use that stands in the article but that the extractor did not find', async () => {
    const blind: TagExtractor = {
      extract: async (document) => ({ ...(await extractor.extract(document)), tags: [] }),
    };
    const text = farming('rice');
    const { tags } = await (await build({ extractor: blind })).extract(text);
    const farmer = tags.find(({ name }) => name === 'farmer')!;
    expect(farmer.source).toBeUndefined();
    expect(farmer.offsets.map(({ start, end }) => text.body.slice(start, end))).toEqual(['Farmers']);
  });
  it('gives no tags of neighbours where every article has tags of its own', async () => {
    const own = articles.map((article, i) => ({
      ...article,
      tags: [(crops.includes(article.tags[1]!) ? crops : clubs)[i >> 1]!],
    }));
    const { tags } = await (await build({ articles: own })).extract(farming('rice'));
    expect(tags.filter(({ source }) => source === 'neighbours')).toEqual([]);
    expect(tags.length).toBeGreaterThan(0);
  });
  it('orders by confidence and keeps to topN and minConfidence', async () => {
    const all = await (await build({ minConfidence: 0 })).extract(farming('rice'));
    const confidences = all.tags.map(({ confidence }) => confidence);
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
    for (const confidence of confidences) expect(confidence > 0 && confidence < 1).toBe(true);
    const few = await (await build({ minConfidence: 0, topN: 2 })).extract(farming('rice'));
    expect(few.tags).toEqual(all.tags.slice(0, 2));
    const sure = await (await build({ minConfidence: 0.5 })).extract(farming('rice'));
    expect(sure.tags).toEqual(all.tags.filter(({ confidence }) => confidence >= 0.5));
  });
  it('gives the same bytes for the same collection and article, and does not write to either', async () => {
    const before = JSON.stringify(articles);
    const [first, second] = await Promise.all([build(), build()]);
    await first.extract(sport('Brno'));
    const results = [await first.extract(farming('rice')), await second.extract(farming('rice'))];
    expect(JSON.stringify(results[0])).toBe(JSON.stringify(results[1]));
    expect(JSON.stringify(articles)).toBe(before);
  });
  it('leaves the tags as they are without a tagged article or with one', async () => {
    const plain = await extractor.extract(farming('rice'));
    const useless = [
      { ...farming('oat'), tags: [] },
      { ...farming('oat'), tags: [' ', '!'] },
      { ...farming('oat'), tags: null as never },
      { ...farming('oat'), tags: [null as never, 7 as never] },
      { title: '', body: '', tags: ['empty'] },
      { title: 'x', body: '🎉'.repeat(30), tags: ['refused'] },
    ];
    for (const few of [[], useless, [{ ...farming('oat'), tags: ['agriculture'] }]]) {
      const { tags } = await (await build({ articles: few })).extract(farming('rice'));
      expect(tags.map(({ name }) => name)).toEqual(names(plain));
      for (const [i, { confidence }] of tags.entries()) expect(confidence).toBeCloseTo(plain.tags[i]!.confidence, 10);
    }
  });
  it('hands refused articles through', async () => {
    const refused = { title: 'x', body: '🎉'.repeat(30) };
    expect(await (await build()).extract(refused)).toEqual(await extractor.extract(refused));
  });
  it('gives tags to Japanese articles', async () => {
    const match = (club: string) => ({ title: `${club}が優勝`, body: `${club}は決勝で勝ち、三年ぶりに優勝した。` });
    const bank = (name: string) => ({ title: `${name}が利上げ`, body: `${name}は政策金利を引き上げると発表した。` });
    const japanese = ['大阪', '札幌', '福岡', '仙台', '広島', '神戸'].flatMap((city) => [
      { ...match(`${city}クラブ`), tags: ['サッカー'] },
      { ...bank(`${city}銀行`), tags: ['経済'] },
    ]);
    const { tags } = await (await build({ articles: japanese })).extract(match('横浜クラブ'));
    expect(tags.find(({ name }) => name === 'サッカー')?.source).toBe('neighbours');
    expect(tags.map(({ name }) => name)).not.toContain('経済');
  });
  it('goes over the wire like any extraction', async () => {
    const outcome = toTagOutcome(await (await build()).extract(farming('rice')));
    expect(outcome.tags).toContain('Agriculture');
    expect(outcome.tag_confidences.Agriculture).toBeGreaterThan(0.1);
  });
  it('refuses options out of range', async () => {
    await expect(build({ nNeighbors: 0 })).rejects.toThrow(
      'The nNeighbors option of createCollectionExtractor must be an integer',
    );
    await expect(build({ topN: 1.5 })).rejects.toThrow(RangeError);
    await expect(build({ minConfidence: 2 })).rejects.toThrow(RangeError);
  });
  it('stops learning when aborted, and passes on what the extractor throws', async () => {
    const reason = new Error('enough');
    await expect(build({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const broken: TagExtractor = { extract: () => Promise.reject(reason) };
    await expect(build({ extractor: broken })).rejects.toBe(reason);
    await expect((await build()).extract(farming('rice'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
