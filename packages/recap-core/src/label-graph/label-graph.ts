import type { Genre } from '../genre/genre-types.js';
import { type LabelEdge, normalizeLabel } from './build-label-graph.js';

/**
 * Edges of a label graph, looked up by tag.
 *
 * @example
 * const edge = { genre: 'sports', tag: 'league', weight: 0.8, support: 4, lastSeen: new Date(0) };
 * new LabelGraph([edge], new Date(0)).weight('sports', 'league') // => 0.8
 */
export class LabelGraph {
  /** When the edges were built. */
  readonly builtAt: Date;
  readonly #byTag = new Map<string, Map<Genre, number>>();

  /**
   * @param edges - as `buildLabelGraph` gives them; of two edges of one pair the last counts.
   * @example
   * const edge = { genre: 'sports', tag: 'league', weight: 0.8, support: 4, lastSeen: new Date(0) };
   * new LabelGraph([edge], new Date(0)).weight('sports', ' League ') // => 0.8
   */
  constructor(edges: readonly LabelEdge[], builtAt: Date) {
    this.builtAt = builtAt;
    for (const { genre, tag, weight } of edges) {
      const key = normalizeLabel(tag);
      const genres = this.#byTag.get(key);
      if (genres) genres.set(genre, weight);
      else this.#byTag.set(key, new Map([[genre, weight]]));
    }
  }

  /** Whether there is no edge. */
  get isEmpty(): boolean {
    return this.#byTag.size === 0;
  }

  /** Weight of the edge between a genre and a tag; 0 when there is none. */
  weight(genre: Genre, tag: string): number {
    return this.#byTag.get(normalizeLabel(tag))?.get(genre) ?? 0;
  }

  /** Genres a tag speaks for, with their weights. */
  genresOf(tag: string): ReadonlyMap<Genre, number> {
    return this.#byTag.get(normalizeLabel(tag)) ?? new Map<Genre, number>();
  }

  /**
   * Σ weight · confidence of the tags, per genre that any of them speaks for, in code point order of the genres.
   */
  boosts(tags: readonly { readonly name: string; readonly confidence: number }[]): ReadonlyMap<Genre, number> {
    const sums = new Map<Genre, number>();
    for (const { name, confidence } of tags) {
      for (const [genre, weight] of this.genresOf(name)) sums.set(genre, (sums.get(genre) ?? 0) + weight * confidence);
    }
    return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Whether the edges are older than `maxAgeMs`. */
  isStale(now: Date, maxAgeMs = 900_000): boolean {
    return now.getTime() - this.builtAt.getTime() > maxAgeMs;
  }
}

/** Options of `createLabelGraphSource`. */
export interface LabelGraphSourceOptions {
  /** Reads the edges of the wanted window. */
  readonly load: () => Promise<readonly LabelEdge[]>;
  readonly now: () => Date;
  /** Edges younger than this are used again. @default 900000, a quarter of an hour */
  readonly maxAgeMs?: number;
  /** Is told when loading failed and older edges, or none, are used instead. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Keeps a label graph fresh: one load at a time, shared by all who ask; when a load fails the last graph is served, or an
 * empty one when there is none yet.
 *
 * @example
 * const source = createLabelGraphSource({ load: async () => [], now: () => new Date(0) });
 * (await source()).isEmpty // => true
 */
export function createLabelGraphSource(options: LabelGraphSourceOptions): () => Promise<LabelGraph> {
  const { load, now, maxAgeMs = 900_000, onError } = options;
  let held: LabelGraph | undefined;
  let loading: Promise<LabelGraph> | undefined;
  const refresh = async (): Promise<LabelGraph> => {
    try {
      held = new LabelGraph(await load(), now());
      return held;
    } catch (error) {
      onError?.(error);
      return held ?? new LabelGraph([], new Date(0));
    } finally {
      loading = undefined;
    }
  };
  return async () => {
    if (held && !held.isStale(now(), maxAgeMs)) return held;
    loading ??= refresh();
    return loading;
  };
}
