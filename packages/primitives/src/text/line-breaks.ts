import type { LanguageCode } from './span.js';

/** A line longer than this is no line of text wrapped at a column. */
const widestColumn = 120;

/**
 * The line ends of a text that separate blocks: all, except those where a text was wrapped at a column because the next
 * word did not fit, or where a long line goes on in lower case.
 *
 * @returns offsets of `\n`, ascending.
 * @remarks O(length).
 */
export function findLineBreaks(text: string, language: LanguageCode): number[] {
  const ends: number[] = [];
  let widest = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    ends.push(at);
    widest = Math.max(widest, at - lineStart);
    lineStart = at + 1;
  }
  widest = Math.max(widest, text.length - lineStart);
  if (language === 'ja' || ends.length === 0) return ends;
  if (widest > widestColumn) return ends;
  return ends.filter((at, i) => !isForcedWrap(text, i === 0 ? 0 : ends[i - 1]! + 1, at, widest));
}

function isForcedWrap(text: string, lineStart: number, at: number, widest: number): boolean {
  const length = at - lineStart;
  // A short block of one line is no wrapped text: a column is at least 40 wide.
  if (length === 0 || widest < 40 || text[at + 1] === '\n') return false;
  if (length >= widest / 2 && /^\p{Ll}/u.test(text.slice(at + 1, at + 3))) return true;
  let wordEnd = at + 1;
  while (wordEnd < text.length && wordEnd - at <= widest && !/\s/.test(text[wordEnd]!)) wordEnd++;
  const next = wordEnd - at - 1;
  return next > 0 && length + 1 + next > widest * 0.9;
}
