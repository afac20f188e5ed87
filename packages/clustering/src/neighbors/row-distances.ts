import type { Matrix } from '@matome/primitives/linalg';
import { compileOnce, createMemory, instantiate } from '@matome/primitives/wasm';
import { encodeRowDistancesKernel, mostMeasured, type PlacedRows, scratchBytes } from '../wasm/row-distances-kernel.js';
import { squaredDistance } from './neighbor-lists.js';

/** Measures squared distances between rows, to the same bits as `squaredDistance`. */
export interface RowDistances {
  /** Distances of a row to the first `count` others, at most `mostMeasured`; valid until the next call. */
  measure(row: number, others: Int32Array, count: number): Float64Array;
}

/** Columns below which a call of the kernel costs more than it saves. */
const fewestColumns = 16;

/**
 * Prepares the measuring of rows.
 *
 * @param simd - false keeps to plain JavaScript.
 * @param placed - the same rows in memory; a copy is made when absent.
 * @remarks About three times as fast as plain JavaScript for 256 columns; holds a copy of the rows.
 */
export function createRowDistances(x: Matrix, simd = true, placed?: PlacedRows): RowDistances {
  return simd && x.cols >= fewestColumns ? kernelDistances(x, placed ?? placeRows(x)) : plainDistances(x);
}

function plainDistances({ data, cols }: Matrix): RowDistances {
  const squared = new Float64Array(mostMeasured);
  return {
    measure(row, others, count) {
      for (let i = 0; i < count; i++) squared[i] = squaredDistance(data, row, others[i]!, cols);
      return squared;
    },
  };
}

/** What is left of the last four columns goes to the first of the four sums, as in plain JavaScript. */
const measuredColumns = (cols: number) => cols - (cols % 4);

function placeRows({ data, rows, cols }: Matrix): PlacedRows {
  const width = measuredColumns(cols);
  const memory = createMemory(scratchBytes + rows * width * 4);
  const points = new Float32Array(memory.buffer, scratchBytes, rows * width);
  if (width === cols) points.set(data.subarray(0, rows * cols));
  else for (let i = 0; i < rows; i++) points.set(data.subarray(i * cols, i * cols + width), i * width);
  return { memory, start: scratchBytes, stride: width * 4, scratch: 0 };
}

function kernelDistances({ data, cols }: Matrix, { memory, start, stride, scratch }: PlacedRows): RowDistances {
  const width = measuredColumns(cols);
  const listStart = scratch + mostMeasured * 32;
  const sums = new Float64Array(memory.buffer, scratch, mostMeasured * 4);
  const list = new Int32Array(memory.buffer, listStart, mostMeasured);
  const kernel = instantiate(compileOnce(encodeRowDistancesKernel), memory);
  const bytes = width * 4;
  const squared = new Float64Array(mostMeasured);
  return {
    measure(row, others, count) {
      if (count === 0) return squared;
      for (let i = 0; i < count; i++) list[i] = start + others[i]! * stride;
      // The kernel takes two at a time.
      if (count % 2 === 1) list[count] = list[count - 1]!;
      const own = start + row * stride;
      kernel.measure!(own, own + bytes, listStart, listStart + (count + (count % 2)) * 4, scratch);
      for (let i = 0, at = 0; i < count; i++, at += 4) {
        let first = sums[at]!;
        for (let t = width; t < cols; t++) {
          const difference = data[row * cols + t]! - data[others[i]! * cols + t]!;
          first += difference * difference;
        }
        squared[i] = first + sums[at + 1]! + (sums[at + 2]! + sums[at + 3]!);
      }
      return squared;
    },
  };
}
