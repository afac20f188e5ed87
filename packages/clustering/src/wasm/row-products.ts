import type { Matrix } from '@matome/primitives/linalg';
import { checkMatrix, checkShape } from '@matome/primitives/options';
import { type BorrowedMemory, borrowMemory, compileOnce, instantiate, type WasmExports } from '@matome/primitives/wasm';
import { encodeRowProductsKernel } from './row-products-kernel.js';

/** Rows of one call of the kernel: their products stay in the second-level cache. */
const blockRows = 256;

const roundUp = (value: number, to: number) => Math.ceil(value / to) * to;

/** Products of a block of rows with the columns set last. */
export interface ProductBlock {
  /** `count × stride` products; valid until the next call. */
  readonly products: Float32Array;
  readonly stride: number;
}

/**
 * A copy of a matrix in WebAssembly memory, to be multiplied again and again with a few vectors.
 *
 * Holds `n × d` float32 values, d padded to a multiple of four. Products are float32 sums in a fixed order: the same bits
 * on every machine.
 */
export class RowProducts {
  readonly rows: number;
  readonly cols: number;
  /** What was subtracted from every row: `d` values that float32 holds. */
  readonly center: Float64Array;
  /** Squared length of every row after subtracting the centre, summed in float64. */
  readonly squaredNorms: Float64Array;
  /** As many sums as columns, `d` values at `c · sumStride` for sum c. */
  readonly sums: Float64Array;
  readonly sumStride: number;
  readonly #loan: BorrowedMemory;
  readonly #width: number;
  readonly #kernel: WasmExports;
  readonly #ids: Uint32Array;
  readonly #data: Float32Array;
  readonly #panels: Float32Array;
  readonly #products: Float32Array;
  #columns = 0;

  /**
   * @param caller - whom a value that is not finite is reported for.
   * @param center - subtracted from every row, their mean unless given: float32 products of rows far from the origin lose
   * the differences between them.
   * @param maxColumns - most vectors that `setColumns` will be given, and number of sums.
   * @throws RangeError that names the first row with a value that is not finite.
   */
  constructor(caller: string, x: Matrix, maxColumns: number, center?: Float64Array) {
    checkShape(caller, x);
    this.rows = x.rows;
    this.cols = x.cols;
    const width = Math.max(4, roundUp(x.cols, 4));
    this.#width = width;
    this.sumStride = width;
    const columns = roundUp(Math.max(1, maxColumns), 4);
    const floats = [blockRows, x.rows * width, columns * width, blockRows * columns, width];
    const doubles = [columns * width, roundUp(x.rows, 2)];
    const bytes = [...floats.map((size) => 4 * size), ...doubles.map((size) => 8 * size)];
    const starts = bytes.map((_, i) => bytes.slice(0, i).reduce((sum, size) => sum + size, 0));
    this.#loan = borrowMemory(bytes.reduce((sum, size) => sum + size, 0));
    const { memory } = this.#loan;
    const float = (part: number) => new Float32Array(memory.buffer, starts[part], floats[part]);
    this.#ids = new Uint32Array(memory.buffer, starts[0], blockRows);
    this.#data = float(1);
    this.#panels = float(2);
    this.#products = float(3);
    this.sums = new Float64Array(memory.buffer, starts[5], doubles[0]).fill(0);
    this.squaredNorms = new Float64Array(memory.buffer, starts[6], x.rows);
    this.#kernel = instantiate(compileOnce(encodeRowProductsKernel), memory);
    this.#copy(x);
    this.center = this.#subtract(center, float(4));
    // The length of a row is finite only if all its values are.
    if (!this.squaredNorms.every(Number.isFinite)) checkMatrix(caller, x);
  }

  /** Gives the memory back: nothing of this object, and none of its views, may be used any more. */
  release(): void {
    this.#loan.giveBack();
  }

  /** Most rows of one `multiply`. */
  get blockRows(): number {
    return blockRows;
  }

