import type { Matrix } from '@matome/primitives/linalg';
import { RowProducts } from '../wasm/row-products.js';

/** Squared lengths within which float32 holds the products of rows, and of what they differ by. */
const safe = { least: 2 ** -80, most: 2 ** 100 };

/** Rows whose products neither overflow float32 nor vanish in it. */
export interface ScaledProducts {
  readonly data: RowProducts;
  /** Power of two that the rows were multiplied by; 1 unless they are very long or very short. */
  readonly scale: number;
}

/**
 * The rows of `x` for products, multiplied by a power of two where they are so long or short that it takes one.
 *
 * @param columns - vectors to be multiplied with, from whose mean lengths count; the mean of the rows when absent.
 * @throws RangeError that names the first row with a value that is not finite.
 */
export function scaledProducts(caller: string, x: Matrix, maxColumns: number, columns?: Columns): ScaledProducts {
  const data = new RowProducts(caller, x, maxColumns, columns?.center);
  const scale = scaleOf(data, columns);
  if (scale === 1) return { data, scale };
  data.release();
  const center = columns?.center.map((value) => value * scale);
  return { data: new RowProducts(caller, scaleMatrix(x, scale), maxColumns, center), scale };
}

/** Vectors to be multiplied with. */
export interface Columns {
  readonly vectors: Matrix;
  /** Their mean. */
  readonly center: Float64Array;
}

function scaleOf({ squaredNorms }: RowProducts, columns: Columns | undefined): number {
  let largest = 0;
  for (const norm of squaredNorms) if (norm > largest) largest = norm;
  if (columns) {
    const { data, rows, cols } = columns.vectors;
    for (let c = 0; c < rows; c++) {
      let norm = 0;
      for (let t = 0; t < cols; t++) norm += (data[c * cols + t]! - columns.center[t]!) ** 2;
      if (norm > largest) largest = norm;
    }
  }
  if (largest === 0 || (largest >= safe.least && largest <= safe.most)) return 1;
  return 2 ** -Math.floor(Math.log2(largest) / 2);
}

/** Every value multiplied; the matrix itself for 1. */
export function scaleMatrix(x: Matrix, scale: number): Matrix {
  const { rows, cols } = x;
  if (scale === 1) return x;
  return { data: Float32Array.from(x.data.subarray(0, rows * cols), (value) => value * scale), rows, cols };
}
