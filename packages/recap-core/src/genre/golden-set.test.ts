import { beforeAll, describe, expect, it } from 'vitest';
import { type GoldenItem, goldenExamples, parseGoldenSet } from './golden-set.js';
import { loadGoldenSet, loadTaxonomy } from './packaged-data.js';
import { parseTaxonomy, type Taxonomy } from './taxonomy.js';

describe('parseGoldenSet', () => {
  const item = { id: 'a', content_en: 'Rain.', expected_genres: ['climate_environment', 'travel_places'] };

  it('reads lines, a list and an object with items alike', () => {
    const other = { ...item, id: 'b' };
    const lines = parseGoldenSet(`${JSON.stringify(item)}\n\n${JSON.stringify(other)}\n`);
    expect(parseGoldenSet(JSON.stringify([item, other]))).toEqual(lines);
    expect(parseGoldenSet(JSON.stringify({ items: [item, other] }, undefined, 2))).toEqual(lines);
    expect(lines[0]!.primary_genre).toBe('climate_environment');
  });
  it('names source and item of every fault', () => {
    expect(() => parseGoldenSet('[{}]', 'x.json')).toThrow('Item 1 of x.json needs an id.');
    expect(() => parseGoldenSet(JSON.stringify([item, item]))).toThrow('Item 2 of the golden set repeats the id "a".');
    expect(() => parseGoldenSet(JSON.stringify([{ ...item, expected_genres: [] }]))).toThrow(
      '(a) needs expected_genres',
    );
    expect(() => parseGoldenSet(JSON.stringify([{ ...item, content_en: ' ' }]))).toThrow('needs a text');
    expect(() => parseGoldenSet('{', 'x.json')).toThrow('x.json is neither JSON nor JSON lines.');
  });
  it('makes an example of each text, the primary genre first', () => {
    const both = { ...item, content_ja: '雨。', primary_genre: 'travel_places' } as GoldenItem;
    expect(goldenExamples([both]).map(({ language, genres }) => [language, genres[0]])).toEqual([
      ['en', 'travel_places'],
      ['ja', 'travel_places'],
    ]);
    expect(goldenExamples([both], 'ja')).toHaveLength(1);
  });
});

describe('the packaged golden set and taxonomy', () => {
  let items: readonly GoldenItem[];
  let taxonomy: Taxonomy;
  beforeAll(async () => {
    [items, taxonomy] = await Promise.all([loadGoldenSet(), loadTaxonomy()]);
  });

  it('holds at least 20 items per genre and language', () => {
    for (const { id } of taxonomy.genres) {
      for (const language of ['en', 'ja'] as const) {
        const own = goldenExamples(items, language).filter(({ genres }) => genres[0] === id);
        expect(own.length, `${id} ${language}`).toBeGreaterThanOrEqual(20);
      }
    }
  });
  it('uses no genre that the taxonomy does not list, and no text twice', () => {
    const known = new Set(taxonomy.genres.map(({ id }) => id));
    for (const item of items) {
      for (const genre of [item.primary_genre, ...item.expected_genres, ...(item.secondary_genres ?? [])]) {
        expect(known.has(genre), `${item.id}: ${genre}`).toBe(true);
      }
    }
    const texts = goldenExamples(items).map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });
  it('lists 30 genres with names and keywords in both languages', () => {
    expect(taxonomy.genres).toHaveLength(30);
    for (const { id, keywords } of taxonomy.genres) {
      expect(Math.min(keywords.en.length, keywords.ja.length), id).toBeGreaterThanOrEqual(15);
    }
  });
});

describe('parseTaxonomy', () => {
  const genre = { id: 'a', name: { en: 'A', ja: 'あ' }, threshold: 0.5, keywords: { en: ['x'], ja: [] } };
  const text = (...genres: unknown[]) => JSON.stringify({ version: 'v', genres });

  it('accepts a sound one and names the first fault of others', () => {
    expect(parseTaxonomy(text(genre)).genres).toHaveLength(1);
    expect(() => parseTaxonomy('{')).toThrow('not JSON');
    expect(() => parseTaxonomy('null')).toThrow('needs a version');
    expect(() => parseTaxonomy('{"genres":[]}')).toThrow('needs a version');
    expect(() => parseTaxonomy(text())).toThrow('at least one genre');
    expect(() => parseTaxonomy(text(genre, genre))).toThrow('lists the genre a twice');
    expect(() => parseTaxonomy(text(genre, { ...genre, id: 'b' }))).toThrow('"x" stands in a and in b');
    expect(() => parseTaxonomy(text({ ...genre, id: 'A b' }))).toThrow('Got "A b"');
    expect(() => parseTaxonomy(text({ ...genre, name: { en: 'A' } }))).toThrow('a Japanese name');
    expect(() => parseTaxonomy(text({ ...genre, threshold: 2 }))).toThrow('in [0, 1]. Got 2.');
    expect(() => parseTaxonomy(text({ ...genre, keywords: { en: ['X'], ja: [] } }))).toThrow('lower case');
  });
});
