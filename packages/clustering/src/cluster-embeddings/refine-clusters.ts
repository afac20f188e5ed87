import type { Cooperative } from '@matome/primitives/async';
import { type Matrix, takeRows } from '@matome/primitives/linalg';
import { KMeans } from '../k-means/k-means.js';
import { clusterMeans } from './clusters.js';

/** Rounds are few: clusters should settle, not become others. */
const maxIterations = 20;

/**
 * Lets rows move to the cluster whose mean is nearest to them, a few rounds of k-means from the clusters as they are. Changes
 * the labels in place; rows in no cluster stay there.
 *
 * Reduction and density look at neighbours only; on embeddings, whose clusters are round, the means know better about rows
 * between clusters.
 *
 * @param x - the rows themselves.
 * @returns the rows that moved.
 */
export function* refineClustersSteps(x: Matrix, labels: Int32Array, count: number): Cooperative<Uint32Array> {
  if (count < 2) return new Uint32Array(0);
  const rows = Uint32Array.from(labels.keys()).filter((i) => labels[i]! >= 0);
  const init = clusterMeans(x, labels, count);
  yield { stage: 'refine', completed: 0, total: maxIterations };
  const own = rows.length === x.rows ? x : takeRows(x, rows);
  const model = yield* KMeans.fitSteps(own, { nClusters: count, init, maxIterations });
  const moved: number[] = [];
  for (const [at, i] of rows.entries()) {
    if (labels[i] === model.labels[at]) continue;
    labels[i] = model.labels[at]!;
    moved.push(i);
  }
  return Uint32Array.from(moved);
}
