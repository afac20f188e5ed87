import { partMark } from '../../primitives/src/embedding/static-terms.js';

/** Parts of words seen less often tell nothing that the words do not. */
const minPartCount = 5;

/** How often each word of the training texts stands there. */
export type WordCounts = ReadonlyMap<string, number>;

/** Counts words. */
export function countWords(texts: Iterable<readonly string[]>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const words of texts) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const latinPiece = /^(##)?[\p{Script=Latin}\p{N}]+$/u;
const sign = /^[^\s\p{L}\p{N}]$/u;

/**
 * The English terms: the word pieces of the teacher that are Latin letters, digits or signs.
 *
 * @param pieces - the teacher's vocabulary in its own order.
 */
export function englishTerms(pieces: readonly string[]): string[] {
  const plain = (piece: string) => piece.normalize('NFD').replace(/\p{M}+/gu, '') === piece;
  return pieces.filter((piece) => (latinPiece.test(piece) || sign.test(piece)) && plain(piece));
}

/**
 * The Japanese terms: dictionary forms seen at least `minCount` times and, so that unknown words can be cut into parts,
 * characters seen in at least three words. Sorted, most frequent first.
 */
export function japaneseTerms(counts: WordCounts, minCount: number): string[] {
  const characters = new Map<string, number>();
  for (const [word, count] of counts) {
    if (word.startsWith(partMark)) continue;
    for (const character of word) characters.set(character, (characters.get(character) ?? 0) + count);
  }
  const terms = new Map<string, number>();
  for (const [character, count] of characters) if (count >= 3) terms.set(character, 0);
  for (const [word, count] of counts)
    if (count >= (word.startsWith(partMark) ? minPartCount : minCount)) terms.set(word, count);
  return [...terms].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([term]) => term);
}
