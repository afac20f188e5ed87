import { KMeans, silhouette } from '@matome/clustering';
import { matrixFromRows } from '@matome/primitives/linalg';
import { checkInteger } from '@matome/primitives/options';
import { createRandom } from '@matome/primitives/random';
import type { Genre } from '../genre/genre-types.js';
import type { LearningEntry } from './learning-entry.js';

/** Groups of decisions inside a genre that were reached in different ways. */
export interface GenreDraft {
  readonly genre: Genre;
  readonly entries: number;
  readonly clusters: readonly {
    readonly size: number;
    readonly averageMargin: number;
    readonly averageTopBoost: number;
    readonly averageTagCount: number;
    readonly topTags: readonly string[];
  }[];
  /** Mean silhouette of the groups, in [-1, 1]. */
  readonly silhouette: number;
}

/** Options of `draftReorganization`. */
export interface DraftOptions {
  /** Genres to look at. @default all that have enough entries */
  readonly genres?: readonly Genre[];
  /** Entries a genre needs. @default 30 */
  readonly minEntries?: number;
  /** Most groups. @default 6 */
  readonly maxClusters?: number;
  /** @default 42 */
  readonly seed?: number;
}

/**
 * Shows people where a genre may be two: groups of its decisions by margin, boost, tags and candidates. Nothing is changed
 * by it.
 *
 * @returns by genre; a genre that does not fall into groups is left out.
 * @throws RangeError for options out of range.
 * @remarks O(entries · clusters) per genre and number of clusters, O(entries²) for the silhouette.
 * @example
 * draftReorganization([]) // => []
 */
export function draftReorganization(entries: readonly LearningEntry[], options: DraftOptions = {}): GenreDraft[] {
  const { minEntries = 30, maxClusters = 6, seed = 42 } = options;
  checkInteger('draftReorganization', 'minEntries', minEntries, { min: 2 });
  checkInteger('draftReorganization', 'maxClusters', maxClusters, { min: 2 });
  const names = options.genres ?? [...new Set(entries.map(({ genre }) => genre))].sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((genre) => {
    const own = entries.filter((entry) => entry.genre === genre);
    if (own.length < Math.max(minEntries, 3)) return [];
    const x = matrixFromRows(standardized(own));
    let best: { labels: Int32Array; score: number } | undefined;
    for (let k = 2; k <= Math.min(maxClusters, own.length - 1); k++) {
      const { labels } = KMeans.fit(x, { nClusters: k, nInit: 10, random: createRandom(seed) });
      const score = silhouette(x, labels).mean;
      if (score > (best?.score ?? 0)) best = { labels, score };
    }
    if (best === undefined) return [];
    return [{ genre, entries: own.length, clusters: describe(own, best.labels), silhouette: best.score }];
  });
}

function standardized(entries: readonly LearningEntry[]): number[][] {
  const rows = entries.map((e) => [
    e.margin,
    e.topBoost,
    e.tagCount,
    e.candidateCount,
    e.tagEntropy,
    e.topBoost > 0 ? 1 : 0,
  ]);
  const n = rows.length;
  const means = rows[0]!.map((_, j) => rows.reduce((sum, r) => sum + r[j]!, 0) / n);
  const spreads = means.map((mean, j) => Math.sqrt(rows.reduce((sum, r) => sum + (r[j]! - mean) ** 2, 0) / n) || 1);
  return rows.map((r) => r.map((value, j) => (value - means[j]!) / spreads[j]!));
}

function describe(entries: readonly LearningEntry[], labels: Int32Array): GenreDraft['clusters'] {
  const groups = new Map<number, LearningEntry[]>();
  entries.forEach((entry, i) => {
    const group = groups.get(labels[i]!);
    if (group) group.push(entry);
    else groups.set(labels[i]!, [entry]);
  });
  return [...groups.values()].map((group) => {
    const average = (value: (entry: LearningEntry) => number) =>
      group.reduce((sum, e) => sum + value(e), 0) / group.length;
    const tags = new Map<string, number>();
    for (const { name } of group.flatMap(({ topTags }) => topTags)) tags.set(name, (tags.get(name) ?? 0) + 1);
    const ranked = [...tags].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    return {
      size: group.length,
      averageMargin: average(({ margin }) => margin),
      averageTopBoost: average(({ topBoost }) => topBoost),
      averageTagCount: average(({ tagCount }) => tagCount),
      topTags: ranked.slice(0, 5).map(([name]) => name),
    };
  });
}
