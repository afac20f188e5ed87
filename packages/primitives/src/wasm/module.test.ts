import { describe, expect, it } from 'vitest';
import { f32, i32 } from './code.js';
import { defineFunction, encodeModule } from './module.js';
import { borrowMemory, compileModule, createMemory, instantiate, type WasmMemory } from './runtime.js';

describe('defineFunction', () => {
  it('refuses two variables of one name', () => {
    expect(() => defineFunction('f', { a: 'i32' }, { a: 'f32' }, () => [])).toThrow('names a variable twice');
  });

  it('numbers parameters first, then locals', () => {
    const { body, params, locals } = defineFunction('f', { a: 'i32', b: 'f32' }, { c: 'v128' }, (v) => [
      ...v.b.get,
      ...v.c.set([]),
    ]);
    expect({ body, params, locals }).toEqual({ body: [0x20, 1, 0x21, 2], params: ['i32', 'f32'], locals: ['v128'] });
  });

  it('sets a variable and keeps the value', () => {
    const twice = defineFunction('twice', { a: 'i32' }, { b: 'i32' }, (v) => i32.add(v.b.tee(v.a.get), v.b.get), 'i32');
    const { twice: run } = instantiate<{ twice(a: number): number }>(
      compileModule(encodeModule([twice])),
      createMemory(0),
    );
    expect(run(21)).toBe(42);
  });
});

describe('encodeModule', () => {
  it('exports every function, of any number of variables', () => {
    const functions = Array.from({ length: 200 }, (_, i) =>
      defineFunction(
        `f${i}`,
        {},
        Object.fromEntries(Array.from({ length: i }, (_, k) => [`x${k}`, 'f32' as const])),
        () => f32.constant(i),
        'f32',
      ),
    );
    const exported = instantiate<Record<string, () => number>>(compileModule(encodeModule(functions)), createMemory(0));
    expect(functions.map(({ name }) => exported[name]!())).toEqual(functions.map((_, i) => i));
  });

  it('shares a memory between instances', () => {
    const add = defineFunction('add', { value: 'i32' }, {}, (v) =>
      i32.store(i32.constant(0), i32.add(i32.load(i32.constant(0)), v.value.get)),
    );
    const run = (memory: WasmMemory, shared: boolean) => {
      const module = compileModule(encodeModule([add], { shared }));
      for (const value of [3, 4]) instantiate(module, memory).add!(value);
      return new Int32Array(memory.buffer)[0];
    };
    expect(run(createMemory(4), false)).toBe(7);
    const shared = createMemory(4, { shared: true });
    expect(run(shared, true)).toBe(7);
    expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(() => run(shared, false)).toThrow('shared');
  });
});

describe('compileModule', () => {
  it('refuses values of the wrong type', () => {
    const wrong = defineFunction('wrong', {}, {}, () => i32.add(f32.constant(1), i32.constant(1)), 'i32');
    expect(() => compileModule(encodeModule([wrong]))).toThrow('expected type i32');
    const superfluous = defineFunction('superfluous', {}, {}, () => i32.constant(1));
    expect(() => compileModule(encodeModule([superfluous]))).toThrow('Compiling function');
  });
});

describe('createMemory', () => {
  it('gives zeros in whole pages', () => {
    expect([0, 1, 65_536, 65_537].map((bytes) => createMemory(bytes).buffer.byteLength)).toEqual([
      0, 65_536, 65_536, 131_072,
    ]);
    expect(new Uint8Array(createMemory(10).buffer).every((byte) => byte === 0)).toBe(true);
  });

  it('refuses what the address space does not hold', () => {
    expect(() => createMemory(2 ** 32 + 1)).toThrow(RangeError);
    expect(() => createMemory(-1)).toThrow(
      'The bytes option of createMemory must be a number in [0, 4294967296]. Got -1.',
    );
  });
});

describe('borrowMemory', () => {
  it('lends what was given back, once, to whom it suffices', () => {
    const first = borrowMemory(100);
    first.giveBack();
    first.giveBack();
    const larger = borrowMemory(70_000);
    expect(larger.memory).not.toBe(first.memory);
    const second = borrowMemory(65_536);
    expect(second.memory).toBe(first.memory);
    // Its owner of before has no say any more.
    first.giveBack();
    expect(borrowMemory(1).memory).not.toBe(first.memory);
    second.giveBack();
    expect(borrowMemory(1).memory).toBe(first.memory);
  });
});
