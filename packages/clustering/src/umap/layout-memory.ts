import {
  compileModule,
  createMemory,
  encodeModule,
  instantiate,
  type WasmMemory,
  type WasmModule,
} from '@matome/primitives/wasm';
import type { FuzzyGraph } from './fuzzy-graph.js';
import { planeKernel } from './plane-kernel.js';
import { spaceKernel } from './space-kernel.js';

/** Bytes of the control words at the start of the memory: see `layout-team`. */
export const controlBytes = 256;

/** Where everything stands in the memory of a layout; all in bytes. */
export interface LayoutAddresses {
  readonly positions: readonly [number, number];
  readonly starts: number;
  readonly targets: number;
  readonly periods: number;
  readonly next: number;
  /** One for each thread. */
  readonly scratch: readonly number[];
}

/** The memory of a layout under way. */
export interface LayoutMemory {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly addresses: LayoutAddresses;
  readonly rows: number;
  readonly dimensions: number;
  /** Bytes of one position. */
  readonly width: number;
}

/**
 * Copies graph and start positions into memory that the layout kernel, and its threads, can work on.
 *
 * @param start - n × dimensions.
 * @param epochs - edges so weak that they would come up less than once are left out.
 */
export function createLayoutMemory(
  graph: FuzzyGraph,
  start: ArrayLike<number>,
  dimensions: number,
  epochs: number,
  threads: number,
): LayoutMemory {
  const { rows } = graph;
  const edges = keepStrongEdges(graph, epochs);
  const count = edges.targets.length;
  const width = dimensions === 2 ? 8 : 16 * Math.ceil(dimensions / 4);
  let longest = 0;
  for (let i = 0; i < rows; i++) longest = Math.max(longest, edges.starts[i + 1]! - edges.starts[i]!);
  let bytes = controlBytes;
  const reserve = (size: number) => {
    const at = bytes;
    bytes += 16 * Math.ceil(size / 16);
    return at;
  };
  const addresses = {
    positions: [reserve(rows * width), reserve(rows * width)] as const,
    starts: reserve(4 * rows + 4),
    targets: reserve(4 * count),
    periods: reserve(4 * count),
    next: reserve(4 * count),
    scratch: Array.from({ length: threads }, () => reserve(width + 4 * (longest + 4))),
  };
  const memory = createMemory(bytes, { shared: threads > 1 });
  const { buffer } = memory;
  new Uint32Array(buffer, addresses.starts, rows + 1).set(edges.starts);
  new Uint32Array(buffer, addresses.targets, count).set(edges.targets);
  new Float32Array(buffer, addresses.periods, count).set(edges.periods);
  new Float32Array(buffer, addresses.next, count).set(edges.periods);
  const module = compileModule(
    encodeModule([dimensions === 2 ? planeKernel() : spaceKernel()], { shared: threads > 1 }),
  );
  const layout = { module, memory, addresses, rows, dimensions, width };
  writePositions(layout, start);
  return layout;
}

/** Binds the kernel to the memory, for this thread. */
export function layoutStep({ module, memory }: LayoutMemory): (...values: number[]) => void {
  return instantiate(module, memory).step!;
}

/** The positions of all rows before and after even epochs, as they stand in the memory. */
export function positionViews({ memory, addresses, rows, width }: LayoutMemory): [Float32Array, Float32Array] {
  const view = (address: number) => new Float32Array(memory.buffer, address, (rows * width) / 4);
  return [view(addresses.positions[0]), view(addresses.positions[1])];
}

function writePositions(layout: LayoutMemory, start: ArrayLike<number>): void {
  const { rows, dimensions, width } = layout;
  const [positions, other] = positionViews(layout);
  for (let i = 0; i < rows; i++) {
    for (let t = 0; t < dimensions; t++) positions[(i * width) / 4 + t] = start[i * dimensions + t]!;
  }
  // Rows that never move must stand in both.
  other.set(positions);
}

/** Copies the positions out: n × dimensions. */
export function readPositions(layout: LayoutMemory, which: 0 | 1): Float32Array {
  const { rows, dimensions, width } = layout;
  const positions = positionViews(layout)[which];
  const result = new Float32Array(rows * dimensions);
  for (let i = 0; i < rows; i++) {
    for (let t = 0; t < dimensions; t++) result[i * dimensions + t] = positions[(i * width) / 4 + t]!;
  }
  return result;
}

interface SampledEdges {
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
  /** Epochs between two uses. */
  readonly periods: Float32Array;
}

/** Epochs between two uses of each edge: 1 for the heaviest, in inverse proportion to the weight. */
export function samplingPeriods(weights: Float32Array, epochs: number): Float32Array {
  const heaviest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  return weights.map((weight) => (weight * epochs < heaviest || weight === 0 ? -1 : heaviest / weight));
}

function keepStrongEdges({ starts, targets, weights, rows }: FuzzyGraph, epochs: number): SampledEdges {
  const periods = samplingPeriods(weights, epochs);
  const kept = new Uint32Array(rows + 1);
  const keptTargets = new Uint32Array(targets.length);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      if (periods[at]! < 0) continue;
      keptTargets[count] = targets[at]!;
      periods[count++] = periods[at]!;
    }
    kept[i + 1] = count;
  }
  return { starts: kept, targets: keptTargets.slice(0, count), periods: periods.slice(0, count) };
}
