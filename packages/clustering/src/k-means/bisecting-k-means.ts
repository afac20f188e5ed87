import { type Cooperative, runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkNumber } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import type { RowProducts } from '../wasm/row-products.js';
import { assignRows } from './assign-rows.js';
import { type BisectNode, bisectTreeFromJson, bisectTreeToJson } from './bisect-tree.js';
import { columnMeans, toMatrix, totalVariance } from './centre.js';
import { type LloydLimits, type LloydResult, lloydSteps } from './lloyd.js';
import { scaledProducts, scaleMatrix } from './scaled-products.js';
import { startCentroids } from './start-centroids.js';

/** Options of `BisectingKMeans.fit`; at least one of `nClusters` and `maxWeight` must be given. */
export interface BisectingKMeansOptions {
  /** Stops at so many clusters, in [1, n]. @default n when `maxWeight` is given */
  readonly nClusters?: number;
  /** Splits the heaviest cluster for as long as it weighs more than this. Without it the cluster of most inertia is split. */
  readonly maxWeight?: number;
  /** n non-negative weights, one a row. @default 1 each */
  readonly weights?: ArrayLike<number>;
  /** Clusters with fewer rows are never split. @default 2 */
  readonly minSplitSize?: number;
  /** Starts tried at each split. @default 1 */
  readonly nInit?: number;
  /** Most iterations of one start. @default 300 */
  readonly maxIterations?: number;
  /** @default createRandom(42) */
  readonly random?: RandomSource;
}

/** Centroids stand still when the sum of their squared moves is at most this share of the variance of a column. */
const tolerance = 1e-3;
/** Rows that the two seeds of a split are drawn from. */
const splitSample = 256;

interface Leaf {
  readonly node: number;
  readonly ids: Uint32Array;
  readonly weight: number;
  readonly inertia: number;
  /** Holds different rows, as far as one can tell. */
  splittable: boolean;
}

/**
 * Splits clusters in two, again and again: down from one cluster, until there are enough or none is too heavy.
 *
 * @see Steinbach, Karypis, Kumar (2000), A comparison of document clustering techniques,
 * https://conservancy.umn.edu/handle/11299/215421
 * @example
 * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
 * BisectingKMeans.fit(x, { maxWeight: 2 }).nClusters // => 2
 */
export class BisectingKMeans {
  /** `k × d`. */
  readonly centroids: Matrix;
  /** Cluster of each training row, in [0, k). A split keeps the number for the first half and adds one for the second. */
  readonly labels: Int32Array;
  readonly nClusters: number;
  /** Sum of the squared distances of the training rows to the means of their clusters. */
  readonly inertia: number;
  readonly #tree: readonly BisectNode[];

  private constructor(parts: Pick<BisectingKMeans, 'centroids' | 'labels' | 'inertia'>, tree: readonly BisectNode[]) {
    this.centroids = parts.centroids;
    this.labels = parts.labels;
    this.nClusters = parts.centroids.rows;
    this.inertia = parts.inertia;
    this.#tree = tree;
  }

  /**
   * Clusters the rows of `x`.
   *
   * Rows that are all equal are never split, so a cluster may stay heavier than `maxWeight`.
   *
   * @param x - n × d, finite, n ≥ 1; not modified.
   * @throws RangeError if an option is out of range, a weight is negative, or a value is not finite; TypeError if neither
   * `nClusters` nor `maxWeight` is given.
   * @remarks O(n d log k) for balanced splits; memory one copy of `x`.
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * BisectingKMeans.fit(x, { nClusters: 2 }).inertia // => 1
   */
  static fit(x: Matrix, options: BisectingKMeansOptions): BisectingKMeans {
    return runSync(BisectingKMeans.fitSteps(x, options));
  }

