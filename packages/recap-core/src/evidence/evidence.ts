import type { LanguageCode, Span } from '@matome/primitives/text';

/** What the evidence stage reads of an article. */
export interface EvidenceArticle {
  readonly id: string;
  readonly title: string;
  readonly language: LanguageCode;
  /** Sentences with their offsets in the article's text. */
  readonly sentences: readonly Span[];
  /** Content words of the text, in order. */
  readonly tokens: readonly string[];
  /** Content words of the title. */
  readonly titleTokens: readonly string[];
  readonly publishedAt?: Date;
}

/** A sentence of an article, and where it stands there. */
export interface EvidenceSentence {
  readonly articleId: string;
  readonly text: string;
  /** First UTF-16 unit of the sentence in the article's text. */
  readonly start: number;
  /** The unit after the last one. */
  readonly end: number;
  /** Closeness to the middle of its cluster, in [-1, 1]. */
  readonly score: number;
}

/** Articles of one story with what tells of them best. */
export interface EvidenceCluster {
  /** Position in the result, 0 for the largest cluster. */
  readonly id: number;
  readonly articleIds: readonly string[];
  /** Words that set this cluster apart, the strongest first. */
  readonly topTerms: readonly string[];
  /** Sentences in the order they were chosen: central ones first, then what adds something new. */
  readonly representatives: readonly EvidenceSentence[];
  /** Mean cosine of the sentences with the middle of the cluster; undefined when no sentence was usable. */
  readonly coherence?: number;
}

/** What a summary of one genre is written from. */
export interface Evidence {
  readonly clusters: readonly EvidenceCluster[];
  readonly diagnostics: EvidenceDiagnostics;
}

/** How the evidence came about. */
export interface EvidenceDiagnostics {
  readonly articles: number;
  readonly sentences: number;
  /** Sentences left out because another says the same. */
  readonly repeatedSentences: number;
  /** Sentences left out as too short, code, or a list of links. */
  readonly unusableSentences: number;
  readonly embeddingModel: string;
}
