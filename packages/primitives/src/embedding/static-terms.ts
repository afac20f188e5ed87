import type { JapaneseAnalyzer } from '../text/index.js';

/** Kana or Han: what only the Japanese analyser can cut. */
const japaneseScript = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
const latinWord = /^[\p{Script=Latin}\p{N}]+$/u;
const wordOrSign = /[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu;

/** Whether a text needs the Japanese table. */
export function isJapanese(text: string): boolean {
  return japaneseScript.test(text);
}

/** Words and signs of a text as the English table knows them: lower case, without accents. */
export function englishWords(text: string): string[] {
  const plain = text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '');
  return plain.match(wordOrSign) ?? [];
}

/** The words of a Japanese text: dictionary forms for the Japanese table, Latin words for the English one. */
export function japaneseWords(
  analyzer: JapaneseAnalyzer,
  text: string,
): { readonly lemmas: string[]; readonly latin: string[] } {
  const lemmas: string[] = [];
  const latin: string[] = [];
  for (const { base, pos, text: surface } of analyzer.analyze(text.normalize('NFKC'))) {
    // The negation ん of ません is the same word as ぬ, and not the ん of んです.
    const word = base === 'ん' && pos === 'AUX' ? 'ぬ' : (base === '' ? surface : base).toLowerCase();
    if (latinWord.test(word)) latin.push(...englishWords(word));
    else lemmas.push(word);
  }
  return { lemmas, latin };
}
