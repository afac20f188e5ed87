import { type Matrix, normalizeRows } from '../linalg/index.js';
import { checkInteger } from '../options/index.js';
import { stopWords, tokenizeWords } from '../text/index.js';
import type { Embedder } from './embedder.js';

/** Options of `createHashingEmbedder`. */
export interface HashingEmbedderOptions {
  /** Width of the vectors. More dimensions mean fewer features that share a place. @default 512 */
  readonly dimensions?: number;
}

/** Rises whenever the same text would get another vector. */
const version = 1;
const english = stopWords('en');
const japanese = stopWords('ja');
const wordWeight = 1;
const gramWeight = 0.5;

/**
 * An embedder without a model: words and character trigrams are hashed to places and signs of a vector.
 *
 * Texts are near when they share words or parts of words, in any language; it knows no meaning. Features of one text count
 * by 1 + ln(frequency); English and Japanese stop words do not count beside other words.
 *
 * @remarks O(length), about 3 MB a second, no memory to speak of.
 * @throws RangeError if `dimensions` is below 8.
 * @see Weinberger et al. (2009), Feature hashing, arXiv:0902.2206
 * @example
 * const embedder = createHashingEmbedder({ dimensions: 256 });
 * const vectors = await embedder.embed(['key rate raised', 'key rates raised', 'sunny spells']);
 * const like = (i: number, j: number) => dot(row(vectors, i), row(vectors, j));
 * like(0, 1) > 0.6 && like(0, 2) < 0.2 // => true
 */
export function createHashingEmbedder(options: HashingEmbedderOptions = {}): Embedder {
  const dimensions = checkInteger('createHashingEmbedder', 'dimensions', options.dimensions ?? 512, { min: 8 });
  const modelId = `hashing-${dimensions}`;
  return {
    modelId,
    dimensions,
    fingerprint: `${modelId}-v${version}`,
    async embed(texts, embedOptions = {}): Promise<Matrix> {
      const data = new Float32Array(texts.length * dimensions);
      texts.forEach((text, i) => {
        embedOptions.signal?.throwIfAborted();
        addFeatures(text, data.subarray(i * dimensions, (i + 1) * dimensions));
      });
      return normalizeRows({ data, rows: texts.length, cols: dimensions });
    },
  };
}

function addFeatures(text: string, vector: Float32Array): void {
  const counts = new Map<number, number>();
  const words = tokenizeWords(text.normalize('NFKC'), 'und');
  const telling = words.filter((word) => !english.has(word) && !japanese.has(word));
  // A text of nothing but stop words is still a text.
  for (const word of telling.length > 0 ? telling : words) {
    count(counts, hashUnits(word, 0, word.length, 1));
    // Marks at both ends keep the beginning and end of a word apart from its middle.
    const marked = `\u0002${word}\u0003`;
    for (let at = 0; at + 3 <= marked.length; at++) count(counts, hashUnits(marked, at, at + 3, 3));
  }
  for (const [hash, times] of counts) {
    const weight = (hash & 1) === 0 ? wordWeight : gramWeight;
    const sign = (hash & 2) === 0 ? 1 : -1;
    vector[(hash >>> 2) % vector.length]! += sign * weight * (1 + Math.log(times));
  }
}

function count(counts: Map<number, number>, hash: number): void {
  counts.set(hash, (counts.get(hash) ?? 0) + 1);
}

/** FNV-1a over UTF-16 units with a final mix; the lowest bit says whether it is a word (0) or a piece (1). */
function hashUnits(text: string, start: number, end: number, kind: 1 | 3): number {
  let hash = 0x811c9dc5 ^ kind;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    hash = Math.imul(hash ^ (c & 255), 0x01000193);
    hash = Math.imul(hash ^ (c >>> 8), 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return ((hash & ~1) | (kind === 3 ? 1 : 0)) >>> 0;
}
