import { createRandom } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concatRows,
  cosineDistance,
  cosineSimilarities,
  cosineSimilarity,
  createCsrMatrix,
  createMatrix,
  csrFromRows,
  csrRow,
  csrTimesDense,
  euclideanDistance,
  manhattanDistance,
  matrixFromRows,
  mean,
  meanRow,
  norm,
  normalizeInPlace,
  normalizeRows,
  quantile,
  row,
  standardDeviation,
  takeRows,
  topK,
} from './index.js';

describe('Matrix', () => {
  it('refuses ragged rows and negative sizes', () => {
    expect(() => matrixFromRows([[1], [1, 2]])).toThrow('Row 0 has 1, row 1 has 2.');
    expect(() => createMatrix(-1, 2)).toThrow('The rows option of createMatrix');
  });
  it('gives rows as views and copies on take', () => {
    const x = matrixFromRows([
      [1, 2],
      [3, 4],
    ]);
    row(x, 1)[0] = 9;
    expect([...x.data]).toEqual([1, 2, 9, 4]);
    takeRows(x, [0]).data[0] = 7;
    expect(x.data[0]).toBe(1);
  });
  it('joins rows and refuses other widths', () => {
    expect([...concatRows([createMatrix(0, 0), matrixFromRows([[1]]), matrixFromRows([[2]])]).data]).toEqual([1, 2]);
    expect(() => concatRows([matrixFromRows([[1]]), matrixFromRows([[1, 2]])])).toThrow('Got 1 and 2.');
    expect(concatRows([]).rows).toBe(0);
    const longer = { data: new Float32Array([1, 2, 9]), rows: 2, cols: 1 };
    expect([...concatRows([longer, longer]).data]).toEqual([1, 2, 1, 2]);
  });
  it('normalises rows to length one and leaves zero rows', () => {
    const unit = normalizeRows(
      matrixFromRows([
        [3, 4],
        [0, 0],
      ]),
    );
    expect(norm(row(unit, 0))).toBeCloseTo(1, 6);
    expect([...row(unit, 1)]).toEqual([0, 0]);
  });
  it('averages chosen rows and returns zeros for none', () => {
    const x = matrixFromRows([
      [1, 2],
      [3, 4],
      [8, 0],
    ]);
    expect([...meanRow(x, [0, 1])]).toEqual([2, 3]);
    expect([...meanRow(createMatrix(0, 2))]).toEqual([0, 0]);
  });
});

describe('CsrMatrix', () => {
  it('sorts columns, multiplies like a dense product and checks its arrays', () => {
    const sparse = csrFromRows(
      [
        new Map([
          [2, 3],
          [0, 1],
        ]),
        new Map(),
      ],
      3,
    );
    expect([...csrRow(sparse, 0).indices]).toEqual([0, 2]);
    const product = csrTimesDense(
      sparse,
      matrixFromRows([
        [1, 1, 1],
        [0, 0, 2],
      ]),
    );
    expect([...product.data]).toEqual([4, 6, 0, 0]);
    expect(() => createCsrMatrix(1, 1, new Uint32Array([0, 1]), new Uint32Array([1]), new Float32Array(1))).toThrow(
      'must be below 1. Got 1.',
    );
    expect(() => createCsrMatrix(1, 1, new Uint32Array([0]), new Uint32Array(0), new Float32Array(0))).toThrow(
      'must fit together',
    );
    expect(() => csrTimesDense(sparse, matrixFromRows([[1]]))).toThrow('Got 3 and 1.');
  });
});

describe('distances', () => {
  it('agree with their formulas', () => {
    expect(euclideanDistance([0, 0], [3, 4])).toBe(5);
    expect(manhattanDistance([1, 1], [3, -4])).toBe(7);
    expect(cosineDistance([1, 0], [0, 0])).toBe(1);
  });
  it('cosine is the same for one vector and for rows, and survives scaling', () => {
    const value = fc.float({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 3, maxLength: 3 }),
        fc.array(value, { minLength: 3, maxLength: 3 }),
        (a, b) => {
          const one = cosineSimilarity(a, b);
          expect(cosineSimilarities(Float32Array.from(a), matrixFromRows([b]))[0]).toBeCloseTo(one, 4);
          expect(
            cosineSimilarity(
              a.map((v) => v * 8),
              b,
            ),
          ).toBeCloseTo(one, 6);
        },
      ),
    );
  });
});

describe('topK', () => {
  it('equals a full sort with ties by index', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 })), fc.nat(20), (scores, k) => {
        const sorted = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
        expect([...topK(scores, k)]).toEqual(sorted.slice(0, k));
      }),
    );
  });
  it('ranks NaN last', () => {
    expect([...topK([Number.NaN, 1, Number.NEGATIVE_INFINITY], 1)]).toEqual([1]);
  });
});

describe('statistics', () => {
  it('mean, deviation and quantiles', () => {
    expect(mean([])).toBeNaN();
    expect(standardDeviation([1, 3], 1)).toBeCloseTo(Math.SQRT2, 12);
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('normalizeInPlace', () => {
  it('scales every row to length 1 as it does one row, and leaves zeros', () => {
    const random = createRandom(3);
    for (const count of [0, 1, 3, 4, 5, 9]) {
      const cols = 7;
      const rows = Float32Array.from({ length: count * cols }, (_, i) => (i < cols ? 0 : random() - 0.5));
      const expected = rows.slice();
      for (let i = 0; i < count; i++) {
        const own = expected.subarray(i * cols, (i + 1) * cols);
        const squares = own.reduce((sum, value) => sum + value * value, 0);
        if (squares > 0) own.set(own.map((value) => value * (1 / Math.sqrt(squares))));
      }
      normalizeInPlace(rows, cols);
      expect(rows).toEqual(expected);
    }
  });
});

describe('odd numbers', () => {
  it('leave a quantile where it stands', () => {
    expect(quantile([1, Number.POSITIVE_INFINITY], 1)).toBe(Number.POSITIVE_INFINITY);
    expect(quantile([1, Number.POSITIVE_INFINITY], 0)).toBe(1);
    const infinities = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect(quantile(infinities, 0.5)).toBe(Number.NEGATIVE_INFINITY);
  });
  it('are refused as offsets', () => {
    const make = (...indptr: number[]) =>
      createCsrMatrix(2, 3, Uint32Array.from(indptr), Uint32Array.of(0), Float32Array.of(1));
    expect(() => make(0, 5, 1)).toThrow('The offsets of createCsrMatrix must not fall. Got 5 and 1 for row 1.');
    expect(() => make(1, 1, 1)).toThrow('The offsets of createCsrMatrix must begin with 0. Got 1.');
  });
});
