import { type Cooperative, runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { checkMatrix, checkOneOf } from '@matome/primitives/options';
import { type ClusterDensity, clusterDensitySteps } from './cluster-density.js';
import { densitySeparationSteps } from './density-separation.js';

/** Options of `dbcv`. */
export interface DbcvOptions {
  /**
   * `hdbscan`: distances as they are, edges between inner nodes or, without such, all; as the `validity_index` of the
   * hdbscan package. `authors`: squared distances, as the program of the paper's authors.
   * @default 'hdbscan'
   */
  readonly definition?: 'hdbscan' | 'authors';
}

/** What `dbcv` measured. */
export interface Dbcv {
  /** Mean validity of the clusters, weighted by size; rows with label -1 weigh in as 0. In [-1, 1]. */
  readonly score: number;
  /** Validity of each cluster, in the order of their first rows. */
  readonly perCluster: Float64Array;
}

/**
 * Density-based clustering validation: do the sparsest spots inside of clusters lie denser than the gaps between them?
 *
 * Two definitions are in use and give different numbers; compare only values of one. Densities are summed as logarithms,
 * so that many columns neither overflow nor vanish. Equal rows count as no distance (their density would be infinite).
 *
 * @param x - n × d, finite.
 * @param labels - n labels; -1 for rows in no cluster.
 * @returns score NaN for fewer than two clusters.
 * @throws RangeError if lengths differ or a value is not finite.
 * @remarks O(n² d) time for the gaps, O(n) memory; 30 ms for 2,000 × 10.
 * @see Moulavi, Jaskowiak, Campello, Zimek, Sander (2014), doi:10.1137/1.9781611973440.96
 * @example
 * const x = { data: new Float32Array([0, 1, 2, 3, 50, 51, 52, 53]), rows: 8, cols: 1 };
 * dbcv(x, [0, 0, 0, 0, 1, 1, 1, 1]).score > 0.9 // => true
 */
export function dbcv(x: Matrix, labels: ArrayLike<number>, options: DbcvOptions = {}): Dbcv {
  return runSync(dbcvSteps(x, labels, options));
}

/**
 * `dbcv` in steps of a few milliseconds, for `runAsync` and `withDeadline`.
 *
 * @example
 * const x = { data: new Float32Array([0, 1, 2, 50, 51, 52]), rows: 6, cols: 1 };
 * (await runAsync(dbcvSteps(x, [0, 0, 0, 1, 1, 1]))).perCluster.length // => 2
 */
export function* dbcvSteps(x: Matrix, labels: ArrayLike<number>, options: DbcvOptions = {}): Cooperative<Dbcv> {
  const definition = checkOneOf('dbcv', 'definition', options.definition ?? 'hdbscan', ['hdbscan', 'authors']);
  checkMatrix('dbcv', x);
  if (labels.length !== x.rows) {
    throw new RangeError(`The labels of dbcv must be as many as rows. Got ${labels.length} for ${x.rows} rows.`);
  }
  const groups = groupRows(labels);
  const clusters: ClusterDensity[] = [];
  for (const rows of groups) {
    clusters.push(yield* clusterDensitySteps(x, rows, definition === 'authors'));
    yield { stage: 'dbcv', completed: clusters.length, total: groups.length + 1 };
  }
  if (clusters.length < 2) return { score: Number.NaN, perCluster: new Float64Array(clusters.length).fill(Number.NaN) };
  const squared = definition === 'authors';
  // A pair of rows has no inner member: then the hdbscan definition measures from all.
  const members = ({ inner, rows }: ClusterDensity) =>
    inner.length > 0 || squared ? inner : Int32Array.from(rows.keys());
  const gaps = yield* densitySeparationSteps(x, clusters, members, squared);
  const perCluster = gaps.map((gap, c) => validity(clusters[c]!, gap, definition));
  const score = groups.reduce((sum, rows, c) => sum + (rows.length / x.rows) * perCluster[c]!, 0);
  return { score, perCluster };
}

function validity(cluster: ClusterDensity, gap: number, definition: 'hdbscan' | 'authors'): number {
  const sparseness = cluster.innerEdge ?? (definition === 'authors' ? 0 : cluster.heaviest);
  if (gap === Number.POSITIVE_INFINITY) return 0;
  const larger = Math.max(gap, sparseness);
  return larger === 0 ? 0 : (gap - sparseness) / larger;
}

function groupRows(labels: ArrayLike<number>): Int32Array[] {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === -1) continue;
    const group = groups.get(labels[i]!);
    if (group) group.push(i);
    else groups.set(labels[i]!, [i]);
  }
  return Array.from(groups.values(), (rows) => Int32Array.from(rows));
}
