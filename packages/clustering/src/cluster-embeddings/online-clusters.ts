import { type Matrix, normalizeRows, quantile } from '@matome/primitives/linalg';
import { checkInteger, checkMatrix, checkNumber } from '@matome/primitives/options';
import { unitRows } from '../hdbscan/unit-rows.js';
import { nearestCentroids } from '../k-means/centroid-model.js';
import { clusterEmbeddings } from './cluster-embeddings.js';
import { membersOf } from './clusters.js';
import type { EmbeddingClusterOptions, EmbeddingClusters } from './embedding-cluster-options.js';

/** Options of `OnlineClusters.start`. */
export interface OnlineClusterOptions {
  /** Share of a cluster's rows within its radius. @default 0.95 */
  readonly radiusQuantile?: number;
  /** How far beyond the radius a new row may lie, as a factor. @default 1.2 */
  readonly slack?: number;
  /** Drift from which clusters should be found anew, in [0, 1]. @default 0.2 */
  readonly maxDrift?: number;
  /** Fewest new rows on which drift is judged. @default 50 */
  readonly minRows?: number;
}

/** Where new rows belong. */
export interface Assignment {
  /** Identity of the cluster of each row; -1 outside of all. */
  readonly labels: Int32Array;
  /** Euclidean distance to the nearest centroid, between unit vectors under the cosine metric. */
  readonly distances: Float32Array;
}

/** What a refresh did. */
export interface Refresh {
  readonly clusters: EmbeddingClusters;
  /** Identity of each row: clusters that go on keep theirs. */
  readonly labels: Int32Array;
  /** Identities that appeared and disappeared. */
  readonly added: readonly number[];
  readonly removed: readonly number[];
  /** Stands for the new clusters. */
  readonly model: OnlineClusters;
}

interface Parts {
  readonly centroids: Matrix;
  readonly radii: Float64Array;
  readonly ids: Int32Array;
  readonly nextId: number;
  readonly metric: 'euclidean' | 'cosine';
  readonly options: Required<OnlineClusterOptions>;
}

/**
 * Clusters that new rows are assigned to as they come, and that notice when the stream has moved on.
 *
 * @example
 * const rows = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? [1, i / 100, 0] : [0, i / 100, 1]));
 * const x = matrixFromRows(rows);
 * const online = OnlineClusters.start(x, await clusterEmbeddings(x));
 * [...online.assign(matrixFromRows([[1, 0.2, 0], [-1, 0, 0]])).labels] // => [0, -1]
 */
