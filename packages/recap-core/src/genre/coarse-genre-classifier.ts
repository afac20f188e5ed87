import type { Matrix } from '@matome/primitives/linalg';
import { takeRows, topK } from '@matome/primitives/linalg';
import { checkInteger, checkNumber, checkOneOf } from '@matome/primitives/options';
import { type LanguageCode, type Tokenizer, tokenizeWords } from '@matome/primitives/text';
import type { GenreDocument } from './genre-document.js';
import { GenreModel } from './genre-model.js';
import type { GenreAssignment, GoldenExample } from './genre-types.js';
import { defaultPlans, type GenreMethod } from './member-plans.js';

/** Options of `CoarseGenreClassifier.fit`. */
export interface CoarseGenreClassifierOptions {
  /**
   * `rocchio`: nearest centroid; `linear`: support vector machine with naive Bayes weights; `best`: both, and sentence
   * vectors where given, added up. @default 'rocchio'
   */
  readonly method?: GenreMethod;
  /** Cuts examples that come without words. @default tokenizeWords */
  readonly tokenize?: Tokenizer;
  /** Examples a language needs for a model of its own. @default 30 */
  readonly minExamplesPerLanguage?: number;
  /** Rounds of the inner split that finds settings, calibration, thresholds and error bounds. @default 3 */
  readonly folds?: number;
  /**
   * `folds` judges every example by models that have not seen it; `forward` judges the newest examples of each genre by
   * models of the older ones, which is the honest measure where subjects change, and needs `publishedAt`; confidence and
   * error bounds then hold in the hardest quarter of the newest. @default 'folds'
   */
  readonly calibration?: 'folds' | 'forward';
  /** @default 42 */
  readonly seed?: number;
  /** Sentence vectors of the examples, one row each, for the method `best`. */
  readonly vectors?: Matrix;
  /** Fingerprint of the embedder that made `vectors`; a model with vectors refuses any other. */
  readonly embedderFingerprint?: string;
}

/** Options of `CoarseGenreClassifier.classify`. */
export interface ClassifyOptions {
  /** Share of wrong answers that `accepted` and `plausible` allow, in (0, 1). @default 0.05 */
  readonly alpha?: number;
  /** Sentence vectors of the articles, one row each; needed by a model that was learnt with vectors. */
  readonly vectors?: Matrix;
}

/** An article as the classifier needs it; every prepared article is one. */
export interface ClassifiableArticle extends GenreDocument {
  readonly id: string;
}

/** What a classifier of stored form has to be: see `CoarseGenreClassifier.fromJSON`. */
export interface ClassifierExpectations {
  /** Genres the model must know, all of them and no other. */
  readonly genres?: readonly string[];
  /** Fingerprint of the embedder at hand; a model with vectors of another one is refused. */
  readonly embedderFingerprint?: string;
}

/**
 * Gives every article a genre, with one model per language.
 *
 * @see Joachims (1997), A probabilistic analysis of the Rocchio algorithm with TFIDF for text categorization
 * @example
 * const golden = ['The striker scored twice.', 'The keeper saved a penalty.', 'The central bank raised rates.', 'Inflation eased in May.'];
 * const examples = golden.map((text, i) => ({ text, genres: [i < 2 ? 'sports' : 'economics_macro'], language: 'en' as const }));
 * const classifier = CoarseGenreClassifier.fit(examples, { minExamplesPerLanguage: 1, folds: 2 });
 * const article = { id: 'a', text: '', tokens: ['inflation', 'and', 'rates'], language: 'en' as const };
 * classifier.classify([article])[0].genre // => 'economics_macro'
 */
export class CoarseGenreClassifier {
  /** Genres in code point order. */
  readonly genres: readonly string[];
  /** Width of the vectors the model needs; 0 when it needs none. */
  readonly vectorWidth: number;
  /** Fingerprint of the embedder whose vectors the model needs. */
  readonly embedderFingerprint: string | undefined;
  readonly #models: ReadonlyMap<LanguageCode, GenreModel>;

  private constructor(models: ReadonlyMap<LanguageCode, GenreModel>, vectorWidth: number, fingerprint?: string) {
    this.#models = models;
    this.genres = [...new Set([...models.values()].flatMap((model) => model.genres))].sort((a, b) => (a < b ? -1 : 1));
    this.vectorWidth = vectorWidth;
    this.embedderFingerprint = fingerprint;
  }

