import type { LanguageCode, Span } from '@matome/primitives/text';

/** A tag that was given to an article, with the giver's confidence in [0, 1]. */
export interface TagSignal {
  readonly name: string;
  readonly confidence: number;
}

/** An article as it comes from its source. */
export interface Article {
  readonly id: string;
  readonly title: string;
  /** A whole page, a fragment as feeds carry it, or plain text. */
  readonly html: string;
  readonly publishedAt?: Date;
  readonly tags?: readonly TagSignal[];
  /** What the source says, e.g. `ja` or `en-GB`; believed for English and Japanese. */
  readonly language?: string;
  /** Address of the page. */
  readonly url?: string;
}

/** An article that every later stage can read. */
export interface PreparedArticle {
  readonly id: string;
  readonly title: string;
  /** Body in normal form C, without markup. */
  readonly text: string;
  /** Sentences of `text` with their offsets in it; a sentence that the article repeats stands once. */
  readonly sentences: readonly Span[];
  /** Words of title and body, as the tokenizer gives them. */
  readonly tokens: readonly string[];
  /** `und` when the text is in another language or too short to tell. */
  readonly language: LanguageCode;
  /** ISO 639-1 code of the likeliest language of all; '' when there is none. */
  readonly languageCode: string;
  /** In [0, 1]; 1 where the source named the language. */
  readonly languageConfidence: number;
  readonly publishedAt?: Date;
  /** Tags in the order given, names trimmed, confidences brought into [0, 1], no name twice. */
  readonly tags: readonly TagSignal[];
  readonly url?: string;
  /** True when markup was taken off the body. */
  readonly cleaned: boolean;
  /** Expected agreement of the extraction with a person's, in [0, 1]; 1 for a body that was no page. */
  readonly quality: number;
}

/** Why an article was left out. */
export type DropReason = 'empty' | 'too-short' | 'failed';

/** What became of an article. */
export type Preparation =
  | { readonly status: 'prepared'; readonly article: PreparedArticle }
  | { readonly status: 'dropped'; readonly id: string; readonly reason: DropReason; readonly error?: Error };
