import { createMatrix, type Matrix, topK } from '@matome/primitives/linalg';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { applyFeedback, type CentroidTable, type FeedbackSettings, scoreRow } from './centroid-feedback.js';
import { classCentroids } from './class-centroids.js';
import { PackedArray, unpackArray } from './packed-array.js';
import { encodeLabels, type FeatureRows, toSparse, unitRows } from './sparse-rows.js';
import { softmaxRows } from './temperature.js';

/** Options of `NearestCentroid.fit`. */
export interface NearestCentroidOptions {
  /** Centroids of a class with at least `minRowsForClusters` rows. @default 3 */
  readonly centroidsPerClass?: number;
  /** @default 10 */
  readonly minRowsForClusters?: number;
  /** Share of its rows that a single centroid is made of, those nearest to all others. @default 0.8 */
  readonly keptShare?: number;
  /** Learning from wrongly labelled rows. @default no passes */
  readonly feedback?: Partial<FeedbackSettings>;
  /** What similarities are divided by before they become probabilities. @default 1 */
  readonly temperature?: number;
  /** @default a source seeded with 42 */
  readonly random?: RandomSource;
}

/**
 * Labels rows by the most similar centroid: the classifier of Rocchio with several centroids a class.
 *
 * A row without any known column gets the first class with similarity 0: check `similarities` before trusting it.
 *
 * @see Joachims (1997), A probabilistic analysis of the Rocchio algorithm with TFIDF for text categorization
 * @see Rocchio (1971), Relevance feedback in information retrieval
 * @example
 * const x = matrixFromRows([[1, 0], [0.9, 0.1], [0, 1]]);
 * const model = NearestCentroid.fit(x, ['sports', 'sports', 'politics']);
 * model.predict(matrixFromRows([[0.2, 0.8]])) // => ['politics']
 */
export class NearestCentroid<Label extends string = string> {
  /** Classes in code point order. */
  readonly classes: readonly Label[];
  /** What similarities are divided by before they become probabilities. */
  readonly temperature: number;
  readonly #table: CentroidTable;
  readonly #width: number;

  private constructor(classes: readonly Label[], table: CentroidTable, width: number, temperature: number) {
    this.classes = classes;
    this.#table = table;
    this.#width = width;
    this.temperature = temperature;
  }

  /**
   * Learns centroids.
   *
   * @param x - n × d; rows are compared by cosine, so their length does not matter.
   * @param labels - n labels; a row with several counts for each of them.
   * @throws RangeError for options out of range, no rows, or another number of labels.
   * @remarks O(nnz) for one centroid a class; k-means adds 64 · n · k, feedback nnz · centroids a pass.
   */
  static fit<L extends string>(
    x: FeatureRows,
    labels: readonly (L | readonly L[])[],
    options: NearestCentroidOptions = {},
  ): NearestCentroid<L> {
    const { centroidsPerClass = 3, minRowsForClusters = 10, keptShare = 0.8, temperature = 1, feedback = {} } = options;
    const { random = createRandom(42) } = options;
    const { passes = 0, rate = 0.02, margin = 0.05 } = feedback;
    const caller = 'NearestCentroid.fit';
    checkInteger(caller, 'centroidsPerClass', centroidsPerClass, { min: 1 });
    checkInteger(caller, 'minRowsForClusters', minRowsForClusters, { min: 1 });
    checkInteger(caller, 'feedback.passes', passes, { min: 0 });
    checkNumber(caller, 'feedback.rate', rate, { min: 0, max: 1 });
    checkNumber(caller, 'feedback.margin', margin, { min: 0, max: 2 });
    checkNumber(caller, 'keptShare', keptShare, { min: 0, max: 1, exclusiveMin: true });
    checkNumber(caller, 'temperature', temperature, { min: 0, exclusiveMin: true });
    if (x.rows === 0 || x.rows !== labels.length) {
      throw new RangeError(`NearestCentroid.fit needs rows and as many labels. Got ${x.rows} and ${labels.length}.`);
    }
    const rows = unitRows(toSparse(x));
    const { classes, members } = encodeLabels(labels);
    const settings = { centroidsPerClass, minRowsForClusters, keptShare };
    const rowsOf = classes.map((_, c) => rowsWith(members, classes.length, c));
    const table = toTable(
      rowsOf.map((group) => classCentroids(rows, group, settings, random)),
      x.cols,
    );
    if (passes > 0) applyFeedback(rows, members, table, { passes, rate, margin }, random);
    return new NearestCentroid(classes, table, x.cols, temperature);
  }