  /**
   * Learns from examples with known genres.
   *
   * @throws RangeError if there is no example, one has no genre, there is only one genre, or vectors do not fit.
   * @remarks `rocchio` about 0.2 s, `linear` 1 s and `best` 1.3 s for 1,800 news articles on one thread.
   */
  static fit(golden: readonly GoldenExample[], options: CoarseGenreClassifierOptions = {}): CoarseGenreClassifier {
    const { method = 'rocchio', tokenize = tokenizeWords, minExamplesPerLanguage = 30, folds = 3, seed = 42 } = options;
    const { calibration = 'folds' } = options;
    const caller = 'CoarseGenreClassifier.fit';
    checkOneOf(caller, 'method', method, ['rocchio', 'linear', 'best']);
    checkInteger(caller, 'minExamplesPerLanguage', minExamplesPerLanguage, { min: 1 });
    checkInteger(caller, 'folds', folds, { min: 2 });
    checkOneOf(caller, 'calibration', calibration, ['folds', 'forward']);
    checkExamples(golden);
    const vectors = method === 'best' ? options.vectors : undefined;
    if (vectors && vectors.rows !== golden.length) {
      throw new RangeError(`The vectors option of ${caller} must have ${golden.length} rows. Got ${vectors.rows}.`);
    }
    const models = new Map<LanguageCode, GenreModel>();
    for (const [language, rows] of groupByLanguage(golden, minExamplesPerLanguage)) {
      const documents = rows.map((row) => toDocument(golden[row]!, tokenize));
      const model = GenreModel.fit(
        documents,
        rows.map((row) => golden[row]!.genres),
        {
          plans: defaultPlans(method, language, documents, vectors !== undefined),
          folds,
          seed,
          vectors: vectors && takeRows(vectors, rows),
          times: calibration === 'forward' ? publicationTimes(golden, rows) : undefined,
        },
      );
      models.set(language, model);
    }
    return new CoarseGenreClassifier(models, vectors?.cols ?? 0, vectors && options.embedderFingerprint);
  }

  /**
   * Restores a classifier from what `toJSON` gave, and refuses one that does not fit: one with other genres, with vectors
   * of another embedder, or with a genre that has no threshold.
   *
   * @throws RangeError that says what does not fit.
   */
  static fromJSON(json: unknown, expectations: ClassifierExpectations = {}): CoarseGenreClassifier {
    const value = json as ReturnType<CoarseGenreClassifier['toJSON']>;
    if (value?.kind !== 'coarse-genre-classifier' || value.version !== 1) {
      throw new RangeError(
        'CoarseGenreClassifier.fromJSON needs the value that toJSON gave, kind "coarse-genre-classifier", version 1.',
      );
    }
    const { genres, embedderFingerprint } = expectations;
    const models = Object.entries(value.languages ?? {}).map(([language, model]) => {
      const restored = restoreModel(language, model);
      if (genres) checkGenres(restored.genres, genres, language);
      return [language as LanguageCode, restored] as const;
    });
    if (models.length === 0) throw new RangeError('The genre classifier holds no model.');
    if (
      value.vectorWidth > 0 &&
      embedderFingerprint !== undefined &&
      embedderFingerprint !== value.embedderFingerprint
    ) {
      throw new RangeError(
        `The genre classifier was learnt with vectors of ${value.embedderFingerprint}. The embedder at hand is ${embedderFingerprint}.`,
      );
    }
    return new CoarseGenreClassifier(new Map(models), value.vectorWidth, value.embedderFingerprint ?? undefined);
  }

