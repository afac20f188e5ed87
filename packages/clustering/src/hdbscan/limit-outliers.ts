import { type DensityClustering, labelHierarchy, outlierShare } from './density-clustering.js';
import type { HdbscanSettings } from './hdbscan-options.js';

/** What was done to leave at most a given share of the rows in no cluster. */
export interface OutlierAdjustment {
  /** The share that was asked for. */
  readonly maxOutlierShare: number;
  /** The share that the settings asked for would have left. */
  readonly shareBefore: number;
  /**
   * `none`: the settings asked for were enough. `epsilon`: a larger `clusterSelectionEpsilon`. `attached`: the nearest
   * outliers joined the cluster they reach first. `impossible`: there is no cluster to join.
   */
  readonly method: 'none' | 'epsilon' | 'attached' | 'impossible';
  /** The `clusterSelectionEpsilon` in use. */
  readonly clusterSelectionEpsilon: number;
  /** The `minClusterSize` in use: smaller than asked for when no cluster was found otherwise. */
  readonly minClusterSize: number;
  /** Rows that joined a cluster below its density. */
  readonly attachedRows: number;
}

/** A clustering with few enough outliers. */
export interface LimitedClustering {
  readonly clustering: DensityClustering;
  /** λ at which a row joined a cluster from outside; 0 for all others. Absent where none did. */
  readonly attachedLambda?: Float64Array;
  readonly adjustment: OutlierAdjustment;
}

/** Share of the clusters that a larger epsilon must leave: below, it has merged what should stay apart. */
const keptClusters = 0.5;

/**
 * Leaves at most `maxOutlierShare` of the rows in no cluster. The spanning tree is used as it is.
 *
 * First the smallest `clusterSelectionEpsilon` that does so while half of the clusters (and two) stay; else the outliers
 * join, nearest first along the spanning tree, the cluster that they reach first, until they are few enough.
 */
export function limitOutliers(clustering: DensityClustering, maxOutlierShare: number): LimitedClustering {
  const found = clustering.nClusters > 0 ? clustering : withAnyCluster(clustering);
  const report = (method: OutlierAdjustment['method'], used: DensityClustering, attachedRows = 0) => ({
    maxOutlierShare,
    shareBefore: clustering.outlierShare,
    method,
    clusterSelectionEpsilon: used.settings.clusterSelectionEpsilon,
    minClusterSize: used.settings.minClusterSize,
    attachedRows,
  });
  if (found.outlierShare <= maxOutlierShare) return { clustering: found, adjustment: report('none', found) };
  if (found.nClusters === 0) return { clustering: found, adjustment: report('impossible', found) };
  const merged = smallestEpsilon(found, maxOutlierShare);
  if (merged) return { clustering: merged, adjustment: report('epsilon', merged) };
  const { labels, probabilities, attachedLambda, rows } = attachOutliers(found, maxOutlierShare);
  const attached = { ...found, labels, probabilities, outlierShare: outlierShare(labels) };
  return { clustering: attached, attachedLambda, adjustment: report('attached', attached, rows) };
}

function relabel(clustering: DensityClustering, changes: Partial<HdbscanSettings>): DensityClustering {
  const { algorithm, coreDistances, spanningTree, singleLinkageTree, labels, settings } = clustering;
  const reachability = { algorithm, coreDistances, tree: spanningTree };
  return labelHierarchy(reachability, singleLinkageTree, labels.length, { ...settings, ...changes });
}

/** Halves `minClusterSize` until there is a cluster; everything is one cluster when that does not help. */
function withAnyCluster(clustering: DensityClustering): DensityClustering {
  if (clustering.labels.length < 2) return clustering;
  let found = clustering;
  while (found.nClusters === 0 && found.settings.minClusterSize > 2) {
    found = relabel(found, { minClusterSize: Math.max(2, Math.floor(found.settings.minClusterSize / 2)) });
  }
  return found.nClusters > 0 ? found : relabel(clustering, { allowSingleCluster: true, clusterSelectionEpsilon: 0 });
}

function smallestEpsilon(clustering: DensityClustering, maxOutlierShare: number): DensityClustering | undefined {
  const { birth } = clustering.condensedTree;
  const epsilons = [...new Set(Array.from(birth.subarray(1), (lambda) => 1 / lambda))]
    .filter((epsilon) => epsilon > clustering.settings.clusterSelectionEpsilon)
    .sort((a, b) => a - b);
  // Clusters born at exactly epsilon stay, so each step lies just beyond it.
  const at = (i: number) => relabel(clustering, { clusterSelectionEpsilon: epsilons[i]! * (1 + 1e-9) });
  // A larger epsilon replaces clusters by what holds them: outliers never grow more.
  let low = 0;
  let high = epsilons.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle).outlierShare <= maxOutlierShare) high = middle;
    else low = middle + 1;
  }
  if (low === epsilons.length) return undefined;
  const merged = at(low);
  return merged.nClusters >= Math.max(2, clustering.nClusters * keptClusters) ? merged : undefined;
}

/** Lets outliers join clusters in the order of the spanning tree's edges, lightest first. */
function attachOutliers(clustering: DensityClustering, maxOutlierShare: number) {
  const { spanningTree: tree } = clustering;
  const labels = clustering.labels.slice();
  const probabilities = clustering.probabilities.slice();
  const attachedLambda = new Float64Array(labels.length);
  const densest = densestOf(clustering);
  const allowed = Math.floor(maxOutlierShare * labels.length);
  // Connected outliers stand in rings, so that two groups join in one exchange.
  const next = Int32Array.from(labels, (_, i) => i);
  let outliers = Math.round(clustering.outlierShare * labels.length);
  let rows = 0;
  const order = Array.from(tree.weights, (_, edge) => edge).sort(
    (a, b) => tree.weights[a]! - tree.weights[b]! || tree.lengths[a]! - tree.lengths[b]! || a - b,
  );
  for (const edge of order) {
    if (outliers <= allowed) break;
    const [p, q] = [tree.from[edge]!, tree.to[edge]!];
    if (labels[p] !== -1 && labels[q] !== -1) continue;
    if (labels[p] === labels[q]) {
      [next[p], next[q]] = [next[q]!, next[p]!];
      continue;
    }
    const [outside, inside] = labels[p] === -1 ? [p, q] : [q, p];
    const lambda = 1 / tree.weights[edge]!;
    for (let row = outside; labels[row] === -1; row = next[row]!) {
      labels[row] = labels[inside]!;
      attachedLambda[row] = lambda;
      probabilities[row] = Math.min(1, lambda / densest[labels[inside]!]!);
      rows++;
      outliers--;
    }
  }
  return { labels, probabilities, attachedLambda, rows };
}

/** Largest finite λ among the rows of each cluster. */
function densestOf({ labels, nClusters, condensedTree }: DensityClustering): Float64Array {
  const densest = new Float64Array(nClusters);
  labels.forEach((label, i) => {
    const lambda = condensedTree.pointLambda[i]!;
    if (label !== -1 && lambda !== Number.POSITIVE_INFINITY) densest[label] = Math.max(densest[label]!, lambda);
  });
  return densest.map((lambda) => lambda || Number.POSITIVE_INFINITY);
}
