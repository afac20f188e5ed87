import { type Code, f32x4, flow, i32, type Local, v128 } from './code.js';
import { joinMasks, lessOrEqualMask } from './lane-masks.js';
import { defineFunction, encodeModule } from './module.js';
import { compileModule, createMemory, instantiate, type WasmModule } from './runtime.js';

/** Points of a panel, one bit of a mask each. */
export const panelLanes = 32;
const panelBytes = panelLanes * 4;
const vectors = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** Coordinates an iteration of the inner loop takes. */
const unroll = 4;

/**
 * Squared float32 distances between many wide points, reported as masks of those within a bound.
 *
 * Points stand in panels of 32, coordinate after coordinate; unused slots hold NaN. As with `BlockKernel`, the caller
 * widens its bounds and checks what is named again in float64.
 */
export interface PanelKernel {
  readonly panels: number;
  /** Number of coordinates a slot holds: the width of the data, rounded up with zeros. */
  readonly depth: number;
  /** Coordinate j of slot s at `((s >> 5) · depth + j) · 32 + (s & 31)`. */
  readonly points: Float32Array;
  /** One widened squared bound for each slot. */
  readonly bounds: Float32Array;
  /** The coordinates of the query of `row`. */
  readonly query: Float32Array;
  /** `row`: one mask for each panel. `tile`: one mask for each slot of the first panel. */
  readonly masks: Int32Array;
  /** Compares the query with the points of panels `from .. to - 1`: within the bound of the slot. */
  row(from: number, to: number): void;
  /** Compares the 32 slots of panel `a` with those of panel `b`: within the larger of both bounds. */
  tile(a: number, b: number): void;
}

/** Puts the point of one slot into another. */
export function copySlot({ points, depth }: PanelKernel, source: number, target: number): void {
  let from = (source >> 5) * depth * panelLanes + (source & 31);
  let to = (target >> 5) * depth * panelLanes + (target & 31);
  for (let j = 0; j < depth; j++, from += panelLanes, to += panelLanes) points[to] = points[from]!;
}

/** Puts the `cols` coordinates from `values[start]` on into a slot. */
export function fillSlot(
  { points, depth }: PanelKernel,
  slot: number,
  values: Float32Array | Float64Array,
  start: number,
  cols: number,
): void {
  let to = (slot >> 5) * depth * panelLanes + (slot & 31);
  for (let j = 0; j < depth; j++, to += panelLanes) points[to] = j < cols ? values[start + j]! : 0;
}

type PanelArrays = Omit<PanelKernel, 'row' | 'tile'>;

/**
 * Makes a kernel for `slots` points.
 *
 * @param simd - false forces plain JavaScript. @default true
 */
export function createPanelKernel(cols: number, slots: number, simd = true): PanelKernel {
  const panels = Math.ceil(slots / panelLanes);
  const depth = Math.max(unroll, Math.ceil(cols / unroll) * unroll);
  const sizes = [panels * depth * panelLanes, panels * panelLanes, depth, Math.max(panels, panelLanes)];
  const starts = sizes.map((_, part) => 4 * sizes.slice(0, part).reduce((sum, size) => sum + size, 0));
  const bytes = 4 * sizes.reduce((sum, size) => sum + size, 0);
  const memory = simd ? createMemory(bytes) : undefined;
  const buffer = memory?.buffer ?? new ArrayBuffer(bytes);
  const arrays: PanelArrays = {
    panels,
    depth,
    points: new Float32Array(buffer, starts[0], sizes[0]),
    bounds: new Float32Array(buffer, starts[1], sizes[1]),
    query: new Float32Array(buffer, starts[2], sizes[2]),
    masks: new Int32Array(buffer, starts[3], sizes[3]),
  };
  for (let panel = 0; panel < panels; panel++) {
    const first = panel * depth * panelLanes;
    arrays.points.fill(Number.NaN, first, first + panelLanes);
  }
  if (memory === undefined) return { ...arrays, ...plainFunctions(arrays) };
  const module = compiled.get('panel') ?? compileModule(encodePanelKernel());
  compiled.set('panel', module);
  const exports = instantiate(module, memory);
  const [, bounds, query, masks] = starts as [number, number, number, number];
  const stride = depth * panelBytes;
  return {
    ...arrays,
    row: (from, to) =>
      exports.row!(from * stride, to * stride, stride, bounds + from * panelBytes, query, masks + from * 4),
    tile: (a, b) =>
      exports.tile!(a * stride, b * stride, stride, bounds + a * panelBytes, bounds + b * panelBytes, masks),
  };
}

const compiled = new Map<string, WasmModule>();

const sumLocals = Object.fromEntries(vectors.map((i) => [`sum${i}`, 'v128'])) as Record<
  `sum${(typeof vectors)[number]}`,
  'v128'
>;
type Sums = Readonly<Record<keyof typeof sumLocals, Local>>;