  /** The languages that have a model of their own. */
  get languages(): readonly LanguageCode[] {
    return [...this.#models.keys()];
  }

  /**
   * The genre of every article, in the order given; one article never changes the answer of another.
   *
   * An article in a language without a model gets the answer of the model that is surer of it.
   *
   * @throws RangeError if the model needs vectors and gets none, or of another size.
   * @remarks More than 10,000 tokenised news articles a second.
   */
  classify(articles: readonly ClassifiableArticle[], options: ClassifyOptions = {}): GenreAssignment[] {
    const { alpha = 0.05, vectors } = options;
    checkNumber('CoarseGenreClassifier.classify', 'alpha', alpha, { min: 0, max: 1, exclusiveMin: true });
    if (this.vectorWidth > 0 && (vectors?.rows !== articles.length || vectors.cols !== this.vectorWidth)) {
      throw new RangeError(
        `The vectors option of CoarseGenreClassifier.classify must be ${articles.length} × ${this.vectorWidth}. Got ${vectors ? `${vectors.rows} × ${vectors.cols}` : 'none'}.`,
      );
    }
    const result: (GenreAssignment | undefined)[] = new Array(articles.length).fill(undefined);
    for (const [language, model] of this.#models) {
      const rows: number[] = [];
      articles.forEach((article, i) => {
        if (article.language === language || !this.#models.has(article.language)) rows.push(i);
      });
      const used = this.vectorWidth > 0 && vectors ? takeRows(vectors, rows) : undefined;
      const answers = assign(
        model,
        rows.map((row) => articles[row]!),
        used,
        alpha,
      );
      rows.forEach((row, i) => {
        const earlier = result[row];
        if (earlier === undefined || answers[i]!.confidence > earlier.confidence) result[row] = answers[i]!;
      });
    }
    return result as GenreAssignment[];
  }

  /** The classifier for JSON, its numbers packed. */
  toJSON() {
    return {
      kind: 'coarse-genre-classifier' as const,
      version: 1 as const,
      vectorWidth: this.vectorWidth,
      embedderFingerprint: this.embedderFingerprint ?? null,
      languages: Object.fromEntries([...this.#models].map(([language, model]) => [language, model.toJSON()])),
    };
  }
}

function assign(
  model: GenreModel,
  articles: readonly ClassifiableArticle[],
  vectors: Matrix | undefined,
  alpha: number,
): GenreAssignment[] {
  const { evidence, probabilities } = model.score(articles, vectors);
  const { cols, data } = probabilities;
  const acceptFrom = model.conformal.acceptFrom(alpha);
  return articles.map(({ id }, i) => {
    const scores = data.subarray(i * cols, (i + 1) * cols);
    const order = topK(scores, cols);
    const found = order.find((c) => evidence.data[i * cols + c]! >= model.thresholds[c]!);
    const chosen = found ?? order[0]!;
    const plausible = model.conformal.plausible(scores, alpha);
    return {
      articleId: id,
      genre: model.genres[chosen]!,
      confidence: scores[chosen]!,
      candidates: Array.from(order, (c) => ({ genre: model.genres[c]!, probability: scores[c]! })),
      strategy: 'coarse-only',
      belowThreshold: found === undefined,
      accepted: chosen === order[0] && scores[chosen]! >= acceptFrom,
      plausible: Array.from(plausible, (c) => model.genres[c]!),
    };
  });
}

function toDocument(example: GoldenExample, tokenize: Tokenizer): GenreDocument {
  const { title, text, language } = example;
  const tokens = example.tokens ?? tokenize(title ? `${title}\n${text}` : text, language);
  return { ...(title === undefined ? {} : { title }), text, tokens, language };
}

function publicationTimes(golden: readonly GoldenExample[], rows: readonly number[]): Float64Array {
  return Float64Array.from(rows, (row) => {
    const time = golden[row]!.publishedAt?.getTime() ?? Number.NaN;
    if (Number.isNaN(time)) throw new RangeError(`Calibration "forward" needs publishedAt. Example ${row} has none.`);
    return time;
  });
}

function checkExamples(golden: readonly GoldenExample[]): void {
  if (golden.length === 0) throw new RangeError('CoarseGenreClassifier.fit needs at least one example.');
  const bare = golden.findIndex((example) => example.genres.length === 0);
  if (bare >= 0)
    throw new RangeError(`Every example of CoarseGenreClassifier.fit needs a genre. Example ${bare} has none.`);
  const [first] = golden[0]!.genres;
  if (golden.every(({ genres }) => genres.length === 1 && genres[0] === first)) {
    throw new RangeError(`CoarseGenreClassifier.fit needs examples of at least two genres. All are ${first}.`);
  }
}

function restoreModel(language: string, json: Parameters<typeof GenreModel.fromJSON>[0]): GenreModel {
  try {
    return GenreModel.fromJSON(json);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    // A part that is not there, or is of another kind, is met as a TypeError wherever it is read.
    throw new RangeError(`The model for ${JSON.stringify(language)} of the genre classifier is damaged.`, { cause });
  }
}

function checkGenres(found: readonly string[], expected: readonly string[], language: string): void {
  const missing = expected.filter((genre) => !found.includes(genre));
  const extra = found.filter((genre) => !expected.includes(genre));
  if (missing.length === 0 && extra.length === 0) return;
  throw new RangeError(
    `The ${language} genre model must know the ${expected.length} genres of the taxonomy. It knows ${found.length}, lacks ${missing.slice(0, 3).join(', ') || 'none'} and has ${extra.slice(0, 3).join(', ') || 'none'} beside them.`,
  );
}

/** Rows by language, languages of most rows first; languages with too few join the largest. */
function groupByLanguage(golden: readonly GoldenExample[], least: number): Map<LanguageCode, number[]> {
  const groups = new Map<LanguageCode, number[]>();
  golden.forEach(({ language }, i) => {
    const group = groups.get(language);
    if (group) group.push(i);
    else groups.set(language, [i]);
  });
  const [largest, ...others] = [...groups].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  const merged = new Map([largest!]);
  for (const [language, rows] of others) {
    if (rows.length >= least) merged.set(language, rows);
    else largest![1].push(...rows);
  }
  return merged;
}