  /**
   * `fit` as a task that yields its progress, for `runAsync` and `withDeadline`.
   *
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * runSync(BisectingKMeans.fitSteps(x, { nClusters: 1 })).inertia // => 101
   */
  static *fitSteps(x: Matrix, options: BisectingKMeansOptions): Cooperative<BisectingKMeans> {
    const checked = checkOptions(x, options);
    const { nClusters, maxWeight, weights, minSplitSize } = checked;
    const { data, scale } = scaledProducts('BisectingKMeans.fit', x, 8);
    try {
      const { center } = data;
      const all = Uint32Array.from({ length: x.rows }, (_, i) => i);
      const tree: BisectNode[] = [{ cluster: 0 }];
      const root: Leaf = { node: 0, ids: all, weight: sumWeights(all, weights), inertia: 0, splittable: true };
      const variance = totalVariance(data);
      const limits = { maxIterations: checked.maxIterations, maxShift: (tolerance * variance) / Math.max(1, x.cols) };
      const leaves: Leaf[] = [{ ...root, inertia: variance * x.rows }];
      const means: Float64Array[] = [new Float64Array(x.cols)];
      while (leaves.length < nClusters) {
        const at = chooseLeaf(leaves, maxWeight, minSplitSize);
        if (at < 0) break;
        const leaf = leaves[at]!;
        const split = yield* splitRows(data, leaf.ids, limits, checked);
        yield { stage: 'bisecting-k-means', completed: leaves.length, total: nClusters };
        if (!split) {
          leaf.splittable = false;
          continue;
        }
        const node = tree.length;
        const [left, right] = split.parts;
        tree[leaf.node] = { first: node, centroids: scaleMatrix(toMatrix(split.centroids, center, 2), 1 / scale) };
        tree.push({ cluster: at }, { cluster: leaves.length });
        leaves[at] = { ...left!, node, weight: sumWeights(left!.ids, weights), splittable: true };
        leaves.push({ ...right!, node: node + 1, weight: sumWeights(right!.ids, weights), splittable: true });
        means[at] = split.centroids.slice(0, x.cols);
        means.push(split.centroids.slice(x.cols));
      }
      const labels = new Int32Array(x.rows);
      leaves.forEach(({ ids }, cluster) => {
        for (const id of ids) labels[id] = cluster;
      });
      const centroids = new Float64Array(leaves.length * x.cols);
      for (const [c, mean] of means.entries()) centroids.set(mean, c * x.cols);
      const inertia = leaves.reduce((sum, leaf) => sum + leaf.inertia, 0) / scale ** 2;
      const own = scaleMatrix(toMatrix(centroids, center, leaves.length), 1 / scale);
      return new BisectingKMeans({ centroids: own, labels, inertia }, tree);
    } finally {
      data.release();
    }
  }

  /**
   * Restores a model from `toJSON`.
   *
   * @throws TypeError if the value is not a bisecting k-means model of a version this package reads.
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * const model = BisectingKMeans.fit(x, { nClusters: 2 });
   * [...BisectingKMeans.fromJSON(JSON.parse(JSON.stringify(model))).predict(x)].join() === [...model.labels].join() // => true
   */
  static fromJSON(json: unknown): BisectingKMeans {
    const { tree, ...parts } = bisectTreeFromJson(json);
    return new BisectingKMeans(parts, tree);
  }

  /**
   * Sends each row down the splits, to the nearer of the two centroids.
   *
   * @param x - m × d, finite.
   * @returns m cluster numbers.
   * @throws RangeError if the width is not that of the training rows or a value is not finite.
   * @remarks O(m d log k) for balanced splits.
   * @example
   * const x = { data: new Float32Array([0, 1, 10, 11]), rows: 4, cols: 1 };
   * const model = BisectingKMeans.fit(x, { nClusters: 2 });
   * [...model.predict(x)].join() === [...model.labels].join() // => true
   */
  predict(x: Matrix): Int32Array {
    const { cols } = this.centroids;
    if (x.rows > 0 && x.cols !== cols) {
      throw new RangeError(`The rows of BisectingKMeans.predict must have ${cols} columns. Got ${x.cols}.`);
    }
    const columns = { vectors: this.centroids, center: columnMeans(this.centroids) };
    const { data, scale } = scaledProducts('BisectingKMeans.predict', x, 2, columns);
    const { center } = data;
    const labels = new Int32Array(x.rows);
    const open = [{ node: 0, ids: Uint32Array.from({ length: x.rows }, (_, i) => i) }];
    for (let next = open.pop(); next; next = open.pop()) {
      const { node, ids } = next;
      const split = this.#tree[node]!;
      if (split.centroids === undefined) {
        for (const id of ids) labels[id] = split.cluster!;
        continue;
      }
      const pair = Float64Array.from(split.centroids.data, (value, i) => value * scale - center[i % cols]!);
      const sides = assignRows(data, ids, pair, 2).labels;
      for (const side of [0, 1]) open.push({ node: split.first! + side, ids: ids.filter((_, i) => sides[i] === side) });
    }
    data.release();
    return labels;
  }

