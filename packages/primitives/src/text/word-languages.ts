import { type LanguageScores, scoreScale } from './language-scores.js';

/** The two best scores of a text, and the code of the best. */
export interface BestLanguage {
  readonly code: string;
  readonly best: number;
  readonly second: number;
}

/** What a word adds to the score of each language. */
interface WordEntry {
  /** n-grams of the word. */
  readonly grams: number;
  readonly languages: Uint8Array;
  readonly sums: Float32Array;
  /** Number of the last text that held the word. */
  text: number;
}

const wordRule = /\p{L}[\p{L}'’]*/gu;
/** Words kept; beyond that all are forgotten, so memory stays below some 10 MB. */
const capacity = 20_000;

/** The best and the second best of some scores, of equals the first, among the allowed codes. */
export function bestOf(
  codes: readonly string[],
  scores: Float64Array,
  allowed: ReadonlySet<string> | undefined,
): BestLanguage {
  let first = -1;
  let best = 0;
  let second = 0;
  for (let l = 0; l < codes.length; l++) {
    const score = scores[l]!;
    if (score <= second || (allowed !== undefined && !allowed.has(codes[l]!))) continue;
    if (score > best) {
      second = best;
      best = score;
      first = l;
    } else second = score;
  }
  return { code: codes[first] ?? '', best, second };
}

/**
 * Scores texts as the sum of their words, each of which the detector has to see once: scores of n-grams add up, and
 * most words of a text came in an earlier one.
 *
 * An n-gram that two different words of a text share counts twice, where the detector counts it once.
 *
 * @remarks About 2 µs a text of known words, 8 µs a new word.
 */
export class WordLanguages {
  readonly #scores: LanguageScores;
  readonly #words = new Map<string, WordEntry>();
  readonly #sums: Float64Array;
  #text = 0;

  constructor(scores: LanguageScores) {
    this.#scores = scores;
    this.#sums = new Float64Array(scores.codes.length);
  }

  /** The best languages of a text, among the allowed codes. */
  rank(text: string, allowed: ReadonlySet<string> | undefined): BestLanguage {
    const sums = this.#sums.fill(0);
    this.#text++;
    let grams = 0;
    for (const word of text.toLowerCase().match(wordRule) ?? []) {
      const entry = this.#words.get(word) ?? this.#learn(word);
      if (entry.text === this.#text) continue;
      entry.text = this.#text;
      grams += entry.grams;
      for (let i = 0; i < entry.languages.length; i++) sums[entry.languages[i]!]! += entry.sums[i]!;
    }
    const { code, best, second } = bestOf(this.#scores.codes, sums, allowed);
    if (code === '') return { code, best, second };
    return { code, best: best / (best + scoreScale * grams), second: second / (second + scoreScale * grams) };
  }

  #learn(word: string): WordEntry {
    if (this.#words.size >= capacity) this.#words.clear();
    const grams = countGrams(word);
    const scores = this.#scores.score(word);
    const languages: number[] = [];
    for (let l = 0; l < scores.length; l++) if (scores[l]! > 0) languages.push(l);
    const entry = {
      grams,
      languages: Uint8Array.from(languages),
      sums: Float32Array.from(languages, (l) => (scoreScale * grams * scores[l]!) / (1 - scores[l]!)),
      text: 0,
    };
    this.#words.set(word, entry);
    return entry;
  }
}

/** Runs of four bytes at every third byte of the first 70, and one at the end: what the detector looks up. */
function countGrams(word: string): number {
  let bytes = 0;
  for (let i = 0; i < word.length; i++) {
    const c = word.charCodeAt(i);
    bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
  }
  return Math.max(1, Math.ceil((Math.min(70, bytes) - 4) / 3) + 1);
}
