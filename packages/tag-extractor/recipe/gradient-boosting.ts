/** Rows with labels from 0 to 1 and weights. */
export interface TrainingRows {
  /** n × width, row after row. */
  readonly x: Float32Array;
  readonly width: number;
  readonly y: Float32Array;
  readonly weight: Float32Array;
}

/** Settings of `fitBoostedTrees`. */
export interface BoostingOptions {
  readonly trees: number;
  /** Every tree is a complete binary tree of this depth. */
  readonly depth: number;
  readonly learningRate: number;
  /** Least rows in a leaf. */
  readonly minRows: number;
  /** Added to the curvature of a leaf: shrinks leaves of few rows. */
  readonly shrinkage: number;
  /** Share of the columns each tree may use. */
  readonly columnShare: number;
  /** Share of the rows each tree sees. */
  readonly rowShare: number;
  readonly random: () => number;
}

/** A fitted model in the layout that the package reads: complete trees, node k has the children 2k + 1 and 2k + 2. */
export interface BoostedTrees {
  readonly bias: number;
  readonly depth: number;
  /** Column of every inner node, tree after tree. */
  readonly features: number[];
  /** A row goes right when its value is at least this. */
  readonly thresholds: number[];
  /** Value of every leaf, tree after tree. */
  readonly leaves: number[];
}

const bins = 48;
/** No value of a feature reaches this: the node always goes left. */
export const never = 1e30;

/**
 * Gradient boosted trees for the logistic loss, with second-order leaves over binned columns.
 *
 * @see Friedman (2001), doi:10.1214/aos/1013203451; Chen, Guestrin (2016), doi:10.1145/2939672.2939785
 */
export function fitBoostedTrees(rows: TrainingRows, options: BoostingOptions): BoostedTrees {
  const { x, width, y, weight } = rows;
  const n = y.length;
  const edges = Array.from({ length: width }, (_, f) => columnEdges(x, width, f, n));
  const binned = binColumns(x, width, n, edges);
  let positive = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    positive += y[i]! * weight[i]!;
    total += weight[i]!;
  }
  const bias = Math.log(positive / (total - positive));
  const score = new Float64Array(n).fill(bias);
  const gradient = new Float64Array(n);
  const curvature = new Float64Array(n);
  const model: BoostedTrees = { bias, depth: options.depth, features: [], thresholds: [], leaves: [] };
  for (let t = 0; t < options.trees; t++) {
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-score[i]!));
      gradient[i] = (p - y[i]!) * weight[i]!;
      curvature[i] = Math.max(1e-6, p * (1 - p)) * weight[i]!;
    }
    const tree = growTree({ binned, edges, width, gradient, curvature, options }, n);
    for (let i = 0; i < n; i++) score[i]! += tree.leaves[leafOf(tree, x, i * width, options.depth)]!;
    model.features.push(...tree.features);
    model.thresholds.push(...tree.thresholds);
    model.leaves.push(...tree.leaves);
  }
  return model;
}

function columnEdges(x: Float32Array, width: number, column: number, n: number): Float32Array {
  const step = Math.max(1, Math.floor(n / 20_000));
  const sample: number[] = [];
  for (let i = 0; i < n; i += step) sample.push(x[i * width + column]!);
  sample.sort((a, b) => a - b);
  const edges: number[] = [];
  for (let b = 1; b < bins; b++) {
    const value = sample[Math.floor((b * sample.length) / bins)]!;
    if (value > (edges.at(-1) ?? sample[0]!)) edges.push(value);
  }
  return Float32Array.from(edges);
}

function binColumns(x: Float32Array, width: number, n: number, edges: readonly Float32Array[]): Uint8Array {
  // Column after column: a split looks at one column at a time.
  const binned = new Uint8Array(n * width);
  for (let f = 0; f < width; f++) {
    const column = edges[f]!;
    for (let i = 0; i < n; i++) {
      const value = x[i * width + f]!;
      let low = 0;
      let high = column.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (value < column[middle]!) high = middle;
        else low = middle + 1;
      }
      binned[f * n + i] = low;
    }
  }
  return binned;
}

interface Growth {
  readonly binned: Uint8Array;
  readonly edges: readonly Float32Array[];
  readonly width: number;
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
  readonly options: BoostingOptions;
}

interface Tree {
  readonly features: number[];
  readonly thresholds: number[];
  readonly leaves: number[];
}

