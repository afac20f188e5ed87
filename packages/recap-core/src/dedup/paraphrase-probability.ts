import { tokenizeWords } from '@matome/primitives/text';

/**
 * How likely two sentences say the same, by their words, letter triples and numbers alone.
 *
 * A logistic formula of four overlaps: words (over the longer sentence), character trigrams, word pairs, and numbers
 * that only one of the two names. Its five coefficients were fitted to news sentence pairs judged by people; word pairs
 * count against: of two pairs that share as many words, the reworded one is the likelier paraphrase.
 *
 * @returns in (0, 1); 0 when a sentence holds no word. Above about 0.5 people tend to agree; symmetric in its arguments.
 * @remarks O(length). For pairs that share meaning but few words compare embeddings instead.
 * @see Dolan, Brockett (2005), Automatically constructing a corpus of sentential paraphrases, https://aclanthology.org/I05-5002
 * @example
 * paraphraseProbability('The bank raised rates by 2 points.', 'Rates were raised 2 points by the bank.') > 0.8 // => true
 * paraphraseProbability('The bank raised rates by 2 points.', 'The bank sold its head office.') > 0.5 // => false
 */
export function paraphraseProbability(a: string, b: string): number {
  const wordsA = tokenizeWords(a, 'und');
  const wordsB = tokenizeWords(b, 'und');
  if (wordsA.length === 0 || wordsB.length === 0) return 0;
  const words = sharedCount(wordsA, wordsB) / Math.max(wordsA.length, wordsB.length);
  const score =
    9.06 * words +
    6.47 * dice(trigrams(wordsA), trigrams(wordsB)) -
    5.7 * dice([...new Set(pairs(wordsA))], [...new Set(pairs(wordsB))]) -
    0.18 * loneNumbers(a, b) -
    5.96;
  return 1 / (1 + Math.exp(-score));
}

/** Size of the intersection of two bags. */
function sharedCount(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const item of a) counts.set(item, (counts.get(item) ?? 0) + 1);
  let shared = 0;
  for (const item of b) {
    const left = counts.get(item) ?? 0;
    if (left === 0) continue;
    counts.set(item, left - 1);
    shared++;
  }
  return shared;
}

function dice(a: readonly string[], b: readonly string[]): number {
  return a.length + b.length === 0 ? 0 : (2 * sharedCount(a, b)) / (a.length + b.length);
}

function trigrams(words: readonly string[]): string[] {
  const text = ` ${words.join(' ')} `;
  return Array.from({ length: Math.max(0, text.length - 2) }, (_, i) => text.slice(i, i + 3));
}

function pairs(words: readonly string[]): string[] {
  return words.slice(1).map((word, i) => `${words[i]} ${word}`);
}

/** Number of numbers that stand in one of the texts only. */
function loneNumbers(a: string, b: string): number {
  const numbers = (text: string) => new Set(text.match(/\d[\d,.]*/g) ?? []);
  const [inA, inB] = [numbers(a), numbers(b)];
  let lone = 0;
  for (const n of inA) if (!inB.has(n)) lone++;
  for (const n of inB) if (!inA.has(n)) lone++;
  return lone;
}
