import { checkInteger } from '@matome/primitives/options';
import { foldWidth } from '@matome/primitives/text';

/** Options of `shingleHashes`. */
export interface ShingleOptions {
  /** Words in a shingle. @default 3 */
  readonly words?: number;
  /** Characters in a shingle where the script writes no spaces (kanji, kana, hanzi). @default 6 */
  readonly characters?: number;
}

/**
 * Hashes every run of three words of a text, or of six characters where the script writes no spaces, in order.
 *
 * Case, width, punctuation and white space do not count. A text shorter than one shingle gives a single hash of all it
 * holds; a text without letters or digits gives none.
 *
 * @returns one 32-bit hash a token at which a shingle starts.
 * @throws RangeError for sizes below 1.
 * @remarks O(length), about 60 MB/s.
 * @see Broder (1997), On the resemblance and containment of documents, doi:10.1109/SEQUEN.1997.666900
 * @example
 * shingleHashes('One two three, four').length // => 2
 */
export function shingleHashes(text: string, options: ShingleOptions = {}): Uint32Array {
  return textHashes(text, options).shingles;
}

/** What pairs of texts are compared by. */
export interface TextHashes {
  /** As `shingleHashes` gives them. */
  readonly shingles: Uint32Array;
  /** Different words with a digit, ascending: numbers, dates, names of models. */
  readonly numbers: Uint32Array;
}

/** Hashes the shingles of a text, and its words with digits. */
export function textHashes(text: string, options: ShingleOptions = {}): TextHashes {
  const { words = 3, characters = 6 } = options;
  checkInteger('shingleHashes', 'words', words, { min: 1 });
  checkInteger('shingleHashes', 'characters', characters, { min: 1 });
  const tokens = new TokenHashes(text);
  return {
    shingles: joinShingles(tokens.hashes, tokens.wide, tokens.count, words, characters),
    numbers: Uint32Array.from(new Set(tokens.numbers)).sort(),
  };
}

/** One hash for each word, and one for each character of a script without spaces. */
class TokenHashes {
  readonly hashes: Uint32Array;
  readonly wide: Uint8Array;
  readonly count: number;
  /** Hashes of the words that hold a digit. */
  readonly numbers: number[] = [];

  constructor(raw: string) {
    const lower = raw.toLowerCase();
    const text = /[\uff01-\uff9f]/.test(lower) ? foldWidth(lower).toLowerCase() : lower;
    const length = text.length;
    this.hashes = new Uint32Array(length);
    this.wide = new Uint8Array(length);
    let count = 0;
    let hash = 0;
    let inside = false;
    let digit = false;
    for (let i = 0; i < length; i++) {
      const c = text.charCodeAt(i);
      const kind = characterKind(c);
      if (kind === wordCharacter) {
        hash = Math.imul((inside ? hash : 0x811c9dc5) ^ c, 0x01000193);
        inside = true;
        digit ||= c >= 48 && c <= 57;
        continue;
      }
      if (inside) {
        this.hashes[count++] = finish(hash);
        if (digit) this.numbers.push(finish(hash));
        inside = false;
        digit = false;
      }
      if (kind === wideCharacter) {
        this.wide[count] = 1;
        this.hashes[count++] = finish(c + 0x9e3779b9);
      }
    }
    if (inside) this.hashes[count++] = finish(hash);
    if (digit) this.numbers.push(finish(hash));
    this.count = count;
  }
}

const separator = 0;
const wordCharacter = 1;
const wideCharacter = 2;

function characterKind(c: number): number {
  if (c < 128) return (c >= 97 && c <= 122) || (c >= 48 && c <= 57) || c === 95 ? wordCharacter : separator;
  if (c < 0xc0) return c === 0xaa || c === 0xb5 || c === 0xba ? wordCharacter : separator;
  if (c < 0x2000) return c === 0xd7 || c === 0xf7 ? separator : wordCharacter;
  if (c < 0x2c00) return separator;
  if (c < 0x3040)
    return c === 0x3005 || c === 0x3006 || c === 0x3007 ? wideCharacter : c < 0x2e80 ? wordCharacter : separator;
  if (c === 0x30fb) return separator;
  if (c < 0xa000) return wideCharacter;
  if (c < 0xd7a4) return wordCharacter;
  // Surrogates: letters outside the basic plane are rare characters of Chinese and Japanese, or emoji.
  if (c < 0xe000) return wideCharacter;
  if (c >= 0xf900 && c < 0xfb00) return wideCharacter;
  return (c >= 0xfb00 && c < 0xfe00) || (c >= 0xfe70 && c < 0xfeff) ? wordCharacter : separator;
}

function joinShingles(
  tokens: Uint32Array,
  wide: Uint8Array,
  n: number,
  words: number,
  characters: number,
): Uint32Array {
  if (n === 0) return new Uint32Array(0);
  const out = new Uint32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    const size = wide[i] === 1 ? characters : words;
    if (i + size > n) continue;
    let hash = 0x2545f491;
    for (let j = i; j < i + size; j++) hash = Math.imul(hash ^ tokens[j]!, 0x9e3779b1) ^ (hash >>> 15);
    out[count++] = finish(hash);
  }
  if (count > 0) return out.slice(0, count);
  let hash = 0x2545f491;
  for (let j = 0; j < n; j++) hash = Math.imul(hash ^ tokens[j]!, 0x9e3779b1) ^ (hash >>> 15);
  return Uint32Array.of(finish(hash));
}

/** Spreads every input bit over the word (the finaliser of MurmurHash3, public domain). */
function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
