/** Boosted trees as they are stored: complete trees of one depth, node k has the children 2k + 1 and 2k + 2. */
export interface TreeEnsembleJson {
  readonly bias: number;
  readonly depth: number;
  /** Column of every inner node, tree after tree. */
  readonly features: readonly number[];
  /** A row goes right when its value is at least this. */
  readonly thresholds: readonly number[];
  /** Value of every leaf, tree after tree. */
  readonly leaves: readonly number[];
}

/** A sum of regression trees over the columns of a row. */
export class TreeEnsemble {
  private readonly bias: number;
  private readonly depth: number;
  private readonly features: Uint16Array;
  private readonly thresholds: Float32Array;
  private readonly leaves: Float32Array;

  /** @throws TypeError if the lists do not fit the depth. */
  constructor(json: TreeEnsembleJson) {
    this.bias = json.bias;
    this.depth = json.depth;
    this.features = Uint16Array.from(json.features);
    this.thresholds = Float32Array.from(json.thresholds);
    this.leaves = Float32Array.from(json.leaves);
    const inner = 2 ** this.depth - 1;
    const trees = this.leaves.length / (inner + 1);
    if (this.features.length !== trees * inner || this.thresholds.length !== trees * inner) {
      throw new TypeError('The lists of a tree ensemble must fit its depth.');
    }
  }

  /**
   * The sum of the leaves that a row falls into.
   *
   * @param at - where the row begins in `rows`.
   * @remarks O(trees · depth), no allocation.
   */
  score(rows: Float32Array, at: number): number {
    const { features, thresholds, leaves, depth } = this;
    const inner = 2 ** depth - 1;
    let sum = this.bias;
    for (let tree = 0, leafBase = 0; leafBase < leaves.length; tree += inner, leafBase += inner + 1) {
      let node = 0;
      for (let level = 0; level < depth; level++) {
        const k = tree + node;
        node = 2 * node + (rows[at + features[k]!]! >= thresholds[k]! ? 2 : 1);
      }
      sum += leaves[leafBase + node - inner]!;
    }
    return sum;
  }
}