  /**
   * Restores a model from what `toJSON` gave.
   *
   * @throws RangeError if the value is no such model.
   */
  static fromJSON(json: unknown): NearestCentroid {
    const value = json as ReturnType<NearestCentroid['toJSON']>;
    if (value?.kind !== 'nearest-centroid' || value.version !== 1) {
      throw new RangeError(
        'NearestCentroid.fromJSON needs the value that toJSON gave, kind "nearest-centroid", version 1.',
      );
    }
    const values = unpackArray(value.centroids, 'f32', 'centroids');
    if (values.length !== value.width * value.classOf.length) {
      throw new RangeError(
        `The centroids of NearestCentroid.fromJSON must hold ${value.width} × ${value.classOf.length} numbers. Got ${values.length}.`,
      );
    }
    const table = { values, count: value.classOf.length, classOf: Int32Array.from(value.classOf) };
    return new NearestCentroid(value.classes, table, value.width, value.temperature);
  }

  /** The same model with another temperature. */
  withTemperature(temperature: number): NearestCentroid<Label> {
    checkNumber('NearestCentroid.withTemperature', 'temperature', temperature, { min: 0, exclusiveMin: true });
    return new NearestCentroid(this.classes, this.#table, this.#width, temperature);
  }

  /** Centroids of length 1: one row each. */
  get centroids(): Matrix {
    const { values, count } = this.#table;
    const matrix = createMatrix(count, this.#width);
    for (let at = 0; at < values.length; at++)
      matrix.data[(at % count) * this.#width + Math.floor(at / count)] = values[at]!;
    return matrix;
  }

  /** Class of every centroid, as an index into `classes`. */
  get centroidClasses(): Int32Array {
    return this.#table.classOf.slice();
  }

  /**
   * Cosine of every row with its nearest centroid of every class.
   *
   * @param x - n × d.
   * @returns n × classes, in [-1, 1].
   * @throws RangeError if `x` has another width than the model.
   * @remarks O(nnz · centroids).
   */
  similarities(x: FeatureRows): Matrix {
    if (x.cols !== this.#width) {
      throw new RangeError(`The rows of NearestCentroid must have ${this.#width} columns. Got ${x.cols}.`);
    }
    const rows = toSparse(x);
    const { values, count, classOf } = this.#table;
    const result = createMatrix(x.rows, this.classes.length);
    const scores = new Float64Array(count);
    const best = new Float64Array(this.classes.length);
    for (let i = 0; i < x.rows; i++) {
      let squares = 0;
      for (let at = rows.indptr[i]!; at < rows.indptr[i + 1]!; at++) squares += rows.data[at]! * rows.data[at]!;
      if (squares === 0) continue;
      scoreRow(rows, i, values, count, scores);
      best.fill(-1);
      const scale = 1 / Math.sqrt(squares);
      for (let c = 0; c < count; c++)
        if (scores[c]! * scale > best[classOf[c]!]!) best[classOf[c]!] = scores[c]! * scale;
      result.data.set(best, i * best.length);
    }
    return result;
  }

  /** The most similar class of every row; equal similarities by class order. */
  predict(x: FeatureRows): Label[] {
    const similarities = this.similarities(x);
    const { cols, data } = similarities;
    return Array.from(
      { length: x.rows },
      (_, i) => this.classes[topK(data.subarray(i * cols, (i + 1) * cols), 1)[0]!]!,
    );
  }

  /**
   * Probability of every class: the softmax of similarity / temperature.
   *
   * @returns n × classes; every row sums to 1.
   */
  predictProba(x: FeatureRows): Matrix {
    return softmaxRows(this.similarities(x), this.temperature);
  }

  /** The model for JSON, its numbers packed. */
  toJSON() {
    return {
      kind: 'nearest-centroid' as const,
      version: 1 as const,
      classes: this.classes,
      width: this.#width,
      temperature: this.temperature,
      classOf: [...this.#table.classOf],
      centroids: new PackedArray(this.#table.values),
    };
  }
}

function rowsWith(members: Uint8Array, classes: number, code: number): number[] {
  const rows: number[] = [];
  for (let i = 0; i * classes < members.length; i++) if (members[i * classes + code] === 1) rows.push(i);
  return rows;
}

function toTable(centroids: readonly (readonly Float32Array[])[], width: number): CentroidTable {
  const classOf = Int32Array.from(centroids.flatMap((group, code) => group.map(() => code)));
  const count = classOf.length;
  const values = new Float32Array(width * count);
  centroids.flat().forEach((centroid, c) => {
    for (let j = 0; j < width; j++) values[j * count + c] = centroid[j]!;
  });
  return { values, count, classOf };
}
