import { logOdds } from '../calibration.js';
import type { Tag, TagOffset } from '../tag.js';
import { tagKey } from '../tag-names/tag-key.js';
import type { Neighbor } from './article-space.js';
import { fitLogistic, type WeightPrior } from './fit-logistic.js';
import type { TagsInUse } from './tags-in-use.js';

/** A tag that an article may get: one of its own, or one that articles like it carry. */
export interface TagProposal {
  /** Keys of all its names. */
  readonly keys: readonly string[];
  /** The key under which the collection knows it. */
  readonly inUse?: string;
  /** What the extractor found. */
  readonly own?: Tag;
  /** Where a tag stands that the extractor did not find. */
  readonly offsets: readonly TagOffset[];
  /** `evidenceWidth` numbers. */
  readonly evidence: readonly number[];
}

/** What is known of one article. */
export interface ArticleKnowledge {
  readonly tags: readonly Tag[];
  readonly neighbors: readonly Neighbor[];
  readonly tagsInUse: TagsInUse;
  /** Places of a name in the article. */
  readonly find: (name: string, key: string) => readonly TagOffset[];
  /** Keys that the article itself has put into `tagsInUse`: they are not counted. */
  readonly counted?: ReadonlySet<string>;
}

/** Share of the neighbours' votes below which a vote hardly counts. */
const smallShare = 0.02;
/** Columns: constant, own log odds, share and count of the own tags; constant, share, nearest, count and text of the others. */
const evidenceWidth = 9;

/**
 * Without a collection to learn from own tags keep their confidence and no other tag is given. The belief in the own tags
 * weighs as much as ten judged ones, as in `fitTagCalibration`; the others only keep the weights finite.
 */
export const evidencePrior: WeightPrior = {
  mean: [0, 1, 0, 0, -5, 0, 0, 0, 0],
  precision: [2.5, 10, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
};

/**
 * Lists what an article may be tagged with, and what speaks for it.
 *
 * Every neighbour votes for its tags with its similarity. A tag in use that the extractor found too is one proposal.
 *
 * @returns own tags in their order, then those of the neighbours, nearest first.
 */
export function proposeTags({ tags, neighbors, tagsInUse, find, counted }: ArticleKnowledge): TagProposal[] {
  const votes = countVotes(neighbors, tagsInUse);
  const countOf = (key: string) =>
    Math.log1p((tagsInUse.byKey.get(key)?.count ?? 0) - (counted?.has(key) === true ? 1 : 0));
  const shareOf = (key: string) => Math.log1p((votes.get(key)?.share ?? 0) / smallShare);
  const taken = new Set<string>();
  const proposals: TagProposal[] = [];
  for (const own of tags) {
    const keys = [own.name, ...own.aliases].map(tagKey);
    // Another name of a tag before it.
    if (taken.has(keys[0]!)) continue;
    const known = keys.filter((key) => countOf(key) > 0 && !taken.has(key));
    for (const key of keys) taken.add(key);
    const best = known.reduce((a, b) => (shareOf(b) > shareOf(a) ? b : a), known[0] ?? '');
    const evidence = [1, logOdds(own.confidence), shareOf(best), countOf(best), 0, 0, 0, 0, 0];
    proposals.push({ keys, ...(best === '' ? {} : { inUse: best }), own, offsets: own.offsets, evidence });
  }
  for (const [key, { nearest }] of votes) {
    if (taken.has(key)) continue;
    const offsets = find(tagsInUse.byKey.get(key)!.name, key);
    const evidence = [1, 0, 0, 0, 1, shareOf(key), nearest, countOf(key), offsets.length > 0 ? 1 : 0];
    proposals.push({ keys: [key], inUse: key, offsets, evidence });
  }
  return proposals;
}

/** Log odds of a proposal. */
export function weigh({ evidence }: TagProposal, weights: readonly number[]): number {
  return evidence.reduce((sum, value, a) => sum + value * weights[a]!, 0);
}

/**
 * Learns how much each kind of evidence counts, from articles whose tags are known.
 *
 * @param articles - proposals and the keys of the tags in truth.
 */
export function learnWeights(
  articles: readonly { readonly proposals: readonly TagProposal[]; readonly truth: ReadonlySet<string> }[],
): number[] {
  const count = articles.reduce((sum, { proposals }) => sum + proposals.length, 0);
  const x = new Float64Array(count * evidenceWidth);
  const y = new Float64Array(count);
  let at = 0;
  for (const { proposals, truth } of articles) {
    for (const { keys, evidence } of proposals) {
      x.set(evidence, at * evidenceWidth);
      y[at++] = keys.some((key) => truth.has(key)) ? 1 : 0;
    }
  }
  return fitLogistic(x, y, evidencePrior);
}

interface Votes {
  /** Of all votes, in (0, 1]. */
  readonly share: number;
  /** Similarity of the nearest neighbour with the tag. */
  readonly nearest: number;
}

function countVotes(neighbors: readonly Neighbor[], { keysOf }: TagsInUse): ReadonlyMap<string, Votes> {
  const total = neighbors.reduce((sum, { similarity }) => sum + similarity, 0);
  const votes = new Map<string, Votes>();
  for (const { article, similarity } of neighbors) {
    for (const key of keysOf[article]!) {
      const known = votes.get(key);
      const share = (known?.share ?? 0) + similarity / total;
      votes.set(key, { share, nearest: known?.nearest ?? similarity });
    }
  }
  return votes;
}
