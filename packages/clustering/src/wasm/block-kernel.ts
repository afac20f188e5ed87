import {
  type Code,
  compileModule,
  createMemory,
  defineFunction,
  encodeModule,
  f32x4,
  flow,
  i32,
  instantiate,
  v128,
  type WasmModule,
} from '@matome/primitives/wasm';
import { joinMasks, lessOrEqualMask } from './lane-masks.js';

/**
 * Tells which points of a block lie within a bound of each query point.
 *
 * Blocks hold up to `lanes` points, coordinate after coordinate (structure of arrays); unused lanes hold NaN. Distances
 * are squared and come from float32 arithmetic, so the caller widens its bounds by `slack` and checks the named points
 * again in float64: the names are a superset of what lies within the bound, whatever the implementation.
 */
export interface BlockKernel {
  readonly lanes: number;
  readonly cols: number;
  /** All blocks, `cols · lanes` values each. */
  readonly blocks: Float32Array;
  /** For each query of a call: index in `blocks` of its first coordinate. */
  readonly queries: Int32Array;
  /** For each query: the squared bound, already widened. */
  readonly bounds: Float32Array;
  /** Answer for each query: bit i is set when lane i lies within the bound. */
  readonly masks: Int32Array;
  /** Compares the first `count` queries with block `block`. */
  run(count: number, block: number): void;
}

/** Largest number of lanes: one bit each. */
export const maxLanes = 32;
/** Widest data of the vector kernel: its code is unrolled over the columns. */
const maxUnrolled = 64;
const boundsAt = maxLanes * 4;
const masksAt = maxLanes * 8;
const blocksAt = maxLanes * 12;

/** Factor that covers the float32 rounding of a squared distance over `cols` coordinates and of the bound itself. */
export function slack(cols: number): number {
  return 1 + (cols + 8) * 2 ** -23;
}

/** Added to every bound: squares below the float32 range vanish. */
export const leastBound = 1e-36;

/**
 * Makes a kernel for `blockCount` blocks.
 *
 * @param lanes - points a block holds at most, a multiple of 4 up to 32.
 * @param simd - false forces plain JavaScript. @default true
 */
export function createBlockKernel(cols: number, lanes: number, blockCount: number, simd = true): BlockKernel {
  const size = blockCount * cols * lanes;
  return simd && cols > 0 && cols <= maxUnrolled
    ? createVectorKernel(cols, lanes, size)
    : createPlainKernel(cols, lanes, size);
}

function createPlainKernel(cols: number, lanes: number, size: number): BlockKernel {
  const blocks = new Float32Array(size).fill(Number.NaN);
  const queries = new Int32Array(maxLanes);
  const bounds = new Float32Array(maxLanes);
  const masks = new Int32Array(maxLanes);
  const run = (count: number, block: number) => {
    const start = block * cols * lanes;
    const end = start + cols * lanes;
    for (let s = 0; s < count; s++) {
      const query = queries[s]!;
      const bound = bounds[s]!;
      let mask = 0;
      for (let lane = 0; lane < lanes; lane++) {
        let sum = 0;
        for (let at = start + lane, own = query; at < end; at += lanes, own += lanes) {
          const difference = blocks[at]! - blocks[own]!;
          sum += difference * difference;
        }
        if (sum <= bound) mask |= 1 << lane;
      }
      masks[s] = mask;
    }
  };
  return { lanes, cols, blocks, queries, bounds, masks, run };
}

/** Compiled code by shape: the same few widths come again and again. */
const compiled = new Map<number, WasmModule>();

function createVectorKernel(cols: number, lanes: number, size: number): BlockKernel {
  const key = cols * (maxLanes + 1) + lanes;
  const module = compiled.get(key) ?? compileModule(encodeBlockKernel(cols, lanes));
  compiled.set(key, module);
  const memory = createMemory(blocksAt + size * 4);
  return {
    lanes,
    cols,
    blocks: new Float32Array(memory.buffer, blocksAt, size).fill(Number.NaN),
    queries: new Int32Array(memory.buffer, 0, maxLanes),
    bounds: new Float32Array(memory.buffer, boundsAt, maxLanes),
    masks: new Int32Array(memory.buffer, masksAt, maxLanes),
    run: instantiate(module, memory).run as BlockKernel['run'],
  };
}

/** Everything but the loop over the queries is unrolled, so that the coordinates of a query stay in registers. */
function encodeBlockKernel(cols: number, lanes: number): Uint8Array<ArrayBuffer> {
  const columns = Array.from({ length: cols }, (_, j) => j);
  const names = Object.fromEntries(columns.map((j) => [`c${j}`, 'v128' as const]));
  const locals = { at: 'i32', end: 'i32', query: 'i32', bound: 'v128', difference: 'v128', ...names } as const;
  const run = defineFunction('run', { count: 'i32', block: 'i32' }, locals, (v) => {
    const coordinate = (j: number) => (v as unknown as Record<string, typeof v.bound>)[`c${j}`]!;
    const square = (j: number, group: number): Code => {
      const loaded = v128.load(v.block.get, blocksAt + (j * lanes + group * 4) * 4);
      return f32x4.mul(v.difference.tee(f32x4.sub(loaded, coordinate(j).get)), v.difference.get);
    };
    const masks = Array.from({ length: lanes / 4 }, (_, group) =>
      lessOrEqualMask(
        columns.map((j) => square(j, group)).reduce((sum, term) => f32x4.add(sum, term)),
        v.bound.get,
      ),
    );
    return [
      ...v.end.set(i32.shl(v.count.get, i32.constant(2))),
      ...v.block.set(i32.mul(v.block.get, i32.constant(cols * lanes * 4))),
      ...flow.block([
        ...flow.loop([
          ...flow.branchIf(1, i32.geU(v.at.get, v.end.get)),
          ...v.query.set(i32.shl(i32.load(v.at.get), i32.constant(2))),
          ...columns.flatMap((j) => coordinate(j).set(v128.load32Splat(v.query.get, blocksAt + j * lanes * 4))),
          ...v.bound.set(v128.load32Splat(v.at.get, boundsAt)),
          ...i32.store(v.at.get, joinMasks(masks), masksAt),
          ...v.at.set(i32.add(v.at.get, i32.constant(4))),
          ...flow.branch(0),
        ]),
      ]),
    ];
  });
  return encodeModule([run]);
}
