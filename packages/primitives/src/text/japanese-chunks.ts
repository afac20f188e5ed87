import { isHanCode, isKanaCode } from './script.js';
import type { Span } from './span.js';

/** Longest run of one kind of character given to the analyser in one piece; its lattice grows with the square. */
const longestRun = 64;
/** Longest piece, in UTF-16 units; natural clauses are shorter. */
const longestPiece = 512;

/**
 * Cuts text into pieces that the analyser reads in linear time: at line ends, after clause marks, inside over-long runs.
 *
 * Control characters and lone surrogates fall between the pieces.
 *
 * @returns pieces in order with their offsets; joined they are the text without control characters.
 * @remarks O(length).
 */
export function cutForAnalysis(text: string): Span[] {
  const pieces: Span[] = [];
  let start = 0;
  let run = 0;
  let kind = -1;
  const cut = (end: number, next: number) => {
    if (end > start) pieces.push({ text: text.slice(start, end), start, end });
    start = next;
    run = 0;
    kind = -1;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const width = surrogatePairWidth(text, i, c);
    if (c < 32 || c === 127 || width === 0) {
      cut(i, i + 1);
      continue;
    }
    if (i - start >= longestPiece) cut(i, i);
    const next = width === 2 ? 5 : kindOf(c);
    run = next === kind ? run + 1 : 1;
    kind = next;
    if (run > longestRun) {
      cut(i, i);
      kind = next;
      run = 1;
    }
    i += width - 1;
    // The analyser itself starts anew after these marks.
    if (c === 0x3002 || c === 0x3001) cut(i + 1, i + 1);
  }
  cut(text.length, text.length);
  return pieces;
}

/** 1 or 2 units for a character, 0 for a lone surrogate. */
function surrogatePairWidth(text: string, at: number, c: number): 0 | 1 | 2 {
  if (c < 0xd800 || c > 0xdfff) return 1;
  if (c > 0xdbff) return 0;
  const low = text.charCodeAt(at + 1);
  return low >= 0xdc00 && low <= 0xdfff ? 2 : 0;
}

function kindOf(c: number): number {
  if (c >= 0x30a1 && c <= 0x30ff) return 1;
  if (isKanaCode(c)) return 2;
  if (isHanCode(c)) return 3;
  if (c < 0x250) return 4;
  return 6;
}
