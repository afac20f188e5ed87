import type { JapaneseAnalyzer } from '../text/index.js';

/** Kana or Han: what only the Japanese analyser can cut. */
const japaneseScript = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
const beyondAscii = /[\u0080-\uffff]/;
const latinWord = /^[\p{Script=Latin}\p{N}]+$/u;
const wordOrSign = /[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu;

/** Whether a text needs the Japanese table. */
export function isJapanese(text: string): boolean {
  return japaneseScript.test(text);
}

/** Words and signs of a text as the English table knows them: lower case, without accents. */
export function englishWords(text: string): string[] {
  const lower = text.toLowerCase();
  const plain = beyondAscii.test(lower) ? lower.normalize('NFD').replace(/\p{M}+/gu, '') : lower;
  return plain.match(wordOrSign) ?? [];
}

/** Marks a term that is a part of words: it is looked up as it is and never cut. */
export const partMark = '#';

const han = /\p{Script=Han}/u;
const katakana = /^[\p{Script=Katakana}ー]{3,}$/u;

/** What a word shares with its relatives: its kanji (停車, 停まる), or the pairs of characters of a loanword. */
function partsOf(word: string): string[] {
  const characters = [...word];
  if (!katakana.test(word)) return characters.filter((each) => han.test(each)).map((each) => partMark + each);
  return characters.slice(1).map((each, i) => partMark + characters[i] + each);
}

/** The words of a Japanese text and their parts for the Japanese table, Latin words for the English one. */
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
    else lemmas.push(word, ...partsOf(word));
  }
  return { lemmas, latin };
}
