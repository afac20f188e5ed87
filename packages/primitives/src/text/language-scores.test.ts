import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { loadLanguageScores, loadLibraryScores, readGrams } from './language-scores.js';

const texts = [
  '',
  'a',
  "It's raining cats and dogs, said the old man.",
  'Le président de la République parle aux Français',
  'Die Zinsen steigen, und das Geld wird überall knapp.',
  'Правительство объявило о новых мерах',
  '中国政府宣布新政策并将于下周实施',
  '한국어 문장입니다',
  'ไทย ภาษา',
  '𝒳𝒴 𠮷野家 \ud800 a\udc00b 🎉',
  'x'.repeat(70),
  `${'y'.repeat(71)} ${'y'.repeat(71)}`,
  `${'q'.repeat(500)} the end`,
  'ж'.repeat(400),
  'a b '.repeat(400),
];

describe('loadLanguageScores', () => {
  it('reads the n-grams of the installed library', async () => {
    expect((await readGrams())?.codes).toHaveLength(60);
  });
  it('scores like the library, to the last bit', async () => {
    const [own, library] = [await loadLanguageScores(), await loadLibraryScores()];
    expect(own.codes).toEqual(library.codes);
    const random = createRandom(7);
    const scrambled = Array.from({ length: 300 }, () =>
      Array.from({ length: 1 + random() * 80 }, () =>
        String.fromCharCode(
          random() < 0.4 ? 32 + random() * 96 : random() < 0.5 ? 128 + random() * 2000 : random() * 65_536,
        ),
      ).join(''),
    );
    for (const text of [...texts, ...scrambled]) {
      expect([...own.score(text)], JSON.stringify(text)).toEqual([...library.score(text)]);
    }
  });
  it('is one for the process', async () => {
    expect(await loadLanguageScores()).toBe(await loadLanguageScores());
  });
});
