import { type Matrix, matrixFromRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { Umap } from './umap-model.js';

function blobs(count: number, cols: number, seed: number): Matrix {
  const random = createRandom(seed);
  return matrixFromRows(
    Array.from({ length: count }, (_, i) =>
      Array.from({ length: cols }, (_, t) => normalSample(random) + (t === i % 3 ? 12 : 0)),
    ),
  );
}

const distance = (a: Matrix, i: number, b: Matrix, j: number) => {
  let sum = 0;
  for (let t = 0; t < a.cols; t++) sum += (a.data[i * a.cols + t]! - b.data[j * b.cols + t]!) ** 2;
  return Math.sqrt(sum);
};

describe('Umap', () => {
  const x = blobs(300, 5, 1);
  const fresh = blobs(60, 5, 2);

  it.each([2, 3])('places new rows in the cluster they belong to, in %i dimensions', async (nComponents) => {
    const model = await Umap.fit(x, { nComponents });
    const placed = await model.transform(fresh);
    for (let i = 0; i < fresh.rows; i++) {
      const order = Array.from({ length: x.rows }, (_, j) => j).sort(
        (a, b) => distance(placed, i, model.embedding, a) - distance(placed, i, model.embedding, b),
      );
      expect(order[0]! % 3).toBe(i % 3);
    }
  });

  it('places the training rows near where they are', async () => {
    const model = await Umap.fit(x);
    const placed = await model.transform(x);
    const moves = Array.from({ length: x.rows }, (_, i) => distance(placed, i, model.embedding, i)).sort(
      (a, b) => a - b,
    );
    const span = Math.max(...model.embedding.data) - Math.min(...model.embedding.data);
    expect(moves[x.rows >> 1]!).toBeLessThan(0.05 * span);
    expect(moves[Math.floor(0.95 * x.rows)]!).toBeLessThan(0.15 * span);
  });

  it('compares angles under the cosine metric, rows of zeros included', async () => {
    const model = await Umap.fit(x, { metric: 'cosine', nEpochs: 60 });
    const longer = { ...fresh, data: fresh.data.map((value) => value * 50) };
    const placed = await model.transform(longer);
    const again = await model.transform(fresh);
    for (let i = 0; i < fresh.rows; i++) expect(distance(placed, i, again, i)).toBeLessThan(0.1);
    expect((await model.transform({ data: new Float32Array(10), rows: 2, cols: 5 })).data.every(Number.isFinite)).toBe(
      true,
    );
  });

  it('gives the same bits again, also after JSON', async () => {
    const model = await Umap.fit(x, { nEpochs: 30 });
    const restored = Umap.fromJSON(JSON.parse(JSON.stringify(model)));
    const expected = [...(await model.transform(fresh)).data];
    expect([...(await model.transform(fresh)).data]).toEqual(expected);
    expect([...(await restored.transform(fresh)).data]).toEqual(expected);
    expect(() => Umap.fromJSON({ kind: 'pca' })).toThrow('must be a umap model of version 1');
  });

  it('answers for no new rows and for a fit of one row or none', async () => {
    const model = await Umap.fit(x, { nEpochs: 5 });
    expect((await model.transform({ data: new Float32Array(0), rows: 0, cols: 5 })).rows).toBe(0);
    for (const rows of [0, 1]) {
      const few = await Umap.fit(
        takeRows(
          x,
          Array.from({ length: rows }, (_, i) => i),
        ),
      );
      expect([...(await few.transform(takeRows(fresh, [0, 1]))).data]).toEqual([0, 0, 0, 0]);
    }
  });

  it('places rows however far they are', async () => {
    const model = await Umap.fit(x, { nEpochs: 20 });
    for (const far of [1e6, 1e30, 3e38]) {
      const placed = await model.transform({ data: new Float32Array(10).fill(far), rows: 2, cols: 5 });
      expect(placed.data.every(Number.isFinite)).toBe(true);
    }
  });

  it('refuses rows of another width or values that are not finite', async () => {
    const model = await Umap.fit(x, { nEpochs: 5 });
    await expect(model.transform(matrixFromRows([[1, 2]]))).rejects.toThrow('must have 5 columns. Got 2.');
    await expect(model.transform(matrixFromRows([[1, 2, 3, 4, Number.NaN]]))).rejects.toThrow('Row 0 holds NaN');
  });

  it('stops with the reason of an abort', async () => {
    const model = await Umap.fit(x, { nEpochs: 5 });
    await expect(model.transform(fresh, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
