import { DisjointSet } from '@matome/primitives/collections';

/**
 * The edges of a spanning tree of n points: `n - 1` of each.
 *
 * A core distance often is the weight of several edges. Among edges of equal weight the shorter one is taken, so that the
 * tree is unique unless two distances agree to the last bit.
 */
export interface SpanningTree {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Mutual reachability distances. */
  readonly weights: Float64Array;
  /** Distances of the ends, at most the weights. */
  readonly lengths: Float64Array;
}

/**
 * A forest that grows into a spanning tree as Borůvka's rounds add edges. Component ids are dense, `0 .. components - 1`.
 *
 * Each round a component names its lightest outgoing edge; adding such edges one by one and leaving out those that
 * would close a ring keeps the forest inside some minimum spanning tree, whatever the order among equal weights.
 */
export class SpanningForest {
  readonly component: Int32Array;
  components: number;
  edges = 0;
  /** Lightest outgoing edge of each component so far this round. */
  readonly bestWeight: Float64Array;
  readonly bestLength: Float64Array;
  readonly bestFrom: Int32Array;
  readonly bestTo: Int32Array;
  private readonly sets: DisjointSet;
  private readonly from: Int32Array;
  private readonly to: Int32Array;
  private readonly weights: Float64Array;
  private readonly lengths: Float64Array;

  constructor(size: number) {
    this.component = Int32Array.from({ length: size }, (_, i) => i);
    this.components = size;
    this.bestWeight = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    this.bestLength = new Float64Array(size);
    this.bestFrom = new Int32Array(size);
    this.bestTo = new Int32Array(size);
    this.sets = new DisjointSet(size);
    this.from = new Int32Array(Math.max(0, size - 1));
    this.to = new Int32Array(Math.max(0, size - 1));
    this.weights = new Float64Array(Math.max(0, size - 1));
    this.lengths = new Float64Array(Math.max(0, size - 1));
  }

  /** Names the edge from `a` to `b` as that of the component of `a` if it is lighter, or as light and shorter. */
  offer(a: number, b: number, weight: number, length: number): void {
    const c = this.component[a]!;
    const best = this.bestWeight[c]!;
    if (weight > best || (weight === best && length >= this.bestLength[c]!)) return;
    this.bestWeight[c] = weight;
    this.bestLength[c] = length;
    this.bestFrom[c] = a;
    this.bestTo[c] = b;
  }

  /** Adds the named edge of every component accepted by `settled` (all when absent) and renumbers the components. */
  merge(settled?: Uint8Array): void {
    const { component, sets } = this;
    for (let c = 0; c < this.components; c++) {
      if (this.bestWeight[c] === Number.POSITIVE_INFINITY || (settled && settled[c] === 0)) continue;
      const a = this.bestFrom[c]!;
      const b = this.bestTo[c]!;
      if (!sets.union(a, b)) continue;
      this.from[this.edges] = a;
      this.to[this.edges] = b;
      this.lengths[this.edges] = this.bestLength[c]!;
      this.weights[this.edges++] = this.bestWeight[c]!;
    }
    const ids = this.bestFrom.fill(-1);
    let count = 0;
    for (let i = 0; i < component.length; i++) {
      const root = sets.find(i);
      if (ids[root] === -1) ids[root] = count++;
      component[i] = ids[root]!;
    }
    this.components = count;
    this.bestWeight.fill(Number.POSITIVE_INFINITY, 0, count);
  }

  tree(): SpanningTree {
    return { from: this.from, to: this.to, weights: this.weights, lengths: this.lengths };
  }
}
