/// <reference path="./third-party.d.ts" />
import { eng, jpn } from 'stopword';
import type { LanguageCode } from './span.js';

const lists: Partial<Record<LanguageCode, ReadonlySet<string>>> = {};
const none: ReadonlySet<string> = new Set();

/**
 * Words too frequent to tell anything about a text, in lower case; none for an unknown language.
 *
 * @see stopword, https://github.com/fergiemcdowall/stopword
 * @example
 * stopWords('en').has('the') // => true
 */
export function stopWords(language: LanguageCode): ReadonlySet<string> {
  if (language === 'und') return none;
  return (lists[language] ??= new Set(language === 'ja' ? jpn : eng.map((word) => word.toLowerCase())));
}
