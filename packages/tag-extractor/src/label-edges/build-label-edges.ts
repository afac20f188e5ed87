import { checkInteger, checkNumber } from '@matome/primitives/options';

/** What one article contributes: its final genre, and its tags best first. */
export interface LabelRecord {
  readonly genre: string;
  readonly tags: readonly { readonly name: string; readonly confidence: number }[];
  readonly observedAt: Date;
}

/** How strongly a tag points to a genre. */
export interface LabelEdge {
  readonly genre: string;
  readonly tag: string;
  /** Mean confidence, in [0, 1], rounded to 6 decimals. */
  readonly weight: number;
  /** Articles behind it. */
  readonly sampleSize: number;
  readonly lastObservedAt: Date;
}

/** Options of `buildLabelEdges`. */
export interface LabelEdgeOptions {
  /** Milliseconds since 1970: the end of the window. */
  readonly now: number;
  /** Records older than this many days are left out. */
  readonly windowDays: number;
  /** Tags of an article that count, best first. @default 6 */
  readonly maxTags?: number;
  /** Tags below are left out. @default 0.55 */
  readonly minConfidence?: number;
  /** Edges with fewer articles are left out; at least 1. @default 3 */
  readonly minSupport?: number;
}

const dayMs = 86_400_000;

/**
 * Counts which tags go with which genres over the last days.
 *
 * Genres and tags are compared in lower case without surrounding space; a record without a genre counts as `other`; a tag
 * that stands twice in an article counts once, with its highest confidence.
 *
 * @returns edges ordered by genre, falling weight, tag.
 * @throws RangeError if an option is out of range.
 * @remarks O(records · maxTags + edges · log edges).
 * @example
 * const record = { genre: 'Economy', tags: [{ name: 'Key rate', confidence: 0.9 }], observedAt: new Date(0) };
 * const [edge] = buildLabelEdges([record, record, record], { now: 1000, windowDays: 7 });
 * [edge.genre, edge.tag, edge.weight, edge.sampleSize] // => ['economy', 'key rate', 0.9, 3]
 */
export function buildLabelEdges(records: Iterable<LabelRecord>, options: LabelEdgeOptions): LabelEdge[] {
  const caller = 'buildLabelEdges';
  const now = checkNumber(caller, 'now', options.now, {});
  const windowDays = checkNumber(caller, 'windowDays', options.windowDays, { min: 0, exclusiveMin: true });
  const maxTags = checkInteger(caller, 'maxTags', options.maxTags ?? 6, { min: 1 });
  const minConfidence = checkNumber(caller, 'minConfidence', options.minConfidence ?? 0.55, { min: 0, max: 1 });
  const minSupport = checkInteger(caller, 'minSupport', options.minSupport ?? 3, { min: 0 });
  const sums = new Map<string, Sum>();
  for (const record of records) {
    const observed = record.observedAt.getTime();
    if (!(observed >= now - windowDays * dayMs && observed <= now)) continue;
    const genre = normalizeLabel(record.genre) || 'other';
    for (const [tag, confidence] of bestTags(record, maxTags, minConfidence)) {
      const key = `${genre}\u0000${tag}`;
      const sum = sums.get(key);
      if (sum) {
        sum.total += confidence;
        sum.support++;
        sum.last = Math.max(sum.last, observed);
      } else sums.set(key, { genre, tag, total: confidence, support: 1, last: observed });
    }
  }
  return [...sums.values()]
    .filter(({ support }) => support >= Math.max(1, minSupport))
    .map(({ genre, tag, total, support, last }) => ({
      genre,
      tag,
      weight: Math.min(1, Math.max(0, Math.round((total / support) * 1e6) / 1e6)),
      sampleSize: support,
      lastObservedAt: new Date(last),
    }))
    .sort((a, b) => compare(a.genre, b.genre) || b.weight - a.weight || compare(a.tag, b.tag));
}

interface Sum {
  readonly genre: string;
  readonly tag: string;
  total: number;
  support: number;
  last: number;
}

function bestTags({ tags }: LabelRecord, maxTags: number, minConfidence: number): Map<string, number> {
  const best = new Map<string, number>();
  for (const { name, confidence } of tags.slice(0, maxTags)) {
    const tag = normalizeLabel(name);
    if (tag === '' || !(confidence >= minConfidence)) continue;
    best.set(tag, Math.max(best.get(tag) ?? 0, confidence));
  }
  return best;
}

/** Rows of a database may lack a label, whatever their type says. */
function normalizeLabel(label: string | null | undefined): string {
  return (label ?? '').normalize('NFC').trim().toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
