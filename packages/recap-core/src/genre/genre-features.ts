import type { CsrMatrix, Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import { PackedArray, unpackArray } from '../classification/packed-array.js';
import type { GenreDocument } from './genre-document.js';
import { type TermFamilies, TermScanner, type WordHashes } from './term-scanner.js';
import { TermTable } from './term-table.js';

/** Which numbers stand for a term: TF-IDF, BM25, or both in two blocks of columns. */
export type TermWeighting = 'tfidf' | 'bm25' | 'tfidf+bm25';

/** Options of `GenreFeatures.fit`. */
export interface GenreFeatureOptions {
  readonly families?: TermFamilies;
  /** @default 'tfidf' */
  readonly weighting?: TermWeighting;
  /** Documents a term must occur in. @default 2 */
  readonly minDocuments?: number;
  /** Largest share of the documents a term may occur in. @default 0.5 */
  readonly maxDocumentShare?: number;
  /** Terms kept, those of most documents first. @default 200000 */
  readonly maxFeatures?: number;
  /** Length of the vector part beside the term part, whose length is 1. @default 1 */
  readonly embeddingWeight?: number;
}

/** The settings of fitted features, every one of them given. */
export interface GenreFeatureSettings {
  readonly families: TermFamilies;
  readonly weighting: TermWeighting;
  readonly embeddingWeight: number;
  readonly embeddingWidth: number;
  /** Mean number of known terms in a document, the `avgdl` of BM25. */
  readonly meanLength: number;
}

/** Saturation and length correction of BM25. */
const k1 = 1.6;
const b = 0.75;

/**
 * Turns documents into sparse rows of length 1: TF-IDF or BM25 of hashed terms, and beside them sentence vectors.
 *
 * @see Robertson, Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond, doi:10.1561/1500000019
 * @example
 * const documents = [['solar', 'panel'], ['solar', 'wind']].map((tokens) => ({ text: '', tokens, language: 'en' as const }));
 * const features = GenreFeatures.fit(documents, { minDocuments: 1, maxDocumentShare: 1 });
 * features.transform(documents).cols // => 3
 */
export class GenreFeatures {
  readonly settings: GenreFeatureSettings;
  /** Inverse document frequency of every term: ln((1 + n) / (1 + df)) + 1. */
  readonly idf: Float32Array;
  readonly #table: TermTable;
  readonly #counts: Int32Array;
  #touched = new Uint32Array(4096);

  private constructor(settings: GenreFeatureSettings, table: TermTable, idf: Float32Array) {
    this.settings = settings;
    this.idf = idf;
    this.#table = table;
    this.#counts = new Int32Array(table.size);
  }

  /**
   * Learns vocabulary and document frequencies.
   *
   * @param embeddings - one row per document, when the rows shall hold vectors beside terms.
   * @throws RangeError for options out of range, no documents, or a matrix of another number of rows.
   * @remarks O(characters); 2,000 news articles take about 0.1 s.
   */
  static fit(
    documents: readonly GenreDocument[],
    options: GenreFeatureOptions = {},
    embeddings?: Matrix,
  ): GenreFeatures {
    const { families = {}, weighting = 'tfidf', minDocuments = 2, maxDocumentShare = 0.5 } = options;
    const { maxFeatures = 200_000, embeddingWeight = 1 } = options;
    const caller = 'GenreFeatures.fit';
    checkOneOf(caller, 'weighting', weighting, ['tfidf', 'bm25', 'tfidf+bm25']);
    checkInteger(caller, 'minDocuments', minDocuments, { min: 1 });
    checkInteger(caller, 'maxFeatures', maxFeatures, { min: 1 });
    checkNumber(caller, 'maxDocumentShare', maxDocumentShare, { min: 0, max: 1, exclusiveMin: true });
    checkNumber(caller, 'embeddingWeight', embeddingWeight, { min: 0 });
    checkEmbeddings(caller, documents, embeddings?.cols ?? 0, embeddings);
    if (documents.length === 0) throw new RangeError('GenreFeatures.fit needs at least one document.');
    const { table, frequency, occurrences } = countTerms(documents, new TermScanner(families));
    const limit = maxDocumentShare * documents.length;
    const kept: number[] = [];
    for (let i = 0; i < table.size; i++) if (frequency[i]! >= minDocuments && frequency[i]! <= limit) kept.push(i);
    // First sight breaks ties, so the same documents in the same order give the same columns.
    if (kept.length > maxFeatures) kept.sort((p, q) => frequency[q]! - frequency[p]! || p - q).length = maxFeatures;
    const { low, high } = table.keys;
    const vocabulary = new TermTable(kept.length);
    let length = 0;
    const idf = Float32Array.from(kept, (i) => {
      vocabulary.add(low[i]!, high[i]!);
      length += occurrences[i]!;
      return Math.log((1 + documents.length) / (1 + frequency[i]!)) + 1;
    });
    const settings = {
      families,
      weighting,
      embeddingWeight,
      embeddingWidth: embeddings?.cols ?? 0,
      meanLength: length / documents.length || 1,
    };
    return new GenreFeatures(settings, vocabulary, idf);
  }

  /** Number of columns: terms, once or twice, and the width of the vectors. */
  get width(): number {
    return this.idf.length * this.#blocks + this.settings.embeddingWidth;
  }

  get #blocks(): number {
    return this.settings.weighting === 'tfidf+bm25' ? 2 : 1;
  }

  /**
   * The rows of the documents: n × `width`; a document without known terms has an empty term part.
   *
   * @throws RangeError if the vectors have another width than those of `fit`.
   * @remarks O(characters); about 20,000 tokenised news articles a second with words alone.
   */
  transform(documents: readonly GenreDocument[], embeddings?: Matrix): CsrMatrix {
    const { embeddingWidth, embeddingWeight } = this.settings;
    checkEmbeddings('GenreFeatures.transform', documents, embeddingWidth, embeddings);
    const scanner = new TermScanner(this.settings.families);
    const indptr = new Uint32Array(documents.length + 1);
    let indices = new Uint32Array(documents.length * (256 + embeddingWidth) + 1024);
    let data = new Float32Array(indices.length);
    let at = 0;
    documents.forEach((document, i) => {
      const found = this.#count(document, scanner, true);
      const needed = at + found.terms * this.#blocks + embeddingWidth;
      if (needed > indices.length) {
        indices = enlarge(Uint32Array, indices, needed);
        data = enlarge(Float32Array, data, needed);
      }
      at = this.#writeTerms(found, indices, data, at);
      for (let j = 0; j < embeddingWidth; j++) {
        indices[at] = this.width - embeddingWidth + j;
        data[at++] = embeddings!.data[i * embeddingWidth + j]! * embeddingWeight;
      }
      indptr[i + 1] = at;
    });
    return { indptr, indices: indices.slice(0, at), data: data.slice(0, at), rows: documents.length, cols: this.width };
  }

  /**
   * A reader of single documents for products alone: columns do not ascend, and a row is a view that the next call
   * overwrites. Readers that share `words` hash the words of a document once.
   */
  rowReader(words: WordHashes): (document: GenreDocument) => CsrMatrix {
    const scanner = new TermScanner(this.settings.families, words);
    const indptr = new Uint32Array(2);
    let indices = new Uint32Array(2048);
    let data = new Float32Array(2048);
    return (document) => {
      const found = this.#count(document, scanner, false);
      const needed = found.terms * this.#blocks;
      if (needed > indices.length) {
        indices = new Uint32Array(2 * needed);
        data = new Float32Array(2 * needed);
      }
      indptr[1] = this.#writeTerms(found, indices, data, 0);
      return { indptr, indices, data, rows: 1, cols: this.width };
    };
  }

  /** The features for JSON, their numbers packed. */
  toJSON() {
    const { low, high } = this.#table.keys;
    return {
      kind: 'genre-features' as const,
      version: 1 as const,
      settings: this.settings,
      low: new PackedArray(low),
      high: new PackedArray(high),
      idf: new PackedArray(this.idf),
    };
  }

  /**
   * Restores features from what `toJSON` gave.
   *
   * @throws RangeError if the value is no such record.
   */
  static fromJSON(json: unknown): GenreFeatures {
    const value = json as ReturnType<GenreFeatures['toJSON']>;
    if (value?.kind !== 'genre-features' || value.version !== 1) {
      throw new RangeError(
        'GenreFeatures.fromJSON needs the value that toJSON gave, kind "genre-features", version 1.',
      );
    }
    const low = unpackArray(value.low, 'u32', 'low');
    const high = unpackArray(value.high, 'u32', 'high');
    const idf = unpackArray(value.idf, 'f32', 'idf');
    const table = new TermTable(idf.length);
    for (let i = 0; i < idf.length; i++) table.add(low[i]!, high[i]!);
    if (table.size !== idf.length || low.length !== idf.length || high.length !== idf.length) {
      throw new RangeError(
        `The terms of GenreFeatures.fromJSON must be ${idf.length} different ones. Got ${table.size}.`,
      );
    }
    return new GenreFeatures(value.settings, table, idf);
  }

  /** Counts the known terms of a document: their columns stand in `#touched`, their counts in `#counts`. */
  #count(document: GenreDocument, scanner: TermScanner, ordered: boolean): { terms: number; length: number } {
    const { low, high, count } = scanner.scan(document);
    if (this.#touched.length < count) this.#touched = new Uint32Array(count * 2);
    const found = this.#table.tally(low, high, count, this.#counts, this.#touched);
    if (ordered) this.#touched.subarray(0, found.terms).sort();
    return found;
  }

  #writeTerms(
    found: { terms: number; length: number },
    indices: Uint32Array,
    data: Float32Array,
    start: number,
  ): number {
    const { weighting, meanLength } = this.settings;
    const columns = this.#touched;
    const saturation = k1 * (1 - b + (b * found.length) / meanLength);
    let at = start;
    for (let block = 0; block < this.#blocks; block++) {
      const bm25 = weighting === 'bm25' || block === 1;
      const offset = block * this.idf.length;
      const from = at;
      let squares = 0;
      for (let i = 0; i < found.terms; i++) {
        const column = columns[i]!;
        const count = this.#counts[column]!;
        const frequency = bm25 ? (count * (k1 + 1)) / (count + saturation) : 1 + Math.log(count);
        const value = frequency * this.idf[column]!;
        squares += value * value;
        indices[at] = offset + column;
        data[at++] = value;
      }
      // Blocks of equal length: the cosine of two rows is the mean of the cosines of their blocks.
      const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares * this.#blocks);
      for (let i = from; i < at; i++) data[i]! *= scale;
    }
    for (let i = 0; i < found.terms; i++) this.#counts[columns[i]!] = 0;
    return at;
  }
}

