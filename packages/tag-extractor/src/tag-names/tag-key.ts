import { foldWidth, stem } from '@matome/primitives/text';

/** Names without a sign of another script: they are compared word by word. */
export const onlyLatin = /^[\p{Script=Latin}\p{N}\p{P}\p{S}\p{M}\s]+$/u;

/**
 * What twins of a tag name have in common: equal for plural, case, width, hyphen, spelling and long-vowel variants.
 *
 * @example
 * tagKey('Neural networks') === tagKey('neural-network') && tagKey('サーバー') === tagKey('ｻｰﾊﾞ') // => true
 */
export function tagKey(name: string): string {
  if (!onlyLatin.test(name)) return japaneseKey(name);
  return name.normalize('NFKC').toLowerCase().split(/\s+/).map(wordKey).join('');
}

/** Keys of words, remembered by the word: words follow Zipf's law, so that a bounded table holds nearly all. */
const knownKeys = new Map<string, string>();
const mostKnown = 50_000;

/** The key of a lower-case English word: stems in American spelling, hyphens and apostrophes left out. */
export function wordKey(lower: string): string {
  const known = knownKeys.get(lower);
  if (known !== undefined) return known;
  const key = lower
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .map(partKey)
    .join('');
  if (knownKeys.size >= mostKnown) knownKeys.clear();
  knownKeys.set(lower, key);
  return key;
}

function partKey(part: string): string {
  const american = part.replace(/is(e[dsr]?|ing|ations?)$/, 'iz$1').replace(/our(s|ed|ing|al)?$/, 'or$1');
  return stem(american);
}

/**
 * Equal for width, case, dot and long-vowel variants: `サーバー` and `サーバ`, `ＡＩ` and `AI`, `データベース` and `データーベース`.
 *
 * The mark after the first sound of a word stays: `ビール` is no `ビル`.
 */
export function japaneseKey(text: string): string {
  return foldWidth(text)
    .toLowerCase()
    .replace(/[・･\s=＝\-‐－]/g, '')
    .replace(/(?<=[ァ-ヺー]{2})ー/g, '');
}
