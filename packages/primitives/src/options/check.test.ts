import { describe, expect, it } from 'vitest';
import { checkBoolean, checkFinite, checkInteger, checkMatrix, checkNumber, checkOneOf } from './check.js';

describe('checkInteger', () => {
  it('says option, caller, range and value in one sentence', () => {
    expect(() => checkInteger('KMeans.fit', 'nClusters', 0, { min: 1, max: 120 })).toThrow(
      new RangeError('The nClusters option of KMeans.fit must be an integer in [1, 120]. Got 0.'),
    );
  });
  it('refuses fractions, NaN and other types', () => {
    expect(() => checkInteger('f', 'k', 1.5)).toThrow('must be an integer. Got 1.5.');
    expect(() => checkInteger('f', 'k', Number.NaN, { min: 1 })).toThrow('must be an integer in [1, ∞). Got NaN.');
    expect(() => checkInteger('f', 'k', '3' as never, { min: 1 })).toThrow('Got "3".');
    expect(() => checkInteger('f', 'k', undefined as never)).toThrow(TypeError);
  });
});

describe('checkNumber', () => {
  it('refuses an excluded maximum', () => {
    expect(checkNumber('f', 'x', 0.9, { min: 0, max: 1, exclusiveMax: true })).toBe(0.9);
    expect(() => checkNumber('f', 'x', 1, { min: 0, max: 1, exclusiveMax: true })).toThrow(
      'must be a number in [0, 1). Got 1.',
    );
  });
  it('accepts bounds and refuses an excluded minimum', () => {
    expect(checkNumber('f', 'x', 1, { min: 0, max: 1 })).toBe(1);
    expect(() => checkNumber('f', 'x', 0, { min: 0, exclusiveMin: true })).toThrow(
      'must be a number in (0, ∞). Got 0.',
    );
    expect(checkNumber('f', 'x', Number.POSITIVE_INFINITY, { min: 0 })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('checkOneOf', () => {
  it('lists what is allowed', () => {
    expect(() => checkOneOf<string>('f', 'm', 'x', ['a', 'b'])).toThrow("must be one of 'a', 'b'. Got \"x\".");
  });
});

describe('checkBoolean', () => {
  it('refuses truthy values', () => {
    expect(() => checkBoolean('f', 'b', 1 as never)).toThrow('must be true or false. Got 1.');
  });
});

describe('checkFinite', () => {
  it('names the first bad row', () => {
    expect(() => checkFinite('umap', new Float32Array([1, 2, 3, Number.NaN]), 2)).toThrow(
      'The input of umap must hold finite numbers. Row 1 holds NaN in column 1.',
    );
  });
});

describe('checkMatrix', () => {
  const check = (length: number, rows: number, cols: number) => () =>
    checkMatrix('umap', { data: new Float32Array(length), rows, cols });

  it('refuses too few values and sizes that are none', () => {
    expect(check(10, 10, 3)).toThrow(new RangeError('The input of umap must hold 10 × 3 values. Got 10.'));
    const sizes = 'The input of umap must have whole numbers of rows and columns. Got';
    expect(check(9, 2.5, 3)).toThrow(`${sizes} 2.5 × 3.`);
    expect(check(9, 3, -1)).toThrow(`${sizes} 3 × -1.`);
    expect(check(0, Number.NaN, 3)).toThrow(`${sizes} NaN × 3.`);
  });
  it('names the first row that is not finite', () => {
    const data = new Float32Array([1, 2, 3, Number.POSITIVE_INFINITY]);
    expect(() => checkMatrix('umap', { data, rows: 2, cols: 2 })).toThrow('Row 1 holds Infinity in column 1.');
  });
  it('takes matrices without rows or columns, and does not look behind the last row', () => {
    expect(check(0, 0, 3)).not.toThrow();
    expect(check(0, 3, 0)).not.toThrow();
    const data = new Float32Array([1, 2, Number.NaN]);
    expect(() => checkMatrix('umap', { data, rows: 1, cols: 2 })).not.toThrow();
  });
});
