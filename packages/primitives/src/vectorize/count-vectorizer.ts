import type { CsrMatrix } from '../linalg/index.js';
import { checkInteger, checkNumber } from '../options/index.js';
import { countNodes, type NodeCounts, type TokenizedDocuments, toCsr } from './counting.js';
import { readModel, readRange, readTexts } from './read-model.js';
import { compareCodePoints, NGramTrie } from './vocabulary.js';

/** Options of `CountVectorizer.fit`. */
export interface CountVectorizerOptions {
  /** Shortest and longest n-gram, both included. @default [1, 1] */
  readonly nGramRange?: readonly [number, number];
  /** Terms in fewer documents are dropped: a number of documents from 1 on, a share below 1. @default 1 */
  readonly minDf?: number;
  /** Terms in more documents are dropped: a share up to 1, a number of documents above 1. @default 1 */
  readonly maxDf?: number;
  /** Keeps the terms with the highest total counts, the first in code point order among equals. @default all */
  readonly maxFeatures?: number;
  /** Counts presence only. @default false */
  readonly binary?: boolean;
}

/** What `CountVectorizer.toJSON` writes. */
export interface CountVectorizerJson {
  readonly kind: 'count-vectorizer';
  readonly version: 1;
  readonly terms: readonly string[];
  readonly nGramRange: readonly [number, number];
  readonly binary: boolean;
}

/**
 * Turns lists of tokens into rows of counts over a fixed vocabulary.
 *
 * The vocabulary stands in code point order, so that equal corpora give equal columns everywhere. N-grams join tokens by
 * a space.
 *
 * @remarks O(tokens · lengths) time, O(distinct terms + non-zero counts) memory; about 5 million tokens a second for
 * single words, 1 million for pairs.
 * @see scikit-learn's CountVectorizer, https://scikit-learn.org/1.5/modules/generated/sklearn.feature_extraction.text.CountVectorizer.html
 * @example
 * const counts = CountVectorizer.fit([['key', 'rate'], ['rate', 'rise', 'rate']]);
 * counts.terms // => ['key', 'rate', 'rise']
 * [...counts.transform([['rate', 'rate', 'fall']]).data] // => [2]
 */
export class CountVectorizer {
  /** The terms in the order of their columns. */
  readonly terms: readonly string[];
  /** The column of every term. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly nGramRange: readonly [number, number];
  private readonly binary: boolean;
  private readonly trie: NGramTrie;
  private readonly columns: Int32Array;

  private constructor(terms: readonly string[], nGramRange: readonly [number, number], binary: boolean) {
    this.terms = terms;
    this.nGramRange = nGramRange;
    this.binary = binary;
    this.vocabulary = new Map(terms.map((term, column) => [term, column]));
    this.trie = new NGramTrie(nGramRange[1]);
    const nodes = terms.map((term) => pathOf(this.trie, term, nGramRange[1]));
    this.columns = new Int32Array(this.trie.size).fill(-1);
    nodes.forEach((node, column) => {
      this.columns[node] = column;
    });
  }

  /**
   * Learns the vocabulary of the documents.
   *
   * @throws RangeError if an option is out of range, or a token holds a space while n-grams are asked for.
   * @example
   * CountVectorizer.fit([['a', 'b']], { nGramRange: [1, 2] }).terms // => ['a', 'a b', 'b']
   */
  static fit(documents: TokenizedDocuments, options: CountVectorizerOptions = {}): CountVectorizer {
    return CountVectorizer.fitTransform(documents, options).vectorizer;
  }

