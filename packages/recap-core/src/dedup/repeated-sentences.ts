import { checkInteger, checkNumber } from '@matome/primitives/options';
import { normalizeText } from '@matome/primitives/text';

/** Options of `dropRepeatedSentences`. */
export interface RepeatedSentenceOptions {
  /** Documents that a sentence must stand in to be boilerplate. @default 4 */
  readonly minDocuments?: number;
  /** Share of all documents that it must stand in as well, in [0, 1]. @default 0.01 */
  readonly minShare?: number;
}

/** A document with its sentences. */
export interface SentenceDocument {
  readonly sentences: readonly { readonly text: string }[];
}

/** What `dropRepeatedSentences` gives back. */
export interface SentenceFilterResult<Document extends SentenceDocument> {
  /** The documents in their order, without boilerplate sentences. */
  readonly documents: readonly Document[];
  /** Sentences before, how many of them were different, and how many were dropped. */
  readonly totalSentences: number;
  readonly uniqueSentences: number;
  readonly droppedSentences: number;
}

/**
 * Drops the sentences that many documents share: "Sign up for our newsletter", rights, the name of an agency.
 *
 * A sentence counts once a document; case, width and white space do not count. Look for duplicates first: copies of one
 * article share all their sentences. A document that holds nothing else keeps what it has.
 *
 * @throws RangeError for an option outside its range.
 * @remarks O(total length).
 * @example
 * const documents = ['One.', 'Two.', 'Three.', 'Four.'].map((text) => ({ sentences: [{ text }, { text: 'Read more here.' }] }));
 * dropRepeatedSentences(documents).documents[0]?.sentences // => [{ text: 'One.' }]
 */
export function dropRepeatedSentences<Document extends SentenceDocument>(
  documents: readonly Document[],
  options: RepeatedSentenceOptions = {},
): SentenceFilterResult<Document> {
  const { minDocuments = 4, minShare = 0.01 } = options;
  checkInteger('dropRepeatedSentences', 'minDocuments', minDocuments, { min: 2 });
  checkNumber('dropRepeatedSentences', 'minShare', minShare, { min: 0, max: 1 });
  const counts = new Map<string, number>();
  let totalSentences = 0;
  for (const { sentences } of documents) {
    totalSentences += sentences.length;
    for (const key of new Set(sentences.map(keyOf))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const needed = Math.max(minDocuments, minShare * documents.length);
  let droppedSentences = 0;
  const kept = documents.map((document) => {
    const sentences = document.sentences.filter((sentence) => counts.get(keyOf(sentence))! < needed);
    if (sentences.length === document.sentences.length || sentences.length === 0) return document;
    droppedSentences += document.sentences.length - sentences.length;
    return { ...document, sentences };
  });
  return { documents: kept, totalSentences, uniqueSentences: counts.size, droppedSentences };
}

function keyOf({ text }: { readonly text: string }): string {
  return normalizeText(text, { form: 'NFKC', collapseSpaces: true }).toLowerCase();
}
