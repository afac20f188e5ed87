import { createHashingEmbedder } from '@matome/primitives/embedding';
import { describe, expect, it } from 'vitest';
import { createTagExtractor } from './index.js';

const english = {
  title: 'Central bank raises key rate as food prices climb',
  body:
    'The central bank raised its key rate by a quarter point on Thursday. Food prices climbed for the fifth month. ' +
    'Economists at Example University expect another rate rise. The key rate now stands at two percent.',
};
const japanese = {
  title: '日本銀行が利上げを決定、食料品価格の上昇受け',
  body: '日本銀行は30日、政策金利を引き上げると発表した。食料品価格の上昇が続いている。エコノミストは追加の利上げを予想する。',
};

it('lets timers run while articles are tagged in a loop', async () => {
  const extractor = createTagExtractor();
  const body = 'The central bank raised its key rate by a quarter point. The key rate now stands at two percent.';
  let done = false;
  setTimeout(() => {
    done = true;
  }, 0);
  let articles = 0;
  for (; !done && articles < 20_000; articles++) await extractor.extract({ title: 'Key rate', body });
  expect(done).toBe(true);
});

describe('createTagExtractor', () => {
  it('finds multi-word English tags', async () => {
    const { tags, status, language, method } = await createTagExtractor().extract(english);
    expect({ status, language: language.language, method }).toEqual({
      status: 'extracted',
      language: 'en',
      method: 'statistical',
    });
    const names = tags.map((tag) => tag.name.toLowerCase());
    expect(names).toEqual(expect.arrayContaining(['central bank', 'key rate', 'food prices']));
  });
  it('finds Japanese compounds, without dates, particles and verbs', async () => {
    const { tags, language } = await createTagExtractor().extract(japanese);
    const names = tags.map((tag) => tag.name);
    expect(language.language).toBe('ja');
    expect(names).toEqual(expect.arrayContaining(['日本銀行', '政策金利', '利上げ']));
    for (const name of names) expect(name).not.toMatch(/[はがをにで]$|^\d+日$/);
  });
  it('gives offsets at which the tags or their twins stand', async () => {
    for (const document of [english, japanese]) {
      const { tags, sanitized } = await createTagExtractor().extract(document);
      for (const tag of tags) {
        const surfaces = tag.offsets.map(({ field, start, end }) => sanitized[field].slice(start, end));
        expect(surfaces).toContain(tag.name);
      }
    }
  });
  it('orders by confidence, in [0, 1]', async () => {
    const { tags, confidence } = await createTagExtractor().extract(english);
    const values = tags.map((tag) => tag.confidence);
    expect(values).toEqual([...values].sort((a, b) => b - a));
    for (const value of [...values, confidence]) expect(value).toBeGreaterThan(0);
    for (const value of [...values, confidence]) expect(value).toBeLessThanOrEqual(1);
  });
  it('joins aliases of the caller under one name', async () => {
    const body = 'GenAI changes newsrooms. Generative AI writes drafts. Editors check what generative AI wrote.';
    const aliases = { GenAI: 'generative AI' };
    const { tags, sanitized } = await createTagExtractor({ aliases, minConfidence: 0 }).extract({
      title: 'GenAI',
      body,
    });
    const tag = tags.find(({ name }) => name === 'generative AI')!;
    expect(tag.aliases).toEqual(['GenAI']);
    const surfaces = tag.offsets.map(({ field, start, end }) => sanitized[field].slice(start, end));
    expect(surfaces.filter((surface) => surface === 'GenAI')).toHaveLength(2);
    expect(tags.filter(({ name }) => name === 'GenAI')).toEqual([]);
  });
  it('corrects confidences by a calibration, without changing the order', async () => {
    const plain = await createTagExtractor({ minConfidence: 0 }).extract(english);
    const calibration = { slope: 0.5, offset: -1 };
    const corrected = await createTagExtractor({ minConfidence: 0, calibration }).extract(english);
    expect(corrected.tags.map((tag) => tag.name)).toEqual(plain.tags.map((tag) => tag.name));
    expect(corrected.tags[0]!.confidence).toBeLessThan(plain.tags[0]!.confidence);
  });
  it('says which embedder it used, in every selection', async () => {
    for (const selection of ['mmr', 'max-sum', 'top'] as const) {
      const extractor = createTagExtractor({ embedder: createHashingEmbedder(), selection, topN: 3 });
      const { tags, method, modelName } = await extractor.extract(english);
      expect({ method, modelName, count: tags.length }).toEqual({
        method: 'embedding',
        modelName: 'hashing-512',
        count: 3,
      });
    }
  });
  it('gives an empty outcome for refused and for tiny texts', async () => {
    const extractor = createTagExtractor();
    expect(await extractor.extract({ title: 'x', body: '🎉'.repeat(30) })).toMatchObject({
      status: 'rejected',
      tags: [],
      confidence: 0,
      warnings: ['Suspicious patterns detected'],
    });
    expect(await extractor.extract({ title: '', body: 'Tiny.' })).toMatchObject({
      status: 'too-short',
      sanitizedLength: 5,
    });
  });
  it('gives the same bytes again', async () => {
    const extractor = createTagExtractor({ embedder: createHashingEmbedder(), now: () => 0 });
    expect(JSON.stringify(await extractor.extract(english))).toBe(JSON.stringify(await extractor.extract(english)));
  });
  it('stops when asked', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(createTagExtractor().extract(english, { signal })).rejects.toThrow('enough');
  });
  it('refuses a topN of 0', () => {
    expect(() => createTagExtractor({ topN: 0 })).toThrow('The topN option of createTagExtractor');
  });
  it('follows aliases to the last name, and refuses circles, empty names and broken corrections', async () => {
    const body = 'Neural networks learn. A neural network needs data. GenAI tools need neural networks.';
    const { tags } = await createTagExtractor({ aliases: { 'neural network': 'NN', NN: 'deep nets' } }).extract({
      title: '',
      body,
    });
    expect(tags.map(({ name }) => name)).toContain('deep nets');
    expect(() => createTagExtractor({ aliases: { a: 'b', b: 'c', c: 'b' } })).toThrow(
      'The aliases option of createTagExtractor leads round in a circle',
    );
    expect(() => createTagExtractor({ aliases: { GenAI: ' ' } })).toThrow(
      'The aliases option of createTagExtractor must give names with a letter or digit. Got " " for "GenAI".',
    );
    expect(() => createTagExtractor({ calibration: { slope: Number.NaN, offset: 0 } })).toThrow(
      'The calibration.slope option of createTagExtractor',
    );
    expect(() => createTagExtractor({ sanitize: { maxTitleLength: -1 } })).toThrow(
      'The maxTitleLength option of createTagExtractor',
    );
  });
});
