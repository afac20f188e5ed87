import type { CsrMatrix } from '../linalg/index.js';
import { checkOneOf } from '../options/index.js';
import { CountVectorizer, type CountVectorizerOptions } from './count-vectorizer.js';
import type { TokenizedDocuments } from './counting.js';
import { readModel, readNumbers } from './read-model.js';

/** Options of `TfidfTransformer.fit`. */
export interface TfidfOptions {
  /** Multiplies by the inverse document frequency. @default true */
  readonly useIdf?: boolean;
  /** Counts one more document that holds every term, so that no idf is 1 + ln(n / 0). @default true */
  readonly smoothIdf?: boolean;
  /** Replaces a count by 1 + ln(count). @default false */
  readonly sublinearTf?: boolean;
  /** Scales every row to this length. @default 'l2' */
  readonly norm?: 'l2' | 'l1' | 'none';
}

/** What `TfidfTransformer.toJSON` writes. */
export interface TfidfTransformerJson {
  readonly kind: 'tfidf-transformer';
  readonly version: 1;
  readonly idf: readonly number[];
  readonly useIdf: boolean;
  readonly sublinearTf: boolean;
  readonly norm: 'l2' | 'l1' | 'none';
}

const norms = ['l2', 'l1', 'none'] as const;

/**
 * Weighs counts by how rare their term is: tf · (1 + ln((1 + n) / (1 + df))), then scales the rows.
 *
 * All arithmetic is in float64; `transform` rounds once, when it stores float32. `weights` gives the unrounded numbers.
 *
 * @remarks O(non-zero counts).
 * @see Spärck Jones (1972), doi:10.1108/eb026526; the variant with 1 added is scikit-learn's.
 * @example
 * const counts = CountVectorizer.fitTransform([['a', 'b'], ['a']]).counts;
 * const tfidf = TfidfTransformer.fit(counts, { norm: 'none' });
 * [...tfidf.idf].map((value) => value.toFixed(3)) // => ['1.000', '1.405']
 */
export class TfidfTransformer {
  /** One factor a column, all 1 when `useIdf` is false. */
  readonly idf: Float64Array;
  private readonly useIdf: boolean;
  private readonly sublinearTf: boolean;
  private readonly norm: 'l2' | 'l1' | 'none';

  private constructor(idf: Float64Array, options: Required<Pick<TfidfOptions, 'useIdf' | 'sublinearTf' | 'norm'>>) {
    this.idf = idf;
    this.useIdf = options.useIdf;
    this.sublinearTf = options.sublinearTf;
    this.norm = options.norm;
  }

  /**
   * Learns the document frequencies of the columns.
   *
   * @throws RangeError if `norm` is unknown.
   * @example
   * TfidfTransformer.fit(CountVectorizer.fitTransform([['a']]).counts).idf.length // => 1
   */
  static fit(counts: CsrMatrix, options: TfidfOptions = {}): TfidfTransformer {
    const { useIdf = true, smoothIdf = true, sublinearTf = false } = options;
    const norm = checkOneOf('TfidfTransformer.fit', 'norm', options.norm ?? 'l2', norms);
    const idf = new Float64Array(counts.cols).fill(1);
    if (useIdf) {
      const df = new Float64Array(counts.cols);
      for (let k = 0; k < counts.indices.length; k++) if (counts.data[k] !== 0) df[counts.indices[k]!]!++;
      const extra = smoothIdf ? 1 : 0;
      for (let j = 0; j < df.length; j++) idf[j] = 1 + Math.log((counts.rows + extra) / (df[j]! + extra));
    }
    return new TfidfTransformer(idf, { useIdf, sublinearTf, norm });
  }

  /**
   * Reads what `toJSON` wrote.
   *
   * @throws TypeError if it is something else.
   */
  static fromJSON(json: unknown): TfidfTransformer {
    const model = readModel('TfidfTransformer', 'tfidf-transformer', json);
    const norm = norms.find((name) => name === model.norm);
    if (!norm) throw new TypeError("The norm of TfidfTransformer.fromJSON must be 'l2', 'l1' or 'none'.");
    return new TfidfTransformer(Float64Array.from(readNumbers('TfidfTransformer', model, 'idf')), {
      useIdf: model.useIdf !== false,
      sublinearTf: model.sublinearTf === true,
      norm,
    });
  }

