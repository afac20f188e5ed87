import { buildLabelEdges, type LabelEdge, type LabelEdgeOptions, type LabelRecord } from './build-label-edges.js';

/** Where label records come from and edges go: implemented by the caller's storage. */
export interface LabelEdgeStore {
  /** Records observed since the given moment. */
  findLabelRecords(since: Date): Promise<Iterable<LabelRecord>> | AsyncIterable<LabelRecord>;
  /** Replaces the edges of a window at once: all of the new ones are in, all older ones are gone. */
  replaceLabelEdges(windowDays: number, edges: readonly LabelEdge[], refreshedAt: Date): Promise<void>;
}

/** Options of `refreshLabelEdges`. */
export interface RefreshLabelEdgesOptions extends Omit<LabelEdgeOptions, 'windowDays' | 'now'> {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** @default [7, 30] */
  readonly windowsDays?: readonly number[];
  /** Computes the edges and stores nothing. @default false */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** What happened to one window. */
export interface LabelEdgeRefresh {
  readonly windowDays: number;
  readonly edges: readonly LabelEdge[];
  /** `kept` when no edge was found: the stored ones stay. */
  readonly status: 'replaced' | 'kept' | 'dry-run';
}

/**
 * Rebuilds the label edges of every window from the stored records.
 *
 * A window without any edge keeps what is stored: an empty result more likely means missing records than a world without
 * labels.
 *
 * @throws what the store throws; RangeError if an option is out of range, before anything is read.
 * @remarks Reads the records once, for the longest window.
 * @example
 * const store = { findLabelRecords: async () => [], replaceLabelEdges: async () => undefined };
 * (await refreshLabelEdges(store, { now: () => 0 })).map(({ windowDays, status }) => `${windowDays} ${status}`) // => ['7 kept', '30 kept']
 */
export async function refreshLabelEdges(
  store: LabelEdgeStore,
  options: RefreshLabelEdgesOptions,
): Promise<LabelEdgeRefresh[]> {
  const { windowsDays = [7, 30], dryRun = false, signal, now, ...rest } = options;
  if (windowsDays.length === 0) throw new RangeError('The windowsDays option of refreshLabelEdges must hold a window.');
  const end = now();
  // Every option is looked at before the first window is replaced.
  for (const windowDays of windowsDays) buildLabelEdges([], { ...rest, now: end, windowDays });
  const since = new Date(end - Math.max(...windowsDays) * 86_400_000);
  const records: LabelRecord[] = [];
  for await (const record of await store.findLabelRecords(since)) {
    signal?.throwIfAborted();
    records.push(record);
  }
  const refreshes: LabelEdgeRefresh[] = [];
  for (const windowDays of windowsDays) {
    signal?.throwIfAborted();
    const edges = buildLabelEdges(records, { ...rest, now: end, windowDays });
    const status = dryRun ? 'dry-run' : edges.length === 0 ? 'kept' : 'replaced';
    if (status === 'replaced') await store.replaceLabelEdges(windowDays, edges, new Date(end));
    refreshes.push({ windowDays, edges, status });
  }
  return refreshes;
}