interface TermCounts {
  readonly table: TermTable;
  /** Documents that hold the term. */
  readonly frequency: Int32Array;
  /** Occurrences over all documents. */
  readonly occurrences: Float64Array;
}

function countTerms(documents: readonly GenreDocument[], scanner: TermScanner): TermCounts {
  const table = new TermTable(65_536);
  let frequency = new Int32Array(65_536);
  let lastSeen = new Int32Array(65_536).fill(-1);
  let occurrences = new Float64Array(65_536);
  documents.forEach((document, i) => {
    const { low, high, count } = scanner.scan(document);
    if (table.size + count > frequency.length) {
      const size = 2 * (table.size + count);
      frequency = enlarge(Int32Array, frequency, size);
      occurrences = enlarge(Float64Array, occurrences, size);
      const seen = new Int32Array(size).fill(-1);
      seen.set(lastSeen);
      lastSeen = seen;
    }
    for (let k = 0; k < count; k++) {
      const term = table.add(low[k]!, high[k]!);
      occurrences[term]!++;
      if (lastSeen[term] === i) continue;
      lastSeen[term] = i;
      frequency[term]!++;
    }
  });
  return { table, frequency, occurrences };
}

function enlarge<T extends Uint32Array | Int32Array | Float32Array | Float64Array>(
  type: new (length: number) => T,
  values: T,
  size: number,
): T {
  const larger = new type(Math.max(size, values.length * 2));
  larger.set(values);
  return larger;
}

function checkEmbeddings(
  caller: string,
  documents: readonly GenreDocument[],
  width: number,
  embeddings: Matrix | undefined,
): void {
  if (width === 0 && embeddings === undefined) return;
  if (embeddings === undefined)
    throw new RangeError(`${caller} needs the vectors of the documents: the features were learnt with vectors.`);
  if (embeddings.rows !== documents.length || embeddings.cols !== width) {
    throw new RangeError(
      `The vectors of ${caller} must be ${documents.length} × ${width}. Got ${embeddings.rows} × ${embeddings.cols}.`,
    );
  }
}
