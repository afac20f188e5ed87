/** Characters of the longest n-gram: four of a word, and a space at either side. */
const longestGram = 6;
/** What every stored score lacks, so that it fits a byte. */
const leastScore = 53;
/** Slots for the n-grams of one text, twice as many as the longest text that is read can have. */
const seenSlots = 1024;
/** Bytes of a text after which it is cut at a space, and at any character. */
const cutAtSpace = 350;
const cutAnywhere = 380;
/** Characters of a text and of a word that are looked at. */
const longestText = 1000;
const longestWord = 70;

/** The signs that the n-grams of eld are written in, and what separates words. */
export interface GramAlphabet {
  /** The sign of every byte. */
  readonly dictionary: readonly string[];
  readonly separators: RegExp;
}

/**
 * The n-grams of the language detector eld as flat tables, and its sums over a text.
 *
 * As objects the same n-grams take 45 MB, and 130 MB while they are compiled; here they take 2 MB. Sums are those of eld.
 *
 * @remarks O(n-grams) to build, about 40 ms; O(length of the first 380 bytes) a text.
 * @see Efficient Language Detector, https://github.com/nitotm/efficient-language-detector-js (2.1.0, Apache-2.0)
 */
export class LanguageGrams {
  readonly codes: readonly string[];
  /** What speaks for each language in the last text, less nothing: whole numbers. */
  readonly sums: Float64Array;
  readonly #separators: RegExp;
  readonly #signs: Uint8Array;
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  /** Place of the scores of an n-gram in `#scores`, plus 1. */
  readonly #places: Uint32Array;
  /** For every n-gram: number of languages, then language and score in turns. */
  readonly #scores: Uint8Array;
  readonly #shift: number;
  readonly #bytes = new Uint8Array(cutAnywhere + longestGram);
  readonly #seenLow = new Int32Array(seenSlots);
  readonly #seenHigh = new Int32Array(seenSlots);
  readonly #seenIn = new Uint32Array(seenSlots);
  #text = 0;

  private constructor(codes: readonly string[], grams: GramList, { dictionary, separators }: GramAlphabet) {
    this.codes = codes;
    this.sums = new Float64Array(codes.length);
    this.#separators = separators;
    this.#signs = Uint8Array.from(dictionary, (sign) => sign.charCodeAt(0));
    const bits = Math.ceil(Math.log2(grams.count * 1.5));
    this.#shift = 32 - bits;
    this.#low = new Int32Array(2 ** bits);
    this.#high = new Int32Array(2 ** bits);
    this.#places = new Uint32Array(2 ** bits);
    this.#scores = grams.scores;
    for (let i = 0; i < grams.count; i++) {
      const slot = this.#slotOf(grams.low[i]!, grams.high[i]!);
      this.#low[slot] = grams.low[i]!;
      this.#high[slot] = grams.high[i]!;
      this.#places[slot] = grams.places[i]! + 1;
    }
  }

