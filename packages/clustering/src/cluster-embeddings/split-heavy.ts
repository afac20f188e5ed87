import type { Cooperative } from '@matome/primitives/async';
import { type Matrix, quantile, takeRows } from '@matome/primitives/linalg';
import type { RandomSource } from '@matome/primitives/random';
import { BisectingKMeans } from '../k-means/bisecting-k-means.js';
import { membersOf } from './clusters.js';

/** How heavy a cluster may become. */
export interface WeightLimit {
  readonly weights: ArrayLike<number>;
  readonly maxWeight: number | 'auto';
  readonly bounds: readonly [number, number];
}

/** Halvings of one cluster: down to an eighth of it. */
const maxPasses = 3;
const leastSplitSize = 5;

/**
 * Splits clusters that weigh more than the limit in two, each part again, at most three times. Changes the labels in place.
 *
 * Clusters of fewer than 5 rows are left alone; under an automatic limit, so are those below the smallest tenth. The first
 * half keeps the number.
 *
 * @param x - the rows themselves, not reduced.
 * @returns how many clusters more there are, and the rows of those that were split.
 */
export function* splitHeavySteps(
  x: Matrix,
  labels: Int32Array,
  count: number,
  limit: WeightLimit,
  random: RandomSource,
): Cooperative<{ readonly splits: number; readonly touched: Uint32Array }> {
  const automatic = limit.maxWeight === 'auto';
  const { weights } = limit;
  const touched = new Set<number>();
  let maxWeight = typeof limit.maxWeight === 'number' ? limit.maxWeight : 0;
  let next = count;
  for (let pass = 0; pass < maxPasses; pass++) {
    const members = membersOf(labels);
    const sizes = members.map((rows) => rows.length);
    if (automatic && pass === 0) maxWeight = automaticLimit(limit, sizes);
    const smallest = automatic && sizes.length > 0 ? Math.floor(quantile(sizes, 0.1)) : 0;
    for (const [label, rows] of members.entries()) {
      const weight = rows.reduce((sum, i) => sum + weights[i]!, 0);
      if (weight <= maxWeight || maxWeight <= 0 || rows.length < Math.max(leastSplitSize, smallest)) continue;
      const halves = yield* BisectingKMeans.fitSteps(takeRows(x, rows), { nClusters: 2, nInit: 3, random });
      if (halves.nClusters < 2) continue;
      for (const [at, i] of rows.entries()) {
        labels[i] = halves.labels[at] === 0 ? label : next;
        touched.add(i);
      }
      next++;
    }
  }
  return { splits: next - count, touched: Uint32Array.from(touched) };
}

/** 1.5 times the median weight of a row times the median size of a cluster, within bounds. */
function automaticLimit({ weights, bounds }: WeightLimit, sizes: readonly number[]): number {
  const median = weights.length > 0 ? quantile(Array.from(weights), 0.5) : 0;
  const size = sizes.length > 0 ? quantile(sizes, 0.5) : 0;
  return Math.max(bounds[0], Math.min(bounds[1], Math.floor(1.5 * median * size)));
}
