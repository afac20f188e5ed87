import { type Code, f64x2, flow, i32, v128 } from './code.js';
import { defineFunction, encodeModule } from './module.js';
import type { WasmMemory } from './runtime.js';

/** Rows that are measured at once. */
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

/**
 * `measure(row, end, list, listEnd, out)`: squared differences between the float32 values `row .. end` and those of each
 * row whose address is in the list, as four float64 sums of every fourth value.
 */
export function encodeRowDistancesKernel(): Uint8Array<ArrayBuffer> {
  const params = { row: 'i32', end: 'i32', list: 'i32', listEnd: 'i32', out: 'i32' } as const;
  const locals = { p: 'i32', q: 'i32', low: 'v128', high: 'v128', sum: 'v128', rest: 'v128' } as const;
  const measure = defineFunction('measure', params, locals, (v) => {
    const difference = (offset: number): Code =>
      f64x2.sub(f64x2.promoteLow(v128.load64Zero(v.p.get, offset)), f64x2.promoteLow(v128.load64Zero(v.q.get, offset)));
    const values = flow.loop([
      ...v.low.set(difference(0)),
      ...v.high.set(difference(8)),
      ...v.sum.set(f64x2.add(v.sum.get, f64x2.mul(v.low.get, v.low.get))),
      ...v.rest.set(f64x2.add(v.rest.get, f64x2.mul(v.high.get, v.high.get))),
      ...v.q.set(i32.add(v.q.get, i32.constant(16))),
      ...v.p.set(i32.add(v.p.get, i32.constant(16))),
      ...flow.branchIf(0, i32.ltU(v.p.get, v.end.get)),
    ]);
    return flow.loop([
      ...v.p.set(v.row.get),
      ...v.q.set(i32.load(v.list.get)),
      ...v.sum.set(v128.zero),
      ...v.rest.set(v128.zero),
      ...values,
      ...v128.store(v.out.get, v.sum.get),
      ...v128.store(v.out.get, v.rest.get, 16),
      ...v.out.set(i32.add(v.out.get, i32.constant(32))),
      ...v.list.set(i32.add(v.list.get, i32.constant(4))),
      ...flow.branchIf(0, i32.ltU(v.list.get, v.listEnd.get)),
    ]);
  });
  return encodeModule([measure]);
}
