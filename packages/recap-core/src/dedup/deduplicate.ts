import type { Hasher } from '@matome/primitives/hashing';
import { checkOneOf } from '@matome/primitives/options';
import { type DuplicateGroup, type DuplicateLink, duplicateGroups, type PrimaryChoice } from './duplicate-groups.js';
import { type DistinctTexts, distinctTexts } from './exact-copies.js';
import { type DuplicateThresholds, fillThresholds } from './judge-pair.js';
import { NearDuplicates } from './near-duplicates.js';
import type { ShingleOptions } from './shingles.js';

/** What duplicates are looked for in; a prepared article fits. */
export interface DedupDocument {
  readonly id: string;
  readonly text: string;
  readonly publishedAt?: Date;
}

/** Options of `deduplicate`. */
export interface DeduplicateOptions extends DuplicateThresholds {
  /** Length of the shingles. */
  readonly shingles?: ShingleOptions;
  /** Which member of a group stands for it; a document without a date is the oldest, ties go to the smaller id. @default 'newest' */
  readonly primary?: PrimaryChoice;
  /** Hash of normalised texts, e.g. XXH64 from `createHasher`. Equal hashes are confirmed on the texts. @default a built-in 53-bit hash */
  readonly hash?: Hasher;
}

/** What `deduplicate` found. */
export interface DedupResult<Document extends DedupDocument = DedupDocument> {
  /** The primary of each group and every document without a duplicate, in the order given. */
  readonly selected: readonly Document[];
  /** Groups of two and more, ordered by the id of the primary. */
  readonly groups: readonly DuplicateGroup[];
}

/**
 * Groups documents that are copies of each other: the same text, lightly edited, shortened, shifted, or wrapped in
 * boilerplate.
 *
 * Exact copies share the hash of their normalised text. For the others, MinHash signatures over word shingles (runs of
 * characters in Japanese and Chinese) propose pairs, and each pair is compared in full: two copies cover each other
 * throughout, a splice of two texts covers each only in part; reports written from one template name other numbers.
 * Groups are the connected components; each names its primary and says of every other member how similar to it it is,
 * and why it is there.
 *
 * The order of the documents changes nothing but the order of `selected`.
 *
 * @throws RangeError for a threshold outside [0, 1] or two documents with one id.
 * @remarks Linear in the total length: about 10,000 news articles a second, 7 KB each. A group of n copies costs at
 * most 32 comparisons a slot and member.
 * @see Broder (1997), On the resemblance and containment of documents, doi:10.1109/SEQUEN.1997.666900
 * @example
 * const text = 'The ferry to the island left the old harbour at noon on Monday with two hundred people on board.';
 * const { groups } = deduplicate([{ id: 'a', text }, { id: 'b', text: `Advertisement: ${text}` }, { id: 'c', text: 'Rain.' }]);
 * groups[0]?.duplicates[0]?.reason // => 'near'
 */
export function deduplicate<Document extends DedupDocument>(
  documents: readonly Document[],
  options: DeduplicateOptions = {},
): DedupResult<Document> {
  const search = findLinks('deduplicate', documents, options);
  return assembleGroups(documents, search, search.links, options.primary);
}

/** What a search for copies found. */
export interface LinkSearch {
  readonly texts: DistinctTexts;
  readonly near: NearDuplicates;
  readonly links: readonly DuplicateLink[];
  /** Pairs that share too much for chance and too little for a copy. */
  readonly unsure: readonly (readonly [number, number])[];
}

/** Proposes and judges pairs of distinct texts. */
export function findLinks(
  caller: string,
  documents: readonly DedupDocument[],
  options: DeduplicateOptions,
): LinkSearch {
  const limits = fillThresholds(caller, options);
  checkOneOf(caller, 'primary', options.primary ?? 'newest', ['newest', 'oldest', 'longest']);
  checkIds(caller, documents);
  const texts = distinctTexts(
    documents.map((document) => document.text),
    options.hash,
  );
  const near = new NearDuplicates(limits, options.shingles ?? {}, texts.first.length);
  const links: DuplicateLink[] = [];
  const unsure: (readonly [number, number])[] = [];
  texts.first.forEach((document, b) => {
    for (const { entry: a, verdict } of near.add(documents[document]!.text)) {
      if (verdict.status === 'unsure') unsure.push([a, b]);
      else if (verdict.status === 'duplicate')
        links.push({ a, b, reason: verdict.reason, similarity: verdict.similarity });
    }
  });
  return { texts, near, links, unsure };
}

/** Groups the documents by links between their texts. */
export function assembleGroups<Document extends DedupDocument>(
  documents: readonly Document[],
  { texts, near }: LinkSearch,
  links: readonly DuplicateLink[],
  primary: PrimaryChoice = 'newest',
): DedupResult<Document> {
  const groups = duplicateGroups(documents, texts, links, primary, (a, b) => near.compare(a, b));
  const repeated = new Set(groups.flatMap((group) => group.duplicates.map((member) => member.id)));
  return { selected: documents.filter((document) => !repeated.has(document.id)), groups };
}

/** @throws RangeError when two documents share an id. */
function checkIds(caller: string, documents: readonly DedupDocument[]): void {
  const seen = new Set<string>();
  for (const { id } of documents) {
    if (seen.has(id)) {
      throw new RangeError(`The documents of ${caller} must have different ids. Got ${JSON.stringify(id)} twice.`);
    }
    seen.add(id);
  }
}