  /** Row `index` after subtracting the centre, as a view. */
  row(index: number): Float32Array {
    return this.#data.subarray(index * this.#width, index * this.#width + this.cols);
  }

  /** Adds row `index` to sum `c`. */
  add(index: number, c: number): void {
    const bytes = this.#width * 4;
    this.#kernel.add!(this.#data.byteOffset + index * bytes, bytes, this.sums.byteOffset + c * bytes * 2);
  }

  /** Takes row `index` off sum `c`. */
  subtract(index: number, c: number): void {
    const bytes = this.#width * 4;
    this.#kernel.subtract!(this.#data.byteOffset + index * bytes, bytes, this.sums.byteOffset + c * bytes * 2);
  }

  /** Chooses the vectors to multiply with, already relative to the centre: `count × d` values. */
  setColumns(vectors: ArrayLike<number>, count: number): void {
    const { cols } = this;
    const width = this.#width;
    const panels = this.#panels;
    this.#columns = count;
    panels.fill(0, 0, roundUp(count, 4) * width);
    const inEights = 8 * this.#eights();
    for (let c = 0; c < count; c++) {
      const size = c < inEights ? 8 : 4;
      const start = c < inEights ? (c >> 3) * 8 * width + (c & 7) : inEights * width + (c - inEights);
      for (let t = 0, from = c * cols, to = start; t < cols; t++, from++, to += size) panels[to] = vectors[from]!;
    }
  }

  /** Multiplies the rows `ids[from .. to]`, at most `blockRows` of them; row numbers count on when `ids` is absent. */
  multiply(ids: Uint32Array | undefined, from: number, to: number): ProductBlock {
    const count = to - from;
    const stride = roundUp(this.#columns, 4);
    if (ids) this.#ids.set(ids.subarray(from, to));
    else for (let i = 0; i < count; i++) this.#ids[i] = from + i;
    // The kernel takes four rows at once: fill the last group with a row that exists.
    const padded = roundUp(count, 4);
    for (let i = count; i < padded; i++) this.#ids[i] = this.#ids[0]!;
    const eights = this.#eights();
    this.#kernel.multiply!(
      this.#ids.byteOffset,
      padded / 4,
      this.#data.byteOffset,
      this.#width * 4,
      this.#panels.byteOffset,
      eights,
      stride / 4 - 2 * eights,
      this.#products.byteOffset,
      stride * 4,
    );
    return { products: this.#products, stride };
  }

  #eights(): number {
    return Math.floor(roundUp(this.#columns, 4) / 8);
  }

  #copy({ rows, cols, data }: Matrix): void {
    const width = this.#width;
    if (cols === width) this.#data.set(data.subarray(0, rows * cols));
    else {
      for (let i = 0; i < rows; i++) {
        this.#data.set(data.subarray(i * cols, (i + 1) * cols), i * width);
        this.#data.fill(0, i * width + cols, (i + 1) * width);
      }
    }
  }

  /** Subtracts the centre, the mean unless given, and measures lengths; returns the centre as subtracted. */
  #subtract(center: Float64Array | undefined, into: Float32Array): Float64Array {
    into.fill(0, this.cols);
    if (center) into.set(center);
    else {
      for (let i = 0; i < this.rows; i++) this.add(i, 0);
      for (let t = 0; t < this.cols; t++) into[t] = this.sums[t]! / Math.max(1, this.rows);
      this.sums.fill(0);
    }
    const start = this.#data.byteOffset;
    const bytes = this.#width * 4;
    const chunk = 1024;
    for (let from = 0; from < this.rows; from += chunk) {
      const to = Math.min(this.rows, from + chunk);
      const norms = this.squaredNorms.byteOffset + 8 * from;
      this.#kernel.center!(start + from * bytes, start + to * bytes, bytes, into.byteOffset, norms);
    }
    return Float64Array.from(into.subarray(0, this.cols));
  }
}
