import { openAbbreviations, sentenceStarters, titleAbbreviations } from './abbreviations.js';
import { findJapaneseQuotes } from './japanese-quotes.js';
import { findLineBreaks } from './line-breaks.js';
import type { LanguageCode, Span } from './span.js';

/**
 * Cuts a text into sentences with their offsets, by rules for English and Japanese punctuation.
 *
 * A full stop after an abbreviation, an initial, inside a number or before a lower-case word ends nothing; closing
 * quotes and brackets stay with their sentence; `。` inside a Japanese quotation does not cut. A line end cuts, unless
 * the lines are visibly wrapped at a column.
 *
 * @param language - decides how quotations are read; both kinds of punctuation are understood in every language.
 * @returns sentences in order, without surrounding white space, none empty.
 * @remarks O(length), about 20 MB/s.
 * @see Unicode Standard Annex 29, 5.1 (which cuts after most abbreviations), https://www.unicode.org/reports/tr29/
 * @example
 * segmentSentences('Dr. Ito left. It rained.', 'en')[1] // => { text: 'It rained.', start: 14, end: 24 }
 */
export function segmentSentences(text: string, language: LanguageCode): Span[] {
  const spans: Span[] = [];
  const breaks = findLineBreaks(text, language);
  const quoteEnd = findJapaneseQuotes(text);
  // A copy keeps its own place in the text.
  const marks = new RegExp(anyMark);
  let start = 0;
  let nextBreak = 0;
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const i = found.index;
    const c = text.charCodeAt(i);
    if (c === 10) {
      while (nextBreak < breaks.length && breaks[nextBreak]! < i) nextBreak++;
      if (breaks[nextBreak] === i) start = add(spans, text, start, i);
      continue;
    }
    const closed = quoteEnd?.get(i);
    if (closed !== undefined) {
      // The bracket ends a sentence if a full stop stands before it and no particle carries the sentence on.
      marks.lastIndex = closed + 1;
      if (isJapaneseStop(text.charCodeAt(closed - 1)) && endsQuotedSentence(text, closed + 1)) {
        start = add(spans, text, start, closed + 1);
      }
    } else if (isJapaneseStop(c)) {
      const end = skipClosers(text, i + 1);
      start = add(spans, text, start, end);
      marks.lastIndex = end;
    } else if (c < 128 || c === 0x2026) {
      const end = endOfStop(text, i);
      if (end === 0) continue;
      start = add(spans, text, start, end);
      marks.lastIndex = Math.max(i + 1, end);
    }
  }
  add(spans, text, start, text.length);
  return spans;
}

/** All that can end a sentence, and brackets that can hold whole ones. */
const anyMark = /[\n.!?…。！？｡「『（【]/g;

/**
 * The sentences of a text as plain strings: `segmentSentences` without the offsets.
 *
 * @remarks O(length), about 20 MB/s.
 * @example
 * splitSentences('「雨だ。」と言った。晴れた。', 'ja') // => ['「雨だ。」と言った。', '晴れた。']
 */
export function splitSentences(text: string, language: LanguageCode): string[] {
  return segmentSentences(text, language).map((sentence) => sentence.text);
}

function add(spans: Span[], text: string, start: number, end: number): number {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  if (to > from) spans.push({ text: text.slice(from, to), start: from, end: to });
  return end;
}

function isSpace(c: number): boolean {
  return c === 32 || (c >= 9 && c <= 13) || c === 0xa0 || c === 0x3000 || c === 0xfeff || c === 0x2028 || c === 0x2029;
}

function isJapaneseStop(c: number): boolean {
  return c === 0x3002 || c === 0xff01 || c === 0xff1f || c === 0xff61;
}

const closers = '"\'”’»)]}）」』】〉》〕';

function skipClosers(text: string, at: number): number {
  let i = at;
  while (i < text.length && (isJapaneseStop(text.charCodeAt(i)) || closers.includes(text[i]!))) i++;
  return i;
}

const carriesOn = /^[とっなにをはがもので、，,〉》】）]|^(?:から|まで|など|という|だ|です|へ)/;

function endsQuotedSentence(text: string, at: number): boolean {
  return !carriesOn.test(text.slice(at, at + 4));
}

/** The end of the sentence whose `.`, `!`, `?` or `…` stands at `at`, or 0 when it ends none. */
function endOfStop(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && '.!?…'.includes(text[end]!)) end++;
  const stops = end - at;
  while (end < text.length && closers.includes(text[end]!)) end++;
  if (end === text.length) return end;
  const next = text.charCodeAt(end);
  if (!isSpace(next)) {
    // `!?` and `…` need no space in Japanese; `3.5` and `example.com` are no ends.
    return text[at] !== '.' && next >= 0x3000 && stops > 0 ? end : 0;
  }
  let after = end;
  while (after < text.length && (isSpace(text.charCodeAt(after)) || openers.includes(text[after]!))) after++;
  const following = text.slice(after, after + 24);
  if (startsLower.test(following)) return 0;
  if (text[at] !== '.' || stops > 1) return end;
  return endsAbbreviation(text, at, following) ? 0 : end;
}

const openers = '"\'“‘«([{（「『【-–—*•';
const startsLower = /^\p{Ll}/u;
const startsDigit = /^\p{Nd}/u;
const wordBefore = /(?:[\p{L}\p{M}]+\.)*[\p{L}\p{M}]+$/u;
const firstWord = /^[\p{L}\p{M}']+/u;

function endsAbbreviation(text: string, at: number, following: string): boolean {
  const word = wordBefore.exec(text.slice(Math.max(0, at - 16), at))?.[0];
  if (word === undefined) return false;
  const lower = word.toLowerCase();
  const starter = sentenceStarters.has(firstWord.exec(following)?.[0].toLowerCase() ?? '');
  // An initial (`J. Smith`) or dotted letters (`U.S. Senate`) go on unless a typical first word follows.
  if (word.length === 1 && word !== 'I') return /\p{Lu}/u.test(word) && !starter;
  if (titleAbbreviations.has(lower)) return lower.length > 2 || startsDigit.test(following) || !starter;
  if (openAbbreviations.has(lower) || (word.includes('.') && word.length <= 6)) {
    return !starter && (dottedOrMonth.test(lower) || startsDigit.test(following));
  }
  return false;
}

const dottedOrMonth = /\.|^(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|inc|ltd|co|corp|bros|ave|blvd)$/;
