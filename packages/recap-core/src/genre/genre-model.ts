import { createMatrix, type Matrix } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import type { LanguageCode } from '@matome/primitives/text';
import { NearestCentroid, type NearestCentroidOptions } from '../classification/nearest-centroid.js';
import { takeSparseRows } from '../classification/sparse-rows.js';
import { fitTemperature, softmaxRows } from '../classification/temperature.js';
import { stratifiedFolds } from '../evaluation/cross-validation.js';
import type { GenreDocument } from './genre-document.js';
import { type GenreFeatureOptions, GenreFeatures } from './genre-features.js';

/** Options of `GenreModel.fit`. */
export interface GenreModelOptions {
  readonly features?: GenreFeatureOptions;
  readonly centroid?: NearestCentroidOptions;
  /** Rounds of the inner split that finds temperature and thresholds. @default 3 */
  readonly folds?: number;
  /** Bounds of the similarity a genre asks for. @default [0.05, 0.95] */
  readonly thresholdRange?: readonly [number, number];
  readonly seed?: number;
}

/** What a model says about documents. */
export interface GenreScores {
  /** n × genres: cosine with the nearest centroid. */
  readonly similarities: Matrix;
  /** n × genres; every row sums to 1. */
  readonly probabilities: Matrix;
}

/** Below this number of words in all examples every term counts, and parts of words help where whole words are rare. */
const fewWords = 100_000;

/** Features that suit a language and the amount of text to learn from. */
export function defaultFeatures(language: LanguageCode, documents: readonly GenreDocument[]): GenreFeatureOptions {
  const few = documents.reduce((sum, document) => sum + document.tokens.length, 0) < fewWords;
  const minDocuments = few ? 1 : 2;
  if (language === 'ja') return { families: { words: true, characters: [1, 3] }, minDocuments };
  return { families: few ? { words: true, wordCharacters: [3, 5] } : { words: true }, minDocuments };
}

/** Genres of the documents of one language: features, centroids, temperature, and a similarity that each genre asks for. */
export class GenreModel {
  readonly genres: readonly string[];
  /** Least similarity of every genre, in order of `genres`. */
  readonly thresholds: Float32Array;
  readonly #features: GenreFeatures;
  readonly #centroids: NearestCentroid;

  private constructor(features: GenreFeatures, centroids: NearestCentroid, thresholds: Float32Array) {
    this.genres = centroids.classes;
    this.thresholds = thresholds;
    this.#features = features;
    this.#centroids = centroids;
  }

  /** Learns from documents and their genres, the main one first. */
  static fit(
    documents: readonly GenreDocument[],
    genres: readonly (readonly string[])[],
    options: GenreModelOptions = {},
  ): GenreModel {
    const { seed = 42, thresholdRange = [0.05, 0.95] } = options;
    const features = GenreFeatures.fit(documents, options.features);
    const x = features.transform(documents);
    const settings: NearestCentroidOptions = { ...options.centroid, random: createRandom(seed) };
    const centroids = NearestCentroid.fit(x, genres, settings);
    const unseen = unseenSimilarities(x, genres, centroids.classes, options);
    const codes = genres.map((set) => centroids.classes.indexOf(set[0]!));
    const temperature = fitTemperature(unseen, codes);
    return new GenreModel(
      features,
      centroids.withTemperature(temperature),
      adaptiveThresholds(unseen, genres, centroids.classes, thresholdRange),
    );
  }

  /** Similarity and probability of every genre. */
  score(documents: readonly GenreDocument[]): GenreScores {
    const similarities = this.#centroids.similarities(this.#features.transform(documents));
    return { similarities, probabilities: softmaxRows(similarities, this.#centroids.temperature) };
  }
}

/** Similarities of every row to centroids that were learnt without it. */
function unseenSimilarities(
  x: ReturnType<GenreFeatures['transform']>,
  genres: readonly (readonly string[])[],
  classes: readonly string[],
  options: GenreModelOptions,
): Matrix {
  const { seed = 42, folds = 3 } = options;
  const result = createMatrix(x.rows, classes.length);
  const rounds = stratifiedFolds(
    genres.map((set) => set[0]!),
    { folds: Math.min(folds, x.rows), random: createRandom(seed + 1) },
  );
  for (const { train, test } of rounds) {
    const model = NearestCentroid.fit(
      takeSparseRows(x, train),
      Array.from(train, (i) => genres[i]!),
      { ...options.centroid, random: createRandom(seed) },
    );
    const similarities = model.similarities(takeSparseRows(x, test));
    const columns = model.classes.map((label) => classes.indexOf(label));
    test.forEach((row, i) => {
      columns.forEach((column, j) => {
        result.data[row * classes.length + column] = similarities.data[i * columns.length + j]!;
      });
    });
  }
  return result;
}

/** Per genre mean − 1.5 standard deviations (at least 0.05 each) of the similarity of its own unseen rows. */
function adaptiveThresholds(
  similarities: Matrix,
  genres: readonly (readonly string[])[],
  classes: readonly string[],
  [lowest, highest]: readonly [number, number],
): Float32Array {
  return Float32Array.from(classes, (label, c) => {
    const own: number[] = [];
    genres.forEach((set, i) => {
      if (set.includes(label)) own.push(similarities.data[i * classes.length + c]!);
    });
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length);
    return Math.min(highest, Math.max(lowest, mean - 1.5 * Math.max(deviation, 0.05)));
  });
}
