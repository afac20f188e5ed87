import type { Evidence } from '../evidence/evidence.js';

/** A sentence of a source article that a summary quotes or rests on. */
export interface Citation {
  readonly articleId: string;
  /** First UTF-16 unit of the sentence in the article's text. */
  readonly start: number;
  /** The unit after the last one. */
  readonly end: number;
}

/** One statement of a summary with what it rests on. */
export interface SummarySentence {
  readonly text: string;
  /** At least one. */
  readonly citations: readonly Citation[];
}

/** What is said of one cluster. */
export interface SummaryBullet {
  /** `id` of the evidence cluster. */
  readonly clusterId: number;
  readonly sentences: readonly SummarySentence[];
}

/** The summary of one genre. */
export interface Summary {
  /** Terms of the leading clusters; a headline, not a sentence. */
  readonly title: string;
  readonly bullets: readonly SummaryBullet[];
  /** Which summariser wrote it. */
  readonly method: string;
}

/**
 * Writes the summary of one genre from its evidence.
 *
 * @example
 * const summarizer: Summarizer = createExtractiveSummarizer();
 * const { bullets } = await summarizer.summarize({ clusters: [], diagnostics: { articles: 0, sentences: 0, repeatedSentences: 0, unusableSentences: 0, embeddingModel: 'none' } });
 * bullets.length // => 0
 */
export interface Summarizer {
  summarize(evidence: Evidence, options?: { readonly signal?: AbortSignal }): Promise<Summary>;
}
