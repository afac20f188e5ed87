import type { LanguageCode } from '@matome/primitives/text';

/** Name of a genre, as the taxonomy spells it: `space_astronomy`. */
export type Genre = string;

/** A genre with what the classifier gives it. */
export interface GenreScore {
  readonly genre: Genre;
  /** In [0, 1]. */
  readonly probability: number;
}

/** A text with its genres: what classifiers learn from. */
export interface GoldenExample {
  readonly title?: string;
  readonly text: string;
  /** At least one; the first is the main one. */
  readonly genres: readonly Genre[];
  readonly language: LanguageCode;
  /** Words of title and text, when they are known already. */
  readonly tokens?: readonly string[];
  /** Needed where calibration looks forward in time. */
  readonly publishedAt?: Date;
}

/** How a genre was decided. */
export type RefineStrategy =
  | 'coarse-only'
  | 'tag-consistency'
  | 'graph-boost'
  | 'weighted-score'
  | 'tie-break'
  | 'fallback-other'
  | 'keyword-fallback'
  | 'rescue';

/** The genre of one article, with all that led to it. */
export interface GenreAssignment {
  readonly articleId: string;
  readonly genre: Genre;
  /** Probability of `genre`, in [0, 1]. */
  readonly confidence: number;
  /** All genres, most probable first. */
  readonly candidates: readonly GenreScore[];
  readonly strategy: RefineStrategy;
  /** Whether no genre reached its threshold, so that the most probable one stands. */
  readonly belowThreshold: boolean;
  /** Whether the answer is sure enough: answers like it are wrong with probability of at most α. */
  readonly accepted: boolean;
  /** Genres that cannot be excluded, most probable first: the true one is missing with probability of at most α. */
  readonly plausible: readonly Genre[];
}
