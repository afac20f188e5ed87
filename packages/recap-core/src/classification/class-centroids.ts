import type { CsrMatrix } from '@matome/primitives/linalg';
import { createRandom, type RandomSource, randomInteger } from '@matome/primitives/random';
import { kmeans } from 'ml-kmeans';

/** How the rows of one class become centroids. */
export interface CentroidSettings {
  readonly centroidsPerClass: number;
  /** Classes with fewer rows get one robust centroid. */
  readonly minRowsForClusters: number;
  /** Share of the rows that a robust centroid is made of: those nearest to all others. */
  readonly keptShare: number;
}

/** Width to which rows are projected before k-means, which needs dense rows. */
const projectedWidth = 64;
const restarts = 4;

/**
 * The centroids of one class, each of length 1: k-means inside a large class, one robust centroid for a small one.
 *
 * @param x - n × d, rows of length 1.
 * @param rows - the rows of the class.
 * @returns one dense vector of d values per centroid; none when the class has no row.
 * @remarks O(n · 64 · k) for the grouping, O(nnz) for the means.
 */
export function classCentroids(
  x: CsrMatrix,
  rows: readonly number[],
  settings: CentroidSettings,
  random: RandomSource,
): Float32Array[] {
  const { centroidsPerClass: k, minRowsForClusters, keptShare } = settings;
  if (rows.length === 0) return [];
  if (k === 1 || rows.length < minRowsForClusters) return [unitMean(x, centralRows(x, rows, keptShare))];
  if (rows.length <= k) return rows.map((row) => unitMean(x, [row]));
  const groups = groupRows(x, rows, k, random);
  return groups.filter((group) => group.length > 0).map((group) => unitMean(x, group));
}

/** The rows whose summed cosine with all others is highest: outliers do not pull the centroid. Three rows all stay. */
function centralRows(x: CsrMatrix, rows: readonly number[], keptShare: number): readonly number[] {
  const kept = Math.max(1, Math.ceil(keptShare * rows.length));
  if (rows.length <= 3 || kept === rows.length) return rows;
  const total = rowSum(x, rows);
  const closeness = rows.map((row) => {
    let sum = 0;
    for (let at = x.indptr[row]!; at < x.indptr[row + 1]!; at++) sum += x.data[at]! * total[x.indices[at]!]!;
    return sum;
  });
  const order = rows.map((_, i) => i).sort((a, b) => closeness[b]! - closeness[a]! || a - b);
  return order
    .slice(0, kept)
    .sort((a, b) => a - b)
    .map((i) => rows[i]!);
}

/** Groups rows by k-means with restarts on a sparse random projection, which keeps angles up to a few per cent. */
function groupRows(x: CsrMatrix, rows: readonly number[], k: number, random: RandomSource): number[][] {
  const points = project(x, rows, random);
  let best: { inertia: number; clusters: readonly number[] } | undefined;
  for (let start = 0; start < restarts; start++) {
    const seed = 1 + randomInteger(0x7ffffffe, random);
    const { clusters, centroids } = kmeans(points, k, { seed, maxIterations: 20, tolerance: 1e-4 });
    let inertia = 0;
    points.forEach((point, i) => {
      const centroid = centroids[clusters[i]!]!;
      for (let j = 0; j < point.length; j++) inertia += (point[j]! - centroid[j]!) ** 2;
    });
    if (best === undefined || inertia < best.inertia) best = { inertia, clusters };
  }
  const groups: number[][] = Array.from({ length: k }, () => []);
  rows.forEach((row, i) => {
    groups[best!.clusters[i]!]!.push(row);
  });
  return groups;
}

/**
 * Random signs per column, three of four of them zero.
 *
 * @see Achlioptas (2003), Database-friendly random projections, doi:10.1016/S0022-0000(03)00025-4
 */
function project(x: CsrMatrix, rows: readonly number[], random: RandomSource): number[][] {
  if (x.cols <= projectedWidth) return rows.map((row) => denseRow(x, row));
  const signs = new Int8Array(x.cols * projectedWidth);
  const draw = createRandom(randomInteger(0x7fffffff, random));
  for (let i = 0; i < signs.length; i++) {
    const value = draw();
    signs[i] = value < 1 / 8 ? 1 : value < 1 / 4 ? -1 : 0;
  }
  return rows.map((row) => {
    const point = new Array<number>(projectedWidth).fill(0);
    for (let at = x.indptr[row]!; at < x.indptr[row + 1]!; at++) {
      const offset = x.indices[at]! * projectedWidth;
      for (let j = 0; j < projectedWidth; j++) point[j]! += x.data[at]! * signs[offset + j]!;
    }
    const length = Math.hypot(...point) || 1;
    return point.map((value) => value / length);
  });
}

function denseRow(x: CsrMatrix, row: number): number[] {
  const values = new Array<number>(x.cols).fill(0);
  for (let at = x.indptr[row]!; at < x.indptr[row + 1]!; at++) values[x.indices[at]!] = x.data[at]!;
  return values;
}

function rowSum(x: CsrMatrix, rows: readonly number[]): Float64Array {
  const sum = new Float64Array(x.cols);
  for (const row of rows) {
    for (let at = x.indptr[row]!; at < x.indptr[row + 1]!; at++) sum[x.indices[at]!]! += x.data[at]!;
  }
  return sum;
}

function unitMean(x: CsrMatrix, rows: readonly number[]): Float32Array {
  const sum = rowSum(x, rows);
  let squares = 0;
  for (let j = 0; j < sum.length; j++) squares += sum[j]! * sum[j]!;
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  return Float32Array.from(sum, (value) => value * scale);
}
