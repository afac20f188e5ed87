import { describe, expect, it } from 'vitest';
import { checkBoolean, checkFinite, checkInteger, checkNumber, checkOneOf } from './check.js';

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
