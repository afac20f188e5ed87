import type { SingleLinkageTree } from './single-linkage-tree.js';

/**
 * The cluster hierarchy: cluster 0 holds everything, a cluster's parent has a smaller number. Density is
 * λ = 1 / distance; Infinity stands for equal rows.
 */
export interface CondensedTree {
  /** Parent of each cluster; -1 for cluster 0. */
  readonly parent: Int32Array;
  /** λ at which each cluster splits off its parent; 0 for cluster 0. */
  readonly birth: Float64Array;
  /** Rows of each cluster at its birth. */
  readonly size: Int32Array;
  /** For each row: the smallest cluster it belongs to. */
  readonly pointCluster: Int32Array;
  /** For each row: the λ at which it leaves that cluster. */
  readonly pointLambda: Float64Array;
}

/** Grows as clusters are found. */
interface Builder {
  readonly tree: SingleLinkageTree;
  readonly rows: number;
  /** Smallest row of each dendrogram node: orders the children of a split. */
  readonly first: Int32Array;
  readonly parent: number[];
  readonly birth: number[];
  readonly size: number[];
  readonly pointCluster: Int32Array;
  readonly pointLambda: Float64Array;
  readonly stack: Int32Array;
}

/**
 * Drops the splits of a single linkage tree that set fewer than `minClusterSize` rows free: such rows leave their
 * cluster instead.
 *
 * Merges of one distance and one excess are undone together, so that the order of the rows does not matter.
 *
 * @param rows - one more than there are merges, or 0.
 * @remarks O(n) time and memory.
 * @see Campello, Moulavi, Sander (2013), doi:10.1007/978-3-642-37456-2_14
 */
export function condenseTree(tree: SingleLinkageTree, minClusterSize: number, rows: number): CondensedTree {
  const builder: Builder = {
    tree,
    rows,
    first: firstRows(tree, rows),
    parent: [-1],
    birth: [0],
    size: [rows],
    pointCluster: new Int32Array(rows),
    pointLambda: new Float64Array(rows),
    stack: new Int32Array(2 * rows),
  };
  // One entry for each node that still holds a cluster: breadth first, so that parents come before children.
  const nodes: number[] = rows > 1 ? [2 * rows - 2] : [];
  const clusters: number[] = [0];
  for (let head = 0; head < nodes.length; head++) splitNode(builder, nodes, clusters, head, minClusterSize);
  return {
    parent: Int32Array.from(builder.parent),
    birth: Float64Array.from(builder.birth),
    size: Int32Array.from(builder.size),
    pointCluster: builder.pointCluster,
    pointLambda: builder.pointLambda,
  };
}

function firstRows(tree: SingleLinkageTree, rows: number): Int32Array {
  const first = Int32Array.from({ length: Math.max(0, 2 * rows - 1) }, (_, i) => i);
  for (let i = 0; i < rows - 1; i++) first[rows + i] = Math.min(first[tree.left[i]!]!, first[tree.right[i]!]!);
  return first;
}

/** Undoes the merges of one distance below a node: large parts go on as clusters, the rows of small ones leave. */
function splitNode(builder: Builder, nodes: number[], clusters: number[], head: number, minClusterSize: number): void {
  const { tree, rows, stack, first } = builder;
  const cluster = clusters[head]!;
  const distance = tree.distance[nodes[head]! - rows]!;
  const excess = tree.excess[nodes[head]! - rows]!;
  const lambda = 1 / distance;
  const large: number[] = [];
  let top = 0;
  stack[top++] = nodes[head]!;
  while (top > 0) {
    const node = stack[--top]!;
    if (node >= rows && tree.distance[node - rows] === distance && tree.excess[node - rows] === excess) {
      stack[top++] = tree.left[node - rows]!;
      stack[top++] = tree.right[node - rows]!;
    } else if (node >= rows && tree.size[node - rows]! >= minClusterSize) {
      large.push(node);
    } else {
      releaseRows(builder, node, cluster, lambda, top);
    }
  }
  if (large.length > 1) large.sort((a, b) => first[a]! - first[b]!);
  for (const node of large) {
    nodes.push(node);
    if (large.length === 1) {
      clusters.push(cluster);
    } else {
      clusters.push(builder.parent.length);
      builder.parent.push(cluster);
      builder.birth.push(lambda);
      builder.size.push(tree.size[node - rows]!);
    }
  }
}

/** Lets the rows below `node` leave `cluster`; uses the stack from `bottom` on. */
function releaseRows(builder: Builder, node: number, cluster: number, lambda: number, bottom: number): void {
  const { tree, rows, stack, pointCluster, pointLambda } = builder;
  let top = bottom;
  stack[top++] = node;
  while (top > bottom) {
    const next = stack[--top]!;
    if (next >= rows) {
      stack[top++] = tree.left[next - rows]!;
      stack[top++] = tree.right[next - rows]!;
    } else {
      pointCluster[next] = cluster;
      pointLambda[next] = lambda;
    }
  }
}

/** Largest λ at which a row or a child cluster leaves each cluster. */
export function deathLambdas(tree: CondensedTree): Float64Array {
  const death = new Float64Array(tree.parent.length);
  for (let c = 1; c < death.length; c++) {
    const parent = tree.parent[c]!;
    if (tree.birth[c]! > death[parent]!) death[parent] = tree.birth[c]!;
  }
  const { pointCluster, pointLambda } = tree;
  for (let i = 0; i < pointCluster.length; i++) {
    if (pointLambda[i]! > death[pointCluster[i]!]!) death[pointCluster[i]!] = pointLambda[i]!;
  }
  return death;
}

/**
 * Excess of mass of each cluster: how long its rows stay in it, in λ.
 *
 * @see Campello, Moulavi, Zimek, Sander (2015), section 5, doi:10.1145/2733381
 */
export function clusterStabilities(tree: CondensedTree): Float64Array {
  const { parent, birth, size, pointCluster, pointLambda } = tree;
  const stability = new Float64Array(parent.length);
  for (let i = 0; i < pointCluster.length; i++) {
    const c = pointCluster[i]!;
    // Equal rows may be born and leave at infinite density: they add nothing.
    if (pointLambda[i]! > birth[c]!) stability[c]! += pointLambda[i]! - birth[c]!;
  }
  for (let c = 1; c < parent.length; c++) {
    if (birth[c]! > birth[parent[c]!]!) stability[parent[c]!]! += (birth[c]! - birth[parent[c]!]!) * size[c]!;
  }
  return stability;
}
