import type { Matrix } from '@matome/primitives/linalg';
import { encodeRowProductsKernel } from './row-products-kernel.js';
import { compileModule, createMemory, instantiate, type WasmExports } from './runtime.js';

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
  /** The subtracted centre, `d` values. */
  readonly center: Float64Array;
  /** Squared length of every row after subtracting the centre, summed in float64. */
  readonly squaredNorms: Float64Array;
  readonly #width: number;
  readonly #kernel: WasmExports;
  readonly #ids: Uint32Array;
  readonly #data: Float32Array;
  readonly #panels: Float32Array;
  readonly #products: Float32Array;
  #columns = 0;

  /**
   * @param center - subtracted from every row: float32 products of rows far from the origin lose the differences between
   * them.
   * @param maxColumns - most vectors that `setColumns` will be given.
   */
  constructor(x: Matrix, center: Float64Array, maxColumns: number) {
    this.rows = x.rows;
    this.cols = x.cols;
    this.center = center;
    this.#width = Math.max(4, roundUp(x.cols, 4));
    const columns = roundUp(Math.max(1, maxColumns), 4);
    const sizes = [blockRows, x.rows * this.#width, columns * this.#width, blockRows * columns];
    const memory = createMemory(sizes.reduce((sum, size) => sum + 4 * size, 0));
    const starts = sizes.map((_, i) => 4 * sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
    this.#ids = new Uint32Array(memory.buffer, starts[0], sizes[0]);
    this.#data = new Float32Array(memory.buffer, starts[1], sizes[1]);
    this.#panels = new Float32Array(memory.buffer, starts[2], sizes[2]);
    this.#products = new Float32Array(memory.buffer, starts[3], sizes[3]);
    this.#kernel = instantiate(compileModule(encodeRowProductsKernel()), memory);
    this.squaredNorms = this.#copy(x);
  }

  /** Most rows of one `multiply`. */
  get blockRows(): number {
    return blockRows;
  }

  /** Row `index` after subtracting the centre, as a view. */
  row(index: number): Float32Array {
    return this.#data.subarray(index * this.#width, index * this.#width + this.cols);
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
      for (let t = 0, from = c * cols, to = start; t < cols; t++, to += size) panels[to] = vectors[from + t]!;
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

  #copy(x: Matrix): Float64Array {
    const { rows, cols, data: source } = x;
    const { center } = this;
    const data = this.#data;
    const width = this.#width;
    const norms = new Float64Array(rows);
    for (let i = 0, from = 0; i < rows; i++) {
      let sum = 0;
      for (let t = 0, to = i * width; t < cols; t++, from++, to++) {
        const value = Math.fround(source[from]! - center[t]!);
        data[to] = value;
        sum += value * value;
      }
      norms[i] = sum;
    }
    return norms;
  }
}
