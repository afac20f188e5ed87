import type { CsrMatrix } from '../linalg/index.js';
import { checkInteger } from '../options/index.js';
import type { Graph, GraphValue } from './graph.js';
import type { Optimizer } from './optimizers.js';
import type { Dimension } from './tensor-types.js';

/** Options of `EmbeddingTable`. */
export interface EmbeddingTableOptions {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  /** rows × cols values to start from; copied. @default zeros */
  readonly values?: Float32Array;
  /** One trainable factor per row to start from; copied. @default none: every row counts by the bag's values alone */
  readonly rowWeights?: Float32Array;
}

/** Everything training changes in a table, to be given to `EmbeddingTable.restore`. */
export interface EmbeddingTableState {
  readonly values: Float32Array;
  readonly rowWeights?: Float32Array;
  /** Optimiser state of the values and then of the row weights; empty before the first step. */
  readonly slots: readonly Float32Array[];
}

/** A place of a graph that is fed with sums of rows of a table. */
export interface TableBag {
  readonly name: string;
  readonly value: GraphValue;
}

/**
 * A large trainable table kept outside the graph: a step costs what the rows it reads cost, not the size of the table.
 *
 * Bag b of a feed is Σ data · rowWeight · row over the entries of row b of a sparse matrix; a lookup is a bag of one
 * entry. Rows not read in a step keep their optimiser state (lazy updates, as in sparse Adam).
 *
 * @example
 * const graph = new Graph();
 * const words = new EmbeddingTable({ name: 'words', rows: 1000, cols: 8 });
 * words.bag(graph, 'texts').shape // => ['texts', 8]
 */
export class EmbeddingTable {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  /** rows × cols, changed by training. */
  readonly values: Float32Array;
  /** One factor a row, changed by training; absent without `rowWeights`. */
  readonly rowWeights: Float32Array | undefined;
  readonly bags: TableBag[] = [];
  private readonly slotOf: Int32Array;
  private touched = new Int32Array(1024);
  private touchedCount = 0;
  private gradient = new Float32Array(0);
  private weightGradient = new Float32Array(0);
  private slots: Float32Array[] = [];
  private weightSlots: Float32Array[] = [];

  /** @throws RangeError if a size is not positive or the values do not fill the table. */
  constructor(options: EmbeddingTableOptions) {
    const { name, rows, cols, values, rowWeights } = options;
    checkInteger('EmbeddingTable', 'rows', rows, { min: 1 });
    checkInteger('EmbeddingTable', 'cols', cols, { min: 1 });
    for (const [given, size] of [
      [values, rows * cols],
      [rowWeights, rows],
    ] as const) {
      if (given && given.length !== size) {
        throw new RangeError(`The values of the table ${name} must number ${size}. Got ${given.length}.`);
      }
    }
    this.name = name;
    this.rows = rows;
    this.cols = cols;
    this.values = values?.slice() ?? new Float32Array(rows * cols);
    this.rowWeights = rowWeights?.slice();
    this.slotOf = new Int32Array(rows).fill(-1);
  }

  /**
   * Adds an input for sums of rows to a graph; fed under `name` with a sparse matrix of `rows` columns.
   *
   * @param rowsName - name of the number of bags. @default the name
   */
  bag(graph: Graph, name: string, rowsName: Dimension = name): GraphValue {
    const value = graph.input(name, [rowsName, this.cols]);
    this.bags.push({ name, value });
    return value;
  }

  /**
   * The sums of rows for some bags, `bags.rows × cols`.
   *
   * @throws RangeError if the matrix has more columns than the table has rows.
   */
  pool(bags: CsrMatrix): Float32Array {
    if (bags.cols > this.rows) {
      throw new RangeError(
        `The bags of the table ${this.name} must have at most ${this.rows} columns. Got ${bags.cols}.`,
      );
    }
    const { values, cols, rowWeights } = this;
    const { indptr, indices, data } = bags;
    const pooled = new Float32Array(bags.rows * cols);
    for (let b = 0; b < bags.rows; b++) {
      const out = b * cols;
      for (let k = indptr[b]!; k < indptr[b + 1]!; k++) {
        const id = indices[k]!;
        const factor = rowWeights ? data[k]! * rowWeights[id]! : data[k]!;
        const at = id * cols;
        for (let j = 0; j < cols; j++) pooled[out + j] = pooled[out + j]! + factor * values[at + j]!;
      }
    }
    return pooled;
  }

