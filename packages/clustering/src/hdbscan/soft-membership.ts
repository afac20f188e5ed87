import { type Matrix, row, squaredEuclideanDistance } from '@matome/primitives/linalg';
import type { CondensedTree } from './condensed-tree.js';
import type { DensityClustering } from './density-clustering.js';
import { ownerOfClusters } from './label-points.js';

/** A place in the hierarchy: beside a row of the clustering, at a density. */
export interface PointInTree {
  readonly point: number;
  readonly lambda: number;
}

/**
 * Membership of a point in every cluster: nearness to the exemplars of a cluster (its densest rows), times how deep in the
 * hierarchy the point parts from it, times the chance of being in a cluster at all.
 *
 * @see McInnes, Healy, Astels, hdbscan documentation, "How soft clustering for HDBSCAN works"
 */
export class SoftMembership {
  private readonly tree: CondensedTree;
  private readonly selected: Int32Array;
  /** Rows of the exemplars of each label. */
  private readonly exemplars: readonly (readonly number[])[];

  /** @param death - largest λ in each cluster of the tree. */
  constructor(
    private readonly x: Matrix,
    clustering: Pick<DensityClustering, 'condensedTree' | 'selected'>,
    private readonly death: Float64Array,
  ) {
    this.tree = clustering.condensedTree;
    this.selected = clustering.selected;
    this.exemplars = findExemplars(this.tree, this.selected, death);
  }

  /** @returns one value for each label. */
  of(point: Float32Array, place: PointInTree): Float64Array {
    const near = this.nearness(point);
    const heights = Float64Array.from(this.selected, (cluster) => this.meetingLambda(place, cluster));
    const densest = this.death[this.tree.pointCluster[place.point]!]!;
    // Scores lie in [0, 1], so that the second exponential is safe.
    const scores = heights.map((height) => Math.exp(Math.exp(-ratio(densest, height))));
    const joint = scores.map((score, c) => score * near[c]!);
    const total = joint.reduce((sum, value) => sum + value, 0);
    const highest = heights.reduce((most, height) => Math.max(most, height), 0);
    const nearest = heights.indexOf(highest);
    const inside = ratio(highest, Math.max(this.death[this.selected[nearest]!] ?? 0, place.lambda));
    return joint.map((value) => (total === 0 ? 0 : (value / total) * inside));
  }

  /** Share of each cluster in the reciprocal distances to the nearest exemplars. */
  private nearness(point: Float32Array): Float64Array {
    const distances = this.exemplars.map((rows) => {
      let least = Number.POSITIVE_INFINITY;
      for (const i of rows) least = Math.min(least, squaredEuclideanDistance(point, row(this.x, i)));
      return Math.sqrt(least);
    });
    const here = distances.filter((distance) => distance === 0).length;
    if (here > 0) return Float64Array.from(distances, (distance) => (distance === 0 ? 1 / here : 0));
    const total = distances.reduce((sum, distance) => sum + 1 / distance, 0);
    return Float64Array.from(distances, (distance) => 1 / distance / total);
  }

  /** λ at which a place and a cluster part; the place's own when one lies inside the other. */
  private meetingLambda({ point, lambda }: PointInTree, cluster: number): number {
    const { parent, birth, pointCluster } = this.tree;
    let left = pointCluster[point]!;
    let right = cluster;
    let leftMoved = false;
    let rightMoved = false;
    let last = left;
    while (left !== right) {
      if (left > right) {
        leftMoved = true;
        last = left;
        left = parent[left]!;
      } else {
        rightMoved = true;
        last = right;
        right = parent[right]!;
      }
    }
    return leftMoved && rightMoved ? birth[last]! : lambda;
  }
}

/** Of numbers that may both be infinite: then 1. */
function ratio(a: number, b: number): number {
  return a === b ? 1 : a / b;
}

/** The densest rows of the leaves below each chosen cluster. */
function findExemplars(tree: CondensedTree, selected: Int32Array, death: Float64Array): number[][] {
  const isLeaf = new Uint8Array(tree.parent.length).fill(1);
  for (let c = 1; c < isLeaf.length; c++) isLeaf[tree.parent[c]!] = 0;
  const owner = ownerOfClusters(tree, selected);
  const exemplars: number[][] = Array.from(selected, () => []);
  tree.pointCluster.forEach((cluster, i) => {
    if (isLeaf[cluster] === 0 || tree.pointLambda[i] !== death[cluster]) return;
    const label = selected.indexOf(owner[cluster]!);
    if (label !== -1) exemplars[label]!.push(i);
  });
  return exemplars;
}
