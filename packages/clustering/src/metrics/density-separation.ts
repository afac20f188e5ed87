import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { squaredDistance } from '../neighbors/neighbor-lists.js';
import { type ClusterDensity, distanceBetween } from './cluster-density.js';

/** The members of a cluster that gaps are measured from, and a ball around them. */
interface Ball {
  readonly density: ClusterDensity;
  readonly members: Int32Array;
  readonly centre: Float64Array;
  readonly radius: number;
}

/** Covers the rounding of a centre and of distances to it. */
const slack = 1 + 1e-9;

/**
 * Least mutual reachability distance from each cluster to any other, over `members`; Infinity for a cluster without.
 *
 * Pairs are taken by the distance of their centres; whatever the triangle inequality rules out is not measured.
 */
export function* densitySeparationSteps(
  x: Matrix,
  clusters: readonly ClusterDensity[],
  membersOf: (cluster: ClusterDensity) => Int32Array,
  squared: boolean,
): Cooperative<Float64Array> {
  const balls = clusters.map((density) => ballAround(x, density, membersOf(density)));
  const separations = new Float64Array(clusters.length).fill(Number.POSITIVE_INFINITY);
  const pairs: { a: number; b: number; apart: number }[] = [];
  for (let a = 0; a < balls.length; a++) {
    for (let b = a + 1; b < balls.length; b++) {
      const apart = centreDistance(balls[a]!.centre, 0, balls[b]!.centre);
      if (balls[a]!.members.length > 0 && balls[b]!.members.length > 0) pairs.push({ a, b, apart });
    }
  }
  pairs.sort((p, q) => p.apart - q.apart || p.a - q.a || p.b - q.b);
  for (const { a, b, apart } of pairs) {
    const bound = Math.max(separations[a]!, separations[b]!);
    if (power(apart - (balls[a]!.radius + balls[b]!.radius) * slack, squared) >= bound) continue;
    const gap = separation(x, balls[a]!, balls[b]!, bound, squared);
    yield { stage: 'dbcv', completed: 0, total: 0 };
    separations[a] = Math.min(separations[a]!, gap);
    separations[b] = Math.min(separations[b]!, gap);
  }
  return separations;
}

function ballAround(x: Matrix, density: ClusterDensity, members: Int32Array): Ball {
  const centre = new Float64Array(x.cols);
  for (const p of members) {
    for (let j = 0; j < x.cols; j++) centre[j]! += x.data[density.rows[p]! * x.cols + j]! / members.length;
  }
  let radius = 0;
  for (const p of members) radius = Math.max(radius, centreDistance(x.data, density.rows[p]! * x.cols, centre));
  return { density, members, centre, radius };
}

function centreDistance(points: Float32Array | Float64Array, start: number, centre: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < centre.length; j++) {
    const difference = points[start + j]! - centre[j]!;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

function power(distance: number, squared: boolean): number {
  const positive = Math.max(0, distance);
  return squared ? positive * positive : positive;
}

/** The least reach below `bound`, else something not below it. */
function separation(x: Matrix, a: Ball, b: Ball, bound: number, squared: boolean): number {
  const { data, cols } = x;
  let least = bound;
  for (const p of a.members) {
    const row = a.density.rows[p]!;
    const core = a.density.core[p]!;
    if (core >= least) continue;
    if (power(centreDistance(data, row * cols, b.centre) - b.radius * slack, squared) >= least) continue;
    // Compared as squares, so that only what improves needs a root.
    let leastSquare = squared ? least : least * least * slack;
    for (const q of b.members) {
      const other = b.density.core[q]!;
      if (other >= least || squaredDistance(data, row, b.density.rows[q]!, cols) > leastSquare) continue;
      const reach = Math.max(core, other, distanceBetween(x, row, b.density.rows[q]!, squared));
      if (reach >= least) continue;
      least = reach;
      leastSquare = squared ? least : least * least * slack;
    }
  }
  return least;
}
