import { DisjointSet } from '@matome/primitives/collections';
import type { DedupDocument } from './deduplicate.js';
import type { DistinctTexts } from './exact-copies.js';
import type { DuplicateReason, PairVerdict } from './judge-pair.js';

/** Which member of a group stands for it. */
export type PrimaryChoice = 'newest' | 'oldest' | 'longest';

/** A document that repeats the primary of its group. */
export interface DuplicateMember {
  readonly id: string;
  /** To the primary, in [0, 1]: 1 for the same text, else the share of the two texts that is found in the other. */
  readonly similarity: number;
  /** True when the normalised texts are the same. */
  readonly exact: boolean;
  readonly reason: DuplicateReason;
}

/** Documents that are copies of each other. */
export interface DuplicateGroup {
  readonly primaryId: string;
  /** The others, most similar first, then by id. */
  readonly duplicates: readonly DuplicateMember[];
}

/** Two distinct texts that were found to be copies. */
export interface DuplicateLink {
  readonly a: number;
  readonly b: number;
  readonly reason: DuplicateReason;
  readonly similarity: number;
}

/**
 * Forms the connected components of the links and describes each from its primary.
 *
 * @param compare - judges two distinct texts; asked for members that no link joins to the primary's text.
 * @returns groups of two and more, by the id of the primary.
 */
export function duplicateGroups(
  documents: readonly DedupDocument[],
  texts: DistinctTexts,
  links: readonly DuplicateLink[],
  choice: PrimaryChoice,
  compare: (a: number, b: number) => PairVerdict,
): DuplicateGroup[] {
  const sets = new DisjointSet(texts.first.length);
  for (const link of links) sets.union(link.a, link.b);
  const members = new Map<number, number[]>();
  documents.forEach((_, i) => {
    const root = sets.find(texts.of[i]!);
    const list = members.get(root);
    if (list === undefined) members.set(root, [i]);
    else list.push(i);
  });
  const known = new Map<string, DuplicateLink>();
  const strongest = new Map<number, DuplicateLink>();
  for (const link of links) {
    known.set(pairKey(link.a, link.b), link);
    for (const end of [link.a, link.b]) {
      if ((strongest.get(end)?.similarity ?? -1) < link.similarity) strongest.set(end, link);
    }
  }
  const groups: DuplicateGroup[] = [];
  for (const list of members.values()) {
    if (list.length < 2) continue;
    const ordered = [...list].sort((a, b) => byPreference(documents[a]!, documents[b]!, choice));
    const primary = ordered[0]!;
    const relate = (i: number): DuplicateMember => {
      const { id } = documents[i]!;
      const [a, b] = [texts.of[primary]!, texts.of[i]!];
      if (a === b) return { id, similarity: 1, exact: true, reason: 'exact' };
      const link = known.get(pairKey(a, b));
      if (link !== undefined)
        return { id, similarity: link.similarity, exact: link.reason === 'exact', reason: link.reason };
      const verdict = compare(a, b);
      const reason = verdict.status === 'duplicate' ? verdict.reason : strongest.get(b)!.reason;
      return { id, similarity: verdict.similarity, exact: false, reason };
    };
    const duplicates = ordered.slice(1).map(relate);
    duplicates.sort((a, b) => b.similarity - a.similarity || compareIds(a.id, b.id));
    groups.push({ primaryId: documents[primary]!.id, duplicates });
  }
  return groups.sort((a, b) => compareIds(a.primaryId, b.primaryId));
}

function pairKey(a: number, b: number): string {
  return a < b ? `${a},${b}` : `${b},${a}`;
}

/** A document without a date counts as the oldest; equals are ordered by id. */
function byPreference(a: DedupDocument, b: DedupDocument, choice: PrimaryChoice): number {
  const length = choice === 'longest' ? b.text.length - a.text.length : 0;
  const age = time(b) - time(a);
  return length || (choice === 'oldest' ? -age : age) || compareIds(a.id, b.id);
}

function time(document: DedupDocument): number {
  const value = document.publishedAt?.getTime() ?? Number.NaN;
  return Number.isNaN(value) ? 0 : value;
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
