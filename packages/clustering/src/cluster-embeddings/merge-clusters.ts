import type { Cooperative } from '@matome/primitives/async';
import { type Matrix, takeRows } from '@matome/primitives/linalg';
import { type RandomSource, sampleIndices } from '@matome/primitives/random';
import { cutTree, type LinkageTree } from '../agglomerative/cut-tree.js';
import { wardLinkageSteps } from '../agglomerative/ward.js';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { RowProducts } from '../wasm/row-products.js';
import { clusterMeans, membersOf } from './clusters.js';

/** Rows whose silhouettes stand for all. */
const sampleSize = 2000;
/** Cuts tried one by one; beyond, each has a tenth more clusters than the one before. */
const fineCuts = 40;
/** Nearest neighbours of a row that modularity counts: of more, those of a row in a small cluster stand outside of it. */
const linkedNeighbors = 3;
/** Vectors multiplied at once. */
const columns = 64;

/** Ward's tree of the means of clusters, weighted by their sizes. */
export function* clusterTreeSteps(x: Matrix, labels: Int32Array, count: number): Cooperative<LinkageTree> {
  const weights = membersOf(labels).map((rows) => rows.length);
  return yield* wardLinkageSteps(clusterMeans(x, labels, count), { weights });
}

/** Joins clusters by Ward's method until `maxClusters` are left; changes the labels in place. */
export function* mergeSurplusSteps(
  x: Matrix,
  labels: Int32Array,
  count: number,
  maxClusters: number,
): Cooperative<number> {
  if (count <= maxClusters) return 0;
  const groups = cutTree(yield* clusterTreeSteps(x, labels, count), { nClusters: maxClusters });
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) labels[i] = groups[labels[i]!]!;
  return count - maxClusters;
}

/** What `mergeBySilhouetteSteps` judges by. */
export interface MergedRows {
  /** The rows themselves. */
  readonly x: Matrix;
  /** The rows that were clustered. */
  readonly reduced: Matrix;
  /** Neighbours of the rows themselves. */
  readonly knn: KnnGraph;
}

/**
 * Joins clusters by Ward's method as far as that raises silhouette × evenness × modularity; changes the labels in place.
 *
 * Each guards against what the others like. The mean silhouette of the rows finds the cuts where distances change, but likes
 * two huge groups, or one huge group beside a far small one. The evenness of the group sizes refuses the latter. Modularity,
 * the share of neighbours within groups beyond what chance would put there, refuses the former: few groups hold most
 * neighbours by chance.
 *
 * The tree stands on the reduced rows, where density has drawn neighbours together; the silhouette on the rows themselves,
 * where nothing has been pushed apart. It is exact for at most 2,000 rows, and measured on a sample of as many above.
 *
 * @returns how many clusters less there are.
 * @see Rousseeuw (1987), doi:10.1016/0377-0427(87)90125-7
 * @see Pielou (1966), The measurement of diversity, doi:10.1016/0022-5193(66)90013-0
 * @see Newman, Girvan (2004), Finding and evaluating community structure, doi:10.1103/PhysRevE.69.026113
 */
export function* mergeBySilhouetteSteps(
  { x, reduced, knn }: MergedRows,
  labels: Int32Array,
  count: number,
  random: RandomSource,
): Cooperative<number> {
  if (count < 3) return 0;
  const tree = yield* clusterTreeSteps(reduced, labels, count);
  const measured = Uint32Array.from(labels.keys()).filter((i) => labels[i]! >= 0);
  const ids =
    measured.length > sampleSize
      ? sampleIndices(measured.length, sampleSize, random).map((at) => measured[at]!)
      : measured;
  const own = Int32Array.from(ids, (i) => labels[i]!);
  const links = countLinks(knn, labels, count);
  const sums = yield* distanceSums(takeRows(x, ids), own, count);
  let best = -1;
  let groups: Int32Array = Int32Array.from({ length: count }, (_, c) => c);
  for (let k = 2; k <= count; k = k < fineCuts || k === count ? k + 1 : Math.min(count, Math.ceil(1.1 * k))) {
    const cut = cutTree(tree, { nClusters: k });
    const score = meanSilhouette(sums, own, count, cut, k) * evenness(own, cut, k) * modularity(links, cut, k);
    if (score > best) {
      best = score;
      groups = cut;
    }
    yield { stage: 'merge', completed: k, total: count };
  }
  for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) labels[i] = groups[labels[i]!]!;
  return count - new Set(groups).size;
}