  /** A JSON value from which `fromJSON` restores the model. */
  toJSON(): object {
    return bisectTreeToJson(this, this.#tree);
  }
}

interface Checked {
  readonly nClusters: number;
  readonly maxWeight: number | undefined;
  readonly weights: ArrayLike<number> | undefined;
  readonly minSplitSize: number;
  readonly nInit: number;
  readonly maxIterations: number;
  readonly random: RandomSource;
}

function checkOptions(x: Matrix, options: BisectingKMeansOptions): Checked {
  const caller = 'BisectingKMeans.fit';
  const { maxWeight, weights, minSplitSize = 2, nInit = 1, maxIterations = 300, random = createRandom() } = options;
  const { nClusters = x.rows } = options;
  if (options.nClusters === undefined && maxWeight === undefined) {
    throw new TypeError('The options of BisectingKMeans.fit must hold nClusters or maxWeight.');
  }
  checkInteger(caller, 'rows', x.rows, { min: 1 });
  checkInteger(caller, 'nClusters', nClusters, { min: 1, max: x.rows });
  checkInteger(caller, 'minSplitSize', minSplitSize, { min: 2 });
  checkInteger(caller, 'nInit', nInit, { min: 1 });
  checkInteger(caller, 'maxIterations', maxIterations, { min: 1 });
  if (maxWeight !== undefined) checkNumber(caller, 'maxWeight', maxWeight, { min: 0, exclusiveMin: true });
  if (weights) {
    checkInteger(caller, 'weights.length', weights.length, { min: x.rows, max: x.rows });
    for (let i = 0; i < weights.length; i++) checkNumber(caller, `weights[${i}]`, weights[i]!, { min: 0 });
  }
  return { nClusters, maxWeight, weights, minSplitSize, nInit, maxIterations, random };
}

function sumWeights(ids: Uint32Array, weights: ArrayLike<number> | undefined): number {
  if (!weights) return ids.length;
  let sum = 0;
  for (const id of ids) sum += weights[id]!;
  return sum;
}

/** The leaf to split next, ties by number; -1 when none is left. */
function chooseLeaf(leaves: readonly Leaf[], maxWeight: number | undefined, minSplitSize: number): number {
  let best = -1;
  let most = 0;
  leaves.forEach(({ ids, weight, inertia, splittable }, at) => {
    if (!splittable || ids.length < minSplitSize) return;
    const size = maxWeight === undefined ? inertia : weight;
    if (size > Math.max(most, maxWeight ?? 0)) {
      most = size;
      best = at;
    }
  });
  return best;
}

interface Split {
  readonly centroids: Float64Array;
  readonly parts: readonly { readonly ids: Uint32Array; readonly inertia: number }[];
}

function* splitRows(
  data: RowProducts,
  ids: Uint32Array,
  limits: LloydLimits,
  options: Checked,
): Cooperative<Split | undefined> {
  const { nInit, random } = options;
  let best: LloydResult | undefined;
  for (let start = 0; start < nInit; start++) {
    const first = yield* startCentroids(data, ids, {
      k: 2,
      init: 'k-means++',
      sampleSize: splitSample,
      limits,
      random,
    });
    const result: LloydResult = yield* lloydSteps(data, ids, first, limits);
    if (!best || result.inertia < best.inertia) best = result;
  }
  const { labels, centroids, inertias } = best!;
  const parts = [0, 1].map((side) => ({ ids: rowsOf(ids, labels, side), inertia: inertias[side]! }));
  return parts.some((part) => part.ids.length === 0) ? undefined : { centroids, parts };
}

function rowsOf(ids: Uint32Array, labels: Int32Array, side: number): Uint32Array {
  const own = new Uint32Array(ids.length);
  let count = 0;
  for (let i = 0; i < ids.length; i++) if (labels[i] === side) own[count++] = ids[i]!;
  return own.slice(0, count);
}
