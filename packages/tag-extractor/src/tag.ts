import type { LanguageGuess } from '@matome/primitives/text';
import type { CascadeDecision } from './cascade/cascade.js';

/** Where a tag stands in the sanitised text. */
export interface TagOffset {
  readonly field: 'title' | 'body';
  /** First UTF-16 unit. */
  readonly start: number;
  readonly end: number;
}

/** A keyphrase of an article. */
export interface Tag {
  /** Best surface form, or the name that the caller's aliases give. */
  readonly name: string;
  /** In [0, 1]: how likely the tag is one that people would choose. */
  readonly confidence: number;
  /** Other names of the same thing in this article: an acronym that the text defines, aliases of the caller. */
  readonly aliases: readonly string[];
  /** Every place where the tag, a twin or an alias of it stands, in order. */
  readonly offsets: readonly TagOffset[];
  /** Present when the tag does not stand in the article, which then has no offsets: similar articles carry it. */
  readonly source?: 'neighbours';
}

/** How the candidates were ranked. */
export type TagMethod = 'statistical' | 'embedding' | 'cascade';

/** What was found in an article. */
export interface TagExtraction {
  /** `rejected` and `too-short` have no tags, and `warnings` says why. */
  readonly status: 'extracted' | 'rejected' | 'too-short';
  /** Highest confidence first; no two are variants of one name. */
  readonly tags: readonly Tag[];
  /** In [0, 1]: how likely at least two of the first five tags are ones that people would choose; 0 without tags. */
  readonly confidence: number;
  readonly language: LanguageGuess;
  /** The text that offsets refer to. */
  readonly sanitized: { readonly title: string; readonly body: string };
  readonly sanitizedLength: number;
  /** Wall time of this extraction in milliseconds. */
  readonly inferenceMs: number;
  readonly method: TagMethod;
  /** `statistical` or the id of the embedding model. */
  readonly modelName: string;
  readonly warnings: readonly string[];
  /**
   * From 0 to 1, how open it is which candidates become tags: 1 less the gap in probability at the border of the first ten.
   * Where it is high a second look changes most.
   */
  readonly contention: number;
  /** Present when a cascade decided about the article. */
  readonly cascade?: CascadeDecision;
}