function growTree(growth: Growth, n: number): Tree {
  const { depth, rowShare, columnShare, random, learningRate, shrinkage } = growth.options;
  const inner = 2 ** depth - 1;
  const tree: Tree = {
    features: new Array<number>(inner).fill(0),
    thresholds: new Array<number>(inner).fill(never),
    leaves: new Array<number>(inner + 1).fill(0),
  };
  const rows: number[] = [];
  for (let i = 0; i < n; i++) if (random() < rowShare) rows.push(i);
  const columns: number[] = [];
  for (let f = 0; f < growth.width; f++) if (random() < columnShare) columns.push(f);
  const grow = (node: number, members: Int32Array): void => {
    if (node >= inner) {
      let g = 0;
      let h = 0;
      for (const i of members) {
        g += growth.gradient[i]!;
        h += growth.curvature[i]!;
      }
      tree.leaves[node - inner] = (-g / (h + shrinkage)) * learningRate;
      return;
    }
    const split = bestSplit(growth, members, columns, n);
    if (!split) {
      // All rows go left, down to one leaf.
      grow(2 * node + 1, members);
      return;
    }
    tree.features[node] = split.column;
    tree.thresholds[node] = growth.edges[split.column]![split.bin]!;
    const start = split.column * n;
    const left = new Int32Array(members.length);
    const right = new Int32Array(members.length);
    let onLeft = 0;
    let onRight = 0;
    for (let k = 0; k < members.length; k++) {
      const i = members[k]!;
      if (growth.binned[start + i]! <= split.bin) left[onLeft++] = i;
      else right[onRight++] = i;
    }
    grow(2 * node + 1, left.subarray(0, onLeft));
    grow(2 * node + 2, right.subarray(0, onRight));
  };
  grow(0, Int32Array.from(rows));
  return tree;
}

function bestSplit(
  { binned, edges, gradient, curvature, options }: Growth,
  members: Int32Array,
  columns: readonly number[],
  n: number,
): { column: number; bin: number } | undefined {
  const { minRows, shrinkage } = options;
  if (members.length < 2 * minRows) return undefined;
  let allG = 0;
  let allH = 0;
  // Gathered once, read once a column.
  const slopes = new Float64Array(members.length);
  const curves = new Float64Array(members.length);
  for (let k = 0; k < members.length; k++) {
    const i = members[k]!;
    slopes[k] = gradient[i]!;
    curves[k] = curvature[i]!;
    allG += slopes[k]!;
    allH += curves[k]!;
  }
  const g = new Float64Array(bins);
  const h = new Float64Array(bins);
  const count = new Int32Array(bins);
  let best: { column: number; bin: number } | undefined;
  let bestGain = (allG * allG) / (allH + shrinkage) + 1e-9;
  for (const column of columns) {
    const size = edges[column]!.length + 1;
    if (size < 2) continue;
    g.fill(0);
    h.fill(0);
    count.fill(0);
    const start = column * n;
    for (let k = 0; k < members.length; k++) {
      const bin = binned[start + members[k]!]!;
      g[bin]! += slopes[k]!;
      h[bin]! += curves[k]!;
      count[bin]!++;
    }
    let leftG = 0;
    let leftH = 0;
    let leftCount = 0;
    for (let bin = 0; bin < size - 1; bin++) {
      leftG += g[bin]!;
      leftH += h[bin]!;
      leftCount += count[bin]!;
      if (leftCount < minRows) continue;
      if (members.length - leftCount < minRows) break;
      const rightG = allG - leftG;
      const gain = (leftG * leftG) / (leftH + shrinkage) + (rightG * rightG) / (allH - leftH + shrinkage);
      if (gain > bestGain) {
        bestGain = gain;
        best = { column, bin };
      }
    }
  }
  return best;
}

function leafOf(tree: Tree, x: Float32Array, at: number, depth: number): number {
  let node = 0;
  for (let level = 0; level < depth; level++) {
    node = 2 * node + (x[at + tree.features[node]!]! >= tree.thresholds[node]! ? 2 : 1);
  }
  return node - tree.features.length;
}

/** Shortens the numbers of a model to what its quality needs. */
export function roundTrees(model: BoostedTrees): BoostedTrees {
  const round = (value: number, digits: number) => Number(value.toPrecision(digits));
  return {
    bias: round(model.bias, 6),
    depth: model.depth,
    features: model.features,
    thresholds: model.thresholds.map((value) => round(Math.fround(value), 6)),
    leaves: model.leaves.map((value) => round(value, 4)),
  };
}
