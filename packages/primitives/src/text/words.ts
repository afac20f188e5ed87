import type { LanguageCode, Span } from './span.js';
import { wholeCharacters } from './whole-characters.js';

/** Cuts a text into words as features for counting: lower case, no punctuation. */
export type Tokenizer = (text: string, language: LanguageCode) => string[];

// Scripts whose words no rule finds: Thai, Lao, Burmese, Khmer, kana, Han. Only they need the slow dictionary.
const needsDictionary =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\ud840-\ud888]/;
// The word rules WB5 to WB13 of the standard for all other scripts, about thirty times as fast as the segmenter.
const wordRule =
  /(?<!_)(?=_*[\p{L}\p{N}])[\p{L}\p{M}\p{N}_]+(?:(?:(?<=[\p{L}\p{M}])['’.·\u2024\uff0e](?=\p{L})|(?<=\p{Nd})[.,;'’\u066c](?=\p{Nd}))[\p{L}\p{M}\p{N}_]+)*/gu;

// A segmenter holds no state between calls, but costs milliseconds to build.
const segmenters: Partial<Record<'en' | 'ja', Intl.Segmenter>> = {};

function segmenterOf(language: LanguageCode): Intl.Segmenter {
  const locale = language === 'ja' ? 'ja' : 'en';
  return (segmenters[locale] ??= new Intl.Segmenter(locale, { granularity: 'word' }));
}

/** Longest text that the segmenter is given at once: from some 40,000 units on, its time grows with their square. */
const longestPiece = 32_768;
/** Where no word goes on and no dictionary looks across: line ends and full stops between written signs. */
const cutAfter = /^[\n\r\u3001\u3002\uff01\uff1f](?=[\p{L}\p{N}\p{Zs}])/u;

/** One past the last unit of the piece that starts at `start`: behind the last safe place, if there is one. */
function pieceEnd(text: string, start: number): number {
  const most = start + longestPiece;
  if (most >= text.length) return text.length;
  for (let end = most; end > start; end--) if (cutAfter.test(text.slice(end - 1, end + 2))) return end;
  return wholeCharacters(text, most);
}

/** Hands each word that the dictionary finds, and where it starts, to `visit`. */
function forEachWord(text: string, language: LanguageCode, visit: (word: string, start: number) => void): void {
  const segmenter = segmenterOf(language);
  for (let start = 0, end: number; start < text.length; start = end) {
    end = pieceEnd(text, start);
    for (const { segment, index, isWordLike } of segmenter.segment(text.slice(start, end))) {
      if (isWordLike) visit(segment, start + index);
    }
  }
}

/**
 * Cuts a text into words with their offsets, by the Unicode rules; punctuation, signs and spaces are left out.
 *
 * Japanese is cut by the built-in dictionary of the runtime, which splits inflections; for parts of speech and
 * dictionary forms load the analyser with `loadJapaneseAnalyzer`.
 *
 * @remarks O(length): about 20 million words a second, 1 million where the dictionary is needed.
 * @see Unicode Standard Annex 29, https://www.unicode.org/reports/tr29/
 * @example
 * segmentWords("It's 3.5 km.", 'en').map((word) => word.text) // => ["It's", '3.5', 'km']
 */
export function segmentWords(text: string, language: LanguageCode): Span[] {
  const words: Span[] = [];
  if (needsDictionary.test(text)) {
    forEachWord(text, language, (word, start) => words.push({ text: word, start, end: start + word.length }));
    return words;
  }
  for (const match of text.matchAll(wordRule)) {
    words.push({ text: match[0], start: match.index, end: match.index + match[0].length });
  }
  return words;
}

/**
 * The words of a text in lower case: the default `Tokenizer`, which needs no model.
 *
 * @remarks O(length): about 20 million words a second, 1 million where the dictionary is needed.
 * @example
 * tokenizeWords('The Bank raised rates.', 'en') // => ['the', 'bank', 'raised', 'rates']
 */
export function tokenizeWords(text: string, language: LanguageCode): string[] {
  const lower = text.toLowerCase();
  if (!needsDictionary.test(lower)) return lower.match(wordRule) ?? [];
  const words: string[] = [];
  forEachWord(lower, language, (word) => words.push(word));
  return words;
}
