import { type Code, defineFunction, encodeModule, f64x2, flow, i16x8, i32, v128 } from '../wasm/index.js';

/** Bytes of an entry of the list: the address of a row, four bytes that are not read, a float64 factor. */
export const entryBytes = 16;
/** Values that are added at once. */
export const lanes = 8;

const quarters = [0, 1, 2, 3] as const;

/**
 * `add(list, listEnd, out, outEnd)`: adds to the float32 values `out .. outEnd`, a multiple of eight, the int8 rows of the list, each
 * times its factor.
 *
 * Products and sums are float64, and after every row a sum is rounded to the float32 that it is kept as.
 */
export function encodeTermSumsKernel(): Uint8Array<ArrayBuffer> {
  const params = { list: 'i32', listEnd: 'i32', out: 'i32', outEnd: 'i32' } as const;
  const locals = {
    ...({ entry: 'i32', column: 'i32', factor: 'v128', row: 'v128', half: 'v128' } as const),
    ...({ sum0: 'v128', sum1: 'v128', sum2: 'v128', sum3: 'v128' } as const),
  };
  const add = defineFunction('add', params, locals, (v) => {
    const sums = [v.sum0, v.sum1, v.sum2, v.sum3];
    const upper = (value: Code) => v128.shuffle(value, value, [2, 3, 2, 3]);
    const addPair = (k: number, pair: Code) => {
      const sum = sums[k]!;
      const exact = f64x2.add(sum.get, f64x2.mul(v.factor.get, f64x2.fromIntegerLow(pair)));
      return sum.set(f64x2.promoteLow(f64x2.demote(exact)));
    };
    const joined = (low: Code, high: Code) => v128.shuffle(f64x2.demote(low), f64x2.demote(high), [0, 1, 4, 5]);
    return flow.loop([
      ...quarters.flatMap((k) => sums[k]!.set(f64x2.promoteLow(v128.load64Zero(v.out.get, 8 * k)))),
      ...v.entry.set(v.list.get),
      ...flow.loop([
        ...v.row.set(v128.load8Widened(i32.add(i32.load(v.entry.get), v.column.get))),
        ...v.factor.set(v128.load64Splat(v.entry.get, 8)),
        ...v.half.set(i16x8.widenLow(v.row.get)),
        ...addPair(0, v.half.get),
        ...addPair(1, upper(v.half.get)),
        ...v.half.set(i16x8.widenHigh(v.row.get)),
        ...addPair(2, v.half.get),
        ...addPair(3, upper(v.half.get)),
        ...v.entry.set(i32.add(v.entry.get, i32.constant(entryBytes))),
        ...flow.branchIf(0, i32.ltU(v.entry.get, v.listEnd.get)),
      ]),
      ...v128.store(v.out.get, joined(v.sum0.get, v.sum1.get)),
      ...v128.store(v.out.get, joined(v.sum2.get, v.sum3.get), 16),
      ...v.column.set(i32.add(v.column.get, i32.constant(lanes))),
      ...v.out.set(i32.add(v.out.get, i32.constant(4 * lanes))),
      ...flow.branchIf(0, i32.ltU(v.out.get, v.outEnd.get)),
    ]);
  });
  return encodeModule([add]);
}