  /**
   * Reads the n-grams from the source of eld's module of them.
   *
   * @returns undefined when the source has another form than that of eld 2.1.0.
   */
  static parse(source: string, alphabet: GramAlphabet): LanguageGrams | undefined {
    const head = /languages:\{(0:(?:'[a-z]+'(?:,\d+:)?)+)\}[^{]*ngrams:\{/.exec(source);
    if (head === null || !alphabet.dictionary.every((sign) => sign.length === 1 && sign.charCodeAt(0) < 256)) {
      return undefined;
    }
    const codes = Array.from(head[1]!.matchAll(/:'([a-z]+)'/g), ([, code]) => code!);
    const grams = readGrams(source, head.index + head[0].length, codes.length);
    return grams && alphabet.dictionary.length === 256 ? new LanguageGrams(codes, grams, alphabet) : undefined;
  }

  /**
   * Fills `sums` for a text.
   *
   * @returns the number of its different n-grams.
   */
  read(text: string): number {
    this.sums.fill(0);
    this.#text++;
    const head = text.length > longestText ? text.slice(0, longestText) : text;
    const plain = head.replace(this.#separators, ' ').trim().toLowerCase();
    const bytes = this.#bytes;
    const signs = this.#signs;
    let grams = 0;
    let read = 0;
    let size = 0;
    for (let i = 0; i < plain.length; i++) {
      let c = plain.charCodeAt(i);
      if (c < 0x80) {
        read++;
        if (c !== 32) bytes[size++] = c;
        else {
          if (size > 0) grams += this.#addWord(size);
          size = 0;
          if (read > cutAtSpace + 1) break;
        }
      } else if (c < 0x800) {
        bytes[size++] = signs[0xc0 | (c >> 6)]!;
        bytes[size++] = signs[0x80 | (c & 0x3f)]!;
        read += 2;
      } else if (c < 0xd800 || c >= 0xe000) {
        bytes[size++] = signs[0xe0 | (c >> 12)]!;
        bytes[size++] = signs[0x80 | ((c >> 6) & 0x3f)]!;
        bytes[size++] = signs[0x80 | (c & 0x3f)]!;
        read += 3;
      } else {
        c = 0x10000 + (((c & 0x3ff) << 10) | (plain.charCodeAt(++i) & 0x3ff));
        bytes[size++] = signs[0xf0 | (c >> 18)]!;
        bytes[size++] = signs[0x80 | ((c >> 12) & 0x3f)]!;
        bytes[size++] = signs[0x80 | ((c >> 6) & 0x3f)]!;
        bytes[size++] = signs[0x80 | (c & 0x3f)]!;
        read += 4;
      }
      if (read > cutAnywhere) break;
    }
    if (size > 0) grams += this.#addWord(size);
    return grams;
  }

  /** Adds the n-grams of the word in `#bytes`: four bytes at every third, marked at the start, and the last four. */
  #addWord(size: number): number {
    const bytes = this.#bytes;
    const length = Math.min(size, longestWord);
    let added = 0;
    let at = 0;
    for (; at + 4 < length; at += 3) {
      const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      added += at === 0 ? this.#add(32 | (four << 8), four >>> 24) : this.#add(four, 0);
    }
    // Of a word that is too long the rest is one n-gram, which no language has: only whether it comes twice counts.
    if (size > longestWord) return added + this.#add(hashOf(bytes, length - 4, size), -size);
    let low = at === 0 ? 32 : 0;
    let high = 0;
    let shift = at === 0 ? 8 : 0;
    for (let i = length < 4 ? 0 : length - 4; i <= length; i++, shift += 8) {
      const c = i === length ? 32 : bytes[i]!;
      if (shift < 32) low |= c << shift;
      else high |= c << (shift - 32);
    }
    return added + this.#add(low, high);
  }

  /** Adds the scores of an n-gram unless the text had it already. */
  #add(low: number, high: number): number {
    const hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    let seen = hash & (seenSlots - 1);
    while (this.#seenIn[seen] === this.#text) {
      if (this.#seenLow[seen] === low && this.#seenHigh[seen] === high) return 0;
      seen = (seen + 1) & (seenSlots - 1);
    }
    this.#seenIn[seen] = this.#text;
    this.#seenLow[seen] = low;
    this.#seenHigh[seen] = high;
    const place = this.#places[this.#slotOf(low, high)]!;
    if (place === 0) return 1;
    const { sums } = this;
    const scores = this.#scores;
    for (let at = place, end = place + 2 * scores[place - 1]!; at < end; at += 2) {
      sums[scores[at]!]! += scores[at + 1]! + leastScore;
    }
    return 1;
  }

  /** The slot of an n-gram, or the free one where it would stand. */
  #slotOf(low: number, high: number): number {
    const last = this.#places.length - 1;
    let slot = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> this.#shift;
    while (this.#places[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) slot = (slot + 1) & last;
    return slot;
  }
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

interface GramList {
  readonly count: number;
  /** First four characters of every n-gram, and those behind them. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly places: Uint32Array;
  readonly scores: Uint8Array;
}

const [quote, backslash, colon, comma, open, close] = [39, 92, 58, 44, 123, 125];

/** Reads `'gram':{language:score,...},...}`; undefined when anything else stands there. */
function readGrams(source: string, from: number, languages: number): GramList | undefined {
  // The shortest entry, `a:{0:1},`, has eight characters and three bytes of scores; a further language has four and two.
  const most = Math.ceil((source.length - from) / 8);
  const low = new Int32Array(most);
  const high = new Int32Array(most);
  const places = new Uint32Array(most);
  const scores = new Uint8Array(most * 4);
  let count = 0;
  let used = 0;
  let at = from;
  for (; source.charCodeAt(at) !== close; count++) {
    const quoted = source.charCodeAt(at) === quote;
    if (quoted) at++;
    let size = 0;
    for (; size <= longestGram && source.charCodeAt(at) !== (quoted ? quote : colon); size++) {
      if (source.charCodeAt(at) === backslash) at++;
      const c = source.charCodeAt(at++);
      if (size < 4) low[count]! |= c << (8 * size);
      else high[count]! |= c << (8 * (size - 4));
      if (!(c > 0 && c < 256)) return undefined;
    }
    if (quoted) at++;
    if (size > longestGram || source.charCodeAt(at) !== colon || source.charCodeAt(at + 1) !== open) return undefined;
    at++;
    places[count] = used++;
    for (; source.charCodeAt(at) !== close; scores[places[count]!]!++) {
      let number = 0;
      for (const end of [colon, comma]) {
        number = 0;
        const start = ++at;
        for (let c = source.charCodeAt(at); c >= 48 && c <= 57; c = source.charCodeAt(++at))
          number = number * 10 + c - 48;
        const stop = source.charCodeAt(at);
        if (at === start || number > 255 || (stop !== end && (end === colon || stop !== close))) return undefined;
        if (end === colon && number >= languages) return undefined;
        scores[used++] = number;
      }
    }
    at++;
    if (source.charCodeAt(at) === comma) at++;
    else if (source.charCodeAt(at) !== close) return undefined;
  }
  return { count, low, high, places, scores: scores.slice(0, used) };
}
