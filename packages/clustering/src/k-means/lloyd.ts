import type { Cooperative } from '@matome/primitives/async';
import type { RowProducts } from '../wasm/row-products.js';

/** When to stop iterating. */
export interface LloydLimits {
  readonly maxIterations: number;
  /** Largest sum of squared centroid moves that counts as standing still. */
  readonly maxShift: number;
  /** Asked after every iteration: true stops with what there is. @default never */
  readonly isLate?: () => boolean;
}

/** A local optimum of k-means. */
export interface LloydResult {
  /** Cluster of each of the given rows. */
  readonly labels: Int32Array;
  /** `k × d`, relative to the centre of the data. */
  readonly centroids: Float64Array;
  readonly counts: Int32Array;
  /** Sum of squared distances of each cluster, and of all. */
  readonly inertias: Float64Array;
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Lloyd's algorithm with Hamerly's bounds: a row whose own centroid is provably nearest is not looked at.
 *
 * Sums and centroids are float64; products with the rows are float32.
 *
 * @param ids - the rows to cluster, without repetition.
 * @param start - `k × d` first centroids relative to the centre of the data; not modified.
 * @remarks O(m k d) an iteration for the m rows whose bounds overlap; 16 bytes a row besides the data.
 * @see Lloyd (1982), doi:10.1109/TIT.1982.1056489
 * @see Hamerly (2010), Making k-means even faster, doi:10.1137/1.9781611972801.12
 */
export function* lloydSteps(
  data: RowProducts,
  ids: Uint32Array,
  start: Float64Array,
  limits: LloydLimits,
): Cooperative<LloydResult> {
  const state = new LloydState(data, ids, start);
  const total = limits.maxIterations;
  let iterations = 0;
  let converged = false;
  while (!converged && iterations < total) {
    iterations++;
    const changes = yield* state.assign(iterations, total);
    converged = iterations > 1 && changes === 0;
    if (!converged) converged = state.moveCentroids() <= limits.maxShift;
    if (limits.isLate?.()) break;
  }
  // The last move may have changed who is nearest: labels and centroids must belong together.
  yield* state.assign(iterations, total);
  const { labels, centroids, counts } = state;
  const inertias = state.inertias();
  const inertia = inertias.reduce((sum, value) => sum + value, 0);
  return { labels, centroids, counts, inertias, inertia, iterations, converged };
}

class LloydState {
  readonly labels: Int32Array;
  readonly centroids: Float64Array;
  readonly counts: Int32Array;
  readonly #k: number;
  readonly #norms: Float64Array;
  /** At least the distance to the own centroid, and at most the distance to any other. */
  readonly #upper: Float64Array;
  readonly #lower: Float64Array;
  readonly #open: Uint32Array;

  constructor(
    readonly data: RowProducts,
    readonly ids: Uint32Array,
    start: Float64Array,
  ) {
    const n = ids.length;
    this.#k = start.length / data.cols;
    this.labels = new Int32Array(n).fill(-1);
    this.centroids = start.slice();
    this.counts = new Int32Array(this.#k);
    data.sums.fill(0);
    this.#norms = new Float64Array(this.#k);
    this.#upper = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    this.#lower = new Float64Array(n);
    this.#open = new Uint32Array(n);
  }

  /** Gives every row its nearest centroid; returns how many changed. */
  *assign(iteration: number, total: number): Cooperative<number> {
    const { data, ids, labels } = this;
    this.#measureNorms();
    const open = this.#findOpenRows();
    data.setColumns(this.centroids, this.#k);
    const block = new Uint32Array(data.blockRows);
    let changes = 0;
    for (let from = 0; from < open.length; from += block.length) {
      const count = Math.min(block.length, open.length - from);
      for (let i = 0; i < count; i++) block[i] = ids[open[from + i]!]!;
      const { products, stride } = data.multiply(block, 0, count);
      for (let i = 0; i < count; i++) {
        const at = open[from + i]!;
        const before = labels[at]!;
        this.#chooseNearest(at, products, i * stride);
        if (labels[at] !== before) {
          changes++;
          this.#moveRow(at, before, labels[at]!);
        }
      }
      if ((from / block.length) % 2 === 1) yield { stage: 'k-means', completed: iteration, total };
    }
    yield { stage: 'k-means', completed: iteration, total };
    return changes;
  }

  /** Moves every centroid to the mean of its rows; returns the sum of squared moves. */
  moveCentroids(): number {
    const { centroids, counts, labels } = this;
    const { cols, sums, sumStride } = this.data;
    this.#fillEmptyClusters();
    const moves = new Float64Array(this.#k);
    let total = 0;
    for (let c = 0; c < this.#k; c++) {
      if (counts[c] === 0) continue;
      let squared = 0;
      for (let t = c * cols, at = c * sumStride; t < (c + 1) * cols; t++, at++) {
        const mean = sums[at]! / counts[c]!;
        squared += (mean - centroids[t]!) ** 2;
        centroids[t] = mean;
      }
      total += squared;
      moves[c] = Math.sqrt(squared);
    }
    const [first, second, farthest] = twoLargest(moves);
    const upper = this.#upper;
    const lower = this.#lower;
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i]!;
      upper[i]! += moves[label]!;
      lower[i]! -= label === farthest ? second : first;
    }
    return total;
  }

  /** Sum of squared distances of each cluster, from the sums alone. */
  inertias(): Float64Array {
    const { data, ids, labels, centroids, counts } = this;
    const { cols, sums, sumStride } = data;
    const inertias = new Float64Array(this.#k);
    for (let i = 0; i < ids.length; i++) inertias[labels[i]!]! += data.squaredNorms[ids[i]!]!;
    for (let c = 0; c < this.#k; c++) {
      let shared = 0;
      let norm = 0;
      for (let t = c * cols, at = c * sumStride; t < (c + 1) * cols; t++, at++) {
        shared += centroids[t]! * sums[at]!;
        norm += centroids[t]! ** 2;
      }
      inertias[c] = Math.max(0, inertias[c]! + counts[c]! * norm - 2 * shared);
    }
    return inertias;
  }

  #measureNorms(): void {
    const { cols } = this.data;
    for (let c = 0; c < this.#k; c++) {
      let norm = 0;
      for (let t = c * cols; t < (c + 1) * cols; t++) norm += this.centroids[t]! ** 2;
      this.#norms[c] = norm;
    }
  }

  #findOpenRows(): Uint32Array {
    const halfGaps = this.#halfGaps();
    const { labels } = this;
    const upper = this.#upper;
    const lower = this.#lower;
    const open = this.#open;
    let count = 0;
    for (let i = 0; i < labels.length; i++) {
      const gap = labels[i]! < 0 ? 0 : halfGaps[labels[i]!]!;
      if (upper[i]! > Math.max(gap, lower[i]!)) open[count++] = i;
    }
    return open.subarray(0, count);
  }

