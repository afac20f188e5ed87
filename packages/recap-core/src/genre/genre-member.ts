import type { CsrMatrix, Matrix } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { LinearSvm } from '../classification/linear-svm.js';
import { LogisticRegression } from '../classification/logistic-regression.js';
import { NearestCentroid } from '../classification/nearest-centroid.js';
import { type FeatureRows, takeSparseRows } from '../classification/sparse-rows.js';
import type { GenreDocument } from './genre-document.js';
import { GenreFeatures } from './genre-features.js';
import type { MemberPlan } from './member-plans.js';
import type { WordHashes } from './term-scanner.js';

type Scorer = NearestCentroid | LinearSvm | LogisticRegression;

/** Rows to learn from: documents turned into the features of one plan. */
export interface MemberData {
  readonly features: GenreFeatures | undefined;
  readonly x: FeatureRows;
}

/** One trained model of a `GenreModel`: it gives every document a score per genre. */
export class GenreMember {
  readonly #features: GenreFeatures | undefined;
  readonly #scorer: Scorer;

  constructor(features: GenreFeatures | undefined, scorer: Scorer) {
    this.#features = features;
    this.#scorer = scorer;
  }

  /** Genres in the order of the columns of scores. */
  get genres(): readonly string[] {
    return this.#scorer.classes;
  }

  /**
   * A function that gives the scores of one document: cosines of a centroid model, distances of a linear one.
   *
   * @param words - hashes of words, shared by members that are asked about the same documents in turn.
   * @param vectors - one row per document, for a model that was learnt with vectors.
   */
  reader(words: WordHashes, vectors: Matrix | undefined): (document: GenreDocument, row: number) => Float32Array {
    if (this.#features) {
      const read = this.#features.rowReader(words);
      return (document) => scoreRows(this.#scorer, read(document)).data;
    }
    if (vectors === undefined)
      throw new RangeError('The genre model needs the vectors of the documents: it was learnt with vectors.');
    const { data, cols } = scoreRows(this.#scorer, vectors);
    return (_, row) => data.subarray(row * cols, (row + 1) * cols);
  }

  /** The model for JSON, its numbers packed. */
  toJSON() {
    return { features: this.#features?.toJSON() ?? null, scorer: this.#scorer.toJSON() };
  }

  /** Restores a member from what `toJSON` gave. */
  static fromJSON(json: unknown): GenreMember {
    const { features, scorer } = json as { features: unknown; scorer: { kind?: string } };
    const restored = features === null ? undefined : GenreFeatures.fromJSON(features);
    if (scorer?.kind === 'nearest-centroid') return new GenreMember(restored, NearestCentroid.fromJSON(scorer));
    if (scorer?.kind === 'linear-svm') return new GenreMember(restored, LinearSvm.fromJSON(scorer));
    return new GenreMember(restored, LogisticRegression.fromJSON(scorer));
  }
}

/** The features of a plan, learnt from all documents. */
export function memberData(
  plan: MemberPlan,
  documents: readonly GenreDocument[],
  vectors: Matrix | undefined,
): MemberData {
  if (plan.kind === 'vectors') {
    if (vectors === undefined) throw new RangeError('A genre model with vectors needs the vectors of its documents.');
    return { features: undefined, x: vectors };
  }
  const features = GenreFeatures.fit(documents, plan.features);
  return { features, x: features.transform(documents) };
}

/** Trains the model of a plan on rows, with the choice of that number. */
export function trainScorer(
  plan: MemberPlan,
  choice: number,
  x: FeatureRows,
  genres: readonly (readonly string[])[],
  seed: number,
): Scorer {
  const random = createRandom(seed);
  if (plan.kind === 'centroid') return NearestCentroid.fit(x, genres, { ...plan.choices[choice], random });
  if (plan.kind === 'svm') return LinearSvm.fit(x, genres, { ...plan.choices[choice], random });
  const main = genres.map((set) => set[0]!);
  return LogisticRegression.fit(x, main, plan.choices[choice]);
}

/** n × genres of the scorer. */
export function scoreRows(scorer: Scorer, x: FeatureRows): Matrix {
  return scorer instanceof NearestCentroid ? scorer.similarities(x) : scorer.decide(x);
}

/** Chosen rows, sparse or dense. */
export function takeFeatureRows(x: FeatureRows, rows: Uint32Array): FeatureRows {
  if ('indptr' in x) return takeSparseRows(x as CsrMatrix, rows);
  const data = new Float32Array(rows.length * x.cols);
  rows.forEach((row, i) => {
    data.set(x.data.subarray(row * x.cols, (row + 1) * x.cols), i * x.cols);
  });
  return { data, rows: rows.length, cols: x.cols };
}
