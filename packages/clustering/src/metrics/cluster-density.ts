import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { squaredDistance } from '../neighbors/neighbor-lists.js';

/** Weights closer than this, relatively, count as equal when the parent of a point in the spanning tree is picked. */
const tolerance = 1e-9;

/** Density inside one cluster. Distances are plain or squared, as the caller asks. */
export interface ClusterDensity {
  readonly rows: Int32Array;
  /** All-points core distance of each member. */
  readonly core: Float64Array;
  /** Positions of members with more than one edge in the spanning tree. */
  readonly inner: Int32Array;
  /** Heaviest edge between inner members; undefined when there is none. */
  readonly innerEdge: number | undefined;
  /** Heaviest edge of all, 0 for one member. */
  readonly heaviest: number;
}

/** @param squared - takes squared distances for distances. */
export function* clusterDensitySteps(x: Matrix, rows: Int32Array, squared: boolean): Cooperative<ClusterDensity> {
  const core = yield* allPointsCore(x, rows, squared);
  const { parent, weight } = yield* spanningTree(x, rows, core, squared);
  const degree = new Int32Array(rows.length);
  for (let p = 1; p < rows.length; p++) {
    degree[p]!++;
    degree[parent[p]!]!++;
  }
  let innerEdge: number | undefined;
  let heaviest = 0;
  for (let p = 1; p < rows.length; p++) {
    heaviest = Math.max(heaviest, weight[p]!);
    if (degree[p]! > 1 && degree[parent[p]!]! > 1) innerEdge = Math.max(innerEdge ?? 0, weight[p]!);
  }
  const inner = Int32Array.from(rows.keys()).filter((p) => degree[p]! > 1);
  return { rows, core, inner, innerEdge, heaviest };
}

/** Coordinate differences between two yields: a few milliseconds. */
const workPerStep = 5e6;

/** Whether to yield after a row that was compared with `others`. */
function isTurn(row: number, others: number, cols: number): boolean {
  return row % Math.max(1, Math.floor(workPerStep / Math.max(1, others * cols))) === 0;
}

/** Distance of two rows, plain or squared. */
export function distanceBetween(x: Matrix, a: number, b: number, squared: boolean): number {
  const square = squaredDistance(x.data, a, b, x.cols);
  return squared ? square : Math.sqrt(square);
}

/**
 * `(Σ distance^-d / (m - 1))^(-1/d)` over the other members, summed as logarithms. Equal rows are left out of the sum; a
 * member without any distance has core distance 0.
 */
function* allPointsCore(x: Matrix, rows: Int32Array, squared: boolean): Cooperative<Float64Array> {
  const count = rows.length;
  const largest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const sum = new Float64Array(count);
  const scale = -x.cols * (squared ? 1 : 0.5);
  const add = (p: number, term: number) => {
    if (term > largest[p]!) {
      sum[p] = sum[p]! * Math.exp(largest[p]! - term) + 1;
      largest[p] = term;
    } else {
      sum[p]! += Math.exp(term - largest[p]!);
    }
  };
  for (let p = 0; p < count; p++) {
    for (let q = 0; q < p; q++) {
      const square = squaredDistance(x.data, rows[p]!, rows[q]!, x.cols);
      if (square === 0) continue;
      const term = scale * Math.log(square);
      add(p, term);
      add(q, term);
    }
    if (isTurn(p, p, x.cols)) yield { stage: 'dbcv', completed: 0, total: 0 };
  }
  return sum.map((total, p) =>
    total === 0 ? 0 : Math.exp(-(largest[p]! + Math.log(total) - Math.log(count - 1)) / x.cols),
  );
}

/**
 * Prim from the first member. Many edges weigh the same core distance; a member hangs on the first of the members that
 * give its weight, as in the reference, because inner members depend on it.
 */
function* spanningTree(x: Matrix, rows: Int32Array, core: Float64Array, squared: boolean) {
  const count = rows.length;
  const parent = new Int32Array(count);
  const weight = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const joined = new Uint8Array(count);
  let current = 0;
  for (let step = 1; step < count; step++) {
    joined[current] = 1;
    let next = -1;
    for (let p = 0; p < count; p++) {
      if (joined[p] === 1) continue;
      const distance = distanceBetween(x, rows[current]!, rows[p]!, squared);
      const reach = Math.max(distance, core[p]!, core[current]!);
      if (reach < weight[p]! * (1 - tolerance)) parent[p] = current;
      else if (reach <= weight[p]! * (1 + tolerance)) parent[p] = Math.min(parent[p]!, current);
      if (reach < weight[p]!) weight[p] = reach;
      if (next === -1 || weight[p]! < weight[next]!) next = p;
    }
    current = next;
    if (isTurn(step, count, x.cols)) yield { stage: 'dbcv', completed: 0, total: 0 };
  }
  return { parent, weight };
}
