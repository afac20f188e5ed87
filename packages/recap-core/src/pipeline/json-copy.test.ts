import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonCopy } from './json-copy.js';

const whole = (value: unknown) => {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
};

describe('jsonCopy', () => {
  it('keeps what JSON keeps of the whole', () => {
    const leaf = fc.oneof(
      fc.anything({ withDate: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true }),
      fc.constantFrom(undefined, Number.NaN, -0, () => 1, Symbol('s')),
    );
    const values = fc.oneof(leaf, fc.array(fc.array(leaf)), fc.dictionary(fc.string(), fc.array(leaf)));
    fc.assert(
      fc.property(values, (value) => {
        expect(jsonCopy(value)).toEqual(whole(value));
      }),
      { seed: 1, numRuns: 500 },
    );
  });
  it.each([
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [{ toJSON: () => [1] }, [1]],
    [
      [undefined, () => 1, { a: undefined }],
      [null, null, {}],
    ],
    [new Map([[1, 2]]), {}],
    [undefined, undefined],
    [null, null],
    [JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}')],
  ])('copies %o', (value, expected) => {
    expect(jsonCopy(value)).toEqual(expected);
  });
  it('shares nothing with the original', () => {
    const inner = { list: [{ n: 1 }] };
    const copy = jsonCopy({ inner }) as { inner: typeof inner };
    inner.list[0]!.n = 2;
    expect(copy.inner.list[0]!.n).toBe(1);
  });
  it('refuses a circle, as JSON does', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => jsonCopy(circle)).toThrow(TypeError);
  });
});
