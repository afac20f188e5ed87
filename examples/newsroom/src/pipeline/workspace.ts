import type { LanguageCode, Span } from '@matome/primitives/text';
import type { DuplicateRecord, TagRecord } from '@matome/storage';
import type { Problem, RawArticle } from '../read/raw-article.js';

/** An article whose text was found; `start` and `end` of sentences are offsets in `text`. */
export interface NewsArticle {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly url: string | null;
  readonly source: string | null;
  /** ISO 8601. */
  readonly publishedAt: string | null;
  readonly language: LanguageCode;
  readonly sentences: readonly Span[];
}

/** What the content stage makes of a raw article; `null` where it found no text. */
export type FoundContent = Omit<NewsArticle, 'language' | 'sentences'> & { readonly languageHint: string | null };

/** The genre of an article. */
export interface ArticleGenre {
  readonly genre: string;
  readonly confidence: number;
  /** Most probable genres first. */
  readonly candidates: readonly { readonly genre: string; readonly probability: number }[];
  readonly belowThreshold: boolean;
}

/** Articles about one event; the genre is the one that they agree on best. */
export interface NewsStory {
  readonly genre: string;
  /** Mean probability of the genre over the articles. */
  readonly confidence: number;
  /** Positions in `Workspace.articles`, ascending; duplicates stand with their originals elsewhere. */
  readonly members: readonly number[];
}

/** A sentence that stands for a story. */
export interface StorySentence {
  readonly articleId: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/** One statement about a story and where it stands. */
export interface CitedSentence {
  readonly text: string;
  readonly citations: readonly { readonly articleId: string; readonly start: number; readonly end: number }[];
}

/** What the stages know so far; each stage adds its part and reads those before it. */
export interface Workspace {
  readonly raw: readonly RawArticle[];
  readonly contents: readonly (FoundContent | null)[];
  readonly articles: readonly NewsArticle[];
  /** Words of each article, without frequent ones; not saved, but computed from the text. */
  readonly tokens: readonly (readonly string[])[];
  readonly titleTokens: readonly (readonly string[])[];
  readonly duplicates: readonly DuplicateRecord[];
  /** Positions in `articles` of those that repeat no other. */
  readonly primaries: readonly number[];
  /** By position in `articles`; empty for duplicates. */
  readonly tags: readonly (readonly TagRecord[])[];
  /** By position in `articles`. */
  readonly genres: readonly ArticleGenre[];
  /** The largest first. */
  readonly stories: readonly NewsStory[];
  /** By story. */
  readonly terms: readonly (readonly string[])[];
  readonly representatives: readonly (readonly StorySentence[])[];
  readonly summaries: readonly (readonly CitedSentence[])[];
  /** Places on the map, in [0, 1]. */
  readonly places: readonly { readonly x: number; readonly y: number }[];
  readonly problems: readonly Problem[];
}

/** Makes a workspace in which nothing has been done. */
export function createWorkspace(): Workspace {
  return {
    raw: [],
    contents: [],
    articles: [],
    tokens: [],
    titleTokens: [],
    duplicates: [],
    primaries: [],
    tags: [],
    genres: [],
    stories: [],
    terms: [],
    representatives: [],
    summaries: [],
    places: [],
    problems: [],
  };
}