  /** Half the distance from each centroid to its nearest neighbour: rows closer than that cannot change. */
  #halfGaps(): Float64Array {
    const { cols } = this.data;
    const { centroids } = this;
    const gaps = new Float64Array(this.#k).fill(Number.POSITIVE_INFINITY);
    for (let a = 0; a < this.#k; a++) {
      for (let b = 0; b < a; b++) {
        let squared = 0;
        for (let t = 0, i = a * cols, j = b * cols; t < cols; t++, i++, j++) {
          const difference = centroids[i]! - centroids[j]!;
          squared += difference * difference;
        }
        const half = Math.sqrt(squared) / 2;
        if (half < gaps[a]!) gaps[a] = half;
        if (half < gaps[b]!) gaps[b] = half;
      }
    }
    return gaps;
  }

  #chooseNearest(at: number, products: Float32Array, offset: number): void {
    const norms = this.#norms;
    let best = 0;
    let nearest = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    for (let c = 0; c < norms.length; c++) {
      const score = norms[c]! - 2 * products[offset + c]!;
      if (score < nearest) {
        second = nearest;
        nearest = score;
        best = c;
      } else if (score < second) second = score;
    }
    const norm = this.data.squaredNorms[this.ids[at]!]!;
    this.labels[at] = best;
    this.#upper[at] = Math.sqrt(Math.max(0, norm + nearest));
    this.#lower[at] = Math.sqrt(Math.max(0, norm + second));
  }

  #moveRow(at: number, from: number, to: number): void {
    const { data, counts, ids } = this;
    if (from >= 0) {
      counts[from]!--;
      data.subtract(ids[at]!, from);
    }
    counts[to]!++;
    data.add(ids[at]!, to);
  }

  /** An empty cluster takes the row that lies farthest from its own centroid, ties by index. */
  #fillEmptyClusters(): void {
    const { labels, counts } = this;
    const upper = this.#upper;
    for (let c = 0; c < this.#k; c++) {
      if (counts[c] !== 0) continue;
      let farthest = -1;
      for (let i = 0; i < labels.length; i++) {
        const alone = counts[labels[i]!] === 1;
        if (!alone && upper[i]! > 0 && (farthest < 0 || upper[i]! > upper[farthest]!)) farthest = i;
      }
      if (farthest < 0) return;
      this.#moveRow(farthest, labels[farthest]!, c);
      labels[farthest] = c;
      upper[farthest] = Number.POSITIVE_INFINITY;
      this.#lower[farthest] = 0;
    }
  }
}

function twoLargest(values: Float64Array): [number, number, number] {
  let first = 0;
  let second = 0;
  let at = -1;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! > first) {
      second = first;
      first = values[i]!;
      at = i;
    } else if (values[i]! > second) second = values[i]!;
  }
  return [first, second, at];
}
