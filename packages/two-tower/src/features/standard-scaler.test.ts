import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StandardScaler } from './standard-scaler.js';

describe('StandardScaler', () => {
  it('uses the population variance', () => {
    const scaler = StandardScaler.fit(['a'], [[1], [2], [3], [4]]);
    expect(scaler.mean).toEqual([2.5]);
    expect(scaler.scale[0]).toBeCloseTo(Math.sqrt(1.25), 12);
  });

  it('keeps scale 1 for a constant feature, also where rounding leaves a rest', () => {
    const rows = Array.from({ length: 7 }, () => [0.1, 5]);
    expect(StandardScaler.fit(['a', 'b'], rows).scale).toEqual([1, 1]);
  });

  it('counts no rows as one row of zeros', () => {
    expect(StandardScaler.fit(['a', 'b'], []).transform([2, -3])).toEqual([2, -3]);
  });

  it('gives mean 0 and deviation 1 to what it was fitted with', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 30 }), (rows) => {
        const scaler = StandardScaler.fit(['a', 'b'], rows);
        const scores = rows.map((row) => scaler.transform(row));
        for (const j of [0, 1]) {
          const mean = scores.reduce((sum, row) => sum + row[j]!, 0) / rows.length;
          expect(Math.abs(mean)).toBeLessThan(1e-3);
        }
      }),
    );
  });

  it('survives both of its JSON forms', () => {
    const scaler = StandardScaler.fit(
      ['a', 'b'],
      [
        [1, 7],
        [4, 7],
      ],
    );
    const copy = StandardScaler.fromJSON(JSON.parse(JSON.stringify(scaler)));
    expect(copy.transform([2, 3])).toEqual(scaler.transform([2, 3]));
    const statistics = JSON.parse(JSON.stringify(scaler.toStatistics()));
    expect(statistics).toEqual({ a: { mean: 2.5, std: 1.5 }, b: { mean: 7, std: 1 } });
    expect(StandardScaler.fromStatistics(['b', 'a'], statistics).transform([7, 4])).toEqual([0, 1]);
  });

  it('reads a deviation of 0 as 1', () => {
    expect(StandardScaler.fromStatistics(['a'], { a: { mean: 1, std: 0 } }).transform([3])).toEqual([2]);
  });

  it('refuses what cannot be scaled', () => {
    expect(() => StandardScaler.fit(['a'], [[1], [Number.NaN]])).toThrow('Row 1 holds NaN.');
    expect(() => StandardScaler.fit(['a'], [[1, 2]])).toThrow('must have 1 numbers. Row 0 has 2.');
    expect(() => StandardScaler.fromStatistics(['a'], {})).toThrow('must hold a finite mean and std of a.');
    expect(() => StandardScaler.fromJSON({ feature_names: ['a'], mean: [1], scale: [] })).toThrow('of one length');
    expect(() => StandardScaler.fromJSON(null)).toThrow('of one length');
  });
});