/** Sums the squared differences of a query and the 32 points of a panel; moves `panel` to its end. */
function measurePanel(
  v: Sums & Readonly<Record<'panel' | 'panelEnd' | 'coordinate' | 'value' | 'difference', Local>>,
  queryStride: number,
): Code {
  const steps = Array.from({ length: unroll }, (_, j) => [
    ...v.value.set(v128.load32Splat(v.coordinate.get, j * queryStride)),
    ...vectors.flatMap((i) => {
      const sum = v[`sum${i}`];
      const difference = f32x4.sub(v128.load(v.panel.get, j * panelBytes + i * 16), v.value.get);
      return sum.set(f32x4.add(f32x4.mul(v.difference.tee(difference), v.difference.get), sum.get));
    }),
  ]).flat();
  return [
    ...vectors.flatMap((i) => v[`sum${i}`].set(v128.zero)),
    ...flow.loop([
      ...steps,
      ...v.coordinate.set(i32.add(v.coordinate.get, i32.constant(unroll * queryStride))),
      ...v.panel.set(i32.add(v.panel.get, i32.constant(unroll * panelBytes))),
      ...flow.branchIf(0, i32.ltU(v.panel.get, v.panelEnd.get)),
    ]),
  ];
}

const advance = (local: Local, bytes: number): Code => local.set(i32.add(local.get, i32.constant(bytes)));

function encodePanelKernel(): Uint8Array<ArrayBuffer> {
  const locals = { panelEnd: 'i32', coordinate: 'i32', value: 'v128', difference: 'v128', ...sumLocals } as const;
  const rowParameters = { panel: 'i32', end: 'i32', stride: 'i32', bounds: 'i32', query: 'i32', masks: 'i32' } as const;
  const row = defineFunction('row', rowParameters, locals, (v) =>
    flow.block(
      flow.loop([
        ...flow.branchIf(1, i32.geU(v.panel.get, v.end.get)),
        ...v.panelEnd.set(i32.add(v.panel.get, v.stride.get)),
        ...v.coordinate.set(v.query.get),
        ...measurePanel(v, 4),
        ...i32.store(
          v.masks.get,
          joinMasks(vectors.map((i) => lessOrEqualMask(v[`sum${i}`].get, v128.load(v.bounds.get, i * 16)))),
        ),
        ...advance(v.masks, 4),
        ...advance(v.bounds, panelBytes),
        ...flow.branch(0),
      ]),
    ),
  );
  const tileParameters = { a: 'i32', b: 'i32', stride: 'i32', boundsA: 'i32', boundsB: 'i32', masks: 'i32' } as const;
  const tileLocals = { ...locals, panel: 'i32', end: 'i32', bound: 'v128' } as const;
  const tile = defineFunction('tile', tileParameters, tileLocals, (v) => [
    ...v.end.set(i32.add(v.a.get, i32.constant(panelBytes))),
    ...v.panelEnd.set(i32.add(v.b.get, v.stride.get)),
    ...flow.loop([
      ...v.panel.set(v.b.get),
      ...v.coordinate.set(v.a.get),
      ...measurePanel(v, panelBytes),
      ...v.bound.set(v128.load32Splat(v.boundsA.get)),
      ...i32.store(
        v.masks.get,
        joinMasks(
          vectors.map((i) =>
            lessOrEqualMask(v[`sum${i}`].get, f32x4.max(v.bound.get, v128.load(v.boundsB.get, i * 16))),
          ),
        ),
      ),
      ...advance(v.masks, 4),
      ...advance(v.boundsA, 4),
      ...advance(v.a, 4),
      ...flow.branchIf(0, i32.ltU(v.a.get, v.end.get)),
    ]),
  ]);
  return encodeModule([row, tile]);
}

function plainFunctions(arrays: PanelArrays): Pick<PanelKernel, 'row' | 'tile'> {
  const { depth, points, bounds, query, masks } = arrays;
  const maskOf = (from: Float32Array, first: number, step: number, panel: number, least: number) => {
    let mask = 0;
    for (let lane = 0; lane < panelLanes; lane++) {
      let sum = 0;
      for (let own = first, at = panel * depth * panelLanes + lane, j = 0; j < depth; j++, own += step) {
        const difference = points[at + j * panelLanes]! - from[own]!;
        sum += difference * difference;
      }
      if (sum <= Math.max(least, bounds[panel * panelLanes + lane]!)) mask |= 1 << lane;
    }
    return mask;
  };
  return {
    row: (from, to) => {
      for (let panel = from; panel < to; panel++) masks[panel] = maskOf(query, 0, 1, panel, -1);
    },
    tile: (a, b) => {
      for (let slot = 0; slot < panelLanes; slot++) {
        const first = a * depth * panelLanes + slot;
        masks[slot] = maskOf(points, first, panelLanes, b, bounds[a * panelLanes + slot]!);
      }
    },
  };
}
