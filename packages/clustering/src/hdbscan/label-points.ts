import { type CondensedTree, deathLambdas } from './condensed-tree.js';
import type { ClusterSelection } from './select-clusters.js';

/** What a choice of clusters means for the rows. Labels are numbered by the first row of each cluster. */
export interface PointLabels {
  /** Cluster of each row, -1 for rows in none. */
  readonly labels: Int32Array;
  /** Strength of membership of each row, in [0, 1]; 0 for rows in no cluster. */
  readonly probabilities: Float32Array;
  /** Stability of each cluster, in [0, 1]. */
  readonly persistence: Float32Array;
  readonly nClusters: number;
  /** Number in the condensed tree of each cluster. */
  readonly selected: Int32Array;
}

export function labelPoints(tree: CondensedTree, selection: ClusterSelection, epsilon: number): PointLabels {
  const { pointCluster, pointLambda } = tree;
  const rows = pointCluster.length;
  const death = deathLambdas(tree);
  const owner = chosenAncestors(tree, selection.chosen);
  // Of the cluster that holds everything, only rows as dense as its densest splits belong to it.
  const rootLambda = epsilon > 0 ? 1 / epsilon : death[0]!;
  const labels = new Int32Array(rows).fill(-1);
  const probabilities = new Float32Array(rows);
  const labelOf = new Int32Array(owner.length).fill(-1);
  const selected: number[] = [];
  const finite = finiteDeaths(tree, owner, death);
  for (let i = 0; i < rows; i++) {
    const cluster = owner[pointCluster[i]!]!;
    if (cluster === -1 || (cluster === 0 && pointLambda[i]! < rootLambda)) continue;
    if (labelOf[cluster] === -1) labelOf[cluster] = selected.push(cluster) - 1;
    labels[i] = labelOf[cluster]!;
    probabilities[i] = finite[cluster]! > 0 ? Math.min(1, pointLambda[i]! / finite[cluster]!) : 1;
  }
  return {
    labels,
    probabilities,
    persistence: persistenceOf(selection.stability, labels, selected, death),
    nClusters: selected.length,
    selected: Int32Array.from(selected),
  };
}

/** For each cluster of the tree: which of the selected ones it is or lies in, -1 for none. */
export function ownerOfClusters(tree: CondensedTree, selected: Int32Array): Int32Array {
  const chosen = new Uint8Array(tree.parent.length);
  for (const cluster of selected) chosen[cluster] = 1;
  return chosenAncestors(tree, chosen);
}

function chosenAncestors(tree: CondensedTree, chosen: Uint8Array): Int32Array {
  const owner = new Int32Array(chosen.length);
  for (let c = 0; c < chosen.length; c++) owner[c] = chosen[c] === 1 ? c : c === 0 ? -1 : owner[tree.parent[c]!]!;
  return owner;
}

/** The density that counts as full membership: the largest finite λ, so that equal rows do not push all others to 0. */
function finiteDeaths(tree: CondensedTree, owner: Int32Array, death: Float64Array): Float64Array {
  const finite = death.slice();
  for (let c = 0; c < finite.length; c++) {
    if (finite[c] !== Number.POSITIVE_INFINITY || owner[c] !== c) continue;
    let largest = 0;
    for (let i = 0; i < tree.pointLambda.length; i++) {
      const lambda = tree.pointLambda[i]!;
      if (owner[tree.pointCluster[i]!] === c && lambda !== Number.POSITIVE_INFINITY && lambda > largest) {
        largest = lambda;
      }
    }
    finite[c] = largest;
  }
  return finite;
}

function persistenceOf(
  stability: Float64Array,
  labels: Int32Array,
  selected: number[],
  death: Float64Array,
): Float32Array {
  const sizes = new Float64Array(selected.length);
  for (const label of labels) if (label >= 0) sizes[label]!++;
  let largest = 0;
  for (const lambda of death) largest = Math.max(largest, lambda);
  return Float32Array.from(selected, (cluster, label) =>
    largest === Number.POSITIVE_INFINITY || largest === 0 ? 1 : stability[cluster]! / (sizes[label]! * largest),
  );
}
