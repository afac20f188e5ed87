import type { Cooperative } from '@matome/primitives/async';
import { type Matrix, takeRows } from '@matome/primitives/linalg';
import type { RandomSource } from '@matome/primitives/random';
import { KMeans } from '../k-means/k-means.js';
import { silhouetteSteps } from '../metrics/silhouette.js';

/** Most clusters that left over rows make. */
const maxNoiseClusters = 8;
/** Rows whose silhouettes decide how many. */
const measuredRows = 2000;

/**
 * Clusters the rows in no cluster by themselves: k-means with the number of clusters of the best silhouette, from 2 to 8 and
 * with `minClusterSize` rows each on average at least. Changes the labels in place.
 *
 * @param space - the rows as they were clustered.
 * @param count - clusters so far.
 * @returns the rows in question and how many clusters they make: one when there are too few for two, or all are equal.
 */
export function* reclusterNoiseSteps(
  space: Matrix,
  labels: Int32Array,
  count: number,
  minClusterSize: number,
  random: RandomSource,
): Cooperative<{ readonly rows: Uint32Array; readonly clusters: number }> {
  const rows = Uint32Array.from(labels.keys()).filter((i) => labels[i]! < 0);
  const most = Math.min(maxNoiseClusters, Math.floor(rows.length / Math.max(2, minClusterSize)));
  const points = takeRows(space, rows);
  let best: Int32Array | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = 2; k <= most; k++) {
    const model = yield* KMeans.fitSteps(points, { nClusters: k, nInit: 10, random });
    const { mean } = yield* silhouetteSteps(points, model.labels, { maxRows: measuredRows, random });
    // Rows that are all equal have no silhouette (NaN) and stay together.
    if (mean > highest) {
      highest = mean;
      best = model.labels;
    }
  }
  for (let at = 0; at < rows.length; at++) labels[rows[at]!] = count + (best?.[at] ?? 0);
  return { rows, clusters: best ? new Set(best).size : 1 };
}
