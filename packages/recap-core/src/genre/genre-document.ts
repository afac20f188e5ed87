import type { LanguageCode } from '@matome/primitives/text';

/** What a genre is read from; every prepared article is one. */
export interface GenreDocument {
  readonly title?: string;
  readonly text: string;
  /** Words of title and text, in order: lower case, no punctuation. */
  readonly tokens: readonly string[];
  readonly language: LanguageCode;
}
