import { csrFromRows } from '@matome/primitives/linalg';
import { tokenizeWords } from '@matome/primitives/text';
import { beforeAll, describe, expect, it } from 'vitest';
import { smoothAssignments } from '../label-graph/smooth-assignments.js';
import type { ClassifiableArticle } from './coarse-genre-classifier.js';
import type { GenreAssignment } from './genre-types.js';
import { goldenExamples } from './golden-set.js';
import { KeywordClassifier } from './keyword-classifier.js';
import { loadGoldenSet, loadTaxonomy } from './packaged-data.js';
import { RescuePass } from './rescue-pass.js';

const toArticle = (text: string, language: 'en' | 'ja' = 'en', title = ''): ClassifiableArticle => ({
  id: text,
  title,
  text,
  tokens: tokenizeWords(`${title}\n${text}`, language),
  language,
});

describe('KeywordClassifier', () => {
  let classifier: KeywordClassifier;
  beforeAll(async () => {
    classifier = new KeywordClassifier(await loadTaxonomy());
  });

  it('finds keywords in both languages, plurals and phrases of several words', () => {
    const article = toArticle('Two hackers used ransomware after a zero-day exploit.');
    expect(classifier.support(article, 'cybersecurity')).toBe(4);
    const [english, japanese] = classifier.classify([
      article,
      toArticle('日銀は政策金利を引き上げた。物価は上がる。', 'ja'),
    ]);
    expect(english).toMatchObject({ genre: 'cybersecurity', strategy: 'keyword-fallback', belowThreshold: true });
    expect(japanese!.genre).toBe('economics_macro');
  });
  it('does not find a keyword inside another word', () => {
    expect(classifier.support(toArticle('The portrait of an airport exporter'), 'industry_logistics')).toBe(0);
  });
  it('counts a keyword of the title more, and one that is repeated no more than three times', () => {
    const [titled] = classifier.classify([toArticle('The museum opened.', 'en', 'Recipe')]);
    expect(titled!.genre).toBe('food_cuisine');
    expect(classifier.support(toArticle('goal goal goal goal goal'), 'sports')).toBe(3);
  });
  it('says other, with confidence 0, where there is no keyword', () => {
    expect(classifier.classify([toArticle('Nothing here.')])[0]).toMatchObject({
      genre: 'other',
      confidence: 0,
      strategy: 'fallback-other',
    });
  });
  it('labels far more golden items right than chance', async () => {
    for (const language of ['en', 'ja'] as const) {
      const examples = goldenExamples(await loadGoldenSet(), language);
      const found = classifier.classify(examples.map(({ text }) => toArticle(text, language)));
      const right = found.filter(({ genre }, i) => examples[i]!.genres.includes(genre)).length;
      expect(right / examples.length, language).toBeGreaterThan(0.4);
    }
  });
});

describe('RescuePass', () => {
  const examples = ['heavy rain and floods', 'rain fell all day', 'late goal wins cup', 'cup final goal'].map(
    (text, i) => ({ text, genres: [i < 2 ? 'weather' : 'sports'], language: 'en' as const }),
  );
  const lost = (id: string, belowThreshold = true): GenreAssignment => ({
    articleId: id,
    genre: 'sports',
    confidence: 0.5,
    candidates: [],
    strategy: 'coarse-only',
    belowThreshold,
    accepted: false,
    plausible: [],
  });

  it('lets similar examples vote on what no genre claimed, and touches nothing else', () => {
    const rescue = RescuePass.fit(examples);
    const rain = toArticle('rain and floods');
    const [found, kept] = rescue.apply([lost('x'), lost('y', false)], [rain, rain]);
    expect(found).toMatchObject({ genre: 'weather', strategy: 'rescue' });
    expect(kept!.strategy).toBe('coarse-only');
  });
  it('leaves an article without similar examples, or in another language, as it is', () => {
    const rescue = RescuePass.fit(examples);
    expect(rescue.apply([lost('x')], [toArticle('quantum optics')])[0]!.strategy).toBe('coarse-only');
    expect(rescue.apply([lost('x')], [toArticle('雨', 'ja')])[0]!.strategy).toBe('coarse-only');
    expect(() => RescuePass.fit(examples, { neighbors: 0 })).toThrow('neighbors');
  });
});

describe('smoothAssignments', () => {
  const base = (id: string, p: number): GenreAssignment => ({
    articleId: id,
    genre: p >= 0.5 ? 'a' : 'b',
    confidence: Math.max(p, 1 - p),
    candidates: [
      { genre: 'a', probability: p },
      { genre: 'b', probability: 1 - p },
    ],
    strategy: 'coarse-only',
    belowThreshold: false,
    accepted: true,
    plausible: ['a'],
  });
  it('turns an unsure answer among sure neighbours, and gives known nodes their genre', () => {
    const graph = csrFromRows(
      [
        new Map([
          [1, 1],
          [2, 1],
        ]),
        new Map([
          [0, 1],
          [2, 1],
        ]),
        new Map([
          [0, 1],
          [1, 1],
        ]),
      ],
      3,
    );
    const smooth = smoothAssignments([base('x', 0.2), base('y', 0.9), base('z', 0.45)], graph, [
      'a',
      undefined,
      undefined,
    ]);
    expect(smooth.map(({ genre }) => genre)).toEqual(['a', 'a', 'a']);
    expect(smooth[2]!.accepted).toBe(false);
  });
  it('knows a genre that only known articles have', () => {
    const graph = csrFromRows([new Map([[1, 1]]), new Map([[0, 1]])], 2);
    const smooth = smoothAssignments([base('x', 0.5), base('y', 0.5)], graph, ['c', undefined]);
    expect(smooth[0]!.genre).toBe('c');
    expect(smooth[1]!.candidates.map(({ genre }) => genre)).toContain('c');
  });
});
