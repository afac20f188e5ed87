import { csrRow, topK } from '@matome/primitives/linalg';
import { checkInteger, checkOneOf } from '@matome/primitives/options';
import { CountVectorizer, classTfidf, type TokenizedDocuments } from '@matome/primitives/vectorize';
import { classDivergence } from './class-divergence.js';

/** Options of `clusterTopics`. */
export interface ClusterTopicsOptions {
  /** Terms a cluster. @default 5 */
  readonly topTerms?: number;
  /** Shortest and longest term in words. @default [1, 2] */
  readonly nGramRange?: readonly [number, number];
  /**
   * `divergence`: in how many documents of the cluster a term stands, against how many of the others. `class-tfidf`: how
   * often it is said, as BERTopic weighs terms; few clusters leave frequent words in front there.
   *
   * @default 'divergence'
   */
  readonly weighting?: 'divergence' | 'class-tfidf';
}

/**
 * The terms that set each cluster apart from the others; one that only repeats the words of a stronger one is left out.
 *
 * @param documents - n tokenised documents, content words only.
 * @param labels - n cluster numbers from 0; documents labelled -1 count for no cluster.
 * @returns one list a cluster, the strongest term first; empty for a cluster without words.
 * @throws RangeError if the lengths differ or an option is out of range.
 * @remarks Time is linear in the tokens.
 * @see Tomokiyo, Hurst (2003), doi:10.3115/1119282.1119287, for the divergence; Grootendorst (2022), BERTopic, arXiv:2203.05794,
 * for the class-based TF-IDF
 * @example
 * clusterTopics([['river', 'flood'], ['flood', 'bridge'], ['cup', 'final']], [0, 0, 1], { topTerms: 1 }) // => [['flood'], ['cup']]
 */
export function clusterTopics(
  documents: TokenizedDocuments,
  labels: ArrayLike<number>,
  options: ClusterTopicsOptions = {},
): string[][] {
  const wanted = checkInteger('clusterTopics', 'topTerms', options.topTerms ?? 5, { min: 1 });
  const weighting = options.weighting ?? 'divergence';
  checkOneOf('clusterTopics', 'weighting', weighting, ['divergence', 'class-tfidf']);
  if (documents.length !== labels.length) {
    throw new RangeError(
      `The labels of clusterTopics must be one for each document. Got ${labels.length} for ${documents.length}.`,
    );
  }
  const kept = documents.map((_, i) => i).filter((i) => labels[i]! >= 0);
  const clusters = kept.reduce((most, i) => Math.max(most, labels[i]! + 1), 0);
  if (clusters === 0) return [];
  const { vectorizer, counts } = CountVectorizer.fitTransform(
    kept.map((i) => documents[i]!),
    { nGramRange: options.nGramRange ?? [1, 2] },
  );
  const own = kept.map((i) => labels[i]!);
  const weights = weighting === 'divergence' ? classDivergence(counts, own) : classTfidf(counts, own);
  return Array.from({ length: clusters }, (_, cluster) => {
    const { indices, data } = csrRow(weights, cluster);
    const ranked = topK(data, wanted * 8);
    return distinctTerms(
      Array.from(ranked, (at) => vectorizer.terms[indices[at]!]!),
      wanted,
    );
  });
}

function distinctTerms(ranked: readonly string[], wanted: number): string[] {
  const chosen: string[] = [];
  const used = new Set<string>();
  for (const term of ranked) {
    if (chosen.length === wanted) break;
    const words = term.split(' ');
    if (!words.some((word) => /\p{L}{2}|\p{Script=Han}/u.test(word)) || words.every((word) => used.has(word))) continue;
    chosen.push(term);
    for (const word of words) used.add(word);
  }
  return chosen;
}
