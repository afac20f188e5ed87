import { createRandom } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowProducts } from './row-products.js';

describe('RowProducts', () => {
  it('multiplies any rows with any number of vectors', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 19 }),
        fc.integer({ min: 1, max: 21 }),
        fc.integer(),
        (rows, cols, count, seed) => {
          const random = createRandom(seed);
          const draw = (length: number) => Float32Array.from({ length }, () => random() * 2 - 1);
          const x = { data: draw(rows * cols), rows, cols };
          const vectors = draw(count * cols);
          const data = new RowProducts('test', x, 21, new Float64Array(cols));
          data.setColumns(vectors, count);
          const ids = Uint32Array.from({ length: 1 + (seed & 7) }, () => Math.floor(random() * rows));
          const { products, stride } = data.multiply(ids, 0, ids.length);
          ids.forEach((id, i) => {
            for (let c = 0; c < count; c++) {
              let sum = 0;
              for (let t = 0; t < cols; t++) sum += x.data[id * cols + t]! * vectors[c * cols + t]!;
              expect(Math.abs(products[i * stride + c]! - sum)).toBeLessThan(1e-5);
            }
          });
        },
      ),
    );
  });

  it('subtracts the centre once and measures the rows after that', () => {
    const x = { data: new Float32Array([1, 2, 3, 6]), rows: 2, cols: 2 };
    const data = new RowProducts('test', x, 1, new Float64Array([1, 2]));
    expect([...data.row(1)]).toEqual([2, 4]);
    expect([...data.squaredNorms]).toEqual([0, 20]);
  });

  it('subtracts the mean unless told otherwise and sums rows in float64', () => {
    const x = { data: new Float32Array([1, 2, 3, 4, 5, 9, 8, 7, 6, 5]), rows: 2, cols: 5 };
    const data = new RowProducts('test', x, 3);
    expect([...data.center]).toEqual([5, 5, 5, 5, 5]);
    expect([...data.squaredNorms]).toEqual([30, 30]);
    data.add(0, 2);
    data.add(0, 2);
    data.subtract(1, 2);
    const { sums, sumStride } = data;
    expect([...sums.subarray(2 * sumStride, 2 * sumStride + 5)]).toEqual([-12, -9, -6, -3, 0]);
    expect(sums.subarray(0, 2 * sumStride).every((value) => value === 0)).toBe(true);
  });

  it('names the first row that is not finite', () => {
    const x = { data: new Float32Array([1, 2, 3, Number.NaN]), rows: 2, cols: 2 };
    expect(() => new RowProducts('fit', x, 1)).toThrow('The input of fit must hold finite numbers. Row 1 holds NaN');
  });

  it('works on no columns at all', () => {
    const data = new RowProducts('test', { data: new Float32Array(0), rows: 3, cols: 0 }, 2);
    data.setColumns([], 2);
    const { products } = data.multiply(undefined, 0, 3);
    expect([...products.subarray(0, 12)]).toEqual(new Array(12).fill(0));
  });
});
