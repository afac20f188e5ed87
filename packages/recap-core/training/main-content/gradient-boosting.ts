import { createRandom } from '@matome/primitives/random';
import type { TreeEnsembleData } from '../../src/content/tree-ensemble.js';

/** Rows to learn from: `x` is row-major with one column a feature. */
export interface TrainingRows {
  readonly x: Float32Array;
  /** 1 or 0, or a share between. */
  readonly y: Float32Array;
  readonly weight: Float32Array;
}

/** How the trees grow. */
export interface BoostingOptions {
  readonly trees: number;
  readonly leaves: number;
  readonly learningRate: number;
  /** Least sum of weights in a leaf. */
  readonly minLeafWeight: number;
  readonly l2: number;
  /** Share of the features that each tree may ask for. */
  readonly featureShare: number;
  /** Share of the rows that each tree sees. */
  readonly rowShare: number;
  readonly seed: number;
}

const bins = 64;

interface Leaf {
  /** Rows of the leaf: a slice of the shared order. */
  from: number;
  to: number;
  gradient: number;
  hessian: number;
  split: Split | undefined;
  node: number;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
}

interface Node {
  feature: number;
  value: number;
  left: number;
  right: number;
}

/**
 * Fits boosted trees with a logistic loss: quantile bins, best-first growth, shrinkage, column and row sampling.
 *
 * @see Friedman (2001), doi:10.1214/aos/1013203451
 * @see Friedman (2002), Stochastic gradient boosting, doi:10.1016/S0167-9473(01)00065-2
 */
export function fitBoosting(
  rows: TrainingRows,
  features: readonly string[],
  options: BoostingOptions,
): TreeEnsembleData {
  const n = rows.y.length;
  const width = features.length;
  const { edges, binned } = binColumns(rows.x, n, width);
  const score = new Float64Array(n);
  const bias = logOdds(rows);
  score.fill(bias);
  const gradient = new Float64Array(n);
  const hessian = new Float64Array(n);
  const random = createRandom(options.seed);
  const out: TreeEnsembleData = {
    features: [...features],
    bias: round(bias),
    sizes: [],
    feature: [],
    value: [],
    right: [],
  };
  for (let t = 0; t < options.trees; t++) {
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-score[i]!));
      gradient[i] = rows.weight[i]! * (p - rows.y[i]!);
      hessian[i] = rows.weight[i]! * p * (1 - p);
    }
    const columns = [...Array(width).keys()].filter(() => random() < options.featureShare);
    const order = Int32Array.from([...Array(n).keys()].filter(() => random() < options.rowShare));
    const grower = new TreeGrower(binned, n, rows.weight, gradient, hessian, columns, options);
    const nodes = grower.grow(order);
    writeTree(nodes, edges, out);
    for (let i = 0; i < n; i++) {
      let node = nodes[0]!;
      while (node.feature >= 0) node = nodes[binned[node.feature * n + i]! <= node.value ? node.left : node.right]!;
      score[i]! += node.value;
    }
  }
  return out;
}

function logOdds({ y, weight }: TrainingRows): number {
  let positive = 0;
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    positive += y[i]! * weight[i]!;
    total += weight[i]!;
  }
  return Math.log(positive / (total - positive));
}

/** Quantile bins of every column; a value falls into the first bin whose edge is not below it. */
function binColumns(x: Float32Array, n: number, width: number): { edges: number[][]; binned: Uint8Array } {
  const edges: number[][] = [];
  const binned = new Uint8Array(n * width);
  const column = new Float32Array(n);
  for (let f = 0; f < width; f++) {
    for (let i = 0; i < n; i++) column[i] = x[i * width + f]!;
    const sorted = column.slice().sort();
    const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
    const own: number[] = [];
    const few = distinct.length <= bins;
    for (let b = 0; b < (few ? distinct.length : bins) - 1; b++) {
      const [low, high] = few
        ? [distinct[b]!, distinct[b + 1]!]
        : [sorted[Math.floor(((b + 1) * n) / bins) - 1]!, sorted[Math.floor(((b + 1) * n) / bins)]!];
      const edge = round((low + high) / 2);
      if (own.length === 0 || edge > own[own.length - 1]!) own.push(edge);
    }
    edges.push(own);
    for (let i = 0; i < n; i++) {
      let low = 0;
      let high = own.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (column[i]! <= Math.fround(own[middle]!)) high = middle;
        else low = middle + 1;
      }
      binned[f * n + i] = low;
    }
  }
  return { edges, binned };
}

/** Five significant digits: what the shipped file holds is what the trees were grown with. */
function round(value: number): number {
  return Number(value.toPrecision(5));
}

