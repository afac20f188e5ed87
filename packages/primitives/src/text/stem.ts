import { stemmer } from 'stemmer';

/**
 * The stem of an English word after Porter, in lower case: a key under which inflected forms meet, not a word to show.
 *
 * @remarks O(length), about a million words a second.
 * @see M. F. Porter (1980), An algorithm for suffix stripping, doi:10.1108/eb046814
 * @example
 * stem('Networks') // => 'network'
 */
export function stem(word: string): string {
  return stemmer(word.toLowerCase());
}
