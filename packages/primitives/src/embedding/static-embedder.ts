import type { Matrix } from '../linalg/index.js';
import { type JapaneseAnalyzer, loadJapaneseAnalyzer } from '../text/index.js';
import type { Embedder } from './embedder.js';
import type { StaticModel, StaticTable } from './static-model.js';
import { englishWords, isJapanese, japaneseWords } from './static-terms.js';
import { TermMatcher } from './term-matcher.js';
import { writeNormalized } from './write-normalized.js';

/** Options of `createStaticEmbedder`. */
export interface StaticEmbedderOptions {
  /** Cuts Japanese texts; loaded on the first one when absent. */
  readonly japanese?: JapaneseAnalyzer;
  /** Characters of a text that are looked at. @default 20_000 */
  readonly maxLength?: number;
}

interface Japanese {
  readonly analyzer: JapaneseAnalyzer;
  readonly table: StaticTable;
  readonly matcher: TermMatcher;
}

/**
 * An embedder that looks vectors up: a text is the sum of the vectors of its words, each
 * times the root of how often it stands there, scaled to length 1.
 *
 * Word order does not count. A text without any known word gives a row of zeros.
 *
 * @remarks Tens of thousands of short English texts a second on one thread; Japanese at the pace of the analyser, which
 * is loaded only when the first text with kana or kanji comes.
 * @see Tulkens, van Dongen (2024), Model2Vec, for static embeddings distilled from a transformer
 * @example
 * const { modelPath } = await import('@matome/model-en-ja');
 * const embedder = createStaticEmbedder(await loadStaticModel(modelPath));
 * const vectors = await embedder.embed(['The cat sleeps.', 'A kitten is sleeping.', 'Shares fell.']);
 * dot(row(vectors, 0), row(vectors, 1)) > dot(row(vectors, 0), row(vectors, 2)) // => true
 */
export function createStaticEmbedder(model: StaticModel, options: StaticEmbedderOptions = {}): Embedder {
  const { dimensions, english } = model;
  const { maxLength = 20_000 } = options;
  const matcher = matcherOf(english, '##');
  let loading: Promise<Japanese> | undefined;
  const loadJapanese = async (): Promise<Japanese> => {
    const [analyzer, table] = await Promise.all([options.japanese ?? loadJapaneseAnalyzer(), model.japanese()]);
    return { analyzer, table, matcher: matcherOf(table, '') };
  };
  return {
    modelId: model.modelId,
    dimensions,
    fingerprint: model.fingerprint,
    async embed(texts, embedOptions = {}): Promise<Matrix> {
      const data = new Float32Array(texts.length * dimensions);
      for (let i = 0; i < texts.length; i++) {
        if (i % 256 === 0) embedOptions.signal?.throwIfAborted();
        const text = texts[i]!.length > maxLength ? texts[i]!.slice(0, maxLength) : texts[i]!;
        const at = i * dimensions;
        const sum = data.subarray(at, at + dimensions);
        let words: readonly string[];
        if (isJapanese(text)) {
          loading ??= loadJapanese().catch((error) => {
            // A failed read may be temporary: the next call tries again.
            loading = undefined;
            throw error;
          });
          const japanese = await loading;
          const { lemmas, latin } = japaneseWords(japanese.analyzer, text);
          addTerms(sum, lemmas, japanese.table, japanese.matcher);
          words = latin;
        } else {
          words = englishWords(text);
        }
        addTerms(sum, words, english, matcher);
        writeNormalized(data, at, data, at, dimensions);
      }
      return { data, rows: texts.length, cols: dimensions };
    },
  };
}

/** Embedders of one table cut words with one matcher. */
const matchers = new WeakMap<StaticTable, TermMatcher>();

function matcherOf(table: StaticTable, continued: string): TermMatcher {
  const known = matchers.get(table);
  if (known !== undefined) return known;
  const matcher = new TermMatcher(table.terms, continued);
  matchers.set(table, matcher);
  return matcher;
}

/** Adds the rows of the terms, each times the root of its count: what is said three times is not meant three times. */
function addTerms(
  sum: Float32Array,
  words: readonly string[],
  { values, scales }: StaticTable,
  matcher: TermMatcher,
): void {
  const counts = new Map<number, number>();
  for (const word of words) for (const term of matcher.match(word)) counts.set(term, (counts.get(term) ?? 0) + 1);
  for (const [term, count] of counts) addScaled(sum, scales[term]! * Math.sqrt(count), values, term * sum.length);
}

/** Adds `scale` times the values from `start` on; four a round, which takes two thirds of the time. */
function addScaled(sum: Float32Array, scale: number, values: Int8Array, start: number): void {
  const whole = sum.length - (sum.length % 4);
  let j = 0;
  for (let at = start; j < whole; j += 4, at += 4) {
    sum[j] = sum[j]! + scale * values[at]!;
    sum[j + 1] = sum[j + 1]! + scale * values[at + 1]!;
    sum[j + 2] = sum[j + 2]! + scale * values[at + 2]!;
    sum[j + 3] = sum[j + 3]! + scale * values[at + 3]!;
  }
  for (; j < sum.length; j++) sum[j] = sum[j]! + scale * values[start + j]!;
}