  /**
   * The weights of the stored counts in float64, in the order of `counts.data`.
   *
   * @throws RangeError if the width differs from that of `fit`.
   */
  weights(counts: CsrMatrix): Float64Array {
    if (counts.cols !== this.idf.length) {
      throw new RangeError(`The input of TfidfTransformer must have ${this.idf.length} columns. Got ${counts.cols}.`);
    }
    const { indptr, indices, data, rows } = counts;
    const weights = new Float64Array(data.length);
    for (let i = 0; i < rows; i++) {
      let length = 0;
      for (let k = indptr[i]!; k < indptr[i + 1]!; k++) {
        const count = data[k]!;
        const tf = this.sublinearTf && count > 0 ? 1 + Math.log(count) : count;
        const weight = tf * this.idf[indices[k]!]!;
        weights[k] = weight;
        length += this.norm === 'l1' ? Math.abs(weight) : weight * weight;
      }
      if (this.norm === 'none' || length === 0) continue;
      const divisor = this.norm === 'l1' ? length : Math.sqrt(length);
      for (let k = indptr[i]!; k < indptr[i + 1]!; k++) weights[k]! /= divisor;
    }
    return weights;
  }

  /**
   * Weighs counts; the input is not modified, its index arrays are shared.
   *
   * @throws RangeError if the width differs from that of `fit`.
   */
  transform(counts: CsrMatrix): CsrMatrix {
    return { ...counts, data: Float32Array.from(this.weights(counts)) };
  }

  /** The model as plain JSON. */
  toJSON(): TfidfTransformerJson {
    const { useIdf, sublinearTf, norm } = this;
    return { kind: 'tfidf-transformer', version: 1, idf: [...this.idf], useIdf, sublinearTf, norm };
  }
}

/** Options of `TfidfVectorizer.fit`. */
export type TfidfVectorizerOptions = CountVectorizerOptions & TfidfOptions;

/**
 * Turns lists of tokens into TF-IDF rows: `CountVectorizer` and `TfidfTransformer` in one model.
 *
 * @remarks O(tokens · lengths); the counting dominates.
 * @example
 * const model = TfidfVectorizer.fit([['key', 'rate'], ['rate']]);
 * [...model.transform([['rate', 'rate']]).data] // => [1]
 */
export class TfidfVectorizer {
  readonly counts: CountVectorizer;
  readonly weighting: TfidfTransformer;

  private constructor(counts: CountVectorizer, weighting: TfidfTransformer) {
    this.counts = counts;
    this.weighting = weighting;
  }

  /** The terms in the order of their columns. */
  get terms(): readonly string[] {
    return this.counts.terms;
  }

  /**
   * Learns vocabulary and document frequencies.
   *
   * @throws RangeError if an option is out of range.
   */
  static fit(documents: TokenizedDocuments, options: TfidfVectorizerOptions = {}): TfidfVectorizer {
    return TfidfVectorizer.fitTransform(documents, options).vectorizer;
  }

  /**
   * Learns from the documents and weighs them, in one pass.
   *
   * @returns `matrix`: documents × terms.
   * @throws RangeError if an option is out of range.
   */
  static fitTransform(
    documents: TokenizedDocuments,
    options: TfidfVectorizerOptions = {},
  ): { readonly vectorizer: TfidfVectorizer; readonly matrix: CsrMatrix } {
    const { vectorizer, counts } = CountVectorizer.fitTransform(documents, options);
    const weighting = TfidfTransformer.fit(counts, options);
    return { vectorizer: new TfidfVectorizer(vectorizer, weighting), matrix: weighting.transform(counts) };
  }

  /**
   * Reads what `toJSON` wrote.
   *
   * @throws TypeError if it is something else.
   */
  static fromJSON(json: unknown): TfidfVectorizer {
    const model = readModel('TfidfVectorizer', 'tfidf-vectorizer', json);
    const counts = CountVectorizer.fromJSON(model.counts);
    const weighting = TfidfTransformer.fromJSON(model.weighting);
    if (counts.terms.length !== weighting.idf.length) {
      throw new TypeError('The parts of TfidfVectorizer.fromJSON must have one width.');
    }
    return new TfidfVectorizer(counts, weighting);
  }

  /** TF-IDF rows of documents: documents × terms. */
  transform(documents: TokenizedDocuments): CsrMatrix {
    return this.weighting.transform(this.counts.transform(documents));
  }

  /** The model as plain JSON. */
  toJSON(): {
    readonly kind: 'tfidf-vectorizer';
    readonly version: 1;
    readonly counts: ReturnType<CountVectorizer['toJSON']>;
    readonly weighting: TfidfTransformerJson;
  } {
    return { kind: 'tfidf-vectorizer', version: 1, counts: this.counts.toJSON(), weighting: this.weighting.toJSON() };
  }
}
