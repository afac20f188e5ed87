/** One place where a candidate stands. */
export interface Occurrence {
  readonly field: 'title' | 'body';
  /** First UTF-16 unit in the sanitised field. */
  readonly start: number;
  readonly end: number;
  /** Place in the document counted in words over title and body. */
  readonly position: number;
  readonly sentence: number;
  /** Stands in the title, or in a title that runs into the body. */
  readonly headline: boolean;
  /** No longer phrase reaches further to the left. */
  readonly leftEdge: boolean;
  /** No longer phrase reaches further to the right. */
  readonly rightEdge: boolean;
  /** What stands before and after: the part of speech, or `EDGE` at the start and end of a sentence. */
  readonly before: string;
  readonly after: string;
}

/** A phrase that could be a tag, with every place where it or a twin of it stands. */
export interface Candidate {
  /** Equal for twins: plural, case, width, spelling and long-vowel variants. */
  readonly key: string;
  /** Best surface form. */
  readonly name: string;
  readonly occurrences: readonly Occurrence[];
  /** The candidate's words as keys, for counting them over the document. */
  readonly words: readonly string[];
  /**
   * One letter a word: N noun, P name, J adjective, G participle or verbal noun, D number, O connector or affix,
   * K katakana, L Latin.
   */
  readonly shape: string;
}

/** What the candidate makers hand on: candidates, and the running words for statistics. */
export interface AnalyzedDocument {
  readonly candidates: readonly Candidate[];
  /** Keys of all content words in order. */
  readonly words: readonly string[];
  /** Words of title and body together, function words included. */
  readonly length: number;
  readonly sentences: number;
  /** From 0 for the most common word to 1 for an unknown one, where the analyser tells; other words are not listed. */
  readonly rarities?: ReadonlyMap<string, number>;
}
