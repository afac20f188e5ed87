import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Code, f32, f32x4, f64x2, flow, i16x8, i32, i32x4, signed, unsigned, v128 } from './code.js';
import { defineFunction, encodeModule } from './module.js';
import { compileModule, createMemory, instantiate } from './runtime.js';

/** Runs `code` on vectors at 0 and 16; returns the vector that it leaves, as bytes. */
function vectorOf(code: Code, a: ArrayBufferView = new Uint8Array(16), b: ArrayBufferView = new Uint8Array(16)) {
  const memory = createMemory(64);
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(new Uint8Array(a.buffer), 0);
  bytes.set(new Uint8Array(b.buffer), 16);
  const run = defineFunction('run', {}, {}, () => v128.store(i32.constant(0), code, 32));
  instantiate(compileModule(encodeModule([run])), memory).run!();
  return bytes.slice(32, 48).buffer;
}

/** Runs `code` with two numbers as variables. */
function integerOf(code: (a: Code, b: Code) => Code, x = 0, y = 0): number {
  const run = defineFunction('run', { a: 'i32', b: 'i32' }, {}, (v) => code(v.a.get, v.b.get), 'i32');
  const compiled = compileModule(encodeModule([run]));
  return instantiate<{ run(a: number, b: number): number }>(compiled, createMemory(0)).run(x, y);
}

function floatOf(code: (a: Code, b: Code) => Code, x = 0, y = 0): number {
  const run = defineFunction('run', { a: 'f32', b: 'f32' }, {}, (v) => code(v.a.get, v.b.get), 'f32');
  const compiled = compileModule(encodeModule([run]));
  return instantiate<{ run(a: number, b: number): number }>(compiled, createMemory(0)).run(x, y);
}

const [a, b] = [v128.load(i32.constant(0)), v128.load(i32.constant(0), 16)];
const truth = (value: boolean) => (value ? -1 : 0);
const fround = Math.fround;

describe('LEB128', () => {
  it('is written as the specification shows', () => {
    expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26]);
    expect(signed(-123456)).toEqual([0xc0, 0xbb, 0x78]);
    expect(signed(64)).toEqual([0xc0, 0]);
    expect(signed(-1)).toEqual([0x7f]);
  });

  it('holds any constant', () => {
    fc.assert(fc.property(fc.integer(), (value) => integerOf(() => i32.constant(value)) === value));
    for (const value of [63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(integerOf(() => i32.constant(value))).toBe(value);
    }
    expect(integerOf(() => i32.constant(0x9e3779b9))).toBe(0x9e3779b9 | 0);
  });
});

describe('i32', () => {
  const rules = [
    ['add', (x, y) => (x + y) | 0],
    ['sub', (x, y) => (x - y) | 0],
    ['mul', Math.imul],
    ['and', (x, y) => x & y],
    ['or', (x, y) => x | y],
    ['xor', (x, y) => x ^ y],
    ['shl', (x, y) => x << y],
    ['shrU', (x, y) => (x >>> y) | 0],
    ['eq', (x, y) => Number(x === y)],
    ['ne', (x, y) => Number(x !== y)],
    ['ltS', (x, y) => Number(x < y)],
    ['ltU', (x, y) => Number(x >>> 0 < y >>> 0)],
    ['geU', (x, y) => Number(x >>> 0 >= y >>> 0)],
  ] as const satisfies readonly (readonly [keyof typeof i32, (x: number, y: number) => number])[];

  it.each(rules)('%s is what JavaScript computes', (name, rule) => {
    for (const [x, y] of [
      [7, 3],
      [-7, 3],
      [3, -7],
      [5, 5],
      [2 ** 31 - 1, 31],
    ] as const) {
      expect(integerOf(i32[name], x, y)).toBe(rule(x, y));
    }
  });

  it('selects, tests for zero and reads the bits of a float', () => {
    expect(integerOf((x, y) => i32.select(x, y, i32.constant(1)), 4, 5)).toBe(4);
    expect(integerOf((x, y) => i32.select(x, y, i32.constant(0)), 4, 5)).toBe(5);
    expect([0, 3].map((value) => integerOf(i32.eqz, value))).toEqual([1, 0]);
    expect(integerOf(() => i32.reinterpret(f32.constant(1)))).toBe(0x3f800000);
  });

  it('stores words and bytes at an offset', () => {
    const run = defineFunction('run', { at: 'i32', value: 'i32' }, {}, (v) => [
      ...i32.store(v.at.get, v.value.get, 4),
      ...i32.store8(v.at.get, i32.load(v.at.get, 4), 300),
    ]);
    const memory = createMemory(512);
    instantiate(compileModule(encodeModule([run])), memory).run!(8, 0x01020304);
    const bytes = new Uint8Array(memory.buffer);
    expect([...bytes.subarray(12, 17)]).toEqual([4, 3, 2, 1, 0]);
    expect([...bytes.subarray(307, 310)]).toEqual([0, 4, 0]);
  });
});

