import { type CondensedTree, clusterStabilities } from './condensed-tree.js';

/** How clusters are picked from the hierarchy. */
export interface SelectionOptions {
  readonly clusterSelectionMethod: 'eom' | 'leaf';
  /** Clusters that split off below this distance are merged into their parent; 0 merges none. */
  readonly clusterSelectionEpsilon: number;
  readonly allowSingleCluster: boolean;
  /** Larger clusters are broken up, in rows; Infinity sets no bound. Only for `eom`. */
  readonly maxClusterSize: number;
}

/** A choice of clusters. */
export interface ClusterSelection {
  /** 1 for every chosen cluster; no chosen cluster lies inside another. */
  readonly chosen: Uint8Array;
  /** Excess of mass of each cluster; under `eom`, of the best choice below a cluster that was passed over. */
  readonly stability: Float64Array;
}

export function selectClusters(tree: CondensedTree, options: SelectionOptions): ClusterSelection {
  const stability = clusterStabilities(tree);
  const chosen = options.clusterSelectionMethod === 'eom' ? selectByMass(tree, stability, options) : selectLeaves(tree);
  const onlyRoot = chosen[0] === 1;
  if (options.clusterSelectionEpsilon === 0 || onlyRoot) return { chosen, stability };
  return { chosen: mergeBelowEpsilon(tree, chosen, options), stability };
}

/** Keeps a cluster when it is more stable than the best choice below it; `best` becomes the stability of that choice. */
function selectByMass(tree: CondensedTree, best: Float64Array, options: SelectionOptions): Uint8Array {
  const { parent, size } = tree;
  const count = parent.length;
  const below = new Float64Array(count);
  const kept = new Uint8Array(count);
  const last = options.allowSingleCluster ? 0 : 1;
  for (let c = count - 1; c >= last; c--) {
    if (below[c]! > best[c]! || size[c]! > options.maxClusterSize) best[c] = below[c]!;
    else kept[c] = 1;
    if (c > 0) below[parent[c]!]! += best[c]!;
  }
  return outermost(tree, kept);
}

/** Unmarks clusters inside marked ones. */
function outermost(tree: CondensedTree, marked: Uint8Array): Uint8Array {
  const { parent } = tree;
  const inside = new Uint8Array(marked.length);
  const result = marked.slice();
  for (let c = 1; c < marked.length; c++) {
    inside[c] = inside[parent[c]!]! | marked[parent[c]!]!;
    if (inside[c] === 1) result[c] = 0;
  }
  return result;
}

function selectLeaves(tree: CondensedTree): Uint8Array {
  const leaves = new Uint8Array(tree.parent.length).fill(1);
  leaves[0] = 0;
  for (let c = 1; c < leaves.length; c++) leaves[tree.parent[c]!] = 0;
  return leaves;
}

/**
 * Replaces each cluster born below the distance epsilon by its nearest ancestor born above it.
 *
 * @see Malzer, Baum (2020), doi:10.1109/MFI49285.2020.9235263
 */
function mergeBelowEpsilon(tree: CondensedTree, chosen: Uint8Array, options: SelectionOptions): Uint8Array {
  const { parent, birth } = tree;
  const result = new Uint8Array(chosen.length);
  for (let c = 1; c < chosen.length; c++) {
    if (chosen[c] === 0) continue;
    let cluster = c;
    if (1 / birth[c]! < options.clusterSelectionEpsilon) {
      for (;;) {
        const up = parent[cluster]!;
        if (up === 0) {
          if (options.allowSingleCluster) cluster = 0;
          break;
        }
        cluster = up;
        if (1 / birth[cluster]! > options.clusterSelectionEpsilon) break;
      }
    }
    result[cluster] = 1;
  }
  return outermost(tree, result);
}
