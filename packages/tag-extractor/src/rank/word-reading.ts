import type { Embedder, EmbedOptions, TokenVectors } from '@matome/primitives/embedding';
import { type ReadTokens, readPlaces, readTokens, type TokenReading } from './token-reading.js';

/** Words that are remembered: they follow Zipf's law, so that these hold nearly all. */
const mostWords = 20_000;
const wordOrSign = /[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu;

/** Words and signs of a text with their places; what stands before the first and after the last one is empty. */
export interface TextWords extends Omit<TokenVectors, 'vectors'> {
  readonly words: readonly string[];
}

/** Cuts a text into words and signs, in lower case. */
export function wordsIn(text: string): TextWords {
  const words = [''];
  const starts = [0];
  const ends = [0];
  for (const { 0: word, index } of text.matchAll(wordOrSign)) {
    words.push(word.toLowerCase());
    starts.push(index);
    ends.push(index + word.length);
  }
  words.push('');
  starts.push(0);
  ends.push(0);
  return { words, starts: new Int32Array(starts), ends: new Int32Array(ends) };
}

/** Reads words by the vectors that an embedder gives to each of them alone; what was read of a word is remembered. */
export class WordReader {
  /** Place of every known word in `values`. */
  private readonly known = new Map<string, number>();
  /** Known words × readings × places. */
  private values = new Float64Array(0);
  private readonly size: number;

  constructor(
    private readonly embedder: Embedder,
    private readonly readings: readonly TokenReading[],
    private readonly capacity: number = mostWords,
  ) {
    this.size = readings.length * readPlaces.length;
  }

  /**
   * What each reading makes of the words at every place.
   *
   * @remarks A look-up for a known word, a vector and its products for one that is new.
   */
  async read(words: readonly string[], options: EmbedOptions = {}): Promise<readonly ReadTokens[]> {
    const { known, size } = this;
    const n = words.length;
    // One piece of memory for all columns: a column of its own would cost more than what is written into it.
    const values = new Float64Array(size * n);
    const read = this.readings.map((_, r) =>
      readPlaces.map((_, p) => values.subarray((r * readPlaces.length + p) * n, (r * readPlaces.length + p + 1) * n)),
    );
    const unknown = new Map<string, number[]>();
    for (let t = 0; t < n; t++) {
      const word = words[t]!;
      const at = known.get(word);
      if (at === undefined) {
        const places = unknown.get(word);
        if (places === undefined) unknown.set(word, [t]);
        else places.push(t);
      } else for (let k = 0, to = t; k < size; k++, to += n) values[to] = this.values[at + k]!;
    }
    if (unknown.size === 0) return read;
    const vectors = await this.embedder.embed([...unknown.keys()], options);
    const fresh = this.readings.flatMap((reading) => readTokens(reading, vectors));
    let i = 0;
    for (const [word, places] of unknown) {
      for (const t of places) for (let k = 0; k < size; k++) values[k * n + t] = fresh[k]![i]!;
      this.remember(word, fresh, i++);
    }
    return read;
  }

  private remember(word: string, fresh: readonly Float64Array[], i: number): void {
    // Texts that are read at the same time may bring the same word.
    if (this.known.has(word)) return;
    if (this.known.size >= this.capacity) this.known.clear();
    if (this.values.length === 0) this.values = new Float64Array(this.capacity * this.size);
    const at = this.known.size * this.size;
    for (let k = 0; k < this.size; k++) this.values[at + k] = fresh[k]![i]!;
    this.known.set(word, at);
  }
}
