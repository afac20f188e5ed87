import { compileOnce, createMemory, instantiate } from '@matome/primitives/wasm';
import { blockRows, columnBytes, encodeTreeKernel, innerNodes, levels, treeBytes } from './tree-kernel.js';

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

/** Rows that stand in WebAssembly memory at once, so that it does not grow with the article. */
const mostBlocks = 32;

interface TreeKernel {
  score(
    trees: number,
    treesEnd: number,
    block: number,
    blocksEnd: number,
    blockBytes: number,
    out: number,
    scale: number,
  ): void;
}

/** Sums of regression trees over the columns of a row, several of them over the same rows. */
export class TreeEnsembles {
  private readonly biases: readonly number[];
  /** Addresses of the first tree of every ensemble and behind the last one. */
  private readonly starts: readonly number[];
  /** Columns that any tree looks at, in the order in which a block holds them. */
  private readonly columns: Uint16Array;
  private readonly kernel: TreeKernel;
  private readonly scale: Float64Array;
  private readonly sums: Float64Array;
  private readonly cells: Float32Array;

  /** @throws TypeError if the trees are deeper than four levels or the lists do not fit the depth. */
  constructor(ensembles: readonly TreeEnsembleJson[]) {
    const counts = ensembles.map(countTrees);
    const columns = [...new Set(ensembles.flatMap(({ features }) => features))].sort((a, b) => a - b);
    this.columns = Uint16Array.from(columns);
    this.biases = ensembles.map(({ bias }) => bias);
    // The scale, the sums, the rows in blocks of columns, the trees.
    const cellsAt = 16 + 8 * mostBlocks * blockRows;
    const treesAt = cellsAt + mostBlocks * columns.length * columnBytes;
    const starts = [treesAt];
    for (const count of counts) starts.push(starts.at(-1)! + count * treeBytes);
    const memory = createMemory(starts.at(-1)!);
    this.starts = starts;
    this.kernel = instantiate<TreeKernel>(compileOnce(encodeTreeKernel), memory);
    this.scale = new Float64Array(memory.buffer, 0, 1);
    this.sums = new Float64Array(memory.buffer, 16, mostBlocks * blockRows);
    this.cells = new Float32Array(memory.buffer, cellsAt, mostBlocks * columns.length * blockRows);
    const places = new Map(columns.map((column, place) => [column, place * columnBytes]));
    ensembles.forEach((ensemble, k) => {
      writeTrees(memory.buffer, starts[k]!, counts[k]!, ensemble, places);
    });
  }

  /**
   * Adds to `out` the score of every row in each ensemble, its bias and the leaves that the row falls into, times the ensemble's
   * scale; ensembles with the scale 0 are left out.
   *
   * @param rows - n × `width`, row after row.
   * @param out - n values.
   * @remarks O(n · trees).
   */
  addScores(rows: Float32Array, width: number, scales: readonly number[], out: Float64Array): void {
    const { sums, starts } = this;
    const blockBytes = this.columns.length * columnBytes;
    for (let from = 0; from < out.length; from += mostBlocks * blockRows) {
      const n = Math.min(mostBlocks * blockRows, out.length - from);
      this.placeRows(rows, width, from, n);
      for (let i = 0; i < n; i++) sums[i] = out[from + i]!;
      const blocksStart = this.cells.byteOffset;
      const blocksEnd = blocksStart + Math.ceil(n / blockRows) * blockBytes;
      for (let k = 0; k < scales.length; k++) {
        const scale = scales[k]!;
        if (scale === 0) continue;
        const bias = scale * this.biases[k]!;
        for (let i = 0; i < n; i++) sums[i]! += bias;
        if (starts[k] === starts[k + 1]) continue;
        this.scale[0] = scale;
        this.kernel.score(starts[k]!, starts[k + 1]!, blocksStart, blocksEnd, blockBytes, sums.byteOffset, 0);
      }
      for (let i = 0; i < n; i++) out[from + i] = sums[i]!;
    }
  }

  /** Writes rows into blocks: eight values of a column side by side. What rows of earlier articles left behind them is not read. */
  private placeRows(rows: Float32Array, width: number, from: number, n: number): void {
    const { cells, columns } = this;
    const size = columns.length;
    for (let i = 0; i < n; i++) {
      const at = (from + i) * width;
      for (let c = 0, to = (i >> 3) * size * blockRows + (i & 7); c < size; c++, to += blockRows) {
        cells[to] = rows[at + columns[c]!]!;
      }
    }
  }
}

/** A sum of regression trees over the columns of a row. */
export class TreeEnsemble {
  private readonly trees: TreeEnsembles;

  /** @throws TypeError if the trees are deeper than four levels or the lists do not fit the depth. */
  constructor(json: TreeEnsembleJson) {
    this.trees = new TreeEnsembles([json]);
  }

  /** Adds `scale` times the score of every row to `out`: see `TreeEnsembles.addScores`. */
  addScores(rows: Float32Array, width: number, scale: number, out: Float64Array): void {
    this.trees.addScores(rows, width, [scale], out);
  }

  /** The score of each of `n` rows. */
  scores(rows: Float32Array, width: number): Float64Array {
    const out = new Float64Array(rows.length / width);
    this.addScores(rows, width, 1, out);
    return out;
  }
}

function countTrees({ depth, features, thresholds, leaves }: TreeEnsembleJson): number {
  const inner = 2 ** depth - 1;
  const trees = leaves.length / (inner + 1);
  if (depth > levels || features.length !== trees * inner || thresholds.length !== trees * inner) {
    throw new TypeError(`The lists of a tree ensemble must fit its depth, at most ${levels}.`);
  }
  return trees;
}

/** Writes the trees from `start` on; `places` are the addresses of columns in a block. */
function writeTrees(
  buffer: ArrayBuffer,
  start: number,
  count: number,
  { depth, features, thresholds, leaves }: TreeEnsembleJson,
  places: ReadonlyMap<number, number>,
): void {
  const inner = 2 ** depth - 1;
  for (let tree = 0; tree < count; tree++) {
    const at = start + tree * treeBytes;
    const columns = new Int32Array(buffer, at, innerNodes);
    // No value passes the thresholds of the levels that are filled in: the way leads to the first leaf below.
    const limits = new Float32Array(buffer, at + 4 * innerNodes, innerNodes).fill(Number.NaN);
    const values = new Float32Array(buffer, at + 8 * innerNodes, innerNodes + 1);
    for (let node = 0; node < inner; node++) {
      columns[node] = places.get(features[tree * inner + node]!)!;
      limits[node] = thresholds[tree * inner + node]!;
    }
    for (let leaf = 0; leaf <= inner; leaf++) {
      values[leaf * 2 ** (levels - depth)] = leaves[tree * (inner + 1) + leaf]!;
    }
  }
}
