import { type LanguageCode, segmentSentences } from '@matome/primitives/text';

/**
 * Cuts a text to a length, after the last sentence that ends in the last fifth of it, else exactly there.
 *
 * @returns at most `maxLength` UTF-16 units; no surrogate pair is cut.
 * @remarks O(maxLength).
 */
export function truncateAtSentence(text: string, maxLength: number, language: LanguageCode): string {
  if (text.length <= maxLength) return text;
  const c = text.charCodeAt(maxLength - 1);
  const head = text.slice(0, c >= 0xd800 && c <= 0xdbff ? maxLength - 1 : maxLength);
  const from = Math.floor(maxLength * 0.8);
  const tail = head.slice(from);
  const sentences = segmentSentences(tail, language);
  // The last one is cut by the limit itself, unless its end mark stands exactly there.
  const last = /[.!?。！？]$/.test(head) ? sentences.at(-1) : sentences.at(-2);
  return last === undefined ? head : head.slice(0, from + last.end);
}
