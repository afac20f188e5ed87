import { csrRow } from '@matome/primitives/linalg';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import type { LanguageCode, Tokenizer } from '@matome/primitives/text';
import { tokenizeWords } from '@matome/primitives/text';
import type { ClassifiableArticle } from './coarse-genre-classifier.js';
import { GenreFeatures } from './genre-features.js';
import type { GenreAssignment, GoldenExample } from './genre-types.js';
import { defaultPlans } from './member-plans.js';

/** Options of `RescuePass.fit`. */
export interface RescueOptions {
  /** Neighbours that vote. @default 5 */
  readonly neighbors?: number;
  /** Least cosine of a neighbour. @default 0.3 */
  readonly threshold?: number;
  /** Cuts examples that come without words. @default tokenizeWords */
  readonly tokenize?: Tokenizer;
}

interface RescueIndex {
  readonly features: GenreFeatures;
  readonly rows: ReturnType<GenreFeatures['transform']>;
  readonly genres: readonly string[];
}

/**
 * Gives articles that no genre claimed the genre of the most similar examples: the nearest five vote with their
 * similarity. An article without a similar example stays as it is.
 *
 * @example
 * const examples = ['rain and floods', 'heavy rain', 'goal and cup', 'late goal'].map((text, i) => ({ text, genres: [i < 2 ? 'weather' : 'sports'], language: 'en' as const }));
 * const rescue = RescuePass.fit(examples);
 * const lost = { articleId: 'a', genre: 'sports', confidence: 0.5, candidates: [], strategy: 'coarse-only' as const, belowThreshold: true, accepted: false, plausible: [] };
 * rescue.apply([lost], [{ id: 'a', text: '', tokens: ['heavy', 'rain'], language: 'en' }])[0].genre // => 'weather'
 */
export class RescuePass {
  readonly #indexes: ReadonlyMap<LanguageCode, RescueIndex>;
  readonly #neighbors: number;
  readonly #threshold: number;

  private constructor(indexes: ReadonlyMap<LanguageCode, RescueIndex>, neighbors: number, threshold: number) {
    this.#indexes = indexes;
    this.#neighbors = neighbors;
    this.#threshold = threshold;
  }

  /**
   * Keeps the examples as labelled neighbours, per language.
   *
   * @throws RangeError for options out of range.
   */
  static fit(examples: readonly GoldenExample[], options: RescueOptions = {}): RescuePass {
    const { neighbors = 5, threshold = 0.3, tokenize = tokenizeWords } = options;
    checkInteger('RescuePass.fit', 'neighbors', neighbors, { min: 1 });
    checkNumber('RescuePass.fit', 'threshold', threshold, { min: 0, max: 1, exclusiveMin: true });
    const indexes = new Map<LanguageCode, RescueIndex>();
    for (const language of new Set(examples.map((example) => example.language))) {
      const own = examples.filter((example) => example.language === language);
      const documents = own.map(({ title, text, tokens }) => ({
        text,
        language,
        tokens: tokens ?? tokenize(title ? `${title}\n${text}` : text, language),
        ...(title === undefined ? {} : { title }),
      }));
      const [plan] = defaultPlans('rocchio', language, documents, false);
      const features = GenreFeatures.fit(documents, plan!.kind === 'vectors' ? {} : plan!.features);
      indexes.set(language, {
        features,
        rows: features.transform(documents),
        genres: own.map(({ genres }) => genres[0]!),
      });
    }
    return new RescuePass(indexes, neighbors, threshold);
  }

  /**
   * Replaces the genre of assignments below their threshold.
   *
   * @param assignments - in the order of `articles`.
   * @remarks O(examples) per rescued article.
   */
  apply(assignments: readonly GenreAssignment[], articles: readonly ClassifiableArticle[]): GenreAssignment[] {
    return assignments.map((assignment, i) => {
      const index = this.#indexes.get(articles[i]!.language);
      if (!assignment.belowThreshold || index === undefined) return assignment;
      const votes = this.#votes(index, articles[i]!);
      const [best] = votes;
      if (best === undefined) return assignment;
      const total = votes.reduce((sum, [, vote]) => sum + vote, 0);
      return { ...assignment, genre: best[0], confidence: best[1] / total, strategy: 'rescue', accepted: false };
    });
  }

  #votes({ features, rows, genres }: RescueIndex, article: ClassifiableArticle): [string, number][] {
    const query = csrRow(features.transform([article]), 0);
    const dense = new Float64Array(features.width);
    query.indices.forEach((column, k) => {
      dense[column] = query.data[k]!;
    });
    const near: { row: number; similarity: number }[] = [];
    for (let row = 0; row < rows.rows; row++) {
      let similarity = 0;
      for (let at = rows.indptr[row]!; at < rows.indptr[row + 1]!; at++)
        similarity += rows.data[at]! * dense[rows.indices[at]!]!;
      if (similarity >= this.#threshold) near.push({ row, similarity });
    }
    near.sort((a, b) => b.similarity - a.similarity || a.row - b.row);
    const votes = new Map<string, number>();
    for (const { row, similarity } of near.slice(0, this.#neighbors)) {
      votes.set(genres[row]!, (votes.get(genres[row]!) ?? 0) + similarity);
    }
    return [...votes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }
}
