import type { Tagger } from '@matome/primitives/text';

const webNoise = /^(?:https?|www|com|org|net|html|gt|lt|amp|nbsp)$/i;
/** Everyday nouns in hiragana that the dictionary lacks and would cut into particles and verbs. */
const hiraganaNouns = new Set(['ひらがな', 'おくりがな', 'なのはな', 'からあげ', 'かみなり', 'れいわ']);
const noLetters = /^[^\p{L}]+$/u;

/**
 * Whether a name can be a Japanese tag: 2 to `maxLength` characters, and a noun phrase by the analyser.
 *
 * Unlike a list of endings this keeps nouns in hiragana (`さかな`) and refuses particles and verbs anywhere in the name.
 *
 * @param maxLength - UTF-16 units.
 * @example
 * const { analyze } = await loadJapaneseAnalyzer();
 * ['さかな', '大規模言語モデル', '発表した', '東京は', '2024', 'nbsp'].map((name) => isJapaneseTag(name, analyze)) // => [true, true, false, false, false, false]
 */
export function isJapaneseTag(name: string, analyze: Tagger, maxLength = 30): boolean {
  if (name.length < 2 || name.length > maxLength || noLetters.test(name) || webNoise.test(name)) return false;
  if (hiraganaNouns.has(name)) return true;
  const tokens = analyze(name);
  return (
    tokens.length > 0 &&
    tokens.every(({ pos, posDetail, text }) => {
      if (pos === 'PUNCT') return /^[・･＝=\-‐－.&+#/!]$/.test(text);
      return (
        pos === 'NUM' ||
        posDetail.startsWith('名詞') ||
        posDetail.startsWith('接頭詞') ||
        /^[A-Za-zＡ-Ｚａ-ｚ]+$/.test(text)
      );
    })
  );
}
