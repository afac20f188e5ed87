import type { GenreDocument } from './genre-document.js';

/** Which terms of a document are counted. */
export interface TermFamilies {
  /** Words, light plural and -ing endings cut. @default true */
  readonly words?: boolean;
  /** Pairs of neighbouring words. @default false */
  readonly wordPairs?: boolean;
  /** Words of the title once more, as terms of their own. @default false */
  readonly titleWords?: boolean;
  /** Shortest and longest run of characters, spaces left out. @default none */
  readonly characters?: readonly [number, number];
  /** Shortest and longest run of characters inside a word, its two edges included. @default none */
  readonly wordCharacters?: readonly [number, number];
}

/** Hashes of the words of the document seen last, shared by scanners that read the same documents. */
export class WordHashes {
  low = new Uint32Array(1024);
  high = new Uint32Array(1024);
  #tokens: readonly string[] | undefined;

  /** Hashes words, unless they are those of the last call. */
  read(tokens: readonly string[]): void {
    if (tokens === this.#tokens) return;
    this.#tokens = tokens;
    if (this.low.length < tokens.length) {
      this.low = new Uint32Array(tokens.length * 2);
      this.high = new Uint32Array(tokens.length * 2);
    }
    const { low, high } = this;
    for (let t = 0; t < tokens.length; t++) {
      const word = tokens[t]!;
      const end = stemLength(word);
      let a = 0x811c9dc5;
      let b = 0x9747b28c;
      for (let i = 0; i < end; i++) {
        const code = word.charCodeAt(i);
        a = Math.imul(a ^ code, 0x01000193);
        b = Math.imul(b + code, 0x9e3779b1);
        b ^= b >>> 15;
      }
      low[t] = a;
      high[t] = b;
    }
  }
}

/** One key per occurrence of a term: 64 bits in two arrays, of which the first `count` are filled. */
export interface TermKeys {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly count: number;
}

// One seed per family, so that the word "ai" and the characters "ai" are different terms.
const seeds = {
  words: 0x2545f491,
  wordPairs: 0x6c078965,
  titleWords: 0x1b873593,
  characters: 0x5bd1e995,
  wordCharacters: 0x85ebca6b,
};
const letterS = 0x73;

/**
 * Turns a document into term keys. A term is a hash of its characters, so no string is built and none is stored: this
 * is what makes 10,000 documents a second possible.
 *
 * @remarks O(length of the document); two terms of one key are expected once in 10⁸ vocabularies of 600,000 terms.
 * @see Weinberger et al. (2009), Feature hashing for large scale multitask learning, doi:10.1145/1553374.1553516
 */
export class TermScanner {
  #low = new Uint32Array(4096);
  #high = new Uint32Array(4096);
  #count = 0;
  /** Hashes of the words of the document, before the family is mixed in. */
  readonly #words: WordHashes;
  readonly #titleWords = new WordHashes();
  readonly #families: TermFamilies;

  constructor(families: TermFamilies, words = new WordHashes()) {
    this.#families = families;
    this.#words = words;
  }

  /** The keys of a document; the arrays are reused by the next call. */
  scan(document: GenreDocument): TermKeys {
    this.#count = 0;
    const { words = true, wordPairs = false, titleWords = false, characters, wordCharacters } = this.#families;
    const { tokens } = document;
    if (words || wordPairs) this.#words.read(tokens);
    if (words) this.#addWords(this.#words, tokens.length, seeds.words);
    if (wordPairs) this.#addPairs(tokens.length);
    if (wordCharacters)
      for (let i = 0; i < tokens.length; i++) this.#addRuns(` ${tokens[i]!} `, wordCharacters, seeds.wordCharacters);
    if (characters) this.#addRuns(squeeze(document), characters, seeds.characters);
    if (titleWords && document.title) this.#addTitle(document.title);
    return { low: this.#low, high: this.#high, count: this.#count };
  }

  #addWords(words: WordHashes, count: number, seed: number): void {
    this.#reserve(count);
    const { low, high } = words;
    const outLow = this.#low;
    const outHigh = this.#high;
    let at = this.#count;
    for (let t = 0; t < count; t++) {
      outLow[at] = mix(low[t]! ^ seed);
      outHigh[at++] = high[t]! ^ seed;
    }
    this.#count = at;
  }

  #addPairs(count: number): void {
    this.#reserve(count);
    const { low, high } = this.#words;
    const outLow = this.#low;
    const outHigh = this.#high;
    let at = this.#count;
    for (let t = 0; t + 1 < count; t++) {
      outLow[at] = mix(Math.imul(low[t]!, 31) ^ low[t + 1]! ^ seeds.wordPairs);
      outHigh[at++] = (Math.imul(high[t]!, 37) + high[t + 1]!) ^ seeds.wordPairs;
    }
    this.#count = at;
  }

  #addTitle(title: string): void {
    const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    this.#titleWords.read(words);
    this.#addWords(this.#titleWords, words.length, seeds.titleWords);
  }

  #reserve(count: number): void {
    while (this.#count + count > this.#low.length) {
      this.#low = grow(this.#low);
      this.#high = grow(this.#high);
    }
  }

  #addRuns(text: string, range: readonly [number, number], seed: number): void {
    const [shortest, longest] = range;
    for (let start = 0; start + shortest <= text.length; start++) {
      let a = seed;
      let b = ~seed;
      const end = Math.min(text.length, start + longest);
      for (let i = start; i < end; i++) {
        const code = text.charCodeAt(i);
        a = Math.imul(a ^ code, 0x01000193);
        b = Math.imul(b + code, 0x9e3779b1);
        b ^= b >>> 15;
        if (i - start + 1 >= shortest) this.#push(a, b);
      }
    }
  }

  #push(a: number, b: number): void {
    if (this.#count === this.#low.length) {
      this.#low = grow(this.#low);
      this.#high = grow(this.#high);
    }
    this.#low[this.#count] = mix(a);
    this.#high[this.#count++] = b;
  }
}

function grow(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(values.length * 2);
  larger.set(values);
  return larger;
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Length of an English word without a plural s or -ing; other words stay whole. */
function stemLength(word: string): number {
  const n = word.length;
  const last = word.charCodeAt(n - 1);
  if (last > 0x7a) return n;
  if (n > 4 && word.endsWith('ing')) return n - 3;
  return n > 3 && last === letterS && word.charCodeAt(n - 2) !== letterS ? n - 1 : n;
}

/** Title and text without white space, in one width and case: what character runs are cut from. */
function squeeze(document: GenreDocument): string {
  return `${document.title ?? ''}\n${document.text}`.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