  /**
   * Learns the vocabulary and counts the same documents, in one pass.
   *
   * @returns `counts`: documents × terms.
   * @throws RangeError if an option is out of range, or a token holds a space while n-grams are asked for.
   * @example
   * [...CountVectorizer.fitTransform([['a', 'b', 'a']]).counts.data] // => [2, 1]
   */
  static fitTransform(
    documents: TokenizedDocuments,
    options: CountVectorizerOptions = {},
  ): { readonly vectorizer: CountVectorizer; readonly counts: CsrMatrix } {
    const { nGramRange = [1, 1], maxFeatures = Number.POSITIVE_INFINITY, binary = false } = options;
    const caller = 'CountVectorizer.fit';
    checkInteger(caller, 'nGramRange[0]', nGramRange[0], { min: 1 });
    checkInteger(caller, 'nGramRange[1]', nGramRange[1], { min: nGramRange[0] });
    const minDf = checkNumber(caller, 'minDf', options.minDf ?? 1, { min: 0 });
    const maxDf = checkNumber(caller, 'maxDf', options.maxDf ?? 1, { min: 0, exclusiveMin: true });
    if (maxFeatures !== Number.POSITIVE_INFINITY) checkInteger(caller, 'maxFeatures', maxFeatures, { min: 1 });

    const trie = new NGramTrie(nGramRange[1]);
    const counted = countNodes(documents, trie, nGramRange, true);
    const n = documents.length;
    const kept = selectNodes(counted, trie, {
      least: minDf < 1 ? minDf * n : minDf,
      most: maxDf <= 1 ? maxDf * n : maxDf,
      maxFeatures,
    });
    const columns = new Int32Array(trie.size).fill(-1);
    kept.forEach(({ node }, column) => {
      columns[node] = column;
    });
    const vectorizer = new CountVectorizer(
      kept.map(({ term }) => term),
      [nGramRange[0], nGramRange[1]],
      binary,
    );
    return { vectorizer, counts: toCsr(counted, columns, kept.length, binary) };
  }

  /**
   * Reads what `toJSON` wrote.
   *
   * @throws TypeError if it is something else.
   * @example
   * CountVectorizer.fromJSON(CountVectorizer.fit([['a']]).toJSON()).terms // => ['a']
   */
  static fromJSON(json: unknown): CountVectorizer {
    const model = readModel('CountVectorizer', 'count-vectorizer', json);
    return new CountVectorizer(
      readTexts('CountVectorizer', model, 'terms'),
      readRange('CountVectorizer', model, 'nGramRange'),
      model.binary === true,
    );
  }

  /**
   * Counts the known terms of documents; unknown ones are skipped.
   *
   * @returns documents × terms.
   * @example
   * CountVectorizer.fit([['a'], ['b']]).transform([['c']]).indices.length // => 0
   */
  transform(documents: TokenizedDocuments): CsrMatrix {
    const counted = countNodes(documents, this.trie, this.nGramRange, false);
    return toCsr(counted, this.columns, this.terms.length, this.binary);
  }

  /** The vocabulary as plain JSON. */
  toJSON(): CountVectorizerJson {
    const { terms, nGramRange, binary } = this;
    return { kind: 'count-vectorizer', version: 1, terms, nGramRange, binary };
  }
}

function pathOf(trie: NGramTrie, term: string, longest: number): number {
  if (longest === 1) return trie.token(term);
  const tokens = term.split(' ');
  let node = trie.token(tokens[0]!);
  for (let i = 1; i < tokens.length; i++) node = trie.child(node, trie.token(tokens[i]!));
  return node;
}

interface Kept {
  readonly node: number;
  readonly term: string;
}

function selectNodes(
  counted: NodeCounts,
  trie: NGramTrie,
  { least, most, maxFeatures }: { readonly least: number; readonly most: number; readonly maxFeatures: number },
): Kept[] {
  const documentFrequency = new Uint32Array(trie.size);
  const total = new Float64Array(trie.size);
  for (let at = 0; at < counted.nodes.length; at++) {
    const node = counted.nodes[at]!;
    documentFrequency[node]!++;
    total[node]! += counted.counts[at]!;
  }
  let kept: Kept[] = [];
  for (let node = 0; node < documentFrequency.length; node++) {
    const df = documentFrequency[node]!;
    if (df > 0 && df >= least && df <= most) kept.push({ node, term: trie.term(node) });
  }
  kept.sort((a, b) => compareCodePoints(a.term, b.term));
  if (kept.length > maxFeatures) {
    // A stable sort keeps code point order among equal totals.
    kept = kept.sort((a, b) => total[b.node]! - total[a.node]!).slice(0, maxFeatures);
    kept.sort((a, b) => compareCodePoints(a.term, b.term));
  }
  return kept;
}