export class OnlineClusters {
  /** Identity of each centroid. */
  readonly ids: Int32Array;
  readonly centroids: Matrix;
  readonly #parts: Parts;
  #seen = 0;
  #outside = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.ids = parts.ids;
    this.centroids = parts.centroids;
  }

  /**
   * Takes over the clusters of `clusterEmbeddings`; identities are their labels.
   *
   * @param x - the rows that were clustered.
   * @throws RangeError if the rows are not as many as the labels or not as wide as the centroids, a value is not finite, or an option is out of range.
   * @remarks O(n d).
   */
  static start(x: Matrix, clusters: EmbeddingClusters, options: OnlineClusterOptions = {}): OnlineClusters {
    const caller = 'OnlineClusters.start';
    checkInteger(caller, 'x.rows', x.rows, { min: clusters.labels.length, max: clusters.labels.length });
    checkMatrix(caller, x);
    if (clusters.nClusters > 0) {
      checkInteger(caller, 'x.cols', x.cols, { min: clusters.centroids.cols, max: clusters.centroids.cols });
    }
    const { radiusQuantile = 0.95, slack = 1.2, maxDrift = 0.2, minRows = 50 } = options;
    checkNumber(caller, 'radiusQuantile', radiusQuantile, { min: 0, max: 1 });
    checkNumber(caller, 'slack', slack, { min: 0, exclusiveMin: true });
    checkNumber(caller, 'maxDrift', maxDrift, { min: 0, max: 1 });
    checkInteger(caller, 'minRows', minRows, { min: 1 });
    const checked = { radiusQuantile, slack, maxDrift, minRows };
    const { centroids, metric, nClusters } = clusters;
    const ids = Int32Array.from({ length: nClusters }, (_, c) => c);
    const radii = clusterRadii(x, clusters, radiusQuantile);
    return new OnlineClusters({ centroids, radii, ids, nextId: nClusters, metric, options: checked });
  }

  /**
   * The cluster of each row: the one with the nearest centroid, if the row lies within its radius.
   *
   * @param x - m × d, finite.
   * @throws RangeError if the width is not that of the clusters or a value is not finite.
   * @remarks O(m k d). Counts towards `drift`.
   */
  assign(x: Matrix): Assignment {
    const { centroids, radii, ids, metric, options } = this.#parts;
    const labels = new Int32Array(x.rows).fill(-1);
    const distances = new Float32Array(x.rows).fill(Number.POSITIVE_INFINITY);
    checkMatrix('OnlineClusters.assign', x);
    if (centroids.rows === 0) {
      this.#seen += x.rows;
      this.#outside += x.rows;
      return { labels, distances };
    }
    const rows = metric === 'cosine' ? normalizeRows(x) : x;
    const nearest = nearestCentroids('OnlineClusters.assign', rows, centroids);
    // Rows that were refused are none that came.
    this.#seen += x.rows;
    for (let i = 0; i < x.rows; i++) {
      const c = nearest.labels[i]!;
      distances[i] = Math.sqrt(nearest.squaredDistances[i]!);
      if (distances[i]! <= options.slack * radii[c]!) labels[i] = ids[c]!;
      else this.#outside++;
    }
    return { labels, distances };
  }

  /** Share of the rows assigned so far that lie outside of all clusters; 0 before there are `minRows`. */
  get drift(): number {
    return this.#seen < this.#parts.options.minRows ? 0 : this.#outside / this.#seen;
  }

  /** Whether the drift has passed its bound. */
  get needsRefresh(): boolean {
    return this.drift > this.#parts.options.maxDrift;
  }

  /**
   * Finds the clusters of a newer set of rows; a cluster whose centroid lies within the radius of an old one goes on under
   * its identity.
   *
   * @param x - the rows to cluster, old and new ones as wanted.
   * @throws as `clusterEmbeddings`.
   * @remarks As `clusterEmbeddings`.
   */
  async refresh(x: Matrix, options: EmbeddingClusterOptions = {}): Promise<Refresh> {
    const { metric, options: own, ids: oldIds } = this.#parts;
    const clusters = await clusterEmbeddings(x, { metric, ...options });
    const { ids, nextId } = matchClusters(this.#parts, clusters);
    const radii = clusterRadii(x, clusters, own.radiusQuantile);
    const { centroids } = clusters;
    const model = new OnlineClusters({ centroids, radii, ids, nextId, metric: clusters.metric, options: own });
    const labels = clusters.labels.map((label) => (label < 0 ? -1 : ids[label]!));
    const added = [...ids].filter((id) => !oldIds.includes(id));
    const removed = [...oldIds].filter((id) => !ids.includes(id));
    return { clusters, labels, added, removed, model };
  }
}

/** Distance to the centroid within which the given share of a cluster's rows lies. */
function clusterRadii(x: Matrix, clusters: EmbeddingClusters, share: number): Float64Array {
  const { labels, centroids, metric } = clusters;
  const rows = metric === 'cosine' ? unitRows(x) : x;
  const { cols } = centroids;
  const radii = membersOf(labels).map((members, c) => {
    const distances = Float64Array.from(members, (i) => {
      let squared = 0;
      for (let t = 0; t < cols; t++) squared += (rows.data[i * rows.cols + t]! - centroids.data[c * cols + t]!) ** 2;
      return Math.sqrt(squared);
    });
    return quantile(distances, share);
  });
  // A cluster of equal rows has no extent of its own: it gets that of the others.
  const positive = radii.filter((radius) => radius > 0);
  const usual = positive.length > 0 ? quantile(positive, 0.5) : 0;
  return Float64Array.from(radii, (radius) => radius || usual);
}

/** Pairs new clusters with old ones, the nearest pair first; each is used once. */
function matchClusters(old: Parts, clusters: EmbeddingClusters): { readonly ids: Int32Array; readonly nextId: number } {
  const { centroids, nClusters } = clusters;
  const ids = new Int32Array(nClusters).fill(-1);
  const pairs: { a: number; b: number; distance: number }[] = [];
  for (let a = 0; a < old.centroids.rows && old.centroids.cols === centroids.cols; a++) {
    for (let b = 0; b < nClusters; b++) {
      let squared = 0;
      for (let t = 0; t < centroids.cols; t++) {
        squared += (old.centroids.data[a * centroids.cols + t]! - centroids.data[b * centroids.cols + t]!) ** 2;
      }
      if (Math.sqrt(squared) <= old.radii[a]!) pairs.push({ a, b, distance: squared });
    }
  }
  pairs.sort((p, q) => p.distance - q.distance || p.a - q.a || p.b - q.b);
  const taken = new Set<number>();
  for (const { a, b } of pairs) {
    if (taken.has(a) || ids[b] !== -1) continue;
    taken.add(a);
    ids[b] = old.ids[a]!;
  }
  let nextId = old.nextId;
  for (let b = 0; b < nClusters; b++) if (ids[b] === -1) ids[b] = nextId++;
  return { ids, nextId };
}