describe('f32', () => {
  it('rounds to float32', () => {
    const numbers: readonly (readonly [number, number])[] = [
      [0.1, 0.2],
      [-3, 0.7],
      [1e30, 1e-30],
    ];
    for (const [x, y] of numbers.map(([p, q]) => [fround(p), fround(q)] as const)) {
      expect(floatOf(f32.add, x, y)).toBe(fround(x + y));
      expect(floatOf(f32.sub, x, y)).toBe(fround(x - y));
      expect(floatOf(f32.mul, x, y)).toBe(fround(x * y));
      expect(floatOf(f32.div, x, y)).toBe(fround(x / y));
      expect(floatOf(f32.min, x, y)).toBe(Math.min(x, y));
      expect(floatOf(f32.max, x, y)).toBe(Math.max(x, y));
      for (const [name, holds] of [['lt', x < y] as const, ['gt', x > y] as const, ['le', x <= y] as const]) {
        expect(integerOf(() => f32[name](f32.constant(x), f32.constant(y)))).toBe(Number(holds));
      }
    }
    expect(floatOf(() => f32.convertU(i32.constant(-1)))).toBe(2 ** 32);
  });
});

describe('vectors', () => {
  it('loads and stores halves and lanes', () => {
    const x = Float32Array.of(1, 2, 3, 4);
    const floats = (code: Code) => [...new Float32Array(vectorOf(code, x, Float32Array.of(5, 6, 7, 8)))];
    const zero = i32.constant(0);
    expect(floats(v128.load32Splat(zero, 4))).toEqual([2, 2, 2, 2]);
    expect(floats(v128.load64Zero(zero, 8))).toEqual([3, 4, 0, 0]);
    expect(floats(v128.load64Splat(zero, 8))).toEqual([3, 4, 3, 4]);
    expect(floats(v128.load64Lane(zero, b, 1, 4))).toEqual([5, 6, 2, 3]);
    expect(floats(v128.shuffle(a, b, [0, 4, 3, 7]))).toEqual([1, 5, 4, 8]);
    expect(floats([...v128.store64Lane(zero, b, 1), ...a])).toEqual([7, 8, 3, 4]);
    expect(floats([...v128.store32Lane(zero, b, 2, 12), ...a])).toEqual([1, 2, 3, 7]);
    expect([...new Int16Array(vectorOf(v128.load16Splat(zero, 2), Int16Array.of(1, -9, 0, 0, 0, 0, 0, 0)))]).toEqual(
      new Array(8).fill(-9),
    );
  });

  const floats = [Float32Array.of(0.1, -2.5, 3e20, 7), Float32Array.of(0.3, -2.5, -1e-9, 0.6)] as const;
  it.each([
    ['add', (x, y) => x + y],
    ['sub', (x, y) => x - y],
    ['mul', (x, y) => x * y],
    ['div', (x, y) => x / y],
    ['min', Math.min],
    ['max', Math.max],
  ] as const satisfies readonly (readonly [keyof typeof f32x4, (x: number, y: number) => number])[])(
    'f32x4.%s rounds every lane to float32',
    (name, rule) => {
      const result = new Float32Array(vectorOf(f32x4[name](a, b), ...floats));
      expect(result).toEqual(floats[0].map((x, i) => rule(x, floats[1][i]!)));
    },
  );

  it('takes roots, rounds and converts', () => {
    const x = Float32Array.of(2.5, -1.5, 1e10, 0.3);
    const of = (code: Code) => new Float32Array(vectorOf(code, x));
    expect(of(f32x4.sqrt(f32x4.abs(a)))).toEqual(x.map((value) => Math.sqrt(Math.abs(value))));
    expect(of(f32x4.floor(a))).toEqual(x.map(Math.floor));
    expect([...of(f32x4.nearest(a))]).toEqual([2, -2, fround(1e10), 0]);
    expect([...new Int32Array(vectorOf(f32x4.toInteger(a), x))]).toEqual([2, -1, 2 ** 31 - 1, 0]);
    expect([...of(f32x4.fromInteger(i32x4.constant([1, -2, 3, 4])))]).toEqual([1, -2, 3, 4]);
    expect([...of(f32x4.splat(f32x4.lane(a, 3)))]).toEqual(new Array(4).fill(fround(0.3)));
    expect([...of(f32x4.constant(0.7))]).toEqual(new Array(4).fill(fround(0.7)));
  });

  it('compares floats, with NaN in no order', () => {
    const [x, y] = [Float32Array.of(1, 2, Number.NaN, -0), Float32Array.of(1, 1, 1, 0)];
    expect([...new Int32Array(vectorOf(f32x4.le(a, b), x, y))]).toEqual([-1, 0, 0, -1]);
    expect([...new Int32Array(vectorOf(i32x4.splat(i32x4.mask(f32x4.le(a, b))), x, y))]).toEqual([9, 9, 9, 9]);
  });

  const integers = [Int32Array.of(7, -9, 2 ** 31 - 1, 5), Int32Array.of(-3, -9, 12, 6)] as const;
  it.each([
    ['i32x4.add', i32x4.add(a, b), (x, y) => x + y],
    ['i32x4.sub', i32x4.sub(a, b), (x, y) => x - y],
    ['i32x4.mul', i32x4.mul(a, b), Math.imul],
    ['i32x4.shl', i32x4.shl(a, 3), (x) => x << 3],
    ['i32x4.shrS', i32x4.shrS(a, 3), (x) => x >> 3],
    ['i32x4.shrU', i32x4.shrU(a, 3), (x) => x >>> 3],
    ['i32x4.ltS', i32x4.ltS(a, b), (x, y) => truth(x < y)],
    ['i32x4.leS', i32x4.leS(a, b), (x, y) => truth(x <= y)],
    ['i32x4.minS', i32x4.minS(a, b), Math.min],
    ['v128.and', v128.and(a, b), (x, y) => x & y],
    ['v128.andNot', v128.andNot(a, b), (x, y) => x & ~y],
    ['v128.or', v128.or(a, b), (x, y) => x | y],
    ['v128.xor', v128.xor(a, b), (x, y) => x ^ y],
    ['v128.select', v128.select(a, b, v128.andNot(a, b)), (x, y) => (x & (x & ~y)) | (y & ~(x & ~y))],
  ] as const satisfies readonly (readonly [string, Code, (x: number, y: number) => number])[])(
    '%s is what JavaScript computes in every lane',
    (_, code, rule) => {
      const result = new Int32Array(vectorOf(code, ...integers));
      expect(result).toEqual(integers[0].map((x, i) => rule(x, integers[1][i]!)));
    },
  );

  it('multiplies halves and wide', () => {
    const [x, y] = [Int16Array.of(1, 2, 3, 4, -5, 6, 7, 8), Int16Array.of(1, 10, 1, 1, 2, 3, 0, 1)];
    expect([...new Int32Array(vectorOf(i32x4.dotPairs(a, b), x, y))]).toEqual([21, 7, 8, 8]);
    const wide = (code: Code) => [...new BigUint64Array(vectorOf(code, ...integers))];
    const product = (i: number) => BigInt(integers[0][i]! >>> 0) * BigInt(integers[1][i]! >>> 0);
    expect(wide(i32x4.wideLow(a, b))).toEqual([product(0), product(1)]);
    expect(wide(i32x4.wideHigh(a, b))).toEqual([product(2), product(3)]);
  });

  it('narrows, interleaves and compares 16-bit lanes', () => {
    const [x, y] = [Int32Array.of(1, -2, 40_000, 70_000), Int32Array.of(5, 6, 7, 8)];
    expect([...new Int16Array(vectorOf(i16x8.narrowSigned(a, b), x, y))]).toEqual([1, -2, 32767, 32767, 5, 6, 7, 8]);
    const unsignedLanes = [1, 0, 40_000, 65_535, 5, 6, 7, 8];
    expect([...new Uint16Array(vectorOf(i16x8.narrowUnsigned(a, b), x, y))]).toEqual(unsignedLanes);
    const [p, q] = [Uint16Array.of(1, 9, 3, 65_535, 5, 6, 7, 8), Uint16Array.of(2, 2, 3, 1, 5, 5, 5, 5)];
    const lanes = (code: Code) => [...new Uint16Array(vectorOf(code, p, q))];
    expect(lanes(i16x8.minU(a, b))).toEqual([1, 2, 3, 1, 5, 5, 5, 5]);
    expect(lanes(i16x8.leU(a, b)).map((lane) => lane >> 15)).toEqual([1, 0, 1, 0, 1, 0, 0, 0]);
    expect(lanes(i16x8.interleaveLow(a, b))).toEqual([1, 2, 9, 2, 3, 3, 65_535, 1]);
    expect(new Int32Array(vectorOf(i32x4.splat(i16x8.joinedMask(i16x8.leU(a, b), v128.zero)), p, q))[0]).toBe(0b10101);
  });

  it('widens int8 and int16', () => {
    const bytes = Int8Array.of(-128, 127, 0, 1, -1, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0);
    // `a` stands at address 0.
    const words = [...new Int16Array(vectorOf(v128.load8Widened(i32.constant(0)), bytes))];
    expect(words).toEqual([-128, 127, 0, 1, -1, 5, 6, 7]);
    const shorts = Int16Array.of(-300, 2, 3, 4, 5, 6, 7, -8);
    expect([...new Int32Array(vectorOf(i16x8.widenLow(a), shorts))]).toEqual([-300, 2, 3, 4]);
    expect([...new Int32Array(vectorOf(i16x8.widenHigh(a), shorts))]).toEqual([5, 6, 7, -8]);
  });

  it('widens to float64 and computes there', () => {
    const doubles = (code: Code, x: Float64Array, y = x) => [...new Float64Array(vectorOf(code, x, y))];
    const [x, y] = [Float64Array.of(0.1, -4), Float64Array.of(0.2, 3)];
    expect(doubles(f64x2.add(a, b), x, y)).toEqual([0.1 + 0.2, -1]);
    expect(doubles(f64x2.sub(a, b), x, y)).toEqual([-0.1, -7]);
    expect(doubles(f64x2.mul(a, b), x, y)).toEqual([0.1 * 0.2, -12]);
    const widened = vectorOf(f64x2.promoteLow(a), Float32Array.of(0.1, 2, 3, 4));
    expect([...new Float64Array(widened)]).toEqual([fround(0.1), 2]);
    const narrowed = vectorOf(f64x2.demote(a), Float64Array.of(0.1, 1e300));
    expect([...new Float32Array(narrowed)]).toEqual([fround(0.1), Number.POSITIVE_INFINITY, 0, 0]);
    const integers = vectorOf(f64x2.fromIntegerLow(a), Int32Array.of(-7, 2 ** 31 - 1, 1, 1));
    expect([...new Float64Array(integers)]).toEqual([-7, 2 ** 31 - 1]);
  });
});

describe('flow', () => {
  it('loops, leaves blocks and takes conditions', () => {
    // Sums the odd numbers below the limit.
    const run = defineFunction(
      'run',
      { limit: 'i32' },
      { i: 'i32', sum: 'i32' },
      ({ limit, i, sum }) => [
        ...flow.block(
          flow.loop([
            ...flow.branchIf(1, i32.geU(i.get, limit.get)),
            ...flow.if(i32.and(i.get, i32.constant(1)), sum.set(i32.add(sum.get, i.get))),
            ...i.set(i32.add(i.get, i32.constant(1))),
            ...flow.branch(0),
          ]),
        ),
        ...sum.get,
      ],
      'i32',
    );
    const { run: sum } = instantiate<{ run(limit: number): number }>(
      compileModule(encodeModule([run])),
      createMemory(0),
    );
    expect([0, 1, 2, 10, 1001].map(sum)).toEqual([0, 0, 1, 25, 250_000]);
  });
});
