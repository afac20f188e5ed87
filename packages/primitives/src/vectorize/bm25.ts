import type { CsrMatrix } from '../linalg/index.js';
import { checkNumber } from '../options/index.js';
import { readModel, readNumbers } from './read-model.js';

/** Options of `Bm25.fit`. */
export interface Bm25Options {
  /** How soon repeating a term stops to count. @default 1.2 */
  readonly k1?: number;
  /** How much a long document is held back: 0 not at all, 1 in full. @default 0.75 */
  readonly b?: number;
}

/** What `Bm25.toJSON` writes. */
export interface Bm25Json {
  readonly kind: 'bm25';
  readonly version: 1;
  readonly idf: readonly number[];
  readonly averageLength: number;
  readonly k1: number;
  readonly b: number;
}

/**
 * Okapi BM25 weights learnt from a corpus of counts.
 *
 * idf is ln(1 + (n − df + 0.5) / (df + 0.5)), which is never negative.
 *
 * @see Robertson, Zaragoza (2009), doi:10.1561/1500000019
 * @example
 * const { counts } = CountVectorizer.fitTransform([['a', 'b'], ['a'], ['b', 'b', 'c']]);
 * const bm25 = Bm25.fit(counts);
 * [...bm25.scores([2], counts)].map((score) => score > 0) // => [false, false, true]
 */
export class Bm25 {
  /** One factor a column. */
  readonly idf: Float64Array;
  /** Mean number of counted terms in a document. */
  readonly averageLength: number;
  readonly k1: number;
  readonly b: number;

  private constructor(idf: Float64Array, averageLength: number, k1: number, b: number) {
    this.idf = idf;
    this.averageLength = averageLength;
    this.k1 = k1;
    this.b = b;
  }

  /**
   * Learns document frequencies and the mean length.
   *
   * @throws RangeError if `k1` is negative or `b` outside [0, 1].
   */
  static fit(counts: CsrMatrix, options: Bm25Options = {}): Bm25 {
    const k1 = checkNumber('Bm25.fit', 'k1', options.k1 ?? 1.2, { min: 0 });
    const b = checkNumber('Bm25.fit', 'b', options.b ?? 0.75, { min: 0, max: 1 });
    const idf = new Float64Array(counts.cols);
    let total = 0;
    for (let k = 0; k < counts.indices.length; k++) {
      if (counts.data[k]! > 0) idf[counts.indices[k]!]!++;
      total += counts.data[k]!;
    }
    for (let j = 0; j < idf.length; j++) idf[j] = Math.log(1 + (counts.rows - idf[j]! + 0.5) / (idf[j]! + 0.5));
    return new Bm25(idf, counts.rows === 0 ? 0 : total / counts.rows, k1, b);
  }

  /**
   * Reads what `toJSON` wrote.
   *
   * @throws TypeError if it is something else.
   */
  static fromJSON(json: unknown): Bm25 {
    const model = readModel('Bm25', 'bm25', json);
    const [averageLength, k1, b] = readNumbers(
      'Bm25',
      { numbers: [model.averageLength, model.k1, model.b] },
      'numbers',
    );
    return new Bm25(Float64Array.from(readNumbers('Bm25', model, 'idf')), averageLength!, k1!, b!);
  }

  /**
   * BM25 weight of every stored count, so that a document's score for a query is the sum over the query's columns.
   *
   * @throws RangeError if the width differs from that of `fit`.
   * @remarks O(non-zero counts).
   */
  transform(counts: CsrMatrix): CsrMatrix {
    if (counts.cols !== this.idf.length) {
      throw new RangeError(`The input of Bm25 must have ${this.idf.length} columns. Got ${counts.cols}.`);
    }
    const { indptr, indices, rows } = counts;
    const data = new Float32Array(indices.length);
    for (let i = 0; i < rows; i++) {
      let length = 0;
      for (let k = indptr[i]!; k < indptr[i + 1]!; k++) length += counts.data[k]!;
      const relative = this.averageLength === 0 ? 1 : length / this.averageLength;
      const held = this.k1 * (1 - this.b + this.b * relative);
      for (let k = indptr[i]!; k < indptr[i + 1]!; k++) {
        const tf = counts.data[k]!;
        data[k] = tf === 0 ? 0 : (this.idf[indices[k]!]! * tf * (this.k1 + 1)) / (tf + held);
      }
    }
    return { ...counts, data };
  }

  /**
   * The score of every document for a query.
   *
   * @param query - columns of the query's terms; a column that stands twice counts twice.
   * @returns one score a row of `counts`.
   * @throws RangeError if the width differs from that of `fit`.
   * @remarks O(non-zero counts).
   */
  scores(query: ArrayLike<number>, counts: CsrMatrix): Float64Array {
    const times = new Float64Array(this.idf.length);
    for (let q = 0; q < query.length; q++) times[query[q]!]!++;
    const weighted = this.transform(counts);
    const scores = new Float64Array(counts.rows);
    for (let i = 0; i < counts.rows; i++) {
      let sum = 0;
      for (let k = counts.indptr[i]!; k < counts.indptr[i + 1]!; k++) {
        sum += times[counts.indices[k]!]! * weighted.data[k]!;
      }
      scores[i] = sum;
    }
    return scores;
  }

  /** The model as plain JSON. */
  toJSON(): Bm25Json {
    const { averageLength, k1, b } = this;
    return { kind: 'bm25', version: 1, idf: [...this.idf], averageLength, k1, b };
  }
}
