import { type Matrix, topK } from '@matome/primitives/linalg';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import type { GenreDocument } from './genre-document.js';
import type { GenreAssignment } from './genre-types.js';
import { routeLanguage } from './route-language.js';

/** A model that gives documents probabilities of genres: a transformer, or a distilled student with its features. */
export interface StudentModel {
  readonly genres: readonly string[];
  /** n × genres; every row sums to 1. */
  predict(documents: readonly GenreDocument[], options?: { readonly signal?: AbortSignal }): Promise<Matrix>;
}

/** The models of a `StudentClassifier`; one of them may be missing. */
export interface StudentModels {
  readonly ja?: StudentModel;
  readonly en?: StudentModel;
}

/** Options of `StudentClassifier.classify`. */
export interface StudentOptions {
  /** Probability from which a genre counts as found. @default 0.3 */
  readonly threshold?: number;
  /** Genres named per article at most. @default all */
  readonly topK?: number;
  readonly signal?: AbortSignal;
}

/**
 * Gives genres by a Japanese and an English student; a text goes to the model of its script, or to the other where that
 * model is missing.
 *
 * @example
 * const model = { genres: ['a', 'b'], predict: async (documents: readonly unknown[]) => matrixFromRows(documents.map(() => [0.9, 0.1])) };
 * const classifier = new StudentClassifier({ en: model });
 * const [answer] = await classifier.classify([{ id: 'x', text: 'Hello there', tokens: [], language: 'en' }]);
 * answer.genre // => 'a'
 */
export class StudentClassifier {
  readonly #models: StudentModels;

  /** @throws RangeError if both models are missing or they know different genres. */
  constructor(models: StudentModels) {
    const { ja, en } = models;
    if (ja === undefined && en === undefined)
      throw new RangeError('StudentClassifier needs a Japanese or an English model.');
    if (ja && en && [...ja.genres].sort().join() !== [...en.genres].sort().join()) {
      throw new RangeError('The Japanese and the English model of StudentClassifier must know the same genres.');
    }
    this.#models = models;
  }

  /**
   * The genre of every article, in the order given.
   *
   * @throws RangeError for options out of range; whatever a model throws.
   */
  async classify(
    articles: readonly (GenreDocument & { readonly id: string })[],
    options: StudentOptions = {},
  ): Promise<GenreAssignment[]> {
    const { threshold = 0.3, signal } = options;
    checkNumber('StudentClassifier.classify', 'threshold', threshold, { min: 0, max: 1 });
    if (options.topK !== undefined) checkInteger('StudentClassifier.classify', 'topK', options.topK, { min: 1 });
    const result: GenreAssignment[] = new Array(articles.length);
    for (const [model, rows] of this.#route(articles)) {
      const chosen = rows.map((row) => articles[row]!);
      const probabilities = await model.predict(chosen, signal ? { signal } : {});
      rows.forEach((row, i) => {
        const scores = probabilities.data.subarray(i * probabilities.cols, (i + 1) * probabilities.cols);
        result[row] = assign(chosen[i]!.id, model.genres, scores, threshold, options.topK ?? scores.length);
      });
    }
    return result;
  }

  #route(articles: readonly GenreDocument[]): Map<StudentModel, number[]> {
    const { ja, en } = this.#models;
    const rows = new Map<StudentModel, number[]>();
    articles.forEach(({ title, text }, i) => {
      const language = routeLanguage(title ? `${title} ${text}` : text);
      // A text of no known script goes to the Japanese model, as one without a model of its own does.
      const model = (language === 'en' ? (en ?? ja) : (ja ?? en))!;
      const own = rows.get(model);
      if (own) own.push(i);
      else rows.set(model, [i]);
    });
    return rows;
  }
}

function assign(
  articleId: string,
  genres: readonly string[],
  scores: Float32Array,
  threshold: number,
  count: number,
): GenreAssignment {
  const order = topK(scores, count);
  const candidates = Array.from(order, (c) => ({ genre: genres[c]!, probability: scores[c]! }));
  const [best] = candidates;
  const found = candidates.filter(({ probability }) => probability >= threshold).map(({ genre }) => genre);
  return {
    articleId,
    genre: best!.genre,
    confidence: best!.probability,
    candidates,
    strategy: 'coarse-only',
    belowThreshold: best!.probability < threshold,
    accepted: false,
    plausible: found.length > 0 ? found : [best!.genre],
  };
}
