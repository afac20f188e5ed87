import type { Cooperative } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { type CondensedTree, condenseTree } from './condensed-tree.js';
import type { HdbscanSettings } from './hdbscan-options.js';
import { labelPoints, type PointLabels } from './label-points.js';
import { type MutualReachability, mutualReachability, type SpanningTreeAlgorithm } from './mutual-reachability.js';
import { outlierScores } from './outlier-scores.js';
import { selectClusters } from './select-clusters.js';
import { type SingleLinkageTree, singleLinkageTree } from './single-linkage-tree.js';
import type { SpanningTree } from './spanning-forest.js';
import { unitRows } from './unit-rows.js';

/** A density clustering of n rows into c clusters, with the hierarchy that it comes from. */
export interface DensityClustering extends PointLabels {
  /** GLOSH score of each row in [0, 1]: near 1 far outside of any cluster. */
  readonly outlierScores: Float32Array;
  /** Share of rows in no cluster. */
  readonly outlierShare: number;
  /** Distance of each row to its `minSamples`-th nearest other row. */
  readonly coreDistances: Float64Array;
  readonly spanningTree: SpanningTree;
  readonly singleLinkageTree: SingleLinkageTree;
  readonly condensedTree: CondensedTree;
  /** How the spanning tree was found. */
  readonly algorithm: SpanningTreeAlgorithm;
  /** The options that the clustering stands for, with defaults filled in. */
  readonly settings: HdbscanSettings;
}

/**
 * The steps of HDBSCAN*, one after the other, on checked input.
 *
 * @param spareBytes - what may be taken beyond `estimatedBytes` to be faster. @default Infinity
 */
export function* clusterByDensity(
  x: Matrix,
  settings: HdbscanSettings,
  spareBytes = Number.POSITIVE_INFINITY,
): Cooperative<DensityClustering> {
  const reachability = x.rows < 2 ? unreachable(x.rows) : yield* measuredReachability(x, settings, spareBytes);
  yield { stage: 'spanning-tree', completed: x.rows, total: x.rows };
  const linkage = singleLinkageTree(reachability.tree, reachability.coreDistances);
  yield { stage: 'spanning-tree', completed: linkage.size.length, total: linkage.size.length };
  return labelHierarchy(reachability, linkage, x.rows, settings);
}

/** Condenses a hierarchy, picks clusters and labels the rows. */
export function labelHierarchy(
  reachability: MutualReachability,
  linkage: SingleLinkageTree,
  rows: number,
  settings: HdbscanSettings,
): DensityClustering {
  const condensed = condenseTree(linkage, settings.minClusterSize, rows);
  const labels = labelPoints(condensed, selectClusters(condensed, settings), settings.clusterSelectionEpsilon);
  return {
    ...labels,
    outlierScores: outlierScores(condensed),
    outlierShare: outlierShare(labels.labels),
    coreDistances: reachability.coreDistances,
    spanningTree: reachability.tree,
    singleLinkageTree: linkage,
    condensedTree: condensed,
    algorithm: reachability.algorithm,
    settings,
  };
}

/** Share of labels that are -1; 0 for none at all. */
export function outlierShare(labels: Int32Array): number {
  let count = 0;
  for (const label of labels) if (label === -1) count++;
  return labels.length === 0 ? 0 : count / labels.length;
}

/** Longest neighbour lists kept for the spanning tree, in entries of all rows together. */
const maxListEntries = 6_000_000;

function* measuredReachability(
  x: Matrix,
  settings: HdbscanSettings,
  pairBytes: number,
): Cooperative<MutualReachability> {
  const cosine = settings.metric === 'cosine';
  const maxListLength = Math.max(16, Math.floor(maxListEntries / x.rows));
  const found = yield* mutualReachability(cosine ? unitRows(x) : x, { ...settings, maxListLength, pairBytes });
  if (!cosine) return found;
  // Half the square of a distance between unit vectors is their cosine distance; the order of edges stays.
  const toCosine = (distance: number) => (distance * distance) / 2;
  const { weights, lengths } = found.tree;
  const tree = { ...found.tree, weights: weights.map(toCosine), lengths: lengths.map(toCosine) };
  return { ...found, tree, coreDistances: found.coreDistances.map(toCosine) };
}

/** No row, or a single one: there is nothing to span. */
function unreachable(rows: number): MutualReachability {
  const none = new Int32Array(0);
  const tree = { from: none, to: none, weights: new Float64Array(0), lengths: new Float64Array(0) };
  return { algorithm: 'dense', coreDistances: new Float64Array(rows).fill(Number.POSITIVE_INFINITY), tree };
}
