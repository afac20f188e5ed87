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
