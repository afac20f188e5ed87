import { matrixFromRows } from '@matome/primitives/linalg';
import { createRandom, shuffle } from '@matome/primitives/random';
import { tokenizeWords } from '@matome/primitives/text';
import { beforeAll, describe, expect, it } from 'vitest';
import { classificationReport } from '../evaluation/classification-report.js';
import { stratifiedFolds } from '../evaluation/cross-validation.js';
import { type ClassifiableArticle, CoarseGenreClassifier } from './coarse-genre-classifier.js';
import type { GoldenExample } from './genre-types.js';
import { type GoldenItem, goldenExamples } from './golden-set.js';
import { loadGoldenSet } from './packaged-data.js';

const toArticle = (example: GoldenExample, i: number): ClassifiableArticle => ({
  id: `a${i}`,
  text: example.text,
  tokens: tokenizeWords(example.text, example.language),
  language: example.language,
});

describe('CoarseGenreClassifier', () => {
  let items: readonly GoldenItem[];
  let classifier: CoarseGenreClassifier;
  beforeAll(async () => {
    items = await loadGoldenSet();
    classifier = CoarseGenreClassifier.fit(goldenExamples(items));
  });

  it.each(['en', 'ja'] as const)('labels unseen %s golden items with macro-F1 of at least 0.85', (language) => {
    const examples = goldenExamples(items, language);
    const truth: string[] = [];
    const answers: string[] = [];
    for (const { train, test } of stratifiedFolds(examples.map((example) => example.genres[0]!))) {
      const model = CoarseGenreClassifier.fit(Array.from(train, (i) => examples[i]!));
      const held = Array.from(test, (i) => examples[i]!);
      model.classify(held.map(toArticle)).forEach((assignment, i) => {
        truth.push(held[i]!.genres[0]!);
        answers.push(assignment.candidates[0]!.genre);
      });
    }
    expect(classificationReport(truth, answers).macro.f1).toBeGreaterThanOrEqual(0.85);
  });
  it('knows all 30 genres in both languages', () => {
    expect(classifier.genres).toHaveLength(30);
    const [english, japanese] = classifier.classify([
      toArticle({ text: 'The striker scored twice as the club won the cup final.', genres: [], language: 'en' }, 0),
      toArticle({ text: '日銀は政策金利を据え置き、物価の見通しを引き上げた。', genres: [], language: 'ja' }, 1),
    ]);
    expect([english!.genre, japanese!.genre]).toEqual(['sports', 'economics_macro']);
    expect(english!.candidates).toHaveLength(30);
    expect(english!.candidates.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
  });
  it('gives every article the same genre in any order', () => {
    const articles = goldenExamples(items).slice(0, 200).map(toArticle);
    const byId = new Map(classifier.classify(articles).map((assignment) => [assignment.articleId, assignment]));
    for (const assignment of classifier.classify(shuffle(articles, createRandom(1)))) {
      expect(assignment).toEqual(byId.get(assignment.articleId));
    }
  });
  it('flags an article without any known word instead of trusting a guess', () => {
    const [assignment] = classifier.classify([{ id: 'x', text: '', tokens: [], language: 'en' }]);
    expect(assignment).toMatchObject({ articleId: 'x', belowThreshold: true, strategy: 'coarse-only' });
    expect(assignment!.confidence).toBeCloseTo(1 / 30, 5);
  });
  it('answers for a language it has no model for', () => {
    const [assignment] = classifier.classify([
      { id: 'x', text: '', tokens: ['striker', 'goal', 'cup'], language: 'und' },
    ]);
    expect(assignment!.genre).toBe('sports');
  });
  it('refuses to learn from nothing, from one genre or from an example without a genre', () => {
    const one = { text: 'rain', genres: ['a'], language: 'en' as const };
    expect(() => CoarseGenreClassifier.fit([])).toThrow('at least one example');
    expect(() => CoarseGenreClassifier.fit([one, one])).toThrow('at least two genres. All are a.');
    expect(() => CoarseGenreClassifier.fit([{ ...one, genres: [] }])).toThrow('Example 0 has none');
  });
});

describe('a stored classifier', () => {
  const words = {
    a: 'solar wind turbine grid power',
    b: 'goal striker league match coach',
    c: 'court judge trial verdict appeal',
  };
  const examples: GoldenExample[] = Object.entries(words).flatMap(([genre, list]) =>
    Array.from({ length: 12 }, (_, i) => {
      const own = list.split(' ');
      const text = [0, 1, 2].map((k) => own[(i + k * (1 + (i % 3))) % own.length]).join(' ');
      return {
        text: `${text} on day ${i}`,
        genres: [genre],
        language: 'en' as const,
        publishedAt: new Date(i * 86_400_000),
      };
    }),
  );
  const articles = examples.map((example, i) => ({ ...toArticle(example, i) }));
  const vectors = matrixFromRows(
    examples.map(({ genres }, i) => ['a', 'b', 'c'].map((g) => (g === genres[0] ? 1 : 0.01 * i))),
  );

  it.each(['rocchio', 'linear', 'best'] as const)('gives the same answers after JSON (%s)', (method) => {
    const classifier = CoarseGenreClassifier.fit(examples, { method, vectors, embedderFingerprint: 'e1' });
    const copy = CoarseGenreClassifier.fromJSON(JSON.parse(JSON.stringify(classifier)), {
      genres: ['a', 'b', 'c'],
      embedderFingerprint: 'e1',
    });
    const options = classifier.vectorWidth > 0 ? { vectors } : {};
    expect(copy.classify(articles, options)).toEqual(classifier.classify(articles, options));
    expect(copy.classify(articles, options).every(({ genre }, i) => genre === examples[i]!.genres[0])).toBe(true);
  });
  it('is refused with another embedder, other genres, a missing threshold or as foreign JSON', () => {
    const stored = JSON.parse(
      JSON.stringify(CoarseGenreClassifier.fit(examples, { method: 'best', vectors, embedderFingerprint: 'e1' })),
    );
    const load =
      (value: unknown, expectations = {}) =>
      () =>
        CoarseGenreClassifier.fromJSON(value, expectations);
    expect(load(stored, { embedderFingerprint: 'e2' })).toThrow(
      'learnt with vectors of e1. The embedder at hand is e2.',
    );
    expect(load(stored, { genres: ['a', 'b', 'c', 'd'] })).toThrow(
      'must know the 4 genres of the taxonomy. It knows 3, lacks d',
    );
    expect(load({ ...stored, kind: 'other' })).toThrow('kind "coarse-genre-classifier"');
    for (const languages of [null, undefined, {}]) expect(load({ ...stored, languages })).toThrow('holds no model');
    for (const en of [null, 1, {}, { ...stored.languages.en, members: null }]) {
      expect(load({ ...stored, languages: { en } })).toThrow(RangeError);
    }
    expect(load({ ...stored, languages: { en: null } })).toThrow(
      'The model for "en" of the genre classifier is damaged.',
    );
    const thresholds = { ...stored.languages.en.thresholds };
    delete thresholds.b;
    expect(load({ ...stored, languages: { en: { ...stored.languages.en, thresholds } } })).toThrow(
      'no threshold for b',
    );
    expect(load({ ...stored, languages: {} })).toThrow('holds no model');
  });
  it('asks for the vectors it was learnt with', () => {
    const classifier = CoarseGenreClassifier.fit(examples, { method: 'best', vectors });
    expect(() => classifier.classify(articles)).toThrow('must be 36 × 3. Got none.');
    expect(() => CoarseGenreClassifier.fit(examples, { method: 'best', vectors: matrixFromRows([[1]]) })).toThrow(
      '36 rows. Got 1.',
    );
  });
  it('looks forward in time for calibration when asked to, and needs dates for it', () => {
    const classifier = CoarseGenreClassifier.fit(examples, { calibration: 'forward' });
    expect(classifier.classify(articles).filter(({ genre }, i) => genre === examples[i]!.genres[0]).length).toBe(36);
    const undated = examples.map(({ publishedAt: _, ...example }) => example);
    expect(() => CoarseGenreClassifier.fit(undated, { calibration: 'forward' })).toThrow('Example 0 has none.');
  });
  it('names every genre plausible for an article it knows nothing of, and does not accept an answer', () => {
    const classifier = CoarseGenreClassifier.fit(examples);
    const [assignment] = classifier.classify([{ id: 'x', text: '', tokens: [], language: 'en' }], { alpha: 0.01 });
    expect(assignment!.plausible).toHaveLength(3);
    expect(assignment!.accepted).toBe(false);
    expect(() => classifier.classify(articles, { alpha: 1.5 })).toThrow('alpha');
  });
});
