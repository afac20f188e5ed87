import { tokenizeWords } from '@matome/primitives/text';
import { bench, describe } from 'vitest';
import { CoarseGenreClassifier } from './coarse-genre-classifier.js';
import { goldenExamples } from './golden-set.js';
import { loadGoldenSet } from './packaged-data.js';

const golden = goldenExamples(await loadGoldenSet()).filter(({ language }) => language === 'en');
const known = golden.filter((_, i) => i % 4 !== 0);
const articles = golden
  .filter((_, i) => i % 4 === 0)
  .map(({ text, genres }, i) => ({
    id: String(i),
    text,
    genres,
    language: 'en' as const,
    tokens: tokenizeWords(text, 'en'),
  }));
const best = CoarseGenreClassifier.fit(known, { method: 'best' });
const rocchio = CoarseGenreClassifier.fit(known, { method: 'rocchio' });

/** Words of each genre as a bag; an article goes where most of its words are known. */
function naive(): number {
  const bags = new Map<string, Map<string, number>>();
  for (const { text, genres } of known) {
    const bag = bags.get(genres[0]!) ?? new Map<string, number>();
    for (const word of tokenizeWords(text, 'en')) bag.set(word, (bag.get(word) ?? 0) + 1);
    bags.set(genres[0]!, bag);
  }
  return shareRight((tokens) => {
    let found = '';
    let most = -1;
    for (const [genre, bag] of bags) {
      const hits = tokens.reduce((sum, word) => sum + (bag.get(word) ?? 0), 0);
      if (hits > most) [found, most] = [genre, hits];
    }
    return found;
  });
}

function shareRight(answer: (tokens: readonly string[], i: number) => string): number {
  return articles.filter(({ tokens, genres }, i) => genres.includes(answer(tokens, i))).length / articles.length;
}

function classified(classifier: CoarseGenreClassifier): number {
  const answers = classifier.classify(articles);
  return shareRight((_, i) => answers[i]!.genre);
}

const shares = [best, rocchio].map((each) => classified(each).toFixed(2)).join(' and ');
describe(`${articles.length} short articles, 30 genres; right: best and rocchio ${shares}, naive ${naive().toFixed(2)}`, () => {
  bench('best', () => void classified(best));
  bench('rocchio', () => void classified(rocchio));
  bench('count known words, learning included', () => void naive());
});
