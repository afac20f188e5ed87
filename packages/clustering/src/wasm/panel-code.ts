import {
  type Code,
  defineFunction,
  encodeModule,
  f32x4,
  flow,
  i32,
  i32x4,
  type Local,
  v128,
} from '@matome/primitives/wasm';
import { joinMasks, lessOrEqualIntegerMask, lessOrEqualMask } from './lane-masks.js';
import { type PanelPrecision, panelLanes, unroll } from './panel-numbers.js';

const panelBytes = panelLanes * 4;
const vectors = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const rows = [0, 1, 2, 3] as const;
const halves = [0, 1] as const;

const advance = (local: Local, bytes: number): Code => local.set(i32.add(local.get, i32.constant(bytes)));
const names = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, 'v128'])) as Record<K, 'v128'>;

/** The instructions on four words of coordinates, and on four products. */
interface WordCode {
  multiply(a: Code, b: Code): Code;
  add(a: Code, b: Code): Code;
  min(a: Code, b: Code): Code;
  lessOrEqual(a: Code, b: Code): Code;
}

const wordCodes: Record<PanelPrecision, WordCode> = {
  float32: { multiply: f32x4.mul, add: f32x4.add, min: f32x4.min, lessOrEqual: lessOrEqualMask },
  // Two 16-bit integers a word: their two products are added at once.
  int16: { multiply: i32x4.dotPairs, add: i32x4.add, min: i32x4.minS, lessOrEqual: lessOrEqualIntegerMask },
};

/**
 * Code of `PanelKernel`: inner products of points, compared with thresholds.
 *
 * `row(panel, end, stride, limits, query, masks, shift)` multiplies one query with 32 points at a time, sums in eight
 * registers. `tile(a, b, stride, shiftsA, limitsA, shiftsB, limitsB, masks)` multiplies 32 points with 32, four rows by
 * eight columns at a time, and writes one byte of mask for each row of such a piece.
 */
export function encodePanelCode(precision: PanelPrecision): Uint8Array<ArrayBuffer> {
  const words = wordCodes[precision];
  return encodeModule([rowFunction(words), tileFunction(words)]);
}

function rowFunction({ multiply, add, lessOrEqual }: WordCode) {
  const params = {
    panel: 'i32',
    end: 'i32',
    stride: 'i32',
    limits: 'i32',
    query: 'i32',
    masks: 'i32',
    shift: 'i32',
  } as const;
  const locals = {
    panelEnd: 'i32',
    at: 'i32',
    value: 'v128',
    own: 'v128',
    ...names(vectors.map((i) => `sum${i}` as const)),
  } as const;
  return defineFunction('row', params, locals, (v) => {
    const steps = Array.from({ length: unroll }, (_, j) => [
      ...v.value.set(v128.load32Splat(v.at.get, j * 4)),
      ...vectors.flatMap((i) => {
        const product = multiply(v128.load(v.panel.get, j * panelBytes + i * 16), v.value.get);
        return v[`sum${i}`].set(add(product, v[`sum${i}`].get));
      }),
    ]).flat();
    const within = (i: (typeof vectors)[number]) =>
      lessOrEqual(add(v.own.get, v128.load(v.limits.get, i * 16)), v[`sum${i}`].get);
    return [
      ...v.own.set(v128.load32Splat(v.shift.get)),
      ...flow.block(
        flow.loop([
          ...flow.branchIf(1, i32.geU(v.panel.get, v.end.get)),
          ...v.panelEnd.set(i32.add(v.panel.get, v.stride.get)),
          ...v.at.set(v.query.get),
          ...vectors.flatMap((i) => v[`sum${i}`].set(v128.zero)),
          ...flow.loop([
            ...steps,
            ...advance(v.at, unroll * 4),
            ...advance(v.panel, unroll * panelBytes),
            ...flow.branchIf(0, i32.ltU(v.panel.get, v.panelEnd.get)),
          ]),
          ...i32.store(v.masks.get, joinMasks(vectors.map(within))),
          ...advance(v.masks, 4),
          ...advance(v.limits, panelBytes),
          ...flow.branch(0),
        ]),
      ),
    ];
  });
}

function tileFunction({ multiply, add, min, lessOrEqual }: WordCode) {
  const params = {
    a: 'i32',
    b: 'i32',
    stride: 'i32',
    shiftsA: 'i32',
    limitsA: 'i32',
    shiftsB: 'i32',
    limitsB: 'i32',
    masks: 'i32',
  } as const;
  const locals = {
    row: 'i32',
    column: 'i32',
    p: 'i32',
    q: 'i32',
    end: 'i32',
    value: 'v128',
    ...names(halves.map((h) => `right${h}` as const)),
    ...names(rows.flatMap((r) => halves.map((h) => `sum${r}${h}` as const))),
  } as const;
  return defineFunction('tile', params, locals, (v) => {
    const steps = Array.from({ length: unroll }, (_, j) => [
      ...halves.flatMap((h) => v[`right${h}`].set(v128.load(v.q.get, j * panelBytes + h * 16))),
      ...rows.flatMap((r) => [
        ...v.value.set(v128.load32Splat(v.p.get, j * panelBytes + r * 4)),
        ...halves.flatMap((h) => {
          const sum = v[`sum${r}${h}`];
          return sum.set(add(sum.get, multiply(v.value.get, v[`right${h}`].get)));
        }),
      ]),
    ]).flat();
    const threshold = (r: number, h: number) => {
      const shift = v128.load32Splat(i32.add(v.shiftsA.get, v.row.get), r * 4);
      const limit = v128.load32Splat(i32.add(v.limitsA.get, v.row.get), r * 4);
      const shifts = v128.load(i32.add(v.shiftsB.get, v.column.get), h * 16);
      const limits = v128.load(i32.add(v.limitsB.get, v.column.get), h * 16);
      // The larger of two bounds is the smaller threshold.
      return min(add(shift, limits), add(limit, shifts));
    };
    const stores = rows.flatMap((r) => [
      // Row r, byte `column / 8 / 4` of its mask.
      ...i32.store8(
        i32.add(i32.add(v.masks.get, i32.add(v.row.get, i32.constant(r * 4))), i32.shrU(v.column.get, i32.constant(5))),
        joinMasks(halves.map((h) => lessOrEqual(threshold(r, h), v[`sum${r}${h}`].get))),
      ),
    ]);
    return [
      ...v.end.set(i32.add(v.b.get, v.stride.get)),
      ...flow.loop([
        ...v.column.set(i32.constant(0)),
        ...flow.loop([
          ...rows.flatMap((r) => halves.flatMap((h) => v[`sum${r}${h}`].set(v128.zero))),
          ...v.p.set(i32.add(v.a.get, v.row.get)),
          ...v.q.set(i32.add(v.b.get, v.column.get)),
          ...flow.loop([
            ...steps,
            ...advance(v.p, unroll * panelBytes),
            ...advance(v.q, unroll * panelBytes),
            // The column offset is below one line of a panel: the end is passed by the line alone.
            ...flow.branchIf(0, i32.ltU(v.q.get, v.end.get)),
          ]),
          ...stores,
          ...advance(v.column, 32),
          ...flow.branchIf(0, i32.ltU(v.column.get, i32.constant(panelBytes))),
        ]),
        ...advance(v.row, 16),
        ...flow.branchIf(0, i32.ltU(v.row.get, i32.constant(panelBytes))),
      ]),
    ];
  });
}