class TreeGrower {
  private readonly sums = new Float64Array(3 * bins);

  constructor(
    private readonly binned: Uint8Array,
    private readonly n: number,
    private readonly weight: Float32Array,
    private readonly gradient: Float64Array,
    private readonly hessian: Float64Array,
    private readonly columns: readonly number[],
    private readonly options: BoostingOptions,
  ) {}

  grow(order: Int32Array): Node[] {
    const nodes: Node[] = [{ feature: -1, value: 0, left: 0, right: 0 }];
    const leaves: Leaf[] = [this.leaf(order, 0, order.length, 0)];
    while (leaves.length < this.options.leaves) {
      let best: Leaf | undefined;
      for (const leaf of leaves) {
        if (leaf.split !== undefined && (best?.split === undefined || leaf.split.gain > best.split.gain)) best = leaf;
      }
      if (best?.split === undefined) break;
      const { feature, bin } = best.split;
      const middle = this.partition(order, best, feature, bin);
      const node = nodes[best.node]!;
      node.feature = feature;
      node.value = bin;
      node.left = nodes.length;
      node.right = nodes.length + 1;
      nodes.push({ feature: -1, value: 0, left: 0, right: 0 }, { feature: -1, value: 0, left: 0, right: 0 });
      const right = this.leaf(order, middle, best.to, node.right);
      leaves[leaves.indexOf(best)] = this.leaf(order, best.from, middle, node.left);
      leaves.push(right);
    }
    const { learningRate, l2 } = this.options;
    for (const leaf of leaves) nodes[leaf.node]!.value = round((-learningRate * leaf.gradient) / (leaf.hessian + l2));
    return nodes;
  }

  private leaf(order: Int32Array, from: number, to: number, node: number): Leaf {
    let gradient = 0;
    let hessian = 0;
    for (let k = from; k < to; k++) {
      gradient += this.gradient[order[k]!]!;
      hessian += this.hessian[order[k]!]!;
    }
    return { from, to, gradient, hessian, node, split: this.findSplit(order, from, to, gradient, hessian) };
  }

  private findSplit(order: Int32Array, from: number, to: number, gradient: number, hessian: number): Split | undefined {
    const { l2, minLeafWeight } = this.options;
    const { sums, n } = this;
    let best: Split | undefined;
    const whole = (gradient * gradient) / (hessian + l2);
    for (const feature of this.columns) {
      sums.fill(0);
      const base = feature * n;
      let weight = 0;
      for (let k = from; k < to; k++) {
        const i = order[k]!;
        const at = 3 * this.binned[base + i]!;
        sums[at]! += this.gradient[i]!;
        sums[at + 1]! += this.hessian[i]!;
        sums[at + 2]! += this.weight[i]!;
        weight += this.weight[i]!;
      }
      let g = 0;
      let h = 0;
      let w = 0;
      for (let bin = 0; bin < bins - 1; bin++) {
        g += sums[3 * bin]!;
        h += sums[3 * bin + 1]!;
        w += sums[3 * bin + 2]!;
        if (w < minLeafWeight) continue;
        if (weight - w < minLeafWeight) break;
        const rest = gradient - g;
        const gain = (g * g) / (h + l2) + (rest * rest) / (hessian - h + l2) - whole;
        if (gain > 1e-6 && gain > (best?.gain ?? 0)) best = { gain, feature, bin };
      }
    }
    return best;
  }

  /** Brings the rows of a leaf that go left to its front, in their order; returns where the others begin. */
  private partition(order: Int32Array, leaf: Leaf, feature: number, bin: number): number {
    const base = feature * this.n;
    const right: number[] = [];
    let at = leaf.from;
    for (let k = leaf.from; k < leaf.to; k++) {
      const i = order[k]!;
      if (this.binned[base + i]! <= bin) order[at++] = i;
      else right.push(i);
    }
    order.set(right, at);
    return at;
  }
}

/** Appends a tree with its nodes in depth-first order, left child first. */
function writeTree(nodes: readonly Node[], edges: readonly (readonly number[])[], out: TreeEnsembleData): void {
  const feature = out.feature as number[];
  const value = out.value as number[];
  const right = out.right as number[];
  const start = feature.length;
  const write = (index: number): void => {
    const node = nodes[index]!;
    const at = feature.length;
    feature.push(node.feature);
    value.push(node.feature < 0 ? node.value : edges[node.feature]![node.value]!);
    right.push(0);
    if (node.feature < 0) return;
    write(node.left);
    right[at] = feature.length - at;
    write(node.right);
  };
  write(0);
  (out.sizes as number[]).push(feature.length - start);
}