/** How many of their nearest neighbours the rows of each cluster have in each other, `count × count`; rows in no cluster have none. */
function countLinks({ indices, k }: KnnGraph, labels: Int32Array, count: number): Float64Array {
  const links = new Float64Array(count * count);
  for (let i = 0; i < labels.length; i++) {
    if (labels[i]! < 0) continue;
    for (let at = i * k; at < i * k + Math.min(k, linkedNeighbors); at++) {
      const other = labels[indices[at]!]!;
      if (other >= 0) links[labels[i]! * count + other]!++;
    }
  }
  return links;
}

/** Share of links within groups less what chance would put there; negative shares count as none. */
function modularity(links: Float64Array, groups: Int32Array, k: number): number {
  const count = groups.length;
  const degrees = new Float64Array(k);
  let inside = 0;
  let total = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      const link = links[a * count + b]!;
      total += link;
      degrees[groups[a]!]! += link / 2;
      degrees[groups[b]!]! += link / 2;
      if (groups[a] === groups[b]) inside += link;
    }
  }
  if (total === 0) return 0;
  const chance = degrees.reduce((sum, degree) => sum + (degree / total) ** 2, 0);
  return Math.max(0, inside / total - chance);
}

/** For each row of the sample, the sum of its distances to the sampled rows of each cluster: `sample × count`. */
function* distanceSums(x: Matrix, own: Int32Array, count: number): Cooperative<Float64Array> {
  const data = new RowProducts('clusterEmbeddings', x, columns);
  const { cols, squaredNorms } = data;
  const sums = new Float64Array(x.rows * count);
  const vectors = new Float32Array(columns * cols);
  for (let start = 0; start < x.rows; start += columns) {
    const width = Math.min(columns, x.rows - start);
    for (let c = 0; c < width; c++) vectors.set(data.row(start + c), c * cols);
    data.setColumns(vectors, width);
    for (let from = 0; from < x.rows; from += data.blockRows) {
      const to = Math.min(x.rows, from + data.blockRows);
      const { products, stride } = data.multiply(undefined, from, to);
      for (let i = from; i < to; i++) {
        const norm = squaredNorms[i]!;
        for (let c = 0, at = (i - from) * stride; c < width; c++, at++) {
          if (start + c === i) continue;
          const squared = norm + squaredNorms[start + c]! - 2 * products[at]!;
          sums[i * count + own[start + c]!]! += Math.sqrt(Math.max(0, squared));
        }
      }
      yield { stage: 'merge', completed: start, total: x.rows };
    }
  }
  return sums;
}

/** Mean silhouette after clusters were joined into `k` groups; rows alone in their group count 0. */
function meanSilhouette(sums: Float64Array, own: Int32Array, count: number, groups: Int32Array, k: number): number {
  const sizes = new Float64Array(k);
  for (const label of own) sizes[groups[label]!]!++;
  const grouped = new Float64Array(k);
  let total = 0;
  for (let i = 0; i < own.length; i++) {
    grouped.fill(0);
    for (let c = 0, at = i * count; c < count; c++, at++) grouped[groups[c]!]! += sums[at]!;
    const mine = groups[own[i]!]!;
    if (sizes[mine]! < 2) continue;
    const inside = grouped[mine]! / (sizes[mine]! - 1);
    let outside = Number.POSITIVE_INFINITY;
    for (let g = 0; g < k; g++) {
      if (g !== mine && sizes[g]! > 0) outside = Math.min(outside, grouped[g]! / sizes[g]!);
    }
    const larger = Math.max(inside, outside);
    if (larger > 0 && outside < Number.POSITIVE_INFINITY) total += (outside - inside) / larger;
  }
  return own.length === 0 ? 0 : total / own.length;
}

/** Entropy of the group sizes as a share of the largest possible one: 1 when all are equal. */
function evenness(own: Int32Array, groups: Int32Array, k: number): number {
  const sizes = new Float64Array(k);
  for (const label of own) sizes[groups[label]!]!++;
  let entropy = 0;
  for (const size of sizes) if (size > 0) entropy -= (size / own.length) * Math.log(size / own.length);
  return entropy / Math.log(k);
}
