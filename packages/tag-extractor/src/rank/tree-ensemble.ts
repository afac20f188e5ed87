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

/** Levels of every tree as it is walked; trees of fewer are filled up. */
const levels = 4;
const inner = 2 ** levels - 1;

/** A sum of regression trees over the columns of a row. */
export class TreeEnsemble {
  private readonly bias: number;
  private readonly features: Uint16Array;
  private readonly thresholds: Float32Array;
  private readonly leaves: Float32Array;

  /** @throws TypeError if the trees are deeper than four levels or the lists do not fit the depth. */
  constructor({ bias, depth, features, thresholds, leaves }: TreeEnsembleJson) {
    const ownInner = 2 ** depth - 1;
    const trees = leaves.length / (ownInner + 1);
    if (depth > levels || features.length !== trees * ownInner || thresholds.length !== trees * ownInner) {
      throw new TypeError(`The lists of a tree ensemble must fit its depth, at most ${levels}.`);
    }
    this.bias = bias;
    this.features = new Uint16Array(trees * inner);
    // No value passes the thresholds of the levels that are filled in: the way leads to the first leaf below.
    this.thresholds = new Float32Array(trees * inner).fill(Number.NaN);
    this.leaves = new Float32Array(trees * (inner + 1));
    for (let tree = 0; tree < trees; tree++) {
      const own = [tree * ownInner, (tree + 1) * ownInner] as const;
      this.features.set(features.slice(...own), tree * inner);
      this.thresholds.set(thresholds.slice(...own), tree * inner);
      for (let leaf = 0; leaf <= ownInner; leaf++) {
        this.leaves[tree * (inner + 1) + leaf * 2 ** (levels - depth)] = leaves[tree * (ownInner + 1) + leaf]!;
      }
    }
  }

  /**
   * Adds `scale` times the score of every row to `out`: the bias and the leaves that the row falls into.
   *
   * @param rows - n × `width`, row after row.
   * @param out - n values.
   * @remarks O(n · trees). Trees in the outer loop keep a tree in the cache for all rows: twice as fast as row by row. Where
   * a row goes cannot be foreseen, so a comparison is added as a number instead of branching: four times as fast.
   */
  addScores(rows: Float32Array, width: number, scale: number, out: Float64Array): void {
    const { features, thresholds, leaves, bias } = this;
    const n = out.length;
    for (let i = 0; i < n; i++) out[i]! += scale * bias;
    for (let tree = 0, leafBase = -inner; tree < features.length; tree += inner, leafBase += inner + 1) {
      for (let i = 0, at = 0; i < n; i++, at += width) {
        const a = 1 + Number(rows[at + features[tree]!]! >= thresholds[tree]!);
        const b = 2 * a + 1 + Number(rows[at + features[tree + a]!]! >= thresholds[tree + a]!);
        const c = 2 * b + 1 + Number(rows[at + features[tree + b]!]! >= thresholds[tree + b]!);
        const d = 2 * c + 1 + Number(rows[at + features[tree + c]!]! >= thresholds[tree + c]!);
        out[i]! += scale * leaves[leafBase + d]!;
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
