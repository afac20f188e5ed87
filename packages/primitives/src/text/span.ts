/** A piece of a text with its place: `text === source.slice(start, end)`. */
export interface Span {
  readonly text: string;
  /** First UTF-16 unit of the piece in the source. */
  readonly start: number;
  /** The unit after the last one. */
  readonly end: number;
}

/** The languages that the suite treats by their own rules; `und` is everything else, and the unknown. */
export type LanguageCode = 'en' | 'ja' | 'und';
