import type { Cooperative } from '@matome/primitives/async';
import type { KnnGraph } from '../neighbors/knn-graph.js';

/** How each row turns distances into memberships: exp(-(distance - rho) / sigma). */
export interface SmoothDistances {
  /** Distance to the nearest other row, per row: it gets membership 1. */
  readonly rhos: Float32Array;
  /** Scale of each row, so that its memberships sum to log2 of the number of neighbours. */
  readonly sigmas: Float32Array;
}

/** Options of `smoothDistanceSteps`. */
export interface SmoothDistanceOptions {
  /** Number of nearest rows taken as fully connected; fractions interpolate. @default 1 */
  readonly localConnectivity?: number;
  /** Factor of the sum of memberships. @default 1 */
  readonly bandwidth?: number;
}

const tolerance = 1e-5;
/** Rows between two yields: a few milliseconds. */
const rowsPerStep = 1024;
const maxSteps = 64;
/** Least scale, as a share of the mean distance: keeps rows among duplicates from losing all other neighbours. */
const leastScale = 1e-3;

/**
 * Finds the offset and scale of every row's memberships (smooth kNN distances).
 *
 * @param knn - neighbours without the row itself; the row counts as one more neighbour at distance 0.
 * @returns n offsets and n scales.
 * @remarks O(n k) with about 20 exponentials a neighbour.
 * @see McInnes, Healy, Melville (2018), UMAP, algorithm 3, arXiv:1802.03426
 */
export function* smoothDistanceSteps(knn: KnnGraph, options: SmoothDistanceOptions = {}): Cooperative<SmoothDistances> {
  const { localConnectivity = 1, bandwidth = 1 } = options;
  const { rows, k, distances } = knn;
  const target = Math.log2(k + 1) * bandwidth;
  const rhos = new Float32Array(rows);
  const sigmas = new Float32Array(rows);
  let total = 0;
  for (const distance of distances) total += distance;
  const meanOfAll = total / Math.max(1, rows * (k + 1));
  for (let i = 0; i < rows; i++) {
    const own = distances.subarray(i * k, (i + 1) * k);
    const rho = Math.fround(offsetOf(own, localConnectivity));
    let mean = 0;
    for (const distance of own) mean += distance;
    mean /= k + 1;
    const least = leastScale * (rho > 0 ? mean : meanOfAll);
    rhos[i] = rho;
    sigmas[i] = Math.max(least, searchScale(own, rho, target));
    if (i % rowsPerStep === rowsPerStep - 1) yield { stage: 'fuzzy-graph', completed: i + 1, total: rows };
  }
  return { rhos, sigmas };
}

function offsetOf(distances: Float32Array, localConnectivity: number): number {
  let first = 0;
  while (first < distances.length && distances[first]! <= 0) first++;
  const positive = distances.length - first;
  if (positive === 0) return 0;
  if (positive < localConnectivity) return distances[distances.length - 1]!;
  const whole = Math.floor(localConnectivity);
  const part = localConnectivity - whole;
  if (whole === 0) return part * distances[first]!;
  const lower = distances[first + whole - 1]!;
  return part > tolerance ? lower + part * (distances[first + whole]! - lower) : lower;
}

function searchScale(distances: Float32Array, rho: number, target: number): number {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let scale = 1;
  for (let step = 0; step < maxSteps; step++) {
    let sum = 0;
    for (let j = 0; j < distances.length; j++) {
      const beyond = distances[j]! - rho;
      sum += beyond > 0 ? Math.exp(-beyond / scale) : 1;
    }
    if (Math.abs(sum - target) < tolerance) break;
    if (sum > target) high = scale;
    else low = scale;
    scale = high === Number.POSITIVE_INFINITY ? scale * 2 : (low + high) / 2;
  }
  return scale;
}