  /** A copy of what training changed, optimiser state included. */
  state(): EmbeddingTableState {
    const slots = [...this.slots, ...this.weightSlots].map((slot) => slot.slice());
    const rowWeights = this.rowWeights?.slice();
    return { values: this.values.slice(), ...(rowWeights ? { rowWeights } : {}), slots };
  }

  /** @throws RangeError if the state is of a table of other sizes. */
  restore(state: EmbeddingTableState): void {
    const { values, rowWeights, slots } = state;
    const kinds = this.rowWeights ? 2 : 1;
    const slotsFit =
      slots.length % kinds === 0 &&
      slots.every((slot, i) => slot.length === (i < slots.length / kinds ? this.values.length : this.rows));
    if (values.length !== this.values.length || rowWeights?.length !== this.rowWeights?.length || !slotsFit) {
      throw new RangeError(`The state given to restore is not of the table ${this.name}.`);
    }
    this.values.set(values);
    if (rowWeights) this.rowWeights?.set(rowWeights);
    const copies = slots.map((slot) => slot.slice());
    this.slots = copies.slice(0, slots.length / kinds);
    this.weightSlots = copies.slice(slots.length / kinds);
  }

  /** @internal Adds the gradient of some bags to the rows they read. */
  accumulate(bags: CsrMatrix, pooledGradient: Float32Array): void {
    const { values, cols, rowWeights } = this;
    const { indptr, indices, data } = bags;
    for (let b = 0; b < bags.rows; b++) {
      const from = b * cols;
      for (let k = indptr[b]!; k < indptr[b + 1]!; k++) {
        const id = indices[k]!;
        const slot = this.slot(id);
        const { gradient } = this;
        const to = slot * cols;
        const factor = rowWeights ? data[k]! * rowWeights[id]! : data[k]!;
        for (let j = 0; j < cols; j++) gradient[to + j] = gradient[to + j]! + factor * pooledGradient[from + j]!;
        if (!rowWeights) continue;
        const at = id * cols;
        let along = 0;
        for (let j = 0; j < cols; j++) along += values[at + j]! * pooledGradient[from + j]!;
        this.weightGradient[slot] = this.weightGradient[slot]! + data[k]! * along;
      }
    }
  }

  /** @internal Sum of squares of the gradient collected so far. */
  squaredNorm(): number {
    let sum = 0;
    const length = this.touchedCount * this.cols;
    for (let i = 0; i < length; i++) sum += this.gradient[i]! * this.gradient[i]!;
    if (this.rowWeights) for (let i = 0; i < this.touchedCount; i++) sum += this.weightGradient[i]! ** 2;
    return sum;
  }

  /** @internal Updates the rows read since the last call and forgets their gradient. */
  apply(optimizer: Optimizer, scalars: Readonly<Record<string, number>>, scale: number): void {
    const { cols, rowWeights } = this;
    if (this.slots.length !== optimizer.slots.length) {
      this.slots = optimizer.slots.map(() => new Float32Array(this.values.length));
      this.weightSlots = rowWeights ? optimizer.slots.map(() => new Float32Array(this.rows)) : [];
    }
    for (let s = 0; s < this.touchedCount; s++) {
      const id = this.touched[s]!;
      const range = { parameter: this.values, gradient: this.gradient, slots: this.slots };
      optimizer.apply({ ...range, parameterStart: id * cols, gradientStart: s * cols, length: cols }, scalars, scale);
      if (rowWeights) {
        const weights = { parameter: rowWeights, gradient: this.weightGradient, slots: this.weightSlots };
        optimizer.apply({ ...weights, parameterStart: id, gradientStart: s, length: 1 }, scalars, scale);
      }
      this.slotOf[id] = -1;
    }
    this.gradient.fill(0, 0, this.touchedCount * cols);
    this.weightGradient.fill(0, 0, this.touchedCount);
    this.touchedCount = 0;
  }

  private slot(id: number): number {
    const known = this.slotOf[id]!;
    if (known >= 0) return known;
    const slot = this.touchedCount++;
    this.slotOf[id] = slot;
    if (slot >= this.touched.length || (slot + 1) * this.cols > this.gradient.length) this.grow(slot + 1);
    this.touched[slot] = id;
    return slot;
  }

  private grow(count: number): void {
    const capacity = Math.max(1024, 2 * count);
    const touched = new Int32Array(capacity);
    touched.set(this.touched.subarray(0, Math.min(capacity, this.touched.length)));
    const gradient = new Float32Array(capacity * this.cols);
    gradient.set(this.gradient);
    const weightGradient = new Float32Array(capacity);
    weightGradient.set(this.weightGradient);
    this.touched = touched;
    this.gradient = gradient;
    this.weightGradient = weightGradient;
  }
}
