/** A sum of decision trees as plain data: the form in which trained weights are shipped. */
export interface TreeEnsembleData {
  /** Names of the features, in the order of a row. */
  readonly features: readonly string[];
  /** Added to the sum of the leaves. */
  readonly bias: number;
  /** Node count of each tree; the nodes of all trees stand one behind the other. */
  readonly sizes: readonly number[];
  /** Feature that a node asks for, or -1 in a leaf. */
  readonly feature: readonly number[];
  /** A row goes left where its feature is at most this; in a leaf, the leaf's value. */
  readonly value: readonly number[];
  /** Offset from a node to its right child (the left child is the next node), 0 in a leaf. */
  readonly right: readonly number[];
}

/**
 * Boosted decision trees with a logistic link, read-only.
 *
 * @remarks A row costs one walk from root to leaf a tree.
 * @see Friedman (2001), Greedy function approximation: a gradient boosting machine, doi:10.1214/aos/1013203451
 */
export class TreeEnsemble {
  /** Offset to the right child, times 1024, plus feature + 1; 0 in a leaf. */
  private readonly step: Int32Array;
  private readonly value: Float32Array;
  private readonly roots: Int32Array;
  private readonly bias: number;

  private constructor(data: TreeEnsembleData) {
    this.step = Int32Array.from(data.feature, (f, node) => (f < 0 ? 0 : data.right[node]! * 1024 + f + 1));
    this.value = Float32Array.from(data.value);
    this.bias = data.bias;
    this.roots = new Int32Array(data.sizes.length);
    for (let i = 1; i < data.sizes.length; i++) this.roots[i] = this.roots[i - 1]! + data.sizes[i - 1]!;
  }

  /**
   * Reads shipped weights.
   *
   * @param features - names of the columns that rows will have; they must be those the trees were trained on.
   * @throws RangeError where the names differ or the arrays do not fit together.
   */
  static fromJSON(data: TreeEnsembleData, features: readonly string[]): TreeEnsemble {
    const differs = features.findIndex((name, i) => data.features[i] !== name);
    if (differs >= 0 || features.length !== data.features.length) {
      throw new RangeError(
        `The trees were trained on other features: column ${differs} is ${JSON.stringify(data.features[differs])}, ` +
          `not ${JSON.stringify(features[differs])}.`,
      );
    }
    const nodes = data.sizes.reduce((sum, size) => sum + size, 0);
    if (data.feature.length !== nodes || data.value.length !== nodes || data.right.length !== nodes) {
      throw new RangeError(`The trees name ${nodes} nodes, but the node arrays hold ${data.feature.length}.`);
    }
    return new TreeEnsemble(data);
  }

  /** Probability in (0, 1) of row `row` of a row-major matrix with `width` columns. */
  probability(matrix: Float32Array, row: number, width: number): number {
    const { step, value, roots } = this;
    const base = row * width - 1;
    let sum = this.bias;
    for (let t = 0; t < roots.length; t++) {
      let node = roots[t]!;
      // The branch taken is unforeseeable: one packed number a node, as every load costs a wait.
      for (let code = step[node]!; code !== 0; code = step[node]!) {
        node += matrix[base + (code & 1023)]! <= value[node]! ? 1 : code >> 10;
      }
      sum += value[node]!;
    }
    return 1 / (1 + Math.exp(-sum));
  }
}
