import {
  type Code,
  defineFunction,
  encodeModule,
  f64x2,
  flow,
  i32,
  type Local,
  v128,
  type WasmMemory,
} from '@matome/primitives/wasm';

/** Rows that are measured at once, an even number. */
export const mostMeasured = 32;

/** Rows that stand in WebAssembly memory already. */
export interface PlacedRows {
  readonly memory: WasmMemory;
  /** Address of the first row. */
  readonly start: number;
  /** Bytes from one row to the next, a multiple of 16. */
  readonly stride: number;
  /** Address of `scratchBytes` that nothing else is written to. */
  readonly scratch: number;
}

/** Bytes that measuring takes beside the rows. */
export const scratchBytes = mostMeasured * 36;

const pair = [0, 1] as const;

/**
 * `measure(row, end, list, listEnd, out)`: squared differences between the float32 values `row .. end` and those of each
 * row whose address is in the list, an even number of them, as four float64 sums of every fourth value.
 *
 * Two rows at a time, as widening takes most of the time and is shared.
 */
export function encodeRowDistancesKernel(): Uint8Array<ArrayBuffer> {
  const params = { row: 'i32', end: 'i32', list: 'i32', listEnd: 'i32', out: 'i32' } as const;
  const locals = {
    ...({ p: 'i32', q0: 'i32', q1: 'i32', low: 'v128', high: 'v128', difference: 'v128' } as const),
    ...({ sum0: 'v128', rest0: 'v128', sum1: 'v128', rest1: 'v128' } as const),
  };
  const measure = defineFunction('measure', params, locals, (v) => {
    const widened = (address: Code, offset: number) => f64x2.promoteLow(v128.load64Zero(address, offset));
    const addSquare = (sum: Local, own: Local, address: Code, offset: number) => [
      ...v.difference.set(f64x2.sub(own.get, widened(address, offset))),
      ...sum.set(f64x2.add(sum.get, f64x2.mul(v.difference.get, v.difference.get))),
    ];
    const values = flow.loop([
      ...v.low.set(widened(v.p.get, 0)),
      ...v.high.set(widened(v.p.get, 8)),
      ...pair.flatMap((i) => [
        ...addSquare(v[`sum${i}`], v.low, v[`q${i}`].get, 0),
        ...addSquare(v[`rest${i}`], v.high, v[`q${i}`].get, 8),
        ...v[`q${i}`].set(i32.add(v[`q${i}`].get, i32.constant(16))),
      ]),
      ...v.p.set(i32.add(v.p.get, i32.constant(16))),
      ...flow.branchIf(0, i32.ltU(v.p.get, v.end.get)),
    ]);
    return flow.loop([
      ...v.p.set(v.row.get),
      ...pair.flatMap((i) => [
        ...v[`q${i}`].set(i32.load(v.list.get, 4 * i)),
        ...v[`sum${i}`].set(v128.zero),
        ...v[`rest${i}`].set(v128.zero),
      ]),
      ...values,
      ...pair.flatMap((i) => [
        ...v128.store(v.out.get, v[`sum${i}`].get, 32 * i),
        ...v128.store(v.out.get, v[`rest${i}`].get, 32 * i + 16),
      ]),
      ...v.out.set(i32.add(v.out.get, i32.constant(64))),
      ...v.list.set(i32.add(v.list.get, i32.constant(8))),
      ...flow.branchIf(0, i32.ltU(v.list.get, v.listEnd.get)),
    ]);
  });
  return encodeModule([measure]);
}
