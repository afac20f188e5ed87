import { type Matrix, normalizeInPlace } from '../linalg/index.js';
import { type JapaneseAnalyzer, loadJapaneseAnalyzer } from '../text/index.js';
import type { Embedder } from './embedder.js';
import type { StaticModel, StaticTable } from './static-model.js';
import { englishWords, isJapanese, japaneseWords } from './static-terms.js';
import { TermSums } from './term-sums.js';

/** Options of `createStaticEmbedder`. */
export interface StaticEmbedderOptions {
  /** Cuts Japanese texts; loaded on the first one when absent. */
  readonly japanese?: JapaneseAnalyzer;
  /** Characters of a text that are looked at. @default 20_000 */
  readonly maxLength?: number;
}

interface Japanese {
  readonly analyzer: JapaneseAnalyzer;
  readonly sums: TermSums;
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
  const englishSums = sumsOf(english, dimensions, '##');
  let loading: Promise<Japanese> | undefined;
  const loadJapanese = async (): Promise<Japanese> => {
    const [analyzer, table] = await Promise.all([options.japanese ?? loadJapaneseAnalyzer(), model.japanese()]);
    return { analyzer, sums: sumsOf(table, dimensions, '') };
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
          japanese.sums.add(sum, lemmas);
          words = latin;
        } else {
          words = englishWords(text);
        }
        englishSums.add(sum, words);
      }
      normalizeInPlace(data, dimensions);
      return { data, rows: texts.length, cols: dimensions };
    },
  };
}

/** Embedders of one table sum up its rows, and cut words, together. */
const sumsOfTables = new WeakMap<StaticTable, TermSums>();

function sumsOf(table: StaticTable, dimensions: number, continued: string): TermSums {
  const known = sumsOfTables.get(table);
  if (known !== undefined) return known;
  const sums = new TermSums(table, dimensions, continued);
  sumsOfTables.set(table, sums);
  return sums;
}
