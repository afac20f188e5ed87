import { checkInteger, checkNumber } from '@matome/primitives/options';
import type { Genre } from '../genre/genre-types.js';

/** How strongly a tag speaks for a genre. */
export interface LabelEdge {
  readonly genre: Genre;
  /** Trimmed, lower case. */
  readonly tag: string;
  /** In [0, 1]. */
  readonly weight: number;
  /** Articles of the genre that carry the tag. */
  readonly support: number;
  /** When the newest of them was seen. */
  readonly lastSeen: Date;
}

/** Where the genre of a record comes from. */
export type LabelOrigin = 'golden' | 'feedback' | 'decision';

/** An article with its genre and its tags. */
export interface LabelRecord {
  readonly articleId?: string;
  readonly genre: Genre;
  readonly tags: readonly { readonly name: string; readonly confidence: number }[];
  readonly observedAt: Date;
  /** @default 'decision' */
  readonly origin?: LabelOrigin;
}

/** Options of `buildLabelGraph`. */
export interface LabelGraphOptions {
  /** The end of the window. */
  readonly now: Date;
  /** Records older than this are left out. */
  readonly windowDays: number;
  /** Tags read of each record, from the first. @default 6 */
  readonly maxTags?: number;
  /** Least confidence of a tag. @default 0.3 */
  readonly minConfidence?: number;
  /** Articles an edge needs. @default 3 */
  readonly minSupport?: number;
  /**
   * Origins that count. Leaving out `decision` keeps the graph from repeating what was decided by it.
   * @default all
   */
  readonly origins?: readonly LabelOrigin[];
}

const dayMs = 86_400_000;
/** Which record of one article counts: what a person said goes before what was decided. */
const trust: Readonly<Record<LabelOrigin, number>> = { decision: 0, golden: 1, feedback: 2 };

/**
 * Learns from labelled articles which tags speak for which genre: mean confidence of the tag in the genre, times
 * 0.7 + 0.3 · how rare the tag is.
 *
 * @returns edges by genre, then falling weight, then tag.
 * @throws RangeError for options out of range.
 * @remarks O(records · tags + edges log edges).
 * @example
 * const record = { genre: 'sports', tags: [{ name: 'League', confidence: 0.9 }], observedAt: new Date(0) };
 * buildLabelGraph([record, record, record], { now: new Date(1000), windowDays: 7 })[0].tag // => 'league'
 */
export function buildLabelGraph(records: readonly LabelRecord[], options: LabelGraphOptions): LabelEdge[] {
  const { now, windowDays, maxTags = 6, minConfidence = 0.3, minSupport = 3 } = options;
  const { origins = ['golden', 'feedback', 'decision'] } = options;
  const caller = 'buildLabelGraph';
  checkNumber(caller, 'windowDays', windowDays, { min: 0, exclusiveMin: true });
  checkInteger(caller, 'maxTags', maxTags, { min: 1 });
  checkInteger(caller, 'minSupport', minSupport, { min: 1 });
  checkNumber(caller, 'minConfidence', minConfidence, { min: 0, max: 1 });
  const from = now.getTime() - windowDays * dayMs;
  const current = mostTrusted(records).filter(
    ({ observedAt, origin = 'decision' }) =>
      observedAt.getTime() >= from && observedAt.getTime() <= now.getTime() && origins.includes(origin),
  );
  const tagFrequency = new Map<string, number>();
  const sums = new Map<string, { genre: Genre; tag: string; confidence: number; support: number; lastSeen: number }>();
  for (const { genre, tags, observedAt } of current) {
    for (const [tag, confidence] of usableTags(tags.slice(0, maxTags), minConfidence)) {
      tagFrequency.set(tag, (tagFrequency.get(tag) ?? 0) + 1);
      const key = `${genre}\u0000${tag}`;
      const sum = sums.get(key) ?? { genre, tag, confidence: 0, support: 0, lastSeen: 0 };
      sum.confidence += confidence;
      sum.support++;
      sum.lastSeen = Math.max(sum.lastSeen, observedAt.getTime());
      sums.set(key, sum);
    }
  }
  const highest = Math.log(current.length + 1);
  const edges = [...sums.values()].filter(({ support }) => support >= minSupport);
  return edges
    .map(({ genre, tag, confidence, support, lastSeen }) => {
      const idf = Math.log(current.length / (tagFrequency.get(tag)! + 1) + 1);
      const weight = (confidence / support) * (0.7 + (0.3 * idf) / highest);
      const rounded = Math.min(1, Math.max(0, Math.round(weight * 1e6) / 1e6));
      return { genre, tag, weight: rounded, support, lastSeen: new Date(lastSeen) };
    })
    .sort((a, b) => compareText(a.genre, b.genre) || b.weight - a.weight || compareText(a.tag, b.tag));
}

/** The form in which tags and genre names are compared. */
export function normalizeLabel(name: string): string {
  return name.trim().toLowerCase();
}

function usableTags(tags: LabelRecord['tags'], minConfidence: number): Map<string, number> {
  const usable = new Map<string, number>();
  for (const { name, confidence } of tags) {
    const tag = normalizeLabel(name);
    if (tag !== '' && confidence >= minConfidence && confidence > (usable.get(tag) ?? -1)) usable.set(tag, confidence);
  }
  return usable;
}

/** One record per article: the most trusted, then the newest, then the later one. Records without an id all count. */
function mostTrusted(records: readonly LabelRecord[]): readonly LabelRecord[] {
  const best = new Map<string, LabelRecord>();
  const rank = ({ origin = 'decision' }: LabelRecord) => trust[origin];
  for (const record of records) {
    if (record.articleId === undefined) continue;
    const held = best.get(record.articleId);
    const better =
      held === undefined ||
      rank(record) > rank(held) ||
      (rank(record) === rank(held) && record.observedAt.getTime() >= held.observedAt.getTime());
    if (better) best.set(record.articleId, record);
  }
  return records.filter((record) => record.articleId === undefined || best.get(record.articleId) === record);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
